// What we ask of an ID token beyond what the library checks (it checks: algorithm list, signature, `crit`, `iss`, `aud`,
// `exp`, `nbf`, `nonce`, presence of `iat` and `sub`). Every rule here refuses; none repairs.

import { decodeProtectedHeader } from 'jose'
import type { IDToken } from 'openid-client'
import { CLOCK_LEEWAY_SECONDS } from './clock-leeway.ts'
import { isCompactForm } from './compact-form.ts'

/** OIDC Core §2: a subject has at most 255 characters. */
const MAX_SUBJECT_LENGTH = 255

/** @returns the rule that the token breaks, or undefined. */
export function findTokenFault(idToken: string, claims: IDToken, clientId: string, nowMs: number): string | undefined {
  if (!isCompactForm(idToken)) return 'it is not spelled as a JWT'
  const { typ } = decodeProtectedHeader(idToken)
  // RFC 8725 §3.11: an access or logout token of the same issuer is no ID token.
  if (typ !== undefined && typ.toLowerCase() !== 'jwt') return 'typ is not that of an ID token'
  const latest = nowMs / 1000 + CLOCK_LEEWAY_SECONDS
  if (!Number.isFinite(claims.iat) || claims.iat < 0 || claims.iat > latest) return 'iat is in the future'
  if (claims.auth_time !== undefined && !(claims.auth_time <= latest)) return 'auth_time is in the future'
  if (!Number.isFinite(claims.exp)) return 'exp is not a time'
  if (claims.sub === '' || claims.sub.length > MAX_SUBJECT_LENGTH) return 'sub is empty or too long'
  // OIDC Core §3.1.3.7 rule 3: we trust no audience but ourselves.
  if (![claims.aud].flat().every((audience) => audience === clientId)) return 'aud names others beside us'
  if (claims.azp !== undefined && claims.azp !== clientId) return 'azp is not us'
  return undefined
}

/** OIDC Core §12.2: what a refresh brings must speak of the same person and login. */
export function findRefreshFault(before: IDToken, after: IDToken): string | undefined {
  if (after.iss !== before.iss) return 'iss changed'
  if (after.sub !== before.sub) return 'sub changed'
  if (after.nonce !== undefined && after.nonce !== before.nonce) return 'nonce changed'
  return undefined
}
