// The `verify` part of the configuration: what a proxy in front serves by itself and asks Gatehouse about.

import { z } from 'zod'
import { allowSchema, PERSON_FACTS, personTextSchema, policyRulesSchema } from '#access'
import { duration } from '#config'
import { prefixPath } from '#http'

const serviceSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, { error: 'an id is made of small letters, digits and hyphens' })
      .describe('Names it in refusals and logs, and is the audience (`aud`) of its tokens.')
      .meta({ examples: ['grafana'] }),
    host: z
      .string()
      .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?$/, {
        error: 'a host is a name, and a port if it is not the usual one, in small letters: gate.example.org:8443',
      })
      .optional()
      .describe(
        'Where people open it, if not at the host of server.url: the same name with another port. Browsers show the session to no other name.',
      )
      .meta({ examples: ['gate.example.org:8443'] }),
    path: prefixPath()
      .describe(
        'The prefix of everything that belongs to it, as people see it in the address bar. The longest prefix decides.',
      )
      .meta({ examples: ['/grafana/'] }),
    allow: allowSchema.optional().describe('Who may use it. Nobody, if neither this nor `rules` is given.'),
    rules: policyRulesSchema.optional().describe('Instead of `allow`: who may do what; paths count from `path`.'),
  })
  .refine(({ allow, rules }) => allow === undefined || rules === undefined, {
    error: 'give either allow or rules: the first rule that matches decides, and allow would be one more',
    path: ['allow'],
    params: { fix: 'write the allow as the last of the rules, or remove the rules' },
  })
  .meta({ title: 'Service of a front proxy' })

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, { error: 'a header name here is made of letters, digits and hyphens' })
  .refine((name) => !OF_THE_ANSWER.has(name.toLowerCase()), { error: 'this header is the answer’s own' })

/** What says something about the answer to the proxy, and not about the person. */
const OF_THE_ANSWER: ReadonlySet<string> = new Set([
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'location',
  'set-cookie',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
  'x-request-id',
])

const DEFAULT_HEADERS = {
  'Remote-User': '{username}',
  'Remote-Subject': '{provider}/{subject}',
  'Remote-Name': '{name}',
  'Remote-Email': '{email}',
  'Remote-Groups': '{groups}',
} as const

const tokenSchema = z
  .strictObject({
    header: headerName.default('X-Gatehouse-Identity').describe('The header that carries it.'),
    lifetime: duration('60s', { min: '10s', max: '10m' }).describe(
      'How long a token is good for. One serves all requests of a session for half of that.',
    ),
  })
  .prefault({})
  .meta({ title: 'Token' })

export const verifyConfig = z
  .strictObject({
    services: z
      .array(serviceSchema)
      .default([])
      .superRefine((services, check) => {
        for (const { index, key, message } of findClashes(services)) {
          check.addIssue({ code: 'custom', path: [index, key], message, params: { fix: `give one another ${key}` } })
        }
      })
      .describe(
        'What proxies in front ask about at /auth/verify, and who may have it. What no service covers is refused.',
      ),
    headers: z
      .record(headerName, personTextSchema)
      .default(DEFAULT_HEADERS)
      .superRefine((headers, check) => {
        const names = Object.keys(headers)
        for (const name of names) {
          if (names.some((other) => other !== name && lower(other) === lower(name)))
            check.addIssue({ code: 'custom', path: [name], message: `${name} is there in other capital letters too` })
        }
      })
      .describe(
        `The headers of the answer that say who asks, for the proxy to pass on: text with facts about the person in it: ${PERSON_FACTS}. Empty where nobody is logged in.`,
      )
      .meta({ examples: [{ 'X-Auth-Request-User': '{username}', 'X-Auth-Request-Groups': '{groups}' }] }),
    token: tokenSchema.describe('A token beside them in which Gatehouse says the same, signed; see /auth/jwks.json.'),
  })
  .refine(({ headers, token }) => !Object.keys(headers).some((name) => lower(name) === lower(token.header)), {
    error: 'verify.headers has a header of this name',
    path: ['token', 'header'],
    params: { fix: 'give the token a header of its own' },
  })
  .prefault({})
  .meta({
    title: 'Verify',
    description: 'What proxies in front serve by themselves, and ask /auth/verify about: nginx, Traefik, Caddy, Envoy.',
  })

export type VerifyConfig = z.output<typeof verifyConfig>
export type VerifiedServiceConfig = z.output<typeof serviceSchema>

interface Clash {
  readonly index: number
  readonly key: 'id' | 'path'
  readonly message: string
}

function findClashes(services: readonly VerifiedServiceConfig[]): readonly Clash[] {
  return services.flatMap((service, index): readonly Clash[] => {
    const before = services.slice(0, index)
    if (before.some(({ id }) => id === service.id))
      return [{ index, key: 'id', message: `another service has the id ${service.id}` }]
    const isSamePlace = ({ host, path }: VerifiedServiceConfig) =>
      host === service.host && lower(path) === lower(service.path)
    return before.some(isSamePlace)
      ? [{ index, key: 'path', message: `another service has the path ${service.path}` }]
      : []
  })
}

const lower = (text: string): string => text.toLowerCase()
