// From an OpenID provider's claims to an identity, by the profile of its kind and what the configuration says otherwise.

import type { LoginIdentity } from '../../ports.ts'
import { toPrintable } from '../../printable.ts'
import { type Claims, groupNames, textAt, valueAt, verifiedEmail } from '../oauth/claims.ts'
import type { OidcConfig } from './config.ts'
import { type ClaimPaths, type OidcProfile, oidcProfiles } from './profiles.ts'

/** How one provider of the configuration is read. */
export interface Reading {
  readonly provider: string
  readonly formerIssuers: readonly string[]
  readonly groupsPrefix: string
  readonly profile: OidcProfile
  readonly claims: ClaimPaths
}

const MAX_NAME_LENGTH = 128

export function createReading({ id, formerIssuers, groupsPrefix, profile: name, claims }: OidcConfig): Reading {
  const profile = oidcProfiles[name]
  const said = Object.entries(claims).filter(([, path]) => path !== undefined)
  return {
    provider: id,
    formerIssuers,
    groupsPrefix,
    profile,
    claims: { ...profile.claims, ...Object.fromEntries(said) },
  }
}

/** @param claims validated, with `iss` and `sub`. */
export function toIdentity(
  reading: Reading,
  claims: Claims & { readonly iss: string; readonly sub: string },
): LoginIdentity {
  const { profile, claims: paths } = reading
  const username = textAt(claims, paths.username) ?? toPrintable(claims.sub, MAX_NAME_LENGTH)
  const email = verifiedEmail(claims, paths.email)
  return {
    provider: reading.provider,
    issuer: claims.iss,
    formerIssuers: reading.formerIssuers,
    subject: claims.sub,
    ...(typeof claims.sid === 'string' && { sid: claims.sid }),
    username,
    displayName: profile.displayNameOf(claims, paths.displayName) ?? username,
    ...(email !== undefined && { email }),
    groups: groupsOf(reading, claims) ?? [],
    ...(typeof claims.iat === 'number' && { provenAt: claims.iat * 1000 }),
  }
}

/** The groups that the claims name, or undefined if they say nothing about groups. */
export function groupsOf(reading: Reading, claims: Claims): readonly string[] | undefined {
  const found = namesBySource(reading, claims).filter((names) => names !== undefined)
  if (found.length === 0) return undefined
  return [...new Set(found.flat().map((name) => reading.groupsPrefix + name))]
}

/** Whether the claims speak of every kind of group that this provider may know. */
export const speaksOfAllGroups = (reading: Reading, claims: Claims): boolean =>
  namesBySource(reading, claims).every((names) => names !== undefined)

/** The claims that may hold groups, and nothing else of `claims`. */
export function onlyGroups({ profile, claims: { groups } }: Reading, claims: Claims): Claims {
  const names = [typeof groups === 'string' ? groups : (groups[0] ?? ''), ...profile.sources.map(({ claim }) => claim)]
  return Object.fromEntries(Object.entries(claims).filter(([name]) => names.includes(name)))
}

/** In the order of the profile, the claim of the groups first. */
const namesBySource = (
  { profile, claims: paths }: Reading,
  claims: Claims,
): readonly (readonly string[] | undefined)[] => [
  toGroups(profile, groupNames(valueAt(claims, paths.groups))),
  ...profile.sources.map(({ claim, prefix, namesIn }) => namesIn(valueAt(claims, claim))?.map((name) => prefix + name)),
]

/** Names as groups of ours. One that would pass for something else, such as a role, is left out. */
export const toGroups = ({ toGroup, sources }: OidcProfile, names: readonly string[] | undefined) =>
  names?.map(toGroup).filter((name) => name !== '' && !sources.some(({ prefix }) => name.startsWith(prefix)))
