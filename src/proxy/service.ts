// One service behind the door: where it is, how its endpoints are, its open WebSockets; and the lanes that lead to it.
// Creating it opens nothing.

import type { Etcd } from '#etcd'
import type { Identities } from '#identity'
import type { Sessions } from '#sessions'
import type { Counter, Logger } from '#telemetry'
import { type Ask, createAsk } from './ask.ts'
import { createDiscovery } from './discovery.ts'
import type { Endpoint } from './endpoint.ts'
import { createEndpointPool, type EndpointPool } from './endpoint-pool.ts'
import type { ExchangeFailure } from './exchange.ts'
import type { AnswerHeaders } from './headers.ts'
import { createLane, type Lane, type LaneDeps, type LaneOptions } from './lane.ts'
import type { Opening } from './live-tunnels.ts'
import { judgeOpening, type Successor } from './retirement.ts'
import { watchServiceClock } from './service-clock.ts'
import type { ServiceConfig } from './service-config.ts'
import { createTunnels } from './tunnels.ts'

/** What features have of one. */
export interface Service {
  readonly id: string
  /** A way to it for requests of people. Made in `create`, like the service itself. */
  lane(options: LaneOptions): Lane
  /**
   * One request of the gateway's own, to an endpoint of the service; what could not be delivered goes to another one.
   * Resolves with any answer, redirects included.
   *
   * @throws what `upstreamErrors` lists
   */
  readonly ask: Ask
  /** Those that requests may go to now. */
  endpoints(): readonly EndpointState[]
}

export interface EndpointState {
  /** `manager:8081`, `unix:/run/manager.sock`. */
  readonly label: string
  /** Whether requests go there as long as there is a choice. */
  readonly isHealthy: boolean
}

/** With what the proxy itself does with it. */
export interface OwnService extends Service, Successor {
  readonly pool: EndpointPool
  /** By how much an endpoint's clock is ahead of ours; undefined until it has said, or where nothing depends on it. */
  clockAheadMs(endpoint: Endpoint): number | undefined
  /** How many WebSockets are open. */
  tunnels(): number
  /** Resolves when its endpoints are known, as far as they are announced. */
  start(): Promise<void>
  /** Another one takes its place, or none. Resolves when no WebSocket is open that began here. */
  retire(next: Successor | undefined): Promise<void>
  drain(deadline: AbortSignal): Promise<void>
  stop(): Promise<void>
}

export interface ServiceOptions {
  /** Names it in logs, metrics and messages. */
  readonly id: string
  readonly config: ServiceConfig
}

/** What services tell while they work. */
export interface ServiceReports {
  /** Told of each request of somebody's that it failed, whether or not that could be answered. */
  readonly onFailure: (upstream: string, failure: ExchangeFailure) => void
  /** The same for a request of our own. */
  readonly onAskFailure: (upstream: string, error: Error) => void
  /** Told of each request that is sent once more. */
  readonly onRepeat: (upstream: string) => void
  /** By `upstream`, `endpoint` and `code`. */
  readonly endpointFailures: Counter
}

export interface ServiceDeps extends LaneDeps {
  readonly identity: LaneDeps['identity'] & Pick<Identities, 'keepLogin'>
  readonly sessions: LaneDeps['sessions'] & Pick<Sessions, 'watch' | 'holder'>
  readonly telemetry: { readonly log: Logger }
  readonly etcd: Etcd
  readonly reports: ServiceReports
}

export function createService({ id, config }: ServiceOptions, deps: ServiceDeps): OwnService {
  const { clock, reports } = deps
  const { log } = deps.telemetry
  const pool = createEndpointPool({ upstream: id, config, clock, log, failures: reports.endpointFailures })
  const discovery = createDiscovery({ upstream: id, config, pool, etcd: deps.etcd, log })
  const onRepeat = () => reports.onRepeat(id)
  const onFailure = (failure: ExchangeFailure) => reports.onFailure(id, failure)
  const tunnels = createTunnels({ ...deps, upstream: id, pool, config, onRepeat })
  const ask = createAsk({
    upstream: id,
    pool,
    clock,
    limitMs: config.timeouts.firstByte,
    onFailure: (error) => reports.onAskFailure(id, error),
    onRepeat,
  })
  const lanes = new Map<string, Required<Pick<LaneOptions, 'admits'>>>()
  let clockWatch: ReturnType<typeof watchServiceClock> | undefined
  let strictestMs = Number.POSITIVE_INFINITY

  const watchClock = (leewayMs: number) => {
    if (leewayMs < strictestMs) {
      strictestMs = leewayMs
      clockWatch = watchServiceClock({ upstream: id, clock, leewayMs, log })
    }
    return (endpoint: Endpoint, headers: AnswerHeaders) => clockWatch?.heard(endpoint, headers)
  }

  return Object.freeze({
    id,
    lane(options: LaneOptions) {
      const { prefix, host, sign, admits = () => true } = options
      // As long as this is the same, a WebSocket that is open stays right.
      const laneKey = JSON.stringify([prefix, host, config.to, config.discover, sign])
      lanes.set(laneKey, { admits })
      const { bodyBytes, timeouts } = config
      const end = { upstream: id, pool, tunnels, laneKey, watchClock, bodyBytes, timeouts }
      return createLane(options, { ...end, onFailure, onRepeat }, deps)
    },
    ask,
    endpoints: () =>
      pool.endpoints.map((endpoint) => ({
        label: endpoint.url.label,
        isHealthy: pool.isUp(endpoint) && !pool.isEjected(endpoint),
      })),
    pool,
    clockAheadMs: (endpoint: Endpoint) => clockWatch?.aheadMs(endpoint),
    tunnels: tunnels.count,
    findLane: (key: string) => lanes.get(key),
    async start() {
      await discovery?.start()
      pool.start()
    },
    retire(next: Successor | undefined) {
      pool.rest()
      discovery?.rest()
      return tunnels.retire((opening: Opening) => judgeOpening(next, opening))
    },
    drain: tunnels.drain,
    stop() {
      discovery?.stop()
      tunnels.stop()
      return pool.close()
    },
  })
}
