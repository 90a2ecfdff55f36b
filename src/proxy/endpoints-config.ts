// The part of an upstream's configuration that says where its endpoints are, which of them gets a request, and when one
// is left out for a while.

import { z } from 'zod'
import { duration, httpUrl } from '#config'
import { etcdPrefix } from '#etcd'
import { parseUpstreamUrl, whyNotUnixAddress } from './upstream-url.ts'

const addressSchema = z
  .string({ error: 'an address is text such as http://manager:8081' })
  .check((context) => {
    const message = whyNotAddress(context.value)
    if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value })
  })
  .meta({ 'x-type': 'URL', examples: ['http://manager:8081', 'https://jobs.example.org/v1', 'unix:/run/jobs.sock'] })

const weightedSchema = z
  .strictObject({
    url: addressSchema.describe('Where the endpoint is.'),
    weight: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe('Its share of the requests, beside those of the other endpoints.'),
  })
  .meta({ title: 'Endpoint' })

export const endpointsSchema = z
  .union([addressSchema, z.array(z.union([addressSchema, weightedSchema])).min(1)])
  .transform((to) => [to].flat().map(toWeighted))
  .superRefine((endpoints, check) => {
    const urls = endpoints.map(({ url }) => parseUpstreamUrl(url))
    for (const [index, url] of urls.entries()) {
      const where = endpoints.length === 1 ? [] : [index]
      if (urls.findIndex(({ label }) => label === url.label) < index) {
        check.addIssue({
          code: 'custom',
          message: `${url.label} is listed twice`,
          path: where,
          params: { fix: 'give it a weight instead' },
        })
      }
      if (url.basePath !== urls[0]?.basePath) {
        const message = 'the endpoints of one upstream have the same path: they are the same service'
        check.addIssue({ code: 'custom', message, path: where, params: { fix: 'make it an upstream of its own' } })
      }
    }
  })

export const discoverySchema = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('etcd'),
        prefix: etcdPrefix()
          .describe(
            'Each key under this prefix is an endpoint: its value is an address, or a map with `url` and `weight` in YAML or JSON. Whoever may write there decides where requests go, signed.',
          )
          .meta({ examples: ['/services/manager/'] }),
      })
      .meta({ title: 'Kept in etcd' }),
  ])
  .meta({ title: 'Discovery' })

/** One endpoint as it is written in a list. */
export const endpointSchema = z.union([addressSchema, weightedSchema]).transform(toWeighted)

export const balanceSchema = z
  .enum(['round-robin', 'random', 'least-connections'])
  .default('round-robin')
  .describe('Which endpoint gets a request: each in turn, any, or the one with the fewest open. Weights count in all.')

export const ejectionSchema = z
  .strictObject({
    failures: z
      .int()
      .min(1)
      .default(5)
      .describe(
        'After so many failures in a row an endpoint gets no requests for a while. A connection that does not come about, breaks, or brings no valid answer in time is one, and so is an answer of 502, 503 or 504.',
      ),
    time: duration('10s', { min: '1ms' }).describe('For how long; twice as long each further time in a row.'),
    maxTime: duration('5m', { min: '1ms' }).describe('It is never longer than this.'),
  })
  .meta({ title: 'Ejection' })

export const healthCheckSchema = z
  .strictObject({
    path: z
      .string()
      .regex(/^\/[\x21-\x7e]*$/, { error: 'a path starts with / and has no spaces' })
      .refine((path) => !path.includes('#'), { error: 'a path here has no fragment (the part after #)' })
      .describe('What is asked with GET, exactly so: the path of `to` is not put before it. Nothing is signed.')
      .meta({ examples: ['/health/readyz'] }),
    interval: duration('10s', { min: '100ms' }).describe('How often each node asks each endpoint.'),
    timeout: duration('2s', { min: '1ms' }).describe('An answer that takes longer is a failure.'),
    failures: z.int().min(1).default(3).describe('So many failures in a row, and the endpoint gets no requests.'),
    successes: z.int().min(1).default(1).describe('So many good answers in a row, and it gets requests again.'),
    statuses: z
      .array(z.int().min(200).max(599))
      .min(1)
      .optional()
      .describe('The statuses of a good answer. Default: 200 to 299.')
      .meta({ examples: [[200, 204]] }),
  })
  .meta({ title: 'Health check' })

export interface EndpointConfig extends z.output<typeof weightedSchema> {
  /** Not by the operator, so not believed wherever its name leads. */
  readonly isAnnounced?: true
}
export type Balance = z.output<typeof balanceSchema>
export type EjectionConfig = z.output<typeof ejectionSchema>
export type HealthCheckConfig = z.output<typeof healthCheckSchema>

function toWeighted(endpoint: string | EndpointConfig): EndpointConfig {
  return typeof endpoint === 'string' ? { url: endpoint, weight: 1 } : endpoint
}

function whyNotAddress(to: string): string | undefined {
  if (to.startsWith('unix:')) return whyNotUnixAddress(to)
  const fault = httpUrl().safeParse(to).error?.issues[0]?.message
  return fault ?? (to.includes('?') ? 'the address of an upstream has no query' : undefined)
}
