// From an OpenID provider's claims to an identity. Which claim holds what is configured; whatever a claim holds is
// treated as hostile: wrong types count as absent, text is stripped of controls and cut.

import type { LoginIdentity } from '../../ports.ts'
import { toPrintable } from '../../printable.ts'

/** A claim's name, or the path to it as a list: `groups`, `[realm_access, roles]`. */
export type ClaimPath = string | readonly string[]

export interface Profile {
  readonly provider: string
  readonly groupsPrefix: string
  readonly claims: {
    readonly username: ClaimPath
    readonly displayName: ClaimPath
    readonly email: ClaimPath
    readonly groups: ClaimPath
  }
}

export type Claims = Readonly<Record<string, unknown>>

const MAX_NAME_LENGTH = 128
const MAX_EMAIL_LENGTH = 254
const MAX_GROUP_LENGTH = 256
const MAX_GROUPS = 1000

/** @param claims validated, with `iss` and `sub`. */
export function toIdentity(
  profile: Profile,
  claims: Claims & { readonly iss: string; readonly sub: string },
): LoginIdentity {
  const username = textAt(claims, profile.claims.username) ?? toPrintable(claims.sub, MAX_NAME_LENGTH)
  const email = verifiedEmail(claims, profile.claims.email)
  return {
    provider: profile.provider,
    issuer: claims.iss,
    subject: claims.sub,
    ...(typeof claims.sid === 'string' && { sid: claims.sid }),
    username,
    displayName: textAt(claims, profile.claims.displayName) ?? username,
    ...(email !== undefined && { email }),
    groups: groupsOf(profile, claims) ?? [],
    ...(typeof claims.iat === 'number' && { provenAt: claims.iat * 1000 }),
  }
}

/** The groups that the claims name, or undefined if they say nothing about groups. */
export function groupsOf(profile: Profile, claims: Claims): readonly string[] | undefined {
  const value = valueAt(claims, profile.claims.groups)
  const names = typeof value === 'string' ? [value] : value
  if (!Array.isArray(names)) return undefined
  const groups = names
    .slice(0, MAX_GROUPS)
    .filter((name): name is string => typeof name === 'string' && name !== '' && name.length <= MAX_GROUP_LENGTH)
    // A group with control characters is left out rather than altered: altered, it could be another one.
    .filter((name) => toPrintable(name, MAX_GROUP_LENGTH) === name)
    .map((name) => profile.groupsPrefix + name)
  return [...new Set(groups)]
}

function textAt(claims: Claims, path: ClaimPath): string | undefined {
  const value = valueAt(claims, path)
  const text = typeof value === 'string' ? toPrintable(value, MAX_NAME_LENGTH) : ''
  return text === '' ? undefined : text
}

/** Only an address that the provider says it has verified, with exactly one @. */
function verifiedEmail(claims: Claims, path: ClaimPath): string | undefined {
  const value = valueAt(claims, path)
  if (claims.email_verified !== true || typeof value !== 'string' || value.length > MAX_EMAIL_LENGTH) return undefined
  return /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/.test(value) ? value : undefined
}

function valueAt(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims
  for (const name of typeof path === 'string' ? [path] : path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Claims)[name]
  }
  return value
}
