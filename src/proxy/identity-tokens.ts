// Tokens in which Gatehouse itself says who somebody is (EdDSA), each for one audience. Made for the signer
// `identity-jwt`, and for answers to proxies in front; checked with `/auth/jwks.json`.

import { sign } from 'node:crypto'
import type { Principal } from '#access'
import type { PublicUrl } from '#http'
import { type Clock, newId } from '#kernel'
import type { IdentityKey, IdentityKeys } from './identity-keys.ts'

export interface IdentityTokensDeps {
  readonly clock: Clock
  readonly identityKeys: IdentityKeys
  readonly publicUrl: Pick<PublicUrl, 'href'>
}

export interface IdentityTokenOptions {
  /** Whom the tokens are for (`aud`). */
  readonly audience: string
  readonly lifetimeMs: number
  /** How long one token serves all requests of a session; 0 for services that accept each `jti` once. */
  readonly reuseMs: number
}

/** Gives a token that says who this is. */
export type IdentityTokens = (principal: Principal) => string

interface Issued {
  readonly token: string
  readonly reusableUntil: number
}

export function createIdentityTokens(
  { clock, identityKeys, publicUrl }: IdentityTokensDeps,
  { audience, lifetimeMs, reuseMs }: IdentityTokenOptions,
): IdentityTokens {
  // Signing costs as much as all the rest of a request. A principal is one object as long as nothing about it changes.
  const issued = new WeakMap<Principal, Issued>()

  const issueFor = (principal: Principal, now: number): string => {
    const issuedAt = Math.floor(now / 1000)
    return createToken(identityKeys.newest(), {
      iss: publicUrl.href,
      aud: audience,
      sub: `${principal.provider}/${principal.subject}`,
      user_id: principal.userId,
      preferred_username: principal.username,
      groups: principal.groups,
      iat: issuedAt,
      exp: issuedAt + Math.floor(lifetimeMs / 1000),
      jti: newId(),
    })
  }

  return (principal) => {
    const known = issued.get(principal)
    if (known !== undefined && clock.monotonicMs() < known.reusableUntil) return known.token
    const token = issueFor(principal, clock.now())
    issued.set(principal, { token, reusableUntil: clock.monotonicMs() + reuseMs })
    return token
  }
}

/** RFC 7515 §7.1, RFC 8037 §3.1 */
function createToken({ id, privateKey }: IdentityKey, claims: object): string {
  const signed = `${encode({ alg: 'EdDSA', typ: 'JWT', kid: id })}.${encode(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
