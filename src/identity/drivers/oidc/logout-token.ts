// Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6): anybody may send one, so nothing of it counts before
// its signature. Every rule here refuses; none repairs.

import type { JWTPayload } from 'jose'
import type { AnnouncedLogout } from '../../provider.ts'
import { CLOCK_LEEWAY_SECONDS } from './clock-leeway.ts'
import { TokenFault, type TokenRules, verifySigned } from './signed-token.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** The specification asks for two minutes; what lives longer is believed for this long only, and its id kept as long. */
const MAX_AGE_SECONDS = 3600
const MAX_NAME_LENGTH = 255

/** @throws TokenFault, and whatever kept the keys from being read */
export async function readLogoutToken(
  token: string,
  rules: TokenRules,
): Promise<Omit<AnnouncedLogout, 'formerIssuers'>> {
  const { payload, protectedHeader } = await verifySigned(token, rules, {
    audience: rules.config.clientId,
    maxTokenAge: MAX_AGE_SECONDS,
    requiredClaims: ['exp', 'iat', 'jti', 'events'],
  })
  const fault = findFault(payload, protectedHeader.typ, rules)
  if (fault !== undefined) throw new TokenFault(fault)
  const { iss = '', sub, sid, jti = '', exp = 0, iat = 0 } = payload
  const endsAtSeconds = Math.min(exp, iat + MAX_AGE_SECONDS) + CLOCK_LEEWAY_SECONDS
  return {
    issuer: iss,
    ...(typeof sid === 'string' && { sid }),
    ...(sub !== undefined && { subject: sub }),
    id: jti,
    issuedAt: iat * 1000,
    endsAt: endsAtSeconds * 1000,
  }
}

function findFault(payload: JWTPayload, typ: unknown, { config }: TokenRules): string | undefined {
  // §2.4 recommends the explicit type; providers of before that say JWT, or nothing. An access token is neither.
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.has(typ.toLowerCase())))
    return 'typ is not that of a logout token'
  if (![payload.aud].flat().every((audience) => audience === config.clientId)) return 'aud names others beside us'
  if (!isName(payload.jti)) return 'jti is not a usable text'
  if (!isEvent(payload.events)) return 'events does not say that it is a logout'
  // §2.4: so that no logout token can be taken for an ID token, nor the other way round.
  if (Object.hasOwn(payload, 'nonce')) return 'nonce must not be there'
  if (payload.sub === undefined && payload.sid === undefined) return 'neither sub nor sid says whose logout it is'
  if (payload.sub !== undefined && !isName(payload.sub)) return 'sub is not a usable text'
  if (payload.sid !== undefined && !isName(payload.sid)) return 'sid is not a usable text'
  return undefined
}

const TYPES: ReadonlySet<string> = new Set(['logout+jwt', 'application/logout+jwt', 'jwt'])

const isName = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_LENGTH

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isEvent = (events: unknown): boolean =>
  isObject(events) && Object.hasOwn(events, EVENT) && isObject(events[EVENT])
