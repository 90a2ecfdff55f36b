// Keys, claims, and a forger for the tests of this folder: it signs whatever it is given, as somebody with the key would.

import { createHmac, randomBytes } from 'node:crypto'
import { Secret } from '#kernel'
import type { Claims } from './claims.ts'
import { createSigningKeys, type SigningKeys } from './signing-keys.ts'

/** A secret as it stands in a file. */
export const makeKey = (bytes = 32): Secret => new Secret(randomBytes(bytes).toString('base64'))

export const makeKeys = (...secrets: readonly Secret[]): SigningKeys => createSigningKeys(secrets)

export const ISSUER = 'https://gate.test/base'
export const AUDIENCE = 'spt3g-api'

/** Good from `now` on, for a day. @param now ms since the epoch */
export function makeClaims(now: number, changes: Partial<Claims> = {}): Claims {
  const iat = Math.floor(now / 1000)
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-ada',
    user_id: 'user-ada',
    name: 'Ada',
    email: 'ada@example.org',
    groups: ['lab'],
    iat,
    nbf: iat,
    exp: iat + 86_400,
    jti: 'jti-1',
    auth_time: iat - 60,
    origin_jti: 'jti-0',
    knows_revoked: 0,
    ...changes,
  }
}

/** What a token is made of: objects, or text that is taken as it is. */
export interface Forgery {
  readonly header: unknown
  readonly payload: unknown
  readonly key: Uint8Array | string
  readonly digest?: string
}

/** A JWS, whatever is in it. */
export function forge({ header, payload, key, digest = 'sha256' }: Forgery): string {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac(digest, key).update(signed).digest('base64url')}`
}

export const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
