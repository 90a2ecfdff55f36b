// The Manager's side of `X-BackendAI-Token`: an HS256 JWT under the user's own secret key, checked by hand and to the letter
// of the protocol's description, so that nothing is shared with whoever made it.

import { createHmac } from 'node:crypto'

export interface TokenClaims {
  /** Unix seconds. */
  readonly exp: number
  readonly iat: number
  readonly access_key: string
  readonly role: string
}

export type TokenCheck =
  | { readonly isValid: true; readonly claims: TokenClaims }
  | { readonly isValid: false; readonly because: string }

export interface TokenCheckDeps {
  readonly findSecretKey: (accessKey: string) => string | undefined
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

export function checkToken(token: string, { findSecretKey, nowMs }: TokenCheckDeps): TokenCheck {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  if (more.length > 0) return invalid('it has more than three parts')
  if (decode(header) !== '{"alg":"HS256","typ":"JWT"}') return invalid('its header is not exactly the one of HS256')
  const claims = parseClaims(decode(payload))
  if (claims === undefined) return invalid('its claims are not exp, iat, access_key, role, in this order')
  const secretKey = findSecretKey(claims.access_key)
  if (secretKey === undefined) return invalid('nobody has its access key')
  const expected = createHmac('sha256', Buffer.from(secretKey)).update(`${header}.${payload}`).digest('base64url')
  if (signature !== expected) return invalid('its signature is not the one under the secret key')
  const fault = findFault(claims, nowMs / 1000)
  return fault === undefined ? { isValid: true, claims } : invalid(fault)
}

const invalid = (because: string): TokenCheck => ({ isValid: false, because: `The token is refused: ${because}.` })

/** @returns undefined for what is no canonical base64url without padding */
function decode(part: string): string | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes.toString() : undefined
}

function parseClaims(text: string | undefined): TokenClaims | undefined {
  const claims = parseObject(text)
  if (claims === undefined || Object.keys(claims).join() !== 'exp,iat,access_key,role') return undefined
  const { exp, iat, access_key, role } = claims
  const isWhole = Number.isInteger(exp) && Number.isInteger(iat)
  return isWhole && typeof access_key === 'string' && typeof role === 'string' ? (claims as TokenClaims) : undefined
}

function parseObject(text: string | undefined): Partial<TokenClaims> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function findFault({ exp, iat, role }: TokenClaims, nowSeconds: number): string | undefined {
  if (!['user', 'admin', 'superadmin'].includes(role)) return `there is no role ${role}`
  if (exp - iat < 60 || exp - iat > 86_400) return 'its lifetime is not between a minute and a day'
  if (exp <= nowSeconds) return 'it has expired'
  // A second, because claims are whole seconds and clocks are not.
  return iat > nowSeconds + 1 ? 'it is from the future' : undefined
}
