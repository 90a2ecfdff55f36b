// The `telemetry` section: how much is logged and where, and where metrics can be scraped.

import { z } from 'zod'
import { listenAddress } from '#config'

const log = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('The least important events that are logged.'),
    destination: z
      .enum(['stdout', 'stderr'])
      .default('stdout')
      .describe(
        'Where log lines go, one JSON object a line. What collects the output of services takes it from there.',
      ),
  })
  .prefault({})
  .meta({ title: 'Log' })

const metrics = z
  .strictObject({
    listen: listenAddress('127.0.0.1:9090')
      .refine(({ kind }) => kind === 'tcp', { error: 'metrics have an address of their own, HOST:PORT' })
      .describe('Where Prometheus finds /metrics. Never the address that people use: whoever reaches it can read it.'),
    prefix: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/, { error: 'a prefix is lower-case letters, digits and underscores' })
      .default('gatehouse')
      .describe('What the names of our own metrics start with; `backendai` suits dashboards made for Backend.AI.')
      .meta({ examples: ['gatehouse', 'backendai'] }),
  })
  .meta({ title: 'Metrics' })

export const telemetryConfig = z
  .strictObject({
    log,
    metrics: z
      .union([metrics, z.literal(false)])
      .prefault({})
      .describe('The metrics listener; `false` switches it off.'),
  })
  .prefault({})
  .meta({ title: 'Logs and metrics' })

export type TelemetryConfig = z.output<typeof telemetryConfig>
