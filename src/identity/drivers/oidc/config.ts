// The configuration of an OpenID provider.

import { z } from 'zod'
import { httpUrl, secretRef } from '#config'
import { groupsPrefix, providerId, providerLabel } from '../common-config.ts'
import { isSafeUrl } from '../safe-url.ts'

/** Asymmetric only: with a shared secret as key, whoever knows the client's secret could make ID tokens. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

const claimPath = (name: string, what: string) =>
  z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(8)], {
      error: 'a claim is its name, or a list of names that leads to it, such as [realm_access, roles]',
    })
    .default(name)
    .describe(`The claim that holds ${what}; a list of names leads into an object.`)

export const oidcConfig = z
  .strictObject({
    id: providerId,
    type: z.literal('oidc').describe('An OpenID Connect provider: Keycloak, GitLab, Entra ID, CILogon …'),
    label: providerLabel,
    issuer: httpUrl()
      .describe('The provider’s issuer, exactly as its discovery document spells it.')
      .meta({ examples: ['https://sso.example.org/realms/lab'] }),
    clientId: z
      .string()
      .min(1)
      .describe('The name under which the provider knows this gateway.')
      .meta({ examples: ['gatehouse'] }),
    clientSecret: secretRef().optional().describe('What the provider gave for that name; absent for a public client.'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'a scope has no spaces, quotes or backslashes' }))
      .default(['openid', 'profile', 'email'])
      .describe('What to ask for. Add `offline_access` where the provider wants it before it gives refresh tokens.'),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .default(['RS256'])
      .describe('The algorithms that an ID token may be signed with.'),
    userinfo: z
      .boolean()
      .default(true)
      .describe('Ask the userinfo endpoint at login for claims that the ID token lacks.'),
    claims: z
      .strictObject({
        username: claimPath('preferred_username', 'the name to show and to log'),
        displayName: claimPath('name', 'the person’s full name'),
        email: claimPath('email', 'the e-mail address; used only with `email_verified`'),
        groups: claimPath('groups', 'the groups, a list of text'),
      })
      .prefault({})
      .describe('Where the provider puts what we need.'),
    groupsPrefix,
    dangerouslyAllowHttp: z
      .boolean()
      .default(false)
      .describe(
        'Speak http to a provider that is not on this machine: passwords and tokens can then be read on the way.',
      ),
  })
  .refine((config) => config.scopes.includes('openid'), {
    path: ['scopes'],
    error: 'without the scope openid the provider does not say who the person is',
  })
  .refine((config) => config.dangerouslyAllowHttp || isSafeUrl(config.issuer), {
    path: ['issuer'],
    error: 'an http issuer is allowed on this machine only: use https',
  })
  .refine((config) => !/[?#]/.test(config.issuer), {
    path: ['issuer'],
    error: 'an issuer has no query and no fragment',
  })
  .meta({ title: 'OpenID Connect' })

export type OidcConfig = z.infer<typeof oidcConfig>
