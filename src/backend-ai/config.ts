// The `backendAi` part of the configuration: a Backend.AI Manager and its neighbours, to which Gatehouse stands in for
// their webserver. Without the section nothing of it is there.

import { z } from 'zod'
import { duration, httpUrl, rate } from '#config'
import { checkService, serviceShape, timeoutsSchema } from '#proxy'
import { redisConfig } from '#storage'
import type { ProfileName } from './profile.ts'
import { securitySchema } from './security-config.ts'
import { webUiSchema } from './web-ui/config.ts'

const PROFILE_NAMES = ['26.2', '26.4', '26.8'] as const satisfies readonly ProfileName[]

/** Some calls are answered when what they began is done, such as a session that waits for its image. */
const patientShape = { ...serviceShape, timeouts: timeoutsSchema('10m') }

const managerSchema = z
  .strictObject({
    ...patientShape,
    domain: z
      .string()
      .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, { error: 'a domain is named with visible ASCII characters' })
      .default('default')
      .describe('The domain that everybody here belongs to. No login can name another one.'),
  })
  .superRefine(checkService)
  .meta({ title: 'Manager' })

const routerSchema = z.strictObject(patientShape).superRefine(checkService).meta({ title: 'GraphQL router' })

const pipelineSchema = z
  .strictObject({
    ...patientShape,
    frontendUrl: httpUrl()
      .optional()
      .describe('Where people find the pages of the pipeline service. Its first endpoint, unless given.')
      .meta({ examples: ['https://pipeline.example.org'] }),
  })
  .superRefine(checkService)
  .meta({ title: 'Pipeline' })

const loginSchema = z
  .strictObject({
    provider: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, { error: 'an id is made of small letters, digits and hyphens' })
      .default('manager')
      .describe(
        'What people who log in here are called together. An entry of `identity` with this id means the same people.',
      ),
    tokenName: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'a name here is made of letters, digits, _ and -' })
      .default('sToken')
      .describe('How the token of single sign-on is called, in the body of a login or as a cookie.'),
    signup: z.boolean().default(false).describe('People may sign up by themselves. Refused unless true.'),
  })
  .prefault({})
  .meta({ title: 'Login' })

const sessionSchema = z
  .strictObject({
    maxAge: duration(undefined, { min: '1m' })
      .optional()
      .describe(
        'When a login ends unless it is extended; using it does not extend it. Cannot be longer than `sessions.absolute`, and is as long unless given.',
      )
      .meta({ examples: ['7d'] }),
    extension: duration(undefined, { min: '1m' })
      .optional()
      .describe('How long a login lasts from the moment in which it is extended. As long as at first, unless given.')
      .meta({ examples: ['1h'] }),
    cookie: z
      .strictObject({
        sameSite: z
          .enum(['lax', 'none'])
          .default('lax')
          .describe(
            '`none` lets pages of other sites use the login; only origins of `server.cors` may, and over https.',
          ),
      })
      .prefault({})
      .meta({ title: 'Cookie' })
      .describe('The cookie of the session. It is Secure wherever `server.url` is https.'),
  })
  .prefault({})
  .meta({ title: 'Sessions' })

export const backendAiConfig = z
  .strictObject({
    profile: z
      .enum(PROFILE_NAMES, { error: "a profile is one of '26.2', '26.4' and '26.8', in quotes" })
      .default('26.2')
      .describe('The release of the Manager and its Web UI: 26.4 holds up to 26.7, 26.8 from there on.'),
    manager: managerSchema.describe('The Manager.'),
    graphqlRouter: routerSchema
      .optional()
      .describe('The router of GraphQL queries. Without it they go to the Manager.'),
    graphql: z
      .enum(['hmac', 'jwt', 'both'])
      .optional()
      .describe('How GraphQL queries are signed. By default `both` with a router, else `hmac`.'),
    tokenLifetime: duration('15m', { min: '1m', max: '1d' }).describe('How long a token for GraphQL is good for.'),
    pipeline: pipelineSchema.optional().describe('The pipeline service, under /pipeline/. Not there unless given.'),
    login: loginSchema.describe('How people log in.'),
    session: sessionSchema.describe('How long a login lasts.'),
    sharedRedis: redisConfig
      .optional()
      .describe('The Redis in which the Manager keeps the records of logins; needed from profile 26.4 on.'),
    webUi: webUiSchema.optional().describe('The Web UI at `/`. Not there unless given.'),
    security: securitySchema.describe('What else is checked, and told to browsers.'),
    rates: z
      .strictObject({
        address: rate(false).describe('From one address. All addresses of an IPv6 /64 count as one.'),
        user: rate(false).describe('From one person, that is: with one access key, in all sessions.'),
      })
      .prefault({})
      .meta({ title: 'Rates' })
      .describe('How often somebody may ask under /func/ and /pipeline/, beside `server.limits.rates`.'),
  })
  .refine(({ profile, sharedRedis }) => profile === '26.2' || sharedRedis !== undefined, {
    path: ['sharedRedis'],
    error: 'from profile 26.4 on the Manager and the gateway share the records of logins',
    params: {
      fix: 'write where the Manager’s Redis is, such as sharedRedis: { type: redis, url: redis://redis:6379/0 }',
    },
  })
  .optional()
  .meta({
    title: 'Backend.AI',
    description: 'Stands in for the webserver of Backend.AI: its Web UI, its logins, its way to the Manager.',
  })

export type BackendAiConfig = NonNullable<z.output<typeof backendAiConfig>>

/** When a login ends by itself, and how far it may be extended, in ms. No session outlasts `sessions.absolute`. */
export const lifetimeOf = ({ maxAge = LONGEST_MS, extension = maxAge }: BackendAiConfig['session']) => ({
  afterMs: maxAge,
  extensionMs: extension,
})

/** The longest that `sessions.absolute` can be. */
const LONGEST_MS = 90 * 86_400_000
