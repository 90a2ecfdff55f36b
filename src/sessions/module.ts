// The sessions feature as a part of Gatehouse: puts its pieces together; nothing is decided here.

import type { HttpPart } from '#http'
import { type Clock, defineModule } from '#kernel'
import { type Storage, withLock } from '#storage'
import type { Audit, Logger, Metrics } from '#telemetry'
import { createAccountRoutes } from './account-page.ts'
import { type Background, createBackground } from './background.ts'
import { type SessionsConfig, sessionsConfig } from './config.ts'
import { createHostSessions, type HostSessions } from './host-sessions.ts'
import { createHostTickets } from './host-tickets.ts'
import { createLoginAttempts } from './login-attempts.ts'
import type { Lock } from './renewal.ts'
import { createSessionRoutes } from './routes.ts'
import { createSessions } from './service.ts'
import { createSessionBeginnings } from './session-beginnings.ts'
import { createSessionCache } from './session-cache.ts'
import { createSessionCookies } from './session-cookies.ts'
import { createSessionDirectory } from './session-directory.ts'
import { createSessionEndings } from './session-endings.ts'
import { createSessionIndex } from './session-index.ts'
import { createSessionJournal } from './session-journal.ts'
import { createSessionNames } from './session-names.ts'
import { createSessionStore } from './session-store.ts'
import { createSessionUse } from './session-use.ts'
import { createSessionWatches, type SessionWatches } from './session-watches.ts'
import type { Sessions } from './sessions.ts'
import { createTombstoneFeed, type TombstoneFeed, tombstonePollMs } from './tombstone-feed.ts'
import { createTombstones, type Tombstones, type TombstoneTables, tombstoneMigrations } from './tombstones.ts'
import { createVouchedSessions, type VouchedSessions } from './vouched-sessions.ts'

/** What sessions need of the stores. */
export type SessionsStorage = Pick<Storage, 'keyValue' | 'sealer' | 'makeRoom' | 'sql' | 'addMigrations'> & {
  readonly audit: Audit
}

export interface SessionsModuleDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger; readonly metrics: Metrics }
  readonly storage: SessionsStorage
  /** `server.dangerouslyPlainCookie`: http away from loopback. */
  readonly plainCookie?: boolean
}

export const sessionsModule = defineModule({
  id: 'sessions',
  configKey: 'sessions',
  config: sessionsConfig,
  requires: ['storage'],
  create: (deps: SessionsModuleDeps, config): HttpPart<Sessions> => {
    deps.storage.addMigrations(tombstoneMigrations)
    const { sessions, watches, hostSessions, cache, tombstones, tombstoneFeed, vouched, background } = assemble(
      deps,
      config,
    )
    return {
      api: sessions,
      routes: [...createSessionRoutes(sessions), ...createAccountRoutes(sessions)],
      templates: new URL('./templates/', import.meta.url),
      tasks: [
        { name: 'sessions.open-requests', everyMs: 250, run: async () => sessions.openRequests.sweep() },
        { name: 'sessions.ends', everyMs: tombstonePollMs, run: tombstoneFeed.poll },
        { name: 'sessions.forget', everyMs: 30_000, run: async () => cache.sweep() },
        { name: 'sessions.tombstones', everyMs: 600_000, run: () => tombstones.sweep(deps.clock.now()) },
      ],
      start: async () => {
        watches.start()
        vouched.start()
        hostSessions.start()
      },
      stop: async () => {
        watches.stop()
        vouched.stop()
        hostSessions.stop()
        await background.settled()
        cache.clear()
      },
    }
  },
})

interface Assembly {
  readonly sessions: Sessions
  readonly watches: SessionWatches
  readonly hostSessions: HostSessions
  readonly cache: { sweep(): void; clear(): void }
  readonly tombstones: Tombstones
  readonly tombstoneFeed: TombstoneFeed
  readonly vouched: VouchedSessions
  readonly background: Background
}

/** Exported for the tests of this folder, which run several nodes over one store. */
export function assemble(
  { clock, telemetry, storage, plainCookie = false }: SessionsModuleDeps,
  config: SessionsConfig,
): Assembly {
  const { log, metrics } = telemetry
  const { keyValue, sealer, audit } = storage
  const lifetime = { idle: config.idle, absolute: config.absolute }
  const cookies = createSessionCookies(config, plainCookie)
  const background = createBackground(log)
  const cache = createSessionCache(clock, { maxEntries: 10_000, maxAgeMs: 300_000 })
  const index = createSessionIndex(keyValue)
  const tombstones = createTombstones({ sql: () => storage.sql<TombstoneTables>(), makeRoom: storage.makeRoom })
  const journal = createSessionJournal({ log, metrics, audit })
  const report = (error: unknown): void =>
    log.error({ event: 'session_listener_failed', err: error }, 'what should react to the end of a session failed')

  const endings = createSessionEndings({
    clock,
    keyValue,
    cache,
    index,
    tombstones,
    journal,
    report,
    absoluteMs: lifetime.absolute,
  })
  const vouched = createVouchedSessions({ clock, changes: keyValue.changes, maxEntries: 50_000, maxAgeMs: 900_000 })
  endings.onAnnounce(vouched.drop)
  const tombstoneFeed = createTombstoneFeed({ clock, log, tombstones, announce: endings.announce })
  const store = createSessionStore({ clock, keyValue, sealer, cache, tombstones, vouched, endings, journal })
  const beginnings = createSessionBeginnings({ clock, index, store, endings, journal, lifetime })
  const names = createSessionNames({ keyValue, absoluteMs: lifetime.absolute })
  const use = createSessionUse({ clock, store, background, idleMs: lifetime.idle })
  const watches = createSessionWatches({
    clock,
    changes: keyValue.changes,
    cache,
    store,
    endings,
    tombstones,
    use,
    background,
  })
  const directory = createSessionDirectory({ clock, keyValue, index, tombstones, endings, journal, background })
  const attempts = createLoginAttempts({ clock, keyValue, sealer, cookie: cookies.login })
  const hostSessions = createHostSessions({ clock, keyValue, sealer, journal })
  const tickets = createHostTickets({ clock, keyValue, sealer, cookie: cookies.arrival })
  const lock: Lock = (name, work) => withLock(keyValue, clock, name, { ttlMs: 30_000, waitMs: 30_000 }, work)
  const isFresh = (): boolean => keyValue.changes.isFresh()
  const sessions = createSessions({
    clock,
    cookies,
    store,
    index,
    directory,
    names,
    beginnings,
    endings,
    watches,
    use,
    journal,
    attempts,
    tickets,
    hostSessions,
    lock,
    isFresh,
  })

  metrics.gauge({ name: 'sessions_remembered', help: 'Sessions used on this node within minutes.' }, () => [
    { value: cache.size() },
  ])
  metrics.gauge(
    { name: 'session_requests_open', help: 'Requests of sessions that have lasted long enough to be watched.' },
    () => [{ value: sessions.openRequests.size() }],
  )
  metrics.gauge({ name: 'sessions_watched', help: 'Sessions with something open on this node.' }, () => [
    { value: watches.size() },
  ])
  return { sessions, watches, hostSessions, cache, tombstones, tombstoneFeed, vouched, background }
}
