// Everything that is made of one configuration and replaced as a whole by a reload: the parts of all modules that do not
// last, their door, their tasks. `gateway.ts` makes the first at the start and one more for each reload.

import {
  createBearerTokenStep,
  createExplain,
  createExplainRoute,
  createHostEntry,
  createPolicyStep,
  createRefusalRecorder,
  createRequireIdentityStep,
} from '#access'
import {
  createAnswerWriter,
  createCanonicalTargetStep,
  createClientReader,
  createCorsStep,
  createCrossSiteStep,
  createDocsRoutes,
  createDoor,
  createHealthRoutes,
  createOpenApi,
  createOwnRoutes,
  createPages,
  createRateLimits,
  createSecurityHeaders,
  createTrustCheck,
  createTrustedProxyStep,
  type Door,
  type HttpPart,
  type Pages,
  type PublicUrl,
  type Route,
  requestIdStep,
  type TrustCheck,
} from '#http'
import { createRenewLoginStep } from '#identity'
import { createLifecycle, orderByRequirement } from '#kernel'
import { createEndWithSessionStep, createLoadSessionStep } from '#sessions'
import type { MetricsScope } from '#telemetry'
import { errorCatalogue } from './error-catalogue.ts'
import { type Apis, type BaseDeps, type GatewayConfig, lastingModules, modules } from './modules.ts'
import { createPipeline } from './pipeline.ts'
import { startTasks } from './tasks.ts'
import { VERSION } from './version.ts'

/** Parts with their public faces, in order of dependency. */
export interface Parts {
  readonly named: readonly { readonly id: string; readonly part: HttpPart<unknown> }[]
  readonly apis: Readonly<Record<string, unknown>>
}

/** What modules get that does not depend on the rest of the configuration. */
export type LastingDeps = Omit<BaseDeps, 'loginLimits'>

export interface Generation {
  readonly config: GatewayConfig
  readonly apis: Apis
  readonly door: Door
  /** Whether what this peer says about others is believed. */
  readonly trusts: TrustCheck
  /** Starts the parts. @throws whatever kept one of them; then nothing is left open. */
  start(): Promise<void>
  /** Begins the recurring work; once this one answers. */
  startTasks(): void
  /** Another one answers now. Resolves when nothing is open any more that began here. May be called for each that comes. */
  retire(next: Generation): Promise<void>
  drain(deadline: AbortSignal): Promise<void>
  stop(): Promise<void>
}

export interface GenerationOptions {
  readonly config: GatewayConfig
  readonly deps: LastingDeps
  /** What stays from one to the next. */
  readonly lasting: Parts
  readonly metrics: MetricsScope
  readonly isDraining: () => boolean
}

/** Creates the parts of these modules, in order of dependency; `modules.ts` has proved that each finds what it needs. */
export function createParts(
  config: GatewayConfig,
  base: LastingDeps,
  known: Parts['apis'],
  isMeant: (id: string) => boolean,
): Parts {
  const apis: Record<string, unknown> = { ...known }
  const deps: BaseDeps = { ...base, loginLimits: config.server.limits.logins }
  const named: { readonly id: string; readonly part: HttpPart<unknown> }[] = []
  const slices: Readonly<Record<string, unknown>> = config
  try {
    for (const module of orderByRequirement<(typeof modules)[number]>(modules)) {
      if (!isMeant(module.id)) continue
      const create = module.create as (deps: unknown, slice: unknown) => HttpPart<unknown>
      const part = create({ ...deps, ...apis }, slices[module.configKey])
      apis[module.id] = part.api
      named.push({ id: module.id, part })
    }
    return { named, apis }
  } catch (error) {
    abandon(named)
    throw error
  }
}

/** What was created may have set timers. */
function abandon(named: Parts['named']): void {
  for (const { part } of named) void part.stop?.().catch(() => {})
}

/** No I/O. @throws what kept a part from being made; then nothing is left of the others. */
export function createGeneration(options: GenerationOptions): Generation {
  try {
    return assemble(options)
  } catch (error) {
    options.metrics.end()
    throw error
  }
}

function assemble({ config, deps: lastingDeps, lasting, metrics, isDraining }: GenerationOptions): Generation {
  const { clock, publicUrl } = lastingDeps
  const telemetry = { ...lastingDeps.telemetry, metrics: metrics.metrics }
  const deps = { ...lastingDeps, telemetry }
  const trusts = createTrustCheck(config.server.trustedProxies)
  const own = createParts(config, deps, lasting.apis, (id) => !lastingModules.has(id))
  const all: Parts = { named: [...lasting.named, ...own.named], apis: own.apis }
  // `createParts` went through every module.
  const apis = all.apis as Apis
  const pages = createPages({
    branding: config.server.branding,
    folders: [new URL('./http/templates/', import.meta.url), ...all.named.flatMap(({ part }) => part.templates ?? [])],
    words: [new URL('./error-words.json', import.meta.url)],
    pathTo: publicUrl.pathTo,
    urlTo: publicUrl.urlTo,
    viewer: (ctx) => apis.access.principal(ctx),
    look: apis.portal.look,
    accountPages: all.named.flatMap(({ part }) => part.accountPages ?? []),
  })
  const door = makeOrAbandon(own, () => openDoor({ config, deps, trusts, parts: all, apis, pages, isDraining }))
  const lifecycle = createLifecycle(own.named, (id, error) => {
    telemetry.log.error({ event: 'part_failed', part: id, err: error }, `${id} failed while stopping`)
  })
  let stopTasks = async (): Promise<void> => {}

  const stop = async (): Promise<void> => {
    await stopTasks()
    await lifecycle.stop()
    metrics.end()
  }

  return Object.freeze({
    config,
    apis,
    door,
    trusts,
    async start() {
      try {
        await pages.start()
        await lifecycle.start()
        await door.ready()
      } catch (error) {
        await stop()
        throw error
      }
    },
    startTasks() {
      const tasks = own.named.flatMap(({ part }) => part.tasks ?? [])
      stopTasks = startTasks(tasks, clock, telemetry.log)
    },
    async retire(next: Generation) {
      const nextApis: Readonly<Record<string, unknown>> = next.apis
      await Promise.all([stopTasks(), ...own.named.map(({ id, part }) => part.retire?.(nextApis[id]))])
    },
    drain: lifecycle.drain,
    stop,
  })
}

function makeOrAbandon<Made>({ named }: Parts, make: () => Made): Made {
  try {
    return make()
  } catch (error) {
    abandon(named)
    throw error
  }
}

interface DoorParts {
  readonly config: GatewayConfig
  readonly deps: LastingDeps
  readonly trusts: TrustCheck
  readonly parts: Parts
  readonly apis: Apis
  readonly pages: Pages
  readonly isDraining: () => boolean
}

function openDoor({ config: { server }, deps, trusts, parts: { named }, apis, pages, isDraining }: DoorParts): Door {
  const { clock, telemetry, publicUrl, hosts } = deps
  const { access } = apis
  const mounts = named.flatMap(({ part }) => part.mounts ?? [])
  const health = createHealthRoutes({
    isDraining,
    sources: () => named.flatMap(({ id, part }) => (part.health === undefined ? [] : [{ id, check: part.health }])),
  })
  const recordRefusal = createRefusalRecorder({ clock, audit: apis.storage.audit })
  const hostEntry = createHostEntry({
    hosts,
    publicUrl,
    sessions: apis.sessions,
    recordRefusal,
    find: (host, path) => door.find('GET', path, host).mount,
  })
  const explain = createExplain({
    access,
    hosts,
    belowBase: publicUrl.belowBase,
    isOwnHost: publicUrl.isOwnHost,
    find: (...asked) => door.find(...asked),
  })
  const routes = [
    ...health,
    ...createOwnRoutes(pages),
    ...apis.portal.routesFor({ mounts, pages: named.flatMap(({ part }) => part.portalPages ?? []), version: VERSION }),
    ...(hosts.all.length === 0 ? [] : hostEntry.routes),
    createExplainRoute({ explain, contact: access.contact }),
    ...named.flatMap(({ part }) => part.routes ?? []),
  ]
  const readClient = createClientReader(trusts)
  const { addressLimit, userLimit } = createRateLimits({
    rates: server.limits.rates,
    mounts,
    clock,
    keyValue: apis.storage.keyValue,
    metrics: telemetry.metrics,
  })
  const door: Door = createDoor({
    clock,
    log: telemetry.log,
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
    pipeline: createPipeline({
      requestId: requestIdStep,
      trustedProxy: createTrustedProxyStep(readClient),
      addressLimit,
      canonicalTarget: createCanonicalTargetStep(publicUrl, hosts),
      cors: createCorsStep({ ...server.cors, maxAgeMs: server.cors.maxAge }),
      loadSession: createLoadSessionStep(apis.sessions),
      bearerToken: createBearerTokenStep(apis.access, apis.sessions),
      crossSite: createCrossSiteStep({
        presented: (ctx) => apis.access.token.get(ctx)?.scheme,
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
  return door
}

function withReference(routes: readonly Route[], publicUrl: PublicUrl): readonly Route[] {
  const all = [...routes]
  // Made when asked for, so that it lists itself too.
  all.push(...createDocsRoutes(() => createOpenApi(all, publicUrl.basePath, VERSION), errorCatalogue))
  return all
}
