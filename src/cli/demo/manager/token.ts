// Checks the `X-BackendAI-Token` (a JWT under the person's own secret key) as a Backend.AI Manager does.
// Like `hmac.ts` it is written from the description alone and shares nothing with the signer.

import { createHmac, timingSafeEqual } from 'node:crypto'

export interface TokenClaims {
  readonly exp: number
  readonly iat: number
  readonly access_key: string
  readonly role: string
}

export type TokenCheck =
  | { readonly valid: true; readonly claims: TokenClaims }
  | { readonly valid: false; readonly because: string }

const roles = ['user', 'admin', 'superadmin']

/** @param secretKeyOf the secret of an access key, or undefined if nobody has it. */
export function checkToken(
  token: string,
  secretKeyOf: (accessKey: string) => string | undefined,
  nowMs: number,
): TokenCheck {
  const [header, payload, signature, ...rest] = token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    return { valid: false, because: 'The token does not have three parts.' }
  }
  const { alg, typ, ...others } = parseObject(header)
  if (alg !== 'HS256' || typ !== 'JWT' || Object.keys(others).length > 0) {
    return { valid: false, because: 'The token is not headed {"alg":"HS256","typ":"JWT"}.' }
  }
  const claims = parseClaims(payload)
  if (claims === undefined) return { valid: false, because: 'The token lacks exp, iat, access_key or a known role.' }
  const secretKey = secretKeyOf(claims.access_key)
  if (secretKey === undefined || !isSignedBy(secretKey, `${header}.${payload}`, signature)) {
    return { valid: false, because: 'The token was not signed with the secret key that belongs to its access key.' }
  }
  if (claims.exp * 1000 <= nowMs) return { valid: false, because: 'The token has expired.' }
  return { valid: true, claims }
}

function isSignedBy(secretKey: string, signed: string, signature: string): boolean {
  const expected = Buffer.from(createHmac('sha256', secretKey).update(signed).digest('base64url'))
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function parseClaims(payload: string): TokenClaims | undefined {
  const { exp, iat, access_key, role } = parseObject(payload)
  if (!Number.isSafeInteger(exp) || !Number.isSafeInteger(iat)) return undefined
  if (typeof access_key !== 'string' || typeof role !== 'string' || !roles.includes(role)) return undefined
  return { exp: Number(exp), iat: Number(iat), access_key, role }
}

function parseObject(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
