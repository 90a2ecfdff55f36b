// What is particular to a kind of OpenID provider, as one table: where its claims are, what its groups are called here,
// and what else of it is to be read. A profile adds no protocol: every rule of the driver holds for all of them.

import { type ClaimPath, type Claims, groupNames, isObject, textAt, valueAt } from '../oauth/claims.ts'

export interface ClaimPaths {
  readonly username: ClaimPath
  readonly displayName: ClaimPath
  readonly email: ClaimPath
  readonly groups: ClaimPath
}

/** Groups that do not stand in the claim of the groups. Their prefix is their own: no other group may begin with it. */
export interface GroupSource {
  readonly claim: string
  readonly prefix: string
  /** Undefined where the value says nothing of groups. */
  readonly namesIn: (value: unknown) => readonly string[] | undefined
}

export interface OidcProfile {
  readonly claims: ClaimPaths
  /** Asked for besides those of the configuration. */
  readonly scopes: readonly string[]
  /** A name in the claim of the groups, as the group is called here. */
  readonly toGroup: (name: string) => string
  readonly sources: readonly GroupSource[]
  /** Its access tokens are JWTs of its own that may hold what the ID token lacks of groups. */
  readonly readsAccessToken: boolean
  readonly displayNameOf: (claims: Claims, path: ClaimPath) => string | undefined
}

const generic: OidcProfile = {
  claims: { username: 'preferred_username', displayName: 'name', email: 'email', groups: 'groups' },
  scopes: [],
  toGroup: (name) => name,
  sources: [],
  readsAccessToken: false,
  displayNameOf: textAt,
}

/** Server Administration Guide, "Protocol mappers" and "OIDC token and SAML assertion mappings". */
const keycloak: OidcProfile = {
  ...generic,
  // The mapper "Group Membership" writes /lab with "Full group path", else lab.
  toGroup: (name) => name.replace(/^\//, ''),
  sources: [
    {
      claim: 'realm_access',
      prefix: 'realm-role:',
      namesIn: (value) => (isObject(value) ? groupNames(valueAt(value, 'roles')) : undefined),
    },
    { claim: 'resource_access', prefix: 'client-role:', namesIn: clientRoles },
  ],
  readsAccessToken: true,
}

/** GitLab's documentation, "GitLab as OpenID Connect identity provider", "Shared information". */
const gitlab: OidcProfile = generic

/** https://www.cilogon.org/oidc, "Scopes". */
const cilogon: OidcProfile = {
  ...generic,
  claims: { ...generic.claims, username: 'eppn', groups: 'isMemberOf' },
  scopes: ['org.cilogon.userinfo'],
  sources: [
    { claim: 'idp', prefix: 'idp:', namesIn: (value) => (typeof value === 'string' ? groupNames(value) : undefined) },
  ],
  displayNameOf(claims, path) {
    const name = textAt(claims, path) ?? textAt(claims, 'eppn')
    const home = textAt(claims, 'idp_name')
    return name === undefined || home === undefined ? name : `${name} (${home})`
  },
}

export const oidcProfiles = Object.freeze({ generic, keycloak, gitlab, cilogon })

export type ProfileName = keyof typeof oidcProfiles

const MAX_CLIENT_ID_LENGTH = 256

/** `CLIENT:ROLE` for each client; the client's id is escaped, so that the first colon is the one that parts them. */
function clientRoles(value: unknown): readonly string[] | undefined {
  if (!isObject(value)) return undefined
  const clients = Object.entries(value).filter(([id]) => id.isWellFormed() && id.length <= MAX_CLIENT_ID_LENGTH)
  return clients.flatMap(([id, access]) => {
    const roles = isObject(access) ? (groupNames(valueAt(access, 'roles')) ?? []) : []
    return roles.map((role) => `${encodeURIComponent(id)}:${role}`)
  })
}
