// The proxy behind the real edge, with everybody it depends on replaced by the few facts that a test needs: who is
// asking, and what is held for them.

import type { Access, CompiledPolicy, Principal } from '#access'
import type { Etcd } from '#etcd'
import { createAppHosts, type Mount, type PublicUrl, type RequestContext } from '#http'
import type { Identities } from '#identity'
import { type Clock, defineErrors, systemClock, type UserId } from '#kernel'
import { type ProxyApi, type ProxyDeps, proxyModule } from '#proxy'
import type { Credential, SessionEnd } from '#sessions'
import { generateRingKey, type KeyRing } from '#storage'
import type { Metrics } from '#telemetry'
import { countingMetrics } from './counting-metrics.ts'
import { silentLog } from './fake-context.ts'
import { startEdge, type TestEdge } from './start-edge.ts'

export interface ProxySettings {
  /** As in the configuration file; `allow` is everybody unless given. */
  readonly upstreams: readonly object[]
  /** A feature that stands on the proxy: makes its services, as in a module's `create`, and returns its mounts. */
  readonly feature?: (proxy: ProxyApi) => readonly Mount[]
  readonly clock?: Clock
  /** Who asks; nobody unless given. */
  readonly principal?: Principal | undefined
  /** What is held for them. */
  readonly credentials?: Readonly<Record<string, Credential>>
  /** Instead of `credentials`. */
  readonly credential?: Identities['credential']
  /** The public URL; the edge's own address unless given. */
  readonly url?: string
  readonly keyRing?: KeyRing
  readonly etcd?: Etcd
}

export interface TestProxy extends AsyncDisposable {
  readonly edge: TestEdge
  readonly url: string
  readonly port: number
  readonly part: ReturnType<typeof proxyModule.create>
  /** Ends the session of everybody who asks. */
  endSession(reason: SessionEnd): void
  /** How often a tunnel said that the person did something. */
  readonly used: () => number
  /** Counters by name and labels. */
  readonly counted: ReadonlyMap<string, number>
  /** What one of them counted, by its labels. */
  counts(name: string): Readonly<Record<string, number>>
  /** A gauge now, over all its labels. */
  reading(gauge: string): Promise<number>
  /** Resolves when a gauge reads so. */
  until(gauge: string, value: number): Promise<void>
}

const noEtcd: Etcd = {
  watch() {
    throw new Error('no etcd was given')
  },
}

export const ada: Principal = Object.freeze({
  userId: 'user-ada' as UserId,
  provider: 'sso',
  subject: '8f2c41',
  username: 'ada',
  displayName: 'Ada Lovelace',
  email: 'ada@example.org',
  groups: ['lab', 'staff'],
  isAdmin: false,
  isPending: false,
})

export const credentialErrors = defineErrors('credential', {
  missing: { status: 403, title: 'Nothing is held for you', detail: () => 'Log in there.', hint: 'Connect it.' },
})

export async function startProxy(settings: ProxySettings): Promise<TestProxy> {
  const enders = new Set<(reason: SessionEnd) => void>()
  const { counted, metrics, reading } = createMeters()
  let used = 0
  let edge: TestEdge | undefined
  const deps: ProxyDeps = {
    hosts: createAppHosts([]),
    clock: settings.clock ?? systemClock,
    telemetry: { log: silentLog, metrics },
    etcd: settings.etcd ?? noEtcd,
    storage: { keyRing: settings.keyRing ?? { keys: [generateRingKey(0)] } },
    sessions: {
      cookieNames: ['__Host-gatehouse'],
      holder: () => holderOf(settings.principal),
      watch(_ctx, ended) {
        if (settings.principal === undefined) return undefined
        enders.add(ended)
        return { used: () => void used++, stop: () => void enders.delete(ended) }
      },
    },
    identity: {
      frontHeaders: [],
      credential: settings.credential ?? credentialsIn(settings.credentials ?? {}),
      keepLogin: () => () => {},
    },
    access: createAccess(settings.principal),
    publicUrl: createUrl(() => settings.url ?? edge?.url ?? 'http://unsettled.invalid'),
  }
  const upstreams = settings.upstreams.map((upstream) => ({ path: '/api/m/', allow: ['public'], ...upstream }))
  const part = proxyModule.create(deps, proxyModule.config.parse(upstreams))
  edge = await startEdge({
    mounts: [...(part.mounts ?? []), ...(settings.feature?.(part.api) ?? [])],
    routes: part.routes ?? [],
    ...(settings.url !== undefined && { url: settings.url }),
  })
  await part.start?.()
  const { url, port } = edge
  return {
    edge,
    url,
    port,
    part,
    counted,
    counts: (name) =>
      Object.fromEntries(
        [...counted].flatMap(([key, count]) =>
          key.startsWith(`${name} `) ? [[key.slice(name.length + 1), count]] : [],
        ),
      ),
    used: () => used,
    reading,
    async until(gauge, value) {
      while ((await reading(gauge)) !== value) await new Promise((resolve) => setImmediate(resolve))
    },
    endSession: (reason) => {
      for (const end of enders) end(reason)
    },
    async [Symbol.asyncDispose]() {
      await part.stop?.()
      await edge?.[Symbol.asyncDispose]()
    },
  }
}

const holderOf = (principal: Principal | undefined) =>
  principal && { ref: `session-${principal.userId}`, userId: principal.userId }

const credentialsIn =
  (held: Readonly<Record<string, Credential>>): Identities['credential'] =>
  (_ctx, name) => {
    const credential = held[name]
    if (credential === undefined) throw credentialErrors.missing({})
    return credential
  }

function createAccess(principal: Principal | undefined): ProxyDeps['access'] {
  const everybody: CompiledPolicy = { decide: () => ({ allow: true, rule: 'test' }) }
  return {
    principal: () => principal,
    compilePolicy: (() => everybody) satisfies Access['compilePolicy'],
    authorizeBy: (policy, _prefix) => (ctx: RequestContext) =>
      policy.decide({ method: ctx.method, path: ctx.target.path }, principal),
  }
}

const createUrl = (href: () => string): Pick<PublicUrl, 'href' | 'host' | 'origin' | 'pathTo'> => ({
  get href() {
    return href()
  },
  get host() {
    return new URL(href()).host
  },
  get origin() {
    return new URL(href()).origin
  },
  pathTo: (path) => new URL(href()).pathname.replace(/\/$/, '') + path,
})

function createMeters() {
  const counted = new Map<string, number>()
  const gauges = new Map<string, Parameters<Metrics['gauge']>[1]>()
  const metrics: Metrics = {
    ...countingMetrics(counted),
    gauge: ({ name }, read) => void gauges.set(name, read),
  }
  const reading = async (name: string): Promise<number> =>
    ((await gauges.get(name)?.()) ?? []).reduce((sum, { value }) => sum + value, 0)
  return { counted, metrics, reading }
}
