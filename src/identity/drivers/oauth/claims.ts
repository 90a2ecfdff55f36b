// Claims of a provider, whatever it calls its protocol: where one is, and what of it can be used. What a claim holds is
// treated as hostile: wrong types count as absent, text is stripped of controls and cut.

import { z } from 'zod'
import { toPrintable } from '../../printable.ts'

export type Claims = Readonly<Record<string, unknown>>

/** A claim's name, or the path to it as a list: `groups`, `[realm_access, roles]`. */
export type ClaimPath = string | readonly string[]

export const claimPath = () =>
  z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(8)], {
    error: 'a claim is its name, or a list of names that leads to it, such as [realm_access, roles]',
  })

const MAX_NAME_LENGTH = 128
const MAX_EMAIL_LENGTH = 254
const MAX_GROUP_LENGTH = 256
const MAX_GROUPS = 1000

export const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function valueAt(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims
  for (const name of typeof path === 'string' ? [path] : path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

/** To be shown; undefined where there is nothing to show. */
export function textAt(claims: Claims, path: ClaimPath): string | undefined {
  const value = valueAt(claims, path)
  const text = typeof value === 'string' ? toPrintable(value, MAX_NAME_LENGTH) : ''
  return text === '' ? undefined : text
}

/** Only an address that the provider says it has verified, with exactly one @. */
export function verifiedEmail(claims: Claims, path: ClaimPath): string | undefined {
  const value = valueAt(claims, path)
  if (claims.email_verified !== true || typeof value !== 'string' || value.length > MAX_EMAIL_LENGTH) return undefined
  return /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/.test(value) ? value : undefined
}

/** The names of groups that a claim holds, as they are written there; undefined if it says nothing of groups. */
export function groupNames(value: unknown): readonly string[] | undefined {
  const names = typeof value === 'string' ? [value] : value
  if (!Array.isArray(names)) return undefined
  return (
    names
      .slice(0, MAX_GROUPS)
      .filter((name): name is string => typeof name === 'string' && name !== '' && name.length <= MAX_GROUP_LENGTH)
      // A group with control characters is left out rather than altered: altered, it could be another one.
      .filter((name) => toPrintable(name, MAX_GROUP_LENGTH) === name)
  )
}
