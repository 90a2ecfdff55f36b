// The configuration of a provider that speaks OAuth 2.0, but not OpenID Connect.

import { z } from 'zod'
import { httpUrl } from '#config'
import { dangerouslyBelieveFreshLogins } from '../believed-login.ts'
import { formerIssuers, groupsPrefix, providerId, providerLabel } from '../common-config.ts'
import { claimPath } from '../oauth/claims.ts'
import { clientId, clientSecret, dangerouslyAllowHttp, scope } from '../oauth/client-config.ts'
import { isSafeUrl } from '../safe-url.ts'

/** What an authorization request says already (RFC 6749 §4.1.1, RFC 7636 §4.3). */
const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'redirect_uri',
  'response_type',
  'scope',
  'state',
])

const ADDRESSES = ['authorizationUrl', 'tokenUrl', 'userinfoUrl', 'revocationUrl'] as const

const shown = (what: string) => claimPath().optional().describe(`What holds ${what}. If absent: the subject.`)

export const oauth2Config = z
  .strictObject({
    id: providerId,
    type: z
      .literal('oauth2')
      .describe(
        'A provider that speaks OAuth 2.0 (authorization code, PKCE) without OpenID Connect, such as GitHub: its API says ' +
          'who a person is. One that gives ID tokens is of type `oidc`, and refused here.',
      ),
    label: providerLabel,
    authorizationUrl: httpUrl()
      .describe('Where the browser is sent to log in.')
      .meta({ examples: ['https://login.example.org/oauth/authorize'] }),
    tokenUrl: httpUrl()
      .describe('Where a code is exchanged for tokens.')
      .meta({ examples: ['https://login.example.org/oauth/token'] }),
    userinfoUrl: httpUrl()
      .describe('What says, as a JSON object with status 200, whose access token it is asked with.')
      .meta({ examples: ['https://login.example.org/api/user'] }),
    revocationUrl: httpUrl()
      .optional()
      .describe('Where tokens are revoked at logout (RFC 7009); nothing is revoked if absent.')
      .meta({ examples: ['https://login.example.org/oauth/revoke'] }),
    issuer: httpUrl()
      .optional()
      .describe(
        'What the provider calls itself in the parameter `iss` of its answers (RFC 9207). If given, an answer without it, ' +
          'or with another, is refused; if absent, an answer that has one is. Sessions show it as where a login is from; ' +
          'if absent, `tokenUrl` up to its host (`https://login.example.org`).',
      )
      .meta({ examples: ['https://login.example.org'] }),
    formerIssuers,
    clientId,
    clientSecret,
    clientAuthentication: z
      .enum(['basic', 'post'])
      .default('basic')
      .describe('How the client secret travels: in the Authorization header, or in the form.'),
    scopes: z
      .array(scope)
      .default([])
      .describe('What to ask for.')
      .meta({ examples: [['read_user']] }),
    claims: z
      .strictObject({
        subject: claimPath().describe(
          'What names the person for ever: a text or an integer, which the provider gives to nobody else later. A list of ' +
            'names leads into an object.',
        ),
        username: shown('the name to show and to log'),
        displayName: claimPath().optional().describe('What holds the person’s full name. If absent: the name.'),
        email: claimPath()
          .optional()
          .describe('What holds the e-mail address, used only where `email_verified` is true beside it.'),
        groups: claimPath().optional().describe('What holds the groups, a list of text. If absent, there are none.'),
      })
      .describe('Where the answer of `userinfoUrl` has what we need.')
      .meta({ examples: [{ subject: 'id', username: 'login' }] }),
    groupsPrefix,
    freshLoginParameters: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), z.string().min(1).max(200))
      .default({})
      .describe(
        'Added to `authorizationUrl` where the login has to be one of just now, so that the provider asks people who are ' +
          'logged in there; only with `dangerouslyBelieveFreshLogins`, because no answer says whether it did.',
      )
      .meta({ examples: [{ prompt: 'login' }] }),
    dangerouslyBelieveFreshLogins: dangerouslyBelieveFreshLogins('OAuth 2.0 does not say when a person logged in'),
    dangerouslyAllowEmailAsSubject: z
      .boolean()
      .default(false)
      .describe(
        'Take a subject that is an e-mail address, or looks like one: whoever is given the address next is the same person ' +
          'then, with everything that the first one had.',
      ),
    dangerouslyAllowHttp,
  })
  .superRefine((config, context) => {
    for (const name of ADDRESSES) {
      const url = config[name]
      if (url === undefined || config.dangerouslyAllowHttp || !URL.canParse(url) || isSafeUrl(url)) continue
      const message = 'an http address is allowed on this machine only: use https'
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })
  .refine((config) => !config.scopes.includes('openid'), {
    path: ['scopes'],
    error: 'the scope openid asks for ID tokens: write type: oidc, which checks them',
  })
  .refine(
    ({ claims, dangerouslyAllowEmailAsSubject: allow }) =>
      allow || !/e-?mail/i.test([claims.subject].flat().at(-1) ?? ''),
    {
      path: ['claims', 'subject'],
      error: 'an e-mail address is given to other people one day: name what stays, such as id',
    },
  )
  .refine(({ freshLoginParameters }) => !Object.keys(freshLoginParameters).some((name) => OWN_PARAMETERS.has(name)), {
    path: ['freshLoginParameters'],
    error: 'this parameter is part of every request: name one that the provider adds to them, such as prompt',
  })
  .refine((config) => Object.keys(config.freshLoginParameters).length === 0 || config.dangerouslyBelieveFreshLogins, {
    path: ['freshLoginParameters'],
    error: 'nothing says whether the provider heeds them: set dangerouslyBelieveFreshLogins too, or leave them out',
  })
  .meta({ title: 'OAuth 2.0' })

export type OAuth2Config = z.infer<typeof oauth2Config>
