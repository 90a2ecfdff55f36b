// The single addresses at the root (§1.8, §9.1): statistics and health, and what the Web UI is told.

import { z } from 'zod'
import { type Answer, defineRoute, json, type RequestContext, type Route } from '#http'
import type { HandlerCounts } from '../handler-counts.ts'
import type { Profile } from '../profile.ts'
import { type ToldConfig, toConfigIni, toConfigToml } from './config-text.ts'
import { type Connectivity, type ConnectivityReport, connectivitySchema } from './connectivity.ts'

export interface StatusRoutesDeps {
  readonly counts: HandlerCounts
  readonly connectivity: Connectivity
  readonly profile: Pick<Profile, 'probes'>
}

export function createStatusRoutes({ counts, connectivity, profile }: StatusRoutesDeps): readonly Route[] {
  const stats = publicRoute('/stats', async ({ target }) => toStats(target.query, counts.read()), {
    200: z.record(z.string(), z.number()),
  })
  const ask = (check: () => Promise<ConnectivityReport>) => counts.during('healthcheck', check)
  const health = publicRoute(
    '/health',
    async () => {
      const { isHealthy, body } = await ask(connectivity.all)
      // 200 even then: it is for people and dashboards.
      return json({ status: isHealthy ? 'ok' : 'degraded', ...body })
    },
    { 200: connectivitySchema },
  )
  const livez = publicRoute(
    '/livez',
    async () => {
      const { isHealthy, body } = await ask(connectivity.ownStore)
      return json({ status: isHealthy ? 'ok' : 'error', ...body }, isHealthy ? 200 : 503)
    },
    { 200: connectivitySchema, 503: connectivitySchema },
  )
  return profile.probes ? [stats, health, livez] : [stats, health]
}

export const createConfigRoutes = (config: ToldConfig, apiEndpoint: () => string): readonly Route[] => [
  publicRoute('/config.toml', async () => text(200, toConfigToml(config, apiEndpoint()))),
  publicRoute('/config.ini', async () => text(200, toConfigIni(config, apiEndpoint()))),
]

type Output = NonNullable<Route['output']>

const publicRoute = (path: string, handle: (ctx: RequestContext) => Promise<Answer>, output: Output = {}): Route =>
  defineRoute({ method: 'GET', path, routeClass: 'public', access: 'public', output, handle })

function toStats(query: string, numbers: ReturnType<HandlerCounts['read']>): Answer {
  const format = new URLSearchParams(query).get('format') ?? 'text'
  if (format === 'json') return json(numbers)
  if (format !== 'text') return text(400, `Invalid format: ${format.slice(0, 100)}`)
  const lines = Object.entries(numbers).map(([name, count]) => `${name}: ${count}`)
  return text(200, lines.join('\n'))
}

const text = (status: number, body: string): Answer => ({
  kind: 'bytes',
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
})
