// The composition: the only place that sees everything. Builds the parts from a checked configuration, hangs them on
// the front door, and runs the life cycle: start all, listen, serve, reload, drain, stop in reverse.

import { type ConfigWarning, untilRestart } from '#config'
import {
  type AppHosts,
  createAppHosts,
  createConnectionLimits,
  createEdge,
  createPublicUrl,
  type Door,
  type PublicUrl,
  peerOf,
} from '#http'
import { type Clock, createLifecycle, sleep, systemClock } from '#kernel'
import { createTelemetry, type LogSink, type Telemetry } from '#telemetry'
import { createGeneration, createParts, type Generation, type LastingDeps, type Parts } from './generation.ts'
import { type Apis, configSchema, type GatewayConfig, lastingModules } from './modules.ts'
import { createRequestRecorder } from './request-recorder.ts'
import { startTasks } from './tasks.ts'
import { VERSION } from './version.ts'

export interface GatewayOptions {
  readonly config: GatewayConfig
  readonly clock?: Clock
  /** Where log lines go instead of standard output; tests read them as structures. */
  readonly logSink?: LogSink
  /** Sockets that systemd passed, by file descriptor. */
  readonly systemdDescriptors?: readonly number[]
  /** What the configuration weakens: logged at every start. */
  readonly warnings?: readonly ConfigWarning[]
  /** Given in one of several processes on the same addresses, whose supervisor collects the metrics. */
  readonly worker?: { readonly number: number; readonly isFirst: boolean }
}

export interface Gateway {
  /** Resolves once requests are answered. @throws whatever kept a part from starting; then nothing is left open. */
  start(): Promise<RunningGateway>
  /**
   * Makes everything that a changed configuration can change anew, beside what answers now.
   * What needs a restart stays as it is. @throws whatever kept a part from starting; then nothing has changed.
   */
  prepare(config: GatewayConfig): Promise<PreparedReload>
  /** Readiness turns 503, requests finish, tunnels close with a code, everything stops. Safe to call twice. */
  stop(options?: StopOptions): Promise<void>
  /** The public faces of the parts, for commands and tests. */
  readonly apis: Apis
  /** What would answer a request, for `gatehouse explain`. */
  readonly find: Door['find']
  /** All that hangs on the door: what decides about them must miss none. */
  readonly routes: Door['routes']
  readonly mounts: Door['mounts']
  readonly publicUrl: PublicUrl
  readonly hosts: AppHosts
  readonly telemetry: Pick<Telemetry, 'log' | 'metrics' | 'readMetrics'>
  /** Opens the stores only, for commands that work beside a running gateway. `stop` closes them. */
  openStores(): Promise<void>
}

/** Either of the two, once. */
export interface PreparedReload {
  /** From now on requests are answered by it; those under way finish where they began. */
  commit(): void
  discard(): Promise<void>
}

export interface StopOptions {
  /** Another process goes on at the same address: readiness stays as it is, and nobody is waited for to notice. */
  readonly isReplaced?: boolean
}

export interface RunningGateway {
  /** What people open. */
  readonly url: string
  /** The listening sockets. */
  readonly listening: readonly string[]
  /** Where metrics are scraped; undefined if switched off. */
  readonly metricsUrl: string | undefined
}

/** Builds a gateway without any I/O. */
export function createGateway(options: GatewayOptions): Gateway {
  const { config, clock = systemClock, worker } = options
  const telemetry = createTelemetry(config.telemetry, clock, {
    sink: options.logSink,
    ...(worker && { offersMetrics: false, sharesOutput: true, fields: { worker: worker.number } }),
  })
  const { log } = telemetry
  const publicUrl = createPublicUrl(config.server.url)
  const hosts = createAppHosts(config.server.hosts)
  const deps: LastingDeps = {
    clock,
    telemetry,
    publicUrl,
    hosts,
    plainCookie: config.server.dangerouslyPlainCookie,
  }
  const lasting = createParts(config, deps, {}, (id) => lastingModules.has(id))
  const state = { isDraining: false, isServing: false }
  const stores = lasting.named.find(({ id }) => id === 'storage')?.part

  const create = (next: GatewayConfig, parts: Parts): Generation =>
    createGeneration({
      config: next,
      deps,
      lasting: parts,
      metrics: telemetry.scope(),
      isDraining: () => state.isDraining,
    })

  let present = create(config, lasting)
  const retired = new Set<Generation>()
  const lifecycle = createLifecycle(lasting.named, (id, error) => {
    log.error({ event: 'part_failed', part: id, err: error }, `${id} failed while stopping`)
  })
  const recordRequest = createRequestRecorder(telemetry)
  const edge = createEdge({
    clock,
    log,
    publicUrl,
    hosts,
    door: present.door,
    onFinished: (request) => {
      present.apis.sessions.openRequests.finish(request.ctx)
      recordRequest(request)
    },
  })
  let stopTasks = async (): Promise<void> => {}
  let stopping: Promise<void> | undefined

  const start = async (): Promise<RunningGateway> => {
    try {
      await telemetry.start()
      await lifecycle.start()
      await present.start()
      const { server } = config
      const { urls } = await edge.open({
        addresses: server.listen,
        tls: server.tls,
        systemdDescriptors: options.systemdDescriptors ?? [],
        mayFindOthers: worker?.isFirst === false,
        headBytes: server.limits.headBytes,
        headTimeoutMs: server.limits.headTime,
        keepAliveMs: server.limits.keepAlive,
        connections: createConnectionLimits({
          max: server.limits.connections,
          maxPerAddress: server.limits.connectionsPerAddress,
          isTrustedProxy: (socket) => present.trusts(peerOf(socket)),
          metrics: telemetry.metrics,
        }),
      })
      publicUrl.settle(reachableUrl(urls))
      stopTasks = startTasks(
        lasting.named.flatMap(({ part }) => part.tasks ?? []),
        clock,
        log,
      )
      present.startTasks()
      const ready = {
        event: worker === undefined ? 'ready' : 'worker_ready',
        listening: urls,
        url: publicUrl.href,
        base_path: publicUrl.basePath,
        version: VERSION,
        metrics: telemetry.metricsUrl,
        ...(worker === undefined && { metrics: telemetry.metricsUrl }),
      }
      state.isServing = true
      for (const { message } of options.warnings ?? []) log.warn({ event: 'config_warning' }, message)
      log.info(ready, `ready at ${publicUrl.href}`)
      return { url: publicUrl.href, listening: urls, metricsUrl: telemetry.metricsUrl }
    } catch (error) {
      await present.stop()
      await lifecycle.stop()
      await telemetry.stop()
      throw error
    }
  }

  /** Stops what a reload has replaced, once nothing of it is open; until then each further reload looks at it again. */
  const retire = (before: Generation, whenEmpty: Promise<void>): void => {
    retired.add(before)
    const stopWhenDone = async (): Promise<void> => {
      await Promise.all([whenEmpty, before.retire(present)])
      // A request that was under way may have opened something after the first look.
      await before.retire(present)
      if (!retired.delete(before)) return
      await before.stop()
    }
    stopWhenDone().catch((err: unknown) => {
      log.error({ event: 'retire_failed', err }, 'what a reload has replaced could not be stopped')
    })
  }

  const prepare = async (wanted: GatewayConfig): Promise<PreparedReload> => {
    const possible = untilRestart(configSchema, present.config, wanted)
    const next = create(possible, withoutMigrations(lasting))
    await next.start()
    return {
      commit() {
        const before = present
        present = next
        const whenEmpty = edge.replaceDoor(next.door)
        if (possible.server.tls !== undefined) edge.renewCertificate(possible.server.tls)
        next.startTasks()
        for (const earlier of retired) void earlier.retire(next)
        retire(before, whenEmpty)
      },
      discard: next.stop,
    }
  }

  const closeStores = async (): Promise<void> => stores?.stop?.()

  const shutDown = async ({ isReplaced = false }: StopOptions): Promise<void> => {
    const { delay, drain } = present.config.server.shutdown
    state.isDraining = !isReplaced
    log.info({ event: 'stopping', in_flight: edge.inFlight() }, 'stopping: no new work is taken')
    if (delay > 0 && !isReplaced) await sleep(clock, delay)
    const deadline = AbortSignal.timeout(drain)
    const generations = [present, ...retired]
    await Promise.all([
      edge.close({ deadline, idleMs: Math.min(LONGEST_IDLE_MS, drain / 30) }),
      lifecycle.drain(deadline),
      ...generations.map((each) => each.drain(deadline)),
    ])
    await stopTasks()
    retired.clear()
    for (const generation of generations) await generation.stop()
    await lifecycle.stop()
    log.info({ event: 'stopped' }, 'stopped')
    await telemetry.stop()
  }

  return Object.freeze({
    get apis() {
      return present.apis
    },
    get routes() {
      return present.door.routes
    },
    get mounts() {
      return present.door.mounts
    },
    find: (...args: Parameters<Door['find']>) => present.door.find(...args),
    publicUrl,
    hosts,
    telemetry,
    openStores: async () => stores?.start?.(),
    start,
    prepare,
    stop: (how: StopOptions = {}) => {
      stopping ??= state.isServing ? shutDown(how) : closeStores()
      return stopping
    },
  })
}

/** How long an idle connection is kept at a stop, in case that its next request is on its way. */
const LONGEST_IDLE_MS = 1000

/** What the parts declare was run at the start; the program, and so what they declare, is still the same. */
function withoutMigrations({ named, apis }: Parts): Parts {
  return { named, apis: { ...apis, storage: { ...(apis as Apis).storage, addMigrations: () => {} } } }
}

/** Without `server.url`: the first TCP address, by a name that a browser on this machine can open. */
const reachableUrl = (urls: readonly string[]): string =>
  (urls.find((url) => url.startsWith('http')) ?? 'http://localhost')
    .replace('//0.0.0.0:', '//127.0.0.1:')
    .replace('//[::]:', '//[::1]:')
