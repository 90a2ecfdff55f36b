// Kinds of OpenID providers, as an operator meets them: how one is recognised, and what is to be done there beside
// registering our addresses. What the gateway does with them is the profile of that name in `identity`.

import type { GatewayConfig } from '../../modules.ts'
import { readDiscovery } from './read-discovery.ts'

export type ProfileName = Extract<GatewayConfig['identity'][number], { readonly type: 'oidc' }>['profile']
type Document = Readonly<Record<string, unknown>>

export interface ProviderProfile {
  /** As people call it. */
  readonly name: string
  /** Whether a discovery document is one of its. */
  readonly isIts: (document: Document) => boolean
  readonly toDo: readonly string[]
  /** Asked for besides those of the configuration. */
  readonly scopes: readonly string[]
}

const endsWith = (value: unknown, end: string): boolean => typeof value === 'string' && value.endsWith(end)

export const providerProfiles: Readonly<Record<ProfileName, ProviderProfile>> = {
  generic: {
    name: 'an OpenID provider',
    isIts: () => false,
    toDo: ['have it put groups into the claim groups, or write in claims.groups where it has them'],
    scopes: [],
  },
  keycloak: {
    name: 'Keycloak',
    isIts: ({ token_endpoint: url }) => endsWith(url, '/protocol/openid-connect/token'),
    toDo: [
      'client: Client authentication on, Standard flow only, PKCE method S256',
      'groups: in the client’s dedicated scope a mapper Group Membership, claim groups, Full group path on, Add to ID token on',
      'leave the scope microprofile-jwt off: it writes roles into the claim groups (docs/guide/connect-keycloak.md)',
    ],
    scopes: [],
  },
  gitlab: {
    name: 'GitLab',
    isIts: ({ jwks_uri: url }) => endsWith(url, '/oauth/discovery/keys'),
    toDo: [
      'application: Confidential on; of the addresses above GitLab asks for the redirect URI only',
      'scopes: openid, profile and email; groups come by themselves (docs/guide/connect-gitlab.md)',
    ],
    scopes: [],
  },
  cilogon: {
    name: 'CILogon',
    isIts: ({ issuer }) => typeof issuer === 'string' && /^https:\/\/(?:[\w-]+\.)?cilogon\.org$/.test(issuer),
    toDo: [
      'scopes: openid, profile, email and org.cilogon.userinfo; of the addresses above CILogon asks for the redirect URI only',
      'groups: isMemberOf comes where your registration is tied to a registry of members; else there is the home organisation',
    ],
    scopes: ['org.cilogon.userinfo'],
  },
}

export const profileNames = Object.keys(providerProfiles) as ProfileName[]

/** Whose document it is; generic if nobody's that we know. */
export const recognise = (document: Document): ProfileName =>
  profileNames.find((name) => providerProfiles[name].isIts(document)) ?? 'generic'

/** Who answers at the issuer; generic also if nobody does. */
export async function detectProfile(issuer: string): Promise<ProfileName> {
  if (!URL.canParse(issuer)) return 'generic'
  const found = await readDiscovery(issuer)
  return 'document' in found ? recognise(found.document) : 'generic'
}
