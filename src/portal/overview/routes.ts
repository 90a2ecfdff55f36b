// What administrators see of the whole: requests and logins over time, and the services behind the door.

import { z } from 'zod'
import { defineRoute, json, type Route } from '#http'
import type { Clock } from '#kernel'
import type { ProxyApi } from '#proxy'
import { addTraffic, durationQuantileMs, noTraffic, type Traffic } from './traffic.ts'
import { MINUTE_MS } from './traffic-recorder.ts'
import type { TrafficStore } from './traffic-store.ts'

export interface OverviewRoutesDeps {
  readonly clock: Clock
  readonly store: TrafficStore
  readonly proxy: Pick<ProxyApi, 'services'>
  /** Where people open a service; undefined if nothing is there for them. */
  readonly hrefOf: (serviceId: string) => string | undefined
}

const pointSchema = z.object({
  at: z.iso.datetime().describe('Its beginning.'),
  requests: z.number().int().optional().describe('This and what follows: absent where no node kept any numbers.'),
  refused: z.number().int().optional().describe('Answered 4xx.'),
  failed: z.number().int().optional().describe('Answered 5xx.'),
  medianMs: z.number().optional().describe('Absent where nothing was asked, too.'),
  p95Ms: z.number().optional(),
  logins: z.number().int().optional(),
  loginsRefused: z.number().int().optional(),
})

const overviewSchema = z.object({
  stepSeconds: z.number().int().describe('How long each point lasts.'),
  points: z.array(pointSchema).describe('The oldest first, without a gap. The last one is not over yet.'),
})

const serviceSchema = z.object({
  id: z.string(),
  href: z.string().optional().describe('Where it answers: a path, or a whole address on a host of its own.'),
  tunnels: z.number().int().describe('Open WebSockets, through the process that answers.'),
  endpoints: z.array(z.object({ label: z.string(), isHealthy: z.boolean() })),
})

/** As many points as a chart can show. */
const POINTS = 60

export const createOverviewRoutes = ({ clock, store, proxy, hrefOf }: OverviewRoutesDeps): readonly Route[] => [
  defineRoute({
    method: 'GET',
    path: '/api/v1/admin/overview',
    routeClass: 'api',
    access: 'admin',
    summary: 'Requests, how long they took, and logins over the last hours, of all nodes together.',
    query: z.object({ hours: z.coerce.number().int().min(1).max(24).default(1) }),
    output: { 200: overviewSchema },
    handle: async (_ctx, { query: { hours } }) => {
      const stepMs = (hours * 60 * MINUTE_MS) / POINTS
      const last = Math.floor(clock.now() / stepMs) * stepMs
      const from = last - (POINTS - 1) * stepMs
      const sums = new Map<number, Traffic>()
      for (const { minute, traffic } of await store.since(from)) {
        const at = Math.floor(minute / stepMs) * stepMs
        sums.set(at, addTraffic(sums.get(at) ?? noTraffic, traffic))
      }
      const points = Array.from({ length: POINTS }, (_, index) => {
        const at = from + index * stepMs
        return { at: new Date(at).toISOString(), ...toNumbers(sums.get(at)) }
      })
      return json({ stepSeconds: stepMs / 1000, points })
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/admin/upstreams',
    routeClass: 'api',
    access: 'admin',
    summary:
      'The services behind the door: where requests go, and what is well there, as the node that answers sees it.',
    output: { 200: z.object({ upstreams: z.array(serviceSchema) }) },
    handle: () => {
      const upstreams = proxy.services().map((service) => {
        const href = hrefOf(service.id)
        return { ...service, ...(href !== undefined && { href }) }
      })
      return json({ upstreams })
    },
  }),
]

function toNumbers(traffic: Traffic | undefined): Omit<z.infer<typeof pointSchema>, 'at'> {
  if (traffic === undefined) return {}
  const { durations, ...counts } = traffic
  const [medianMs, p95Ms] = [0.5, 0.95].map((share) => durationQuantileMs(durations, share))
  return { ...counts, ...(medianMs !== undefined && { medianMs }), ...(p95Ms !== undefined && { p95Ms }) }
}
