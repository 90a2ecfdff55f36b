// For the tests of this folder: nodes that share one site's stores, browsers with a cookie jar, a clock that stands
// still, and stores that can be made to fail.

import type { Kysely } from 'kysely'
import type { AppHost, Mount, RequestContext, SetCookie } from '#http'
import { newId, Secret, type UserId } from '#kernel'
import { createSealer, generateRingKey, type KeyValueStore, storageModule } from '#storage'
import type { AuditEntry, LogFields, Logger } from '#telemetry'
import { countingMetrics } from '../../test/support/counting-metrics.ts'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createManualClock, type ManualClock } from '../../test/support/manual-clock.ts'
import { type SessionsConfig, sessionsConfig } from './config.ts'
import { assemble, type SessionsStorage } from './module.ts'
import type { NewSession, Sessions } from './sessions.ts'
import { type TombstoneTables, tombstoneMigrations } from './tombstones.ts'

export const minute = 60_000
export const hour = 60 * minute

/** What several nodes have in common. */
export interface TestSite {
  readonly clock: ManualClock
  readonly keyValue: KeyValueStore
  readonly database: Kysely<TombstoneTables>
  readonly keyRing: { keys: readonly ReturnType<typeof generateRingKey>[] }
  readonly audit: AuditEntry[]
  readonly closeDatabase: () => Promise<void>
}

export interface TestNode {
  readonly sessions: Sessions
  readonly logged: LogFields[]
  /** Sums of counters, by name and label values: `sessions_ended_total logout`. */
  readonly counted: Map<string, number>
  readonly faults: StoreFaults
  /** Operations on the key-value store, such as `get websession:…`. */
  readonly operations: string[]
  settled(): Promise<void>
  sweep(): Promise<void>
  stop(): void
}

export interface StoreFaults {
  /** Every operation of the key-value store throws. */
  isDown: boolean
  /** Which operations throw, such as `get websession:…`. */
  failsAt: ((operation: string) => boolean) | undefined
  /** The change feed has not been heard of for a second. */
  isStale: boolean
  /** Changes are not delivered. */
  isDeaf: boolean
  /** Says that changes may have been missed, as a connection that came back does. */
  announceGap: (() => void) | undefined
  /** Runs after a value was read and before it is handed over. */
  afterGet: ((key: string) => Promise<void>) | undefined
  /** Runs after the database has answered and before the answer is handed over. */
  afterQuery: (() => Promise<void>) | undefined
}

export async function createTestSite(): Promise<TestSite> {
  const clock = createManualClock()
  const stores = storageModule.create(
    { clock, telemetry: silentTelemetry },
    storageModule.config.parse({ sql: { type: 'memory' }, keyValue: { type: 'memory' } }),
  )
  stores.api.addMigrations(tombstoneMigrations)
  await stores.start?.()
  return {
    clock,
    keyValue: stores.api.keyValue,
    database: stores.api.sql<TombstoneTables>(),
    keyRing: { keys: [generateRingKey(clock.now())] },
    audit: [],
    closeDatabase: async () => stores.stop?.(),
  }
}

/** @param config as an operator writes it. */
export function createTestNode(site: TestSite, config: Readonly<Record<string, unknown>> = {}): TestNode {
  const faults: StoreFaults = {
    isDown: false,
    failsAt: undefined,
    isStale: false,
    isDeaf: false,
    announceGap: undefined,
    afterGet: undefined,
    afterQuery: undefined,
  }
  const operations: string[] = []
  const logged: LogFields[] = []
  const counted = new Map<string, number>()
  const database = site.database.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      await faults.afterQuery?.()
      return result
    },
  })
  const parsed: SessionsConfig = sessionsConfig.parse(config)
  const storage: SessionsStorage = {
    keyValue: withFaults(site.keyValue, faults, operations),
    sql: <Tables>() => database as unknown as Kysely<Tables>,
    audit: { record: async (entry) => void site.audit.push(entry) },
    sealer: createSealer(site.keyRing),
    makeRoom: () => false,
    addMigrations: () => {},
  }
  const telemetry = { log: recordingLogger(logged), metrics: countingMetrics(counted) }
  const { sessions, watches, hostSessions, cache, background, tombstones, vouched } = assemble(
    { clock: site.clock, telemetry, storage },
    parsed,
  )
  watches.start()
  vouched.start()
  hostSessions.start()
  return {
    sessions,
    logged,
    counted,
    faults,
    operations,
    settled: background.settled,
    async sweep() {
      cache.sweep()
      await tombstones.sweep(site.clock.now())
    },
    stop() {
      watches.stop()
      vouched.stop()
      hostSessions.stop()
    },
  }
}

/** A browser: keeps the cookies that answers set, and makes requests. */
export interface TestBrowser {
  readonly cookies: Map<string, string>
  /** Runs `work` as one request after the session was loaded, and takes the answer's cookies. */
  request<T>(node: TestNode, work: (ctx: RequestContext) => T | Promise<T>, extra?: TestRequest): Promise<T>
  /** The same browser with the cookies that it has now, as a thief would have it. */
  copy(): TestBrowser
}

export interface TestRequest {
  readonly wantsPage?: boolean
  readonly cookieHeader?: string
  readonly userAgent?: string
  readonly appHost?: AppHost
  readonly mount?: Mount
}

export function createTestBrowser(cookies = new Map<string, string>()): TestBrowser {
  return {
    cookies,
    async request<T>(node: TestNode, work: (ctx: RequestContext) => T | Promise<T>, extra: TestRequest = {}) {
      const header = extra.cookieHeader ?? [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const ctx = createTestContext({ ...extra, cookieHeader: header })
      await node.sessions.load(ctx)
      try {
        return await work(ctx)
      } finally {
        for (const cookie of ctx.responseCookies) take(cookies, cookie)
      }
    },
    copy: () => createTestBrowser(new Map(cookies)),
  }
}

export const createTestContext = ({
  cookieHeader,
  wantsPage = false,
  userAgent = 'test',
  ...place
}: TestRequest): RequestContext =>
  createFakeContext({
    id: newId(),
    wantsPage,
    ...place,
    request: { headers: { 'user-agent': userAgent, ...(cookieHeader && { cookie: cookieHeader }) } },
  })

/** A login of ada: a keypair and an OAuth token, marked so that they can be searched for. */
export const adaLogin = (overrides: Partial<NewSession> = {}): NewSession => ({
  userId: 'user-ada' as UserId,
  provider: 'lab',
  issuer: 'https://sso.test',
  subject: 'ada',
  sid: 'sid-1',
  username: 'ada',
  displayName: 'Ada',
  groups: ['staff'],
  credentials: {
    lab: { kind: 'oauth', accessToken: new Secret('CANARY-access-0'), refreshToken: new Secret('CANARY-refresh-0') },
    manager: { kind: 'keypair', accessKey: 'CANARY-key', secretKey: new Secret('CANARY-secret'), role: 'user' },
  },
  ...overrides,
})

/** For nodes whose log and metrics do not matter. */
export const silentTelemetry = { log: recordingLogger([]), metrics: countingMetrics(new Map()) }

/** The node's view of a browser's session: who it is, or undefined. */
export const whoIs = (node: TestNode, browser: TestBrowser): Promise<string | undefined> =>
  browser.request(node, (ctx) => node.sessions.current.get(ctx)?.row.username)

function take(cookies: Map<string, string>, { name, value, maxAgeSeconds }: SetCookie): void {
  if (maxAgeSeconds === 0) cookies.delete(name)
  else cookies.set(name, value)
}

function withFaults(inner: KeyValueStore, faults: StoreFaults, operations: string[]): KeyValueStore {
  const guard = (operation: string): void => {
    operations.push(operation)
    if (faults.isDown || faults.failsAt?.(operation) === true) throw new Error('the store is down')
  }
  return {
    async get(key) {
      guard(`get ${key}`)
      const value = await inner.get(key)
      await faults.afterGet?.(key)
      return value
    },
    async set(key, value, options) {
      guard(`set ${key}`)
      return inner.set(key, value, options)
    },
    async delete(key, options) {
      guard(`delete ${key}`)
      return inner.delete(key, options)
    },
    async increment(key, options) {
      guard(`increment ${key}`)
      return inner.increment(key, options)
    },
    async addMember(set, member, options) {
      guard(`addMember ${set}`)
      return inner.addMember(set, member, options)
    },
    async removeMember(set, member) {
      guard(`removeMember ${set}`)
      return inner.removeMember(set, member)
    },
    async members(set) {
      guard(`members ${set}`)
      return inner.members(set)
    },
    changes: {
      subscribe: (prefix, listener) => {
        const others = faults.announceGap
        faults.announceGap = () => {
          others?.()
          listener(undefined)
        }
        return inner.changes.subscribe(prefix, (key) => faults.isDeaf || listener(key))
      },
      isFresh: () => !faults.isStale,
    },
  }
}

function recordingLogger(logged: LogFields[]): Logger {
  const record = (fields: LogFields): void => void logged.push(fields)
  const log: Logger = { debug: record, info: record, warn: record, error: record, child: () => log }
  return log
}
