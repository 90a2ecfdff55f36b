// The composition: the only place that sees everything. Builds the parts from a checked configuration, hangs them on
// the front door, and runs the life cycle: start all, listen, serve, drain, stop in reverse.

import { createHostEntry, createPolicyStep, createRefusalRecorder, createRequireIdentityStep } from '#access'
import type { ConfigWarning } from '#config'
import {
  type AppHosts,
  createAnswerWriter,
  createAppHosts,
  createCanonicalTargetStep,
  createClientReader,
  createConnectionLimits,
  createCorsStep,
  createCrossSiteStep,
  createDocsRoutes,
  createEdge,
  createHealthRoutes,
  createOpenApi,
  createOwnRoutes,
  createPages,
  createPublicUrl,
  createRateLimits,
  createSecurityHeaders,
  createTrustCheck,
  createTrustedProxyStep,
  type Edge,
  type HttpPart,
  type Pages,
  type PublicUrl,
  peerOf,
  type Route,
  requestIdStep,
} from '#http'
import { createRenewLoginStep } from '#identity'
import { type Clock, createLifecycle, orderByRequirement, sleep, systemClock } from '#kernel'
import { createEndWithSessionStep, createLoadSessionStep } from '#sessions'
import { createTelemetry, type LogSink } from '#telemetry'
import { errorCatalogue } from './error-catalogue.ts'
import { type Apis, type BaseDeps, type GatewayConfig, modules } from './modules.ts'
import { createPipeline } from './pipeline.ts'
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
}

export interface Gateway {
  /** Resolves once requests are answered. @throws whatever kept a part from starting; then nothing is left open. */
  start(): Promise<RunningGateway>
  /** Readiness turns 503, requests finish, tunnels close with a code, everything stops. Safe to call twice. */
  stop(): Promise<void>
  /** The public faces of the parts, for commands and tests. */
  readonly apis: Apis
  /** What would answer a request, for `gatehouse explain`. */
  readonly find: Edge['find']
  readonly hosts: AppHosts
  /** All that hangs on the door: what decides about them must miss none. */
  readonly routes: Edge['routes']
  readonly mounts: Edge['mounts']
  readonly publicUrl: PublicUrl
  /** Opens the stores only, for commands that work beside a running gateway. `stop` closes them. */
  openStores(): Promise<void>
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
  const { config, clock = systemClock } = options
  const { server } = config
  const telemetry = createTelemetry(config.telemetry, clock, { sink: options.logSink })
  const { log } = telemetry
  const publicUrl = createPublicUrl(server.url)
  const isTrusted = createTrustCheck(server.trustedProxies)
  const hosts = createAppHosts(server.hosts)
  const deps: BaseDeps = {
    clock,
    telemetry,
    publicUrl,
    hosts,
    plainCookie: server.dangerouslyPlainCookie,
    loginLimits: server.limits.logins,
  }
  const { parts, apis } = createParts(config, deps)
  const state = { isDraining: false, isServing: false }
  const stores = parts.find(({ id }) => id === 'storage')?.part
  const pages = createPages({
    branding: server.branding,
    folders: [new URL('./http/templates/', import.meta.url), ...parts.flatMap(({ part }) => part.templates ?? [])],
    pathTo: publicUrl.pathTo,
    urlTo: publicUrl.urlTo,
    viewer: (ctx) => apis.access.principal(ctx),
  })
  const edge = createFrontDoor({ config, deps, parts, apis, pages, isDraining: () => state.isDraining })
  const lifecycle = createLifecycle(parts, (id, error) => {
    log.error({ event: 'part_failed', part: id, err: error }, `${id} failed while stopping`)
  })
  let stopTasks = async (): Promise<void> => {}
  let stopping: Promise<void> | undefined

  const start = async (): Promise<RunningGateway> => {
    try {
      await telemetry.start()
      await pages.start()
      await lifecycle.start()
      const { urls } = await edge.open({
        addresses: server.listen,
        tls: server.tls,
        systemdDescriptors: options.systemdDescriptors ?? [],
        headBytes: server.limits.headBytes,
        headTimeoutMs: server.limits.headTime,
        keepAliveMs: server.limits.keepAlive,
        connections: createConnectionLimits({
          max: server.limits.connections,
          maxPerAddress: server.limits.connectionsPerAddress,
          isTrustedProxy: (socket) => isTrusted(peerOf(socket)),
          metrics: telemetry.metrics,
        }),
      })
      publicUrl.settle(reachableUrl(urls))
      stopTasks = startTasks(
        parts.flatMap(({ part }) => part.tasks ?? []),
        clock,
        log,
      )
      const ready = {
        event: 'ready',
        listening: urls,
        url: publicUrl.href,
        base_path: publicUrl.basePath,
        version: VERSION,
      }
      state.isServing = true
      for (const { message } of options.warnings ?? []) log.warn({ event: 'config_warning' }, message)
      log.info(ready, `ready at ${publicUrl.href}`)
      return { url: publicUrl.href, listening: urls, metricsUrl: telemetry.metricsUrl }
    } catch (error) {
      await lifecycle.stop()
      await telemetry.stop()
      throw error
    }
  }

  const closeStores = async (): Promise<void> => stores?.stop?.()

  const shutDown = async (): Promise<void> => {
    state.isDraining = true
    log.info({ event: 'stopping', in_flight: edge.inFlight() }, 'stopping: no new work is taken')
    if (server.shutdown.delay > 0) await sleep(clock, server.shutdown.delay)
    const deadline = AbortSignal.timeout(server.shutdown.drain)
    await Promise.all([edge.close(deadline), lifecycle.drain(deadline)])
    await stopTasks()
    await lifecycle.stop()
    log.info({ event: 'stopped' }, 'stopped')
    await telemetry.stop()
  }

  return Object.freeze({
    apis,
    publicUrl,
    find: edge.find,
    hosts,
    routes: edge.routes,
    mounts: edge.mounts,
    openStores: async () => stores?.start?.(),
    start,
    stop: () => {
      stopping ??= state.isServing ? shutDown() : closeStores()
      return stopping
    },
  })
}

interface NamedHttpPart {
  readonly id: string
  readonly part: HttpPart<unknown>
}

/** Creates every module in order of dependency; `modules.ts` has proved that each finds what it needs. */
function createParts(config: GatewayConfig, base: BaseDeps): { parts: readonly NamedHttpPart[]; apis: Apis } {
  const apis: Record<string, unknown> = {}
  const parts: NamedHttpPart[] = []
  const slices: Readonly<Record<string, unknown>> = config
  for (const module of orderByRequirement<(typeof modules)[number]>(modules)) {
    const create = module.create as (deps: unknown, slice: unknown) => HttpPart<unknown>
    const part = create({ ...base, ...apis }, slices[module.configKey])
    apis[module.id] = part.api
    parts.push({ id: module.id, part })
  }
  return { parts, apis: apis as Apis }
}

interface FrontDoorOptions {
  readonly config: GatewayConfig
  readonly deps: BaseDeps
  readonly parts: readonly NamedHttpPart[]
  readonly apis: Apis
  readonly pages: Pages
  readonly isDraining: () => boolean
}

function createFrontDoor({ config: { server }, deps, parts, apis, pages, isDraining }: FrontDoorOptions): Edge {
  const { clock, telemetry, publicUrl, hosts } = deps
  const mounts = parts.flatMap(({ part }) => part.mounts ?? [])
  const health = createHealthRoutes({
    isDraining,
    sources: () => parts.flatMap(({ id, part }) => (part.health === undefined ? [] : [{ id, check: part.health }])),
  })
  const recordRefusal = createRefusalRecorder({ clock, audit: apis.storage.audit })
  const hostEntry = createHostEntry({
    hosts,
    publicUrl,
    sessions: apis.sessions,
    recordRefusal,
    find: (host, path) => edge.find('GET', path, host).mount,
  })
  const routes = [
    ...health,
    ...createOwnRoutes(pages, mounts, { hosts, pathTo: publicUrl.pathTo }),
    ...(hosts.all.length === 0 ? [] : hostEntry.routes),
    ...parts.flatMap(({ part }) => part.routes ?? []),
  ]
  const readClient = createClientReader(createTrustCheck(server.trustedProxies))
  const { addressLimit, userLimit } = createRateLimits({
    rates: server.limits.rates,
    mounts,
    clock,
    keyValue: apis.storage.keyValue,
    metrics: telemetry.metrics,
  })
  const recordRequest = createRequestRecorder(telemetry)
  const edge: Edge = createEdge({
    clock,
    log: telemetry.log,
    publicUrl,
    hosts,
    hostRoutes: hostEntry.hostRoutes,
    mounts,
    routes: withReference(routes, publicUrl),
    bodyBytes: server.limits.bodyBytes,
    bodyTimeMs: server.limits.bodyTime,
    writer: createAnswerWriter({
      pages,
      pathTo: publicUrl.pathTo,
      urlTo: publicUrl.urlTo,
      securityHeaders: createSecurityHeaders({
        isHttps: server.url?.startsWith('https:') ?? server.tls !== undefined,
        frameAncestors: server.frameAncestors,
      }),
    }),
    onFinished: (request) => {
      apis.sessions.openRequests.finish(request.ctx)
      recordRequest(request)
    },
    pipeline: createPipeline({
      requestId: requestIdStep,
      trustedProxy: createTrustedProxyStep(readClient),
      addressLimit,
      canonicalTarget: createCanonicalTargetStep(publicUrl, hosts),
      cors: createCorsStep({ ...server.cors, maxAgeMs: server.cors.maxAge }),
      loadSession: createLoadSessionStep(apis.sessions),
      crossSite: createCrossSiteStep({
        ownOrigin: () => publicUrl.origin,
        allowedOrigins: server.cors.credentials ? server.cors.origins : [],
        hasSiblings: hosts.all.length > 0,
      }),
      renewLogin: createRenewLoginStep(apis.identity, apis.sessions),
      requireIdentity: createRequireIdentityStep(apis.access, hostEntry.leave),
      policy: createPolicyStep(apis.access, recordRefusal),
      userLimit,
      endWithSession: createEndWithSessionStep(apis.sessions),
    }),
  })
  return edge
}

function withReference(routes: readonly Route[], publicUrl: PublicUrl): readonly Route[] {
  const all = [...routes]
  // Made when asked for, so that it lists itself too.
  all.push(...createDocsRoutes(() => createOpenApi(all, publicUrl.basePath, VERSION), errorCatalogue))
  return all
}

/** Without `server.url`: the first TCP address, by a name that a browser on this machine can open. */
const reachableUrl = (urls: readonly string[]): string =>
  (urls.find((url) => url.startsWith('http')) ?? 'http://localhost')
    .replace('//0.0.0.0:', '//127.0.0.1:')
    .replace('//[::]:', '//[::1]:')
