// /healthz says that the process answers; /readyz that it can do its work: every part is asked, and a drain says no.

import { z } from 'zod'
import type { HealthReport } from '#kernel'
import { defineRoute, type Route } from './route.ts'

export interface HealthSource {
  readonly id: string
  readonly check: () => Promise<HealthReport>
}

export interface HealthOptions {
  readonly sources: () => readonly HealthSource[]
  readonly isDraining: () => boolean
}

const CHECK_LIMIT_MS = 1_000

const readiness = z.object({
  status: z.enum(['ready', 'not-ready', 'draining']),
  parts: z.record(z.string(), z.object({ healthy: z.boolean(), detail: z.string().optional() })),
})

export function createHealthRoutes({ sources, isDraining }: HealthOptions): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/healthz',
      routeClass: 'public',
      access: 'public',
      summary: 'Whether the process answers.',
      output: { 200: z.object({ status: z.literal('ok') }) },
      handle: () => ({ kind: 'json', status: 200, body: { status: 'ok' } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/readyz',
      routeClass: 'public',
      access: 'public',
      summary: 'Whether the gateway can do its work: its stores answer and it is not stopping.',
      output: { 200: readiness, 503: readiness },
      handle: async () => {
        const parts = Object.fromEntries(
          await Promise.all(sources().map(async ({ id, check }) => [id, await withinLimit(check)] as const)),
        )
        const isReady = Object.values(parts).every(({ healthy }) => healthy)
        const status = isDraining() ? 'draining' : isReady ? 'ready' : 'not-ready'
        return { kind: 'json', status: status === 'ready' ? 200 : 503, body: { status, parts } }
      },
    }),
  ]
}

/** A part that does not answer in time is not healthy; its error stays inside. */
async function withinLimit(check: () => Promise<HealthReport>): Promise<HealthReport> {
  const { promise: late, resolve } = Promise.withResolvers<HealthReport>()
  const limit = setTimeout(() => resolve({ healthy: false, detail: 'no answer in time' }), CHECK_LIMIT_MS)
  const answer = check().catch((): HealthReport => ({ healthy: false, detail: 'failed' }))
  const report = await Promise.race([answer, late])
  clearTimeout(limit)
  return report
}
