// Signs a request of the gateway's own in the name of somebody whose keypair it holds.

import type { Clock } from '#kernel'
import type { OutgoingRequest } from '../signer.ts'
import { createDayKeys, createStamper, signatureOf } from './backend-ai-hmac.ts'
import type { Keypair } from './backend-ai-jwt.ts'

/** @param facts the API version, and the Content-Type as it is sent. @returns headers, beside that type */
export type KeypairSigner = (
  keypair: Pick<Keypair, 'accessKey' | 'secretKey'>,
  request: Pick<OutgoingRequest, 'method' | 'target' | 'host'>,
  facts: { readonly version: string; readonly type: string },
) => Readonly<Record<string, string>>

export function createKeypairSigner(clock: Clock): KeypairSigner {
  const stampAt = createStamper()
  const keyFor = createDayKeys()
  return ({ accessKey, secretKey }, request, { version, type }) => {
    const { date, day } = stampAt(clock.now())
    const signature = signatureOf(keyFor(secretKey, day, request.host), request, { date, version, type })
    return { date, 'x-backendai-version': version, authorization: authorizationOf(accessKey, signature) }
  }
}

export const authorizationOf = (accessKey: string, signature: string): string =>
  `BackendAI signMethod=HMAC-SHA256, credential=${accessKey}:${signature}`
