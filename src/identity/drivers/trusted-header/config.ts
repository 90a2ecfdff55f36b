// The configuration of a front server that logs people in.

import { z } from 'zod'
import { httpUrl, secretRef } from '#config'
import { canonicalName, isTrustEntry } from '#http'
import { dangerouslyBelieveFreshLogins } from '../believed-login.ts'
import { groupsPrefix, providerId, providerLabel } from '../common-config.ts'
import { isSafeUrl } from '../safe-url.ts'

/** They mean something to HTTP or to us, and none of them says who somebody is. */
const TAKEN: ReadonlySet<string> = new Set(
  [
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'cookie',
    'host',
    'origin',
    'transfer-encoding',
  ].map(canonicalName),
)

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, { error: 'the name of a header has letters, digits, `-` and `_`' })
  .refine((name) => !TAKEN.has(canonicalName(name)), { error: 'this header means something else' })

const optionalHeader = (what: string) => headerName.optional().describe(`The header with ${what}.`)

const frontUrl = z.string().refine((text) => /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) || isHttps(text), {
  error: 'a path of the front server that starts with /, or an https address',
})

/** One that leads on to the address behind it. */
const returningUrl = frontUrl.refine((text) => text.endsWith('='), {
  error: 'the address to come back to is appended, so it ends in `=`',
})

const isHttps = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === 'https:'

/** 128 bits as hex digits have 32 characters. */
const MIN_SECRET_LENGTH = 32

const secret = secretRef()
  .refine((value) => /^[\x21-\x7e]*$/.test(value.reveal()), {
    error: 'a header cannot carry it: use letters and digits',
  })
  .refine((value) => value.reveal().length >= MIN_SECRET_LENGTH && new Set(value.reveal()).size >= 10, {
    error: `it can be guessed: use ${MIN_SECRET_LENGTH} random characters or more, such as \`openssl rand -hex 32\` prints`,
  })

const exchange = z
  .strictObject({
    header: headerName
      .describe('The header with the hash by which the federation knows the person.')
      .meta({ examples: ['EAAHash'] }),
    url: httpUrl()
      .describe(
        'Takes `{"eaa_hash"}` as JSON by POST and answers `{"login"}`, or 404 if the hash is linked with nobody.',
      )
      .meta({ examples: ['https://office.example.org/login/umbrella/'] }),
  })
  .optional()
  .describe(
    'Umbrella: exchange a hash at the facility for the account that is linked with it. The person is whom the facility ' +
      'names; no header can say otherwise.',
  )

export const trustedHeaderConfig = z
  .strictObject({
    id: providerId,
    type: z
      .literal('trusted-header')
      .describe('A server in front logs people in and says who they are in headers: Shibboleth, REMOTE_USER.'),
    label: providerLabel,
    from: z
      .array(z.string().refine(isTrustEntry, { error: 'an address, a range such as 10.0.0.0/24, or unix' }))
      .min(1)
      .describe('The front server: its addresses or ranges, or `unix` if it comes by a unix socket.')
      .meta({ examples: [['10.0.0.5']] }),
    secret: secret
      .optional()
      .describe(
        'What the front server sends in `secretHeader` to show that the headers are its own; needed unless it comes by a unix socket.',
      ),
    secretHeader: headerName.default('X-Gatehouse-Front').describe('The header with the secret.'),
    loginUrl: returningUrl
      .optional()
      .describe(
        'Where the front server begins a login; the address to come back to is appended. ' +
          'Absent: it logs people in on `/auth/callback/ID` itself, or has done so already.',
      )
      .meta({ examples: ['/Shibboleth.sso/Login?target='] }),
    freshLoginUrl: returningUrl
      .optional()
      .describe(
        'As `loginUrl`, for a login that has to be one of just now, so that also who is logged in there is asked. Believed only ' +
          'with `headers.authenticatedAt`; without the two nobody can do after this login what needs a recent one.',
      )
      .meta({ examples: ['/Shibboleth.sso/Login?forceAuthn=true&target='] }),
    logoutUrl: returningUrl
      .optional()
      .describe(
        'Where the front server ends its login; the address to come back to is appended. Absent: it stays logged in.',
      )
      .meta({ examples: ['/Shibboleth.sso/Logout?return='] }),
    headers: z
      .strictObject({
        subject: headerName
          .optional()
          .describe(
            'The header with the name of the person that never changes and is never given to another one. Needed without `exchange`.',
          )
          .meta({ examples: ['persistent-id'] }),
        issuer: headerName
          .optional()
          .describe(
            'The header with the identity provider’s entity id. With it the person is `ENTITY-ID!SUBJECT`, so that the same ' +
              'name at two of them is two people. Leave it out only where the subject is unique by itself.',
          )
          .meta({ examples: ['Shib-Identity-Provider'] }),
        username: optionalHeader('the name to show and to log; the subject if absent'),
        displayName: optionalHeader('the person’s full name'),
        email: optionalHeader('the e-mail address'),
        groups: optionalHeader('the groups'),
        authenticatedAt: optionalHeader(
          'when the person showed who they are: a time such as 2026-11-22T08:00:00Z, or seconds since 1970',
        ).meta({ examples: ['Shib-Authentication-Instant'] }),
      })
      .prefault({})
      .describe('The headers in which the front server says who the person is, spelled as it sends them.'),
    groupsSeparator: z
      .string()
      .length(1)
      .default(';')
      .describe('Stands between two groups; with a backslash before it, it belongs to the name.'),
    groupsPrefix,
    exchange,
    dangerouslyBelieveFreshLogins: dangerouslyBelieveFreshLogins(
      'For front servers that do not say when a person logged in; `headers.authenticatedAt` counts all the same. A login ' +
        'of unknown time is never recent',
    ),
    dangerouslyAllowHttp: z
      .boolean()
      .default(false)
      .describe('Exchange hashes over http with another machine: who is who can then be changed on the way.'),
  })
  .refine((config) => config.secret !== undefined || config.from.every((entry) => entry === 'unix'), {
    path: ['secret'],
    error: 'an address alone proves nothing: give a secret that the front server sends along',
  })
  .refine((config) => (config.headers.subject === undefined) !== (config.exchange === undefined), {
    path: ['headers', 'subject'],
    error: 'the person is named either by the header `subject` or by the facility (`exchange`): give one of them',
  })
  .refine((config) => config.headers.issuer === undefined || config.exchange === undefined, {
    path: ['headers', 'issuer'],
    error: 'the facility names the account, whichever identity provider the hash came from: leave it out',
  })
  .refine((config) => config.dangerouslyAllowHttp || !config.exchange || isSafeUrl(config.exchange.url), {
    path: ['exchange', 'url'],
    error: 'http is allowed on this machine only: use https, or set dangerouslyAllowHttp',
  })
  .refine((config) => hasOneSpelling(namesOf(config)), {
    path: ['headers'],
    error: 'two of the headers are the same name in different spellings: use one',
  })
  .refine((config) => !isAmong(config.secretHeader, namesOf(config).slice(1)), {
    path: ['secretHeader'],
    error: 'the secret needs a header of its own: what is read from this one would be the secret, shown and kept',
  })
  .meta({ title: 'Headers of a front server' })

export type TrustedHeaderConfig = z.infer<typeof trustedHeaderConfig>

interface HeaderNames {
  readonly secretHeader: string
  readonly exchange?: { readonly header: string } | undefined
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Every header that is believed of the front server alone; that with the secret comes first. */
export const namesOf = ({ secretHeader, exchange: hash, headers }: HeaderNames): readonly string[] =>
  [secretHeader, hash?.header, ...Object.values(headers)].filter((name) => name !== undefined)

const isAmong = (name: string, others: readonly string[]): boolean =>
  others.some((other) => canonicalName(other) === canonicalName(name))

const hasOneSpelling = (names: readonly string[]): boolean =>
  new Set(names.map((name) => name.toLowerCase())).size === new Set(names.map(canonicalName)).size
