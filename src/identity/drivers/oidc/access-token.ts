// An access token that is read for what it says of groups (RFC 9068, and Keycloak's of before). To us it is a token of
// the provider's for somebody else, so nothing of it counts but what the provider signed for this client and this person.

import { decodeProtectedHeader, type JWTPayload } from 'jose'
import type { Claims } from '../oauth/claims.ts'
import { TokenFault, type TokenRules, verifySigned } from './signed-token.ts'

/**
 * @param subject of the ID token
 * @returns undefined if it is no JWT, or one that only others can read: then it says nothing
 * @throws TokenFault, and whatever kept the keys from being read
 */
export async function readAccessToken(token: string, subject: string, rules: TokenRules): Promise<Claims | undefined> {
  if (!isJwt(token)) return undefined
  const { payload, protectedHeader } = await verifySigned(token, rules, { requiredClaims: ['exp', 'iat', 'sub'] })
  const fault = findFault(payload, protectedHeader.typ, { subject, clientId: rules.config.clientId })
  if (fault !== undefined) throw new TokenFault(fault)
  return payload
}

const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt'])

interface Holder {
  readonly subject: string
  readonly clientId: string
}

function findFault(payload: JWTPayload, typ: unknown, { subject, clientId }: Holder): string | undefined {
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.has(typ.toLowerCase())))
    return 'typ is not that of an access token'
  // Keycloak has a type of its own in the payload, which parts access, ID, refresh and logout tokens.
  if (payload.typ !== undefined && payload.typ !== 'Bearer') return 'the payload’s typ is not that of an access token'
  if (payload.sub !== subject) return 'sub is not that of the ID token'
  // RFC 9068 §2.2 calls it client_id, OpenID Connect and Keycloak azp; `aud` are the services that it is for.
  const clients = [payload.azp, payload.client_id].filter((name) => name !== undefined)
  if (clients.length === 0 || clients.some((name) => name !== clientId)) return 'it was not given to us'
  return undefined
}

function isJwt(token: string): boolean {
  if (token.split('.').length !== 3) return false
  try {
    decodeProtectedHeader(token)
    return true
  } catch {
    return false
  }
}
