// Decides whether a request reached the Manager stand-in signed: first the token, else the HMAC, else nothing.
// Answers with everything it looked at, so that a person can see why a request passed or did not.

import { type Received, singleHeader } from '../received.ts'
import { isSignatureOf, parseAuthorization, type SignedParts, stringToSign } from './hmac.ts'
import type { Keypair } from './keypairs.ts'
import type { Refusal } from './problem.ts'
import { checkToken, type TokenClaims } from './token.ts'

export type Verification =
  | {
      readonly verified: true
      readonly by: 'hmac' | 'token'
      readonly accessKey: string
      readonly username: string
      readonly signedString?: string
      readonly claims?: TokenClaims
    }
  | ({ readonly verified: false } & Refusal)

export interface VerifyDeps {
  readonly findKeypair: (accessKey: string) => Keypair | undefined
  readonly nowMs: number
}

/** The versions of the API that a Manager of 26.2 knows. */
export const knownVersions: ReadonlySet<string> = new Set([
  'v4.20181215',
  'v4.20190115',
  'v4.20190315',
  'v4.20190615',
  'v5.20191215',
  'v6.20200815',
  'v6.20210815',
  'v6.20220315',
  'v6.20220615',
  'v6.20230315',
  'v7.20230615',
  'v8.20240315',
  'v8.20240915',
  'v9.20250722',
])

const signatureHeaders = ['authorization', 'date', 'host', 'content-type', 'x-backendai-version', 'x-backendai-token']
const windowMs = 15 * 60_000

export function verify(received: Received, deps: VerifyDeps): Verification {
  const repeated = signatureHeaders.find((name) => singleHeader(received, name).repeated)
  if (repeated !== undefined) return malformed(`The header ${repeated} stands more than once.`)
  const token = singleHeader(received, 'x-backendai-token').value
  const authorization = singleHeader(received, 'authorization').value
  if (token === undefined && authorization === undefined) return refused('The request carries no proof of whose it is.')
  const version = singleHeader(received, 'x-backendai-version').value
  if (version === undefined || !knownVersions.has(version)) {
    return malformed(`X-BackendAI-Version ${version === undefined ? 'is missing' : 'names no known version'}.`)
  }
  if (token !== undefined) return verifyToken(token, deps)
  return verifySignature(received, version, authorization ?? '', deps)
}

function verifyToken(token: string, { findKeypair, nowMs }: VerifyDeps): Verification {
  const findSecretKey = (accessKey: string) => findKeypair(accessKey)?.secretKey.reveal()
  const check = checkToken(token, { findSecretKey, nowMs })
  if (!check.isValid) return refused(check.because)
  const accessKey = check.claims.access_key
  return {
    verified: true,
    by: 'token',
    accessKey,
    username: findKeypair(accessKey)?.username ?? '',
    claims: check.claims,
  }
}

function verifySignature(
  received: Received,
  version: string,
  authorization: string,
  { findKeypair, nowMs }: VerifyDeps,
): Verification {
  const credential = parseAuthorization(authorization)
  if (credential === undefined) return malformed('The Authorization is not of the form that the Manager knows.')
  const parts = signedParts(received, version)
  if (!/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(parts.date) || Number.isNaN(Date.parse(parts.date))) {
    return malformed('The Date is not a time of ISO 8601 with an offset.')
  }
  const signedString = stringToSign(parts)
  if (Math.abs(Date.parse(parts.date) - nowMs) > windowMs) {
    return refused('The Date is more than 15 minutes from now.', signedString)
  }
  const keypair = findKeypair(credential.accessKey)
  if (keypair === undefined) return refused('Nobody has this access key.', signedString)
  if (!isSignatureOf(credential.signature, parts, keypair.secretKey.reveal())) {
    return refused('The signature is not the one that these lines have under the secret key.', signedString)
  }
  return { verified: true, by: 'hmac', accessKey: keypair.accessKey, username: keypair.username, signedString }
}

const signedParts = (received: Received, version: string): SignedParts => ({
  method: received.method,
  target: received.target,
  date: singleHeader(received, 'date').value ?? singleHeader(received, 'x-backendai-date').value ?? '',
  host: singleHeader(received, 'host').value ?? '',
  contentType: singleHeader(received, 'content-type').value,
  version,
})

const malformed = (because: string): Verification => ({ verified: false, type: 'invalid-auth-params', because })

const refused = (because: string, signedString?: string): Verification => ({
  verified: false,
  type: 'auth-failed',
  because,
  ...(signedString !== undefined && { signedString }),
})
