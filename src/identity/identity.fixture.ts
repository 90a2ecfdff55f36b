// For the tests of this folder: a site with in-memory stores and real sessions, browsers with a cookie jar that use the
// routes as the edge would, and a picture of what was logged, counted and written to the audit.

import assert from 'node:assert/strict'
import { type Answer, type RequestContext, type Route, serverConfig } from '#http'
import { GatewayError, newId, type UserId } from '#kernel'
import { type ActiveSession, type Sessions, sessionsModule } from '#sessions'
import { type Storage, storageModule } from '#storage'
import type { AuditEntry, LogFields, Logger } from '#telemetry'
import { countingMetrics } from '../../test/support/counting-metrics.ts'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createManualClock, type ManualClock } from '../../test/support/manual-clock.ts'
import type { Identities } from './identity.ts'
import { identityModule } from './index.ts'
import type { Accounts, LoginIdentity } from './ports.ts'

/** Where the gateway of these tests is. */
export const GATE = 'https://gate.test'

export interface TestSite {
  readonly clock: ManualClock
  readonly storage: Storage
  readonly identities: Identities
  readonly sessions: Sessions
  readonly logged: LogFields[]
  readonly audited: AuditEntry[]
  /** Sums of counters, by name and label values: `logins_total sso success`. */
  readonly counted: Map<string, number>
  /** Who was let in, in order. */
  readonly admitted: LoginIdentity[]
  /** Whom `admit` refuses, by subject. */
  readonly disabled: Set<string>
  /** Subjects whose accounts nobody has approved. */
  readonly pending: Set<string>
  /** @param cookies those of a browser that has been at another node */
  browser(cookies?: Map<string, string>): TestBrowser
  close(): Promise<void>
}

export interface TestBrowser {
  readonly cookies: Map<string, string>
  get(target: string): Promise<Outcome>
  post(target: string, form?: Readonly<Record<string, string>>): Promise<Outcome>
  /** Runs work as one request that has loaded its session. */
  request<T>(work: (ctx: RequestContext) => T | Promise<T>): Promise<T>
  session(): Promise<ActiveSession | undefined>
}

export interface Outcome {
  readonly status: number
  /** Absolute, as the browser would go. */
  readonly location?: string
  /** What a page was given to show. */
  readonly data?: Readonly<Record<string, unknown>>
  /** The code of the error page. */
  readonly error?: string
}

/**
 * @param config the `identity` section, as an operator writes it
 * @param beside another node of the same installation, whose clock and stores this one shares
 */
export async function createTestSite(config: unknown, beside?: TestSite): Promise<TestSite> {
  // The providers of these tests live in real time.
  const clock = beside?.clock ?? createManualClock(Date.now())
  const logged: LogFields[] = []
  const counted = new Map<string, number>()
  const audited: AuditEntry[] = []
  const admitted: LoginIdentity[] = []
  const disabled = new Set<string>()
  const pending = new Set<string>()
  const telemetry = { log: recordingLogger(logged), metrics: countingMetrics(counted) }
  const stores = storageModule.create(
    { clock, telemetry },
    storageModule.config.parse({ sql: { type: 'memory' }, keyValue: { type: 'memory' } }),
  )
  const audit = { ...stores.api.audit, record: async (entry: AuditEntry) => void audited.push(entry) }
  const storage: Storage =
    beside === undefined ? { ...stores.api, audit } : { ...beside.storage, audit, addMigrations: () => {} }
  const sessions = sessionsModule.create({ clock, telemetry, storage }, sessionsModule.config.parse({}))
  const users: Accounts = {
    async admit(identity) {
      if (disabled.has(identity.subject)) throw new GatewayError({ ...DISABLED })
      admitted.push(identity)
      return {
        id: `user-${identity.provider}-${identity.subject}` as UserId,
        groups: identity.groups,
        approval: pending.has(identity.subject) ? 'pending' : 'approved',
      }
    },
    setGroups: async () => {},
    find: async (name) => admitted.find(({ provider, subject }) => name === `${provider}/${subject}`),
  }
  const publicUrl = { urlTo: (path: string) => `${GATE}${path}` }
  const { logins: loginLimits } = serverConfig.parse({}).limits
  const deps = { clock, telemetry, storage, sessions: sessions.api, access: { users }, publicUrl, loginLimits }
  const identity = identityModule.create(deps, identityModule.config.parse(config))
  const parts = beside === undefined ? [stores, sessions, identity] : [sessions, identity]
  for (const part of parts) await part.start?.()

  const find = (method: string, path: string): { route: Route; params: Record<string, string> } => {
    for (const route of identity.routes ?? []) {
      const params = route.method === method ? matchPath(route.path, path) : undefined
      if (params !== undefined) return { route, params }
    }
    throw new Error(`no route for ${method} ${path}`)
  }

  const createBrowser = (cookies = new Map<string, string>()): TestBrowser => {
    const request = async <T>(
      work: (ctx: RequestContext) => T | Promise<T>,
      target = '/',
      method = 'GET',
    ): Promise<T> => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const ctx = createFakeContext({
        id: newId(),
        target,
        method,
        log: telemetry.log,
        wantsPage: true,
        request: { headers: { cookie, 'user-agent': 'test', ...(method === 'POST' && FORM) } },
      })
      await sessions.api.load(ctx)
      try {
        return await work(ctx)
      } finally {
        for (const { name, value, maxAgeSeconds } of ctx.responseCookies) {
          if (maxAgeSeconds === 0) cookies.delete(name)
          else cookies.set(name, value)
        }
      }
    }

    const use = (method: string, target: string, body?: Readonly<Record<string, string>>): Promise<Outcome> => {
      const url = new URL(target, GATE)
      assert.equal(url.origin, GATE, `the browser left for ${target}`)
      const { route, params } = find(method, url.pathname)
      const handle = async (ctx: RequestContext): Promise<Outcome> => {
        try {
          const query = Object.fromEntries(url.searchParams)
          const input = {
            params: route.params?.parse(params) ?? {},
            query: route.query?.parse(query) ?? {},
            body: route.body?.parse(body ?? {}),
          }
          return toOutcome(await route.handle(ctx, input))
        } catch (error) {
          if (error instanceof GatewayError) return { status: error.status, error: error.code }
          throw error
        }
      }
      return request(handle, `${url.pathname}${url.search}`, method)
    }

    return {
      cookies,
      get: (target) => use('GET', target),
      post: (target, form) => use('POST', target, form),
      request,
      session: () => request((ctx) => sessions.api.current.get(ctx)),
    }
  }

  return {
    clock,
    storage,
    identities: identity.api,
    sessions: sessions.api,
    logged,
    audited,
    counted,
    admitted,
    disabled,
    pending,
    browser: createBrowser,
    async close() {
      for (const part of parts.toReversed()) await part.stop?.()
    },
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const DISABLED = { code: 'access.userDisabled', status: 403, title: 'disabled', detail: 'disabled', hint: 'ask' }

function toOutcome(answer: Answer): Outcome {
  switch (answer.kind) {
    case 'redirect':
      return { status: answer.status, location: new URL(answer.location, GATE).href }
    case 'page':
      return { status: answer.status, data: answer.page.data }
    default:
      return { status: answer.status }
  }
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? ''
    if (segment.startsWith(':')) params[segment.slice(1)] = value
    else if (segment !== value) return undefined
  }
  return params
}

function recordingLogger(logged: LogFields[]): Logger {
  const record = (fields: LogFields): void => void logged.push(fields)
  const log: Logger = { debug: record, info: record, warn: record, error: record, child: () => log }
  return log
}
