// The configuration of an OpenID provider.

import { z } from 'zod'
import { httpUrl } from '#config'
import { dangerouslyBelieveFreshLogins } from '../believed-login.ts'
import { formerIssuers, groupsPrefix, providerId, providerLabel } from '../common-config.ts'
import { claimPath } from '../oauth/claims.ts'
import { clientId, clientSecret, dangerouslyAllowHttp, scope } from '../oauth/client-config.ts'
import { isSafeUrl } from '../safe-url.ts'
import { oidcProfiles, type ProfileName } from './profiles.ts'

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

const claim = (what: string, name: string) =>
  claimPath()
    .optional()
    .describe(`The claim that holds ${what}; a list of names leads into an object. If absent: ${name}.`)

export const oidcConfig = z
  .strictObject({
    id: providerId,
    type: z.literal('oidc').describe('An OpenID Connect provider: Keycloak, GitLab, Entra ID, CILogon …'),
    label: providerLabel,
    profile: z
      .enum(Object.keys(oidcProfiles) as [ProfileName, ...ProfileName[]])
      .default('generic')
      .describe(
        'Whose claims they are. ' +
          '`generic`: the names that OpenID Connect has, and `groups`. ' +
          '`keycloak`: besides, one slash at the beginning of a group is left out, so that `/lab` is `lab` with and ' +
          'without “Full group path”; realm roles are groups `realm-role:NAME`, client roles `client-role:CLIENT:NAME` ' +
          '(a client id with other characters than letters, digits and `-_.!~*’()` is percent-encoded); what the ID token ' +
          'does not say of groups and roles is read in the access token, which must be a JWT that this issuer signed for ' +
          'this client and person, then at the userinfo endpoint. ' +
          '`gitlab`: groups are full paths, such as `plants/roots`. ' +
          '`cilogon`: the scope `org.cilogon.userinfo` is asked for; the name is `eppn`, groups are `isMemberOf`, the home ' +
          'organisation is a group `idp:ENTITY-ID`, and its name stands after the person’s. ' +
          'A group whose name begins like a role or an organisation is left out.',
      ),
    issuer: httpUrl()
      .describe('The provider’s issuer, exactly as its discovery document spells it.')
      .meta({ examples: ['https://sso.example.org/realms/lab'] }),
    formerIssuers,
    clientId,
    clientSecret,
    scopes: z
      .array(scope)
      .default(['openid', 'profile', 'email'])
      .describe(
        'What to ask for. Add `offline_access` where the provider wants it before it gives refresh tokens, and `read_api` ' +
          'for `groupsFrom: api`. With `profile: cilogon`, `org.cilogon.userinfo` is asked for as well.',
      ),
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
        username: claim('the name to show and to log', '`preferred_username`, or `eppn` with `profile: cilogon`'),
        displayName: claim('the person’s full name', '`name`'),
        email: claim('the e-mail address, used only with `email_verified`', '`email`'),
        groups: claim(
          'the groups, a list of text',
          '`groups`, or `isMemberOf` with `profile: cilogon`. GitLab has two: `groups` are all that a person is in, also ' +
            'through a group above; `groups_direct` those where they are a member by name',
        ),
      })
      .prefault({})
      .describe('Where the provider puts what we need, if not where its profile says.'),
    groupsFrom: z
      .enum(['claims', 'api'])
      .default('claims')
      .describe(
        'Where groups are read. `api`: in place of the claim, in the list of the person’s groups that GitLab’s API has ' +
          '(`/api/v4/groups`), with `profile: gitlab` only.',
      ),
    groupsPrefix,
    dangerouslyBelieveFreshLogins: dangerouslyBelieveFreshLogins(
      'For providers that never say in `auth_time` when a person logged in; where one does, that counts all the same. ' +
        'A login of unknown time is never recent',
    ),
    dangerouslyAllowHttp,
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
  .refine((config) => config.groupsFrom === 'claims' || config.profile === 'gitlab', {
    path: ['groupsFrom'],
    error: 'only GitLab’s API is known: write profile: gitlab, or leave this out',
  })
  .refine((config) => config.groupsFrom === 'claims' || config.scopes.some((name) => /^(read_)?api$/.test(name)), {
    path: ['scopes'],
    error: 'GitLab’s API lists groups with the scope read_api only',
  })
  .meta({ title: 'OpenID Connect' })

export type OidcConfig = z.infer<typeof oidcConfig>
