// What the operator sees of the services behind the door: numbers by upstream and endpoint, both from the configuration,
// so that no stranger can make more of them; and a line for an answer that was broken off.

import { GatewayError } from '#kernel'
import type { Combine, GaugeReading, Metrics } from '#telemetry'
import type { Endpoint } from './endpoint.ts'
import type { EndpointPool } from './endpoint-pool.ts'
import type { OwnService, ServiceReports } from './service.ts'

/** What services tell while they work. */
export function createServiceReports(metrics: Metrics): ServiceReports {
  const failures = metrics.counter({
    name: 'upstream_failures_total',
    help: 'Requests that an upstream failed, by the code of the error.',
    labels: ['upstream', 'code'],
  })
  const repeats = metrics.counter({
    name: 'upstream_repeats_total',
    help: 'Requests that were sent once more, to another endpoint where there is one.',
    labels: ['upstream'],
  })
  const countFailure = (upstream: string, error: Error): string => {
    const code = error instanceof GatewayError ? error.code : 'internal'
    failures.add({ upstream, code })
    return code
  }
  return {
    // One that could still be answered is logged by the edge, with its answer.
    onFailure(upstream, { ctx, error, isBrokenOff }) {
      const code = countFailure(upstream, error)
      if (!isBrokenOff) return
      ctx.log.warn(
        { event: 'answer_broken_off', upstream, code, err: error.cause ?? error },
        'an answer was broken off',
      )
    },
    onAskFailure: countFailure,
    onRepeat: (upstream) => repeats.add({ upstream }),
    endpointFailures: metrics.counter({
      name: 'upstream_endpoint_failures_total',
      help: 'Attempts that failed at an endpoint and speak against it, by the code of the error or the status.',
      labels: ['upstream', 'endpoint', 'code'],
    }),
  }
}

/**
 * What is asked of them at each scrape.
 *
 * @param isRetired whether a reload has put others in their place, which know better how the endpoints are
 */
export function measureServices(metrics: Metrics, services: readonly OwnService[], isRetired: () => boolean): void {
  metrics.gauge({ name: 'tunnels_open', help: 'Open WebSockets.', labels: ['upstream'] }, () =>
    services.map(({ id, tunnels }) => ({ labels: { upstream: id }, value: tunnels() })),
  )
  metrics.gauge(
    { name: 'upstream_requests_in_flight', help: 'Requests that an upstream has not answered.', labels: ['upstream'] },
    () =>
      services.map(({ id, pool }) => ({
        labels: { upstream: id },
        value: busyEndpoints(pool).reduce((sum, { requests }) => sum + requests, 0),
      })),
  )
  type Read = (endpoint: Endpoint, pool: EndpointPool) => number
  const readAll = (read: Read, meant = (pool: EndpointPool) => pool.endpoints): readonly GaugeReading[] =>
    services.flatMap(({ id, pool }) =>
      meant(pool).map((endpoint) => ({
        labels: { upstream: id, endpoint: endpoint.url.label },
        value: read(endpoint, pool),
      })),
    )
  const labels = ['upstream', 'endpoint']
  const byEndpoint = (name: string, help: string, read: Read): void =>
    metrics.gauge({ name: `upstream_endpoint_${name}`, help, labels }, () => readAll(read, busyEndpoints))
  /** @param combine of processes that do not agree */
  const stateOf = (name: string, help: string, combine: Combine, read: Read): void =>
    metrics.gauge({ name: `upstream_endpoint_${name}`, help, labels, combine }, () =>
      isRetired() ? [] : readAll(read),
    )
  metrics.gauge(
    {
      name: 'upstream_endpoint_clock_ahead_seconds',
      help: 'By how much the clock of an endpoint is ahead of ours; negative where it is behind.',
      labels,
      combine: 'max',
    },
    () => (isRetired() ? [] : services.flatMap(readClocks)),
  )
  byEndpoint('requests_in_flight', 'Requests that an endpoint has not answered.', ({ requests }) => requests)
  byEndpoint('tunnels_open', 'Open WebSockets at an endpoint.', ({ tunnels }) => tunnels)
  stateOf('up', '0 while its health checks fail; 1 if there are none.', 'min', (each, pool) => Number(pool.isUp(each)))
  stateOf('ejected', '1 while it is left out because requests to it failed.', 'max', (each, pool) =>
    Number(pool.isEjected(each)),
  )
}

/** Those that may have something to do. */
const busyEndpoints = ({ endpoints, leaving }: EndpointPool): readonly Endpoint[] => [...endpoints, ...leaving]

/** Of those that have said, where it matters. */
const readClocks = ({ id, pool, clockAheadMs }: OwnService): readonly GaugeReading[] =>
  pool.endpoints.flatMap((endpoint) => {
    const aheadMs = clockAheadMs(endpoint)
    const labels = { upstream: id, endpoint: endpoint.url.label }
    return aheadMs === undefined ? [] : [{ labels, value: aheadMs / 1_000 }]
  })
