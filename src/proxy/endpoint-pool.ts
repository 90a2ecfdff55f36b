// The endpoints of one upstream as a whole: chooses one for each request and WebSocket, learns from how it went, and
// says in the log and in the metrics when one is left out or comes back. Members may come and go. An upstream with one
// endpoint pays for none of it.

import type { Clock } from '#kernel'
import type { Counter, Logger } from '#telemetry'
import { type Choose, createBalancer } from './balancer.ts'
import { Endpoint } from './endpoint.ts'
import { createEndpointHealth, type HealthChange } from './endpoint-health.ts'
import type { EndpointConfig } from './endpoints-config.ts'
import { upstreamErrors } from './errors.ts'
import { createHealthChecks } from './health-check.ts'
import type { ServiceConfig } from './service-config.ts'
import { endpointFault } from './upstream-failure.ts'
import { parseUpstreamUrl } from './upstream-url.ts'

export interface EndpointPool {
  /** Those that requests may go to now. */
  readonly endpoints: readonly Endpoint[]
  /** Those that have left, and still have something to finish. */
  readonly leaving: ReadonlySet<Endpoint>
  /**
   * Makes these the endpoints, told apart by their addresses. One that is new is used at once; one that is not among them
   * gets nothing more, finishes the requests that it has, and its WebSockets are ended.
   */
  setMembers(members: readonly EndpointConfig[]): void
  /**
   * @param failed where a request has just failed: another if one is usable, else the same
   * @throws upstream.nowhere if there is none, and nothing has failed
   */
  pick(failed?: Endpoint): Endpoint
  /** @param status of the answer; 0 if there was none and it is nobody's fault */
  answered(endpoint: Endpoint, status: number): void
  /** Counts only what was the endpoint's fault. */
  failed(endpoint: Endpoint, error: Error): void
  isUp(endpoint: Endpoint): boolean
  isEjected(endpoint: Endpoint): boolean
  /** Begins to ask how they are, if that is configured. */
  start(): void
  /** Asks no more, because another pool does. */
  rest(): void
  /** Cuts what is left. */
  close(): Promise<void>
}

export interface EndpointPoolOptions {
  readonly upstream: string
  readonly config: Pick<
    ServiceConfig,
    'to' | 'balance' | 'ejection' | 'healthCheck' | 'tls' | 'timeouts' | 'connections'
  >
  readonly clock: Clock
  readonly log: Logger
  /** By `upstream`, `endpoint` and `code`. */
  readonly failures: Counter
}

export function createEndpointPool(options: EndpointPoolOptions): EndpointPool {
  const { upstream, config, clock, log, failures } = options
  let endpoints: readonly Endpoint[] = []
  let first: Endpoint | undefined
  let hasOthers = false
  const leaving = new Set<Endpoint>()
  const choose = createBalancer(config.balance)
  const health = createEndpointHealth<Endpoint>({
    ejection: config.ejection,
    thresholds: config.healthCheck ?? { failures: 1, successes: 1 },
    clock,
    onChange: (change) => report(log, upstream, change),
  })
  const checks =
    config.healthCheck === undefined
      ? undefined
      : createHealthChecks<Endpoint>({
          endpoints: () => endpoints,
          config: config.healthCheck,
          tls: config.tls,
          clock,
          onResult: health.checked,
        })

  const countFailure = (endpoint: Endpoint, code: string): void => {
    failures.add({ upstream, endpoint: endpoint.url.label, code })
    if (hasOthers) health.failed(endpoint)
  }

  const letGo = (endpoint: Endpoint): void => {
    leaving.add(endpoint)
    void endpoint.leave().finally(() => leaving.delete(endpoint))
  }

  const setMembers = (members: readonly EndpointConfig[]): void => {
    const before = new Map(endpoints.map((endpoint) => [endpoint.url.label, endpoint]))
    endpoints = members.map((member) => {
      const present = before.get(parseUpstreamUrl(member.url).label)
      if (present === undefined) return new Endpoint(member, { upstream, config, clock })
      present.weight = member.weight
      return present
    })
    first = endpoints[0]
    hasOthers = endpoints.length > 1
    health.setEndpoints(endpoints)
    checks?.checkNow(endpoints.filter(({ url }) => !before.has(url.label)))
    for (const endpoint of before.values()) if (!endpoints.includes(endpoint)) letGo(endpoint)
  }
  setMembers(config.to)

  return Object.freeze({
    get endpoints() {
      return endpoints
    },
    leaving,
    setMembers,
    pick(failed?: Endpoint) {
      if (first === undefined) {
        if (failed !== undefined) return failed
        throw upstreamErrors.nowhere({ upstream })
      }
      if (!hasOthers) return first
      const usable = failed === undefined ? health.usable() : health.usable().filter((each) => each !== failed)
      if (usable.length > 0) return chooseRoomy(choose, usable)
      return failed?.hasLeft === false ? failed : first
    },
    answered(endpoint: Endpoint, status: number) {
      if (status >= 502 && status <= 504) countFailure(endpoint, `status.${status}`)
      else if (hasOthers && status > 0) health.succeeded(endpoint)
    },
    failed(endpoint: Endpoint, error: Error) {
      const code = endpointFault(error)
      if (code !== undefined) countFailure(endpoint, code)
    },
    isUp: health.isUp,
    isEjected: health.isEjected,
    start: () => checks?.start(),
    rest: () => checks?.stop(),
    async close() {
      health.stop()
      checks?.stop()
      await Promise.all([...endpoints, ...leaving].map(({ pool }) => pool.destroy()))
    },
  })
}

/** Where one is full, the others are not made to wait with it. */
function chooseRoomy(choose: Choose, usable: readonly Endpoint[]): Endpoint {
  if (usable.every(({ hasRoom }) => hasRoom)) return choose(usable)
  const roomy = usable.filter(({ hasRoom }) => hasRoom)
  return choose(roomy.length === 0 ? usable : roomy)
}

function report(log: Logger, upstream: string, change: HealthChange<Endpoint>): void {
  const about = { upstream, endpoint: change.endpoint.url.label }
  switch (change.kind) {
    case 'ejected':
      log.warn(
        { event: 'endpoint_ejected', ...about, for_ms: change.forMs },
        'an endpoint fails and is left out for a while',
      )
      break
    case 'returned':
      log.info({ event: 'endpoint_returned', ...about }, 'an endpoint that was left out is tried again')
      break
    case 'down':
      log.warn({ event: 'endpoint_down', ...about }, 'an endpoint fails its health checks')
      break
    case 'up':
      log.info({ event: 'endpoint_up', ...about }, 'an endpoint passes its health checks again')
      break
  }
}
