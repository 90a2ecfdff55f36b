// The part of the configuration that says where a service is and how it is reached: an upstream has it, and so has each
// service that a feature brings along.

import { z } from 'zod'
import { byteSize, duration } from '#config'
import {
  balanceSchema,
  discoverySchema,
  ejectionSchema,
  endpointsSchema,
  healthCheckSchema,
} from './endpoints-config.ts'
import { upstreamTlsSchema } from './tls-config.ts'

const originSchema = z
  .string()
  .refine((origin) => URL.canParse(origin) && new URL(origin).origin === origin, {
    error: 'an origin is written as browsers do: https://host or https://host:port, in small letters',
  })
  .meta({ examples: ['https://lab.example.org'] })

const webSocketsSchema = z
  .strictObject({
    origins: z
      .array(originSchema)
      .default([])
      .describe('Origins of pages that may open WebSockets here, besides our own.'),
    maxPerSession: z.int().min(1).default(100).describe('How many a session may hold open at this upstream.'),
    maxPerUser: z
      .int()
      .min(1)
      .optional()
      .describe('How many a person may hold open here in all sessions. Default: ten times `maxPerSession`.'),
    idle: duration('1h', { min: '1s' }).describe(
      'A WebSocket ends after this long without a byte in either direction.',
    ),
  })
  .meta({ title: 'WebSockets' })

/** @param firstByte what holds where nothing is configured */
export const timeoutsSchema = (firstByte: string) =>
  z
    .strictObject({
      connect: duration('5s', { min: '1ms' }).describe('How long a connection may take to come about.'),
      firstByte: duration(firstByte, { min: '1ms' }).describe('How long the upstream may take to begin its answer.'),
      idle: duration('60s', { min: '1ms' }).describe('How long a body may pause, in either direction.'),
    })
    .prefault({})
    .describe('How patient the gateway is with this upstream.')
    .meta({ title: 'Timeouts' })

/**
 * The keys of a service, for an object schema of a feature; with `checkService` as its refinement.
 *
 * @example z.strictObject({ ...serviceShape, domain: z.string() }).superRefine(checkService)
 */
export const serviceShape = {
  to: endpointsSchema
    .optional()
    .transform((to) => to ?? [])
    .describe(
      'Where the service is: one address, or a list of endpoints that are all the same. What follows `path` in a request is appended, byte for byte, to the path here. A unix socket is written unix:/run/service.sock, or unix:/run/service.sock:/v1 with a path; its Host is localhost.',
    )
    .meta({ examples: ['http://manager:8081', ['http://manager-1:8081', 'http://manager-2:8081']] }),
  discover: discoverySchema
    .optional()
    .describe('Where more endpoints are announced, and withdrawn, while the gateway runs; beside those of `to`.'),
  balance: balanceSchema,
  ejection: ejectionSchema
    .prefault({})
    .describe('When an endpoint that fails is left out. One that is alone never is.'),
  healthCheck: healthCheckSchema.optional().describe('Asks each endpoint whether it is well. Off unless given.'),
  tls: upstreamTlsSchema.optional().describe('How https endpoints prove who they are, and the gateway to them.'),
  webSockets: webSocketsSchema.prefault({}).describe('What holds for WebSockets.'),
  timeouts: timeoutsSchema('60s'),
  connections: z
    .int()
    .min(1)
    .default(1000)
    .describe('How many requests an endpoint may be given at once; as many again wait, and the rest are refused.'),
  bodyBytes: byteSize()
    .optional()
    .describe('The longest body that a request may have. Without it there is no limit.')
    .meta({ examples: ['1GiB'] }),
}

/** As checked. */
export type ServiceConfig = z.output<z.ZodObject<typeof serviceShape>>

/** What no key of a service shows alone: that it is somewhere, and that its `tls` is of use. */
export function checkService({ to, discover, tls }: ServiceConfig, check: z.RefinementCtx): void {
  if (to.length === 0 && discover === undefined) {
    check.addIssue({ code: 'invalid_type', expected: 'string', path: ['to'], input: undefined })
  }
  if (tls !== undefined && !to.every(({ url }) => url.startsWith('https:'))) {
    check.addIssue({
      code: 'custom',
      message: 'there is no TLS on the way to an address that does not start with https://',
      path: ['tls'],
      params: { fix: 'write https:// in `to`, or remove tls' },
    })
  }
}
