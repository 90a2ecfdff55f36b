// Key-value in SQLite, for one machine: several processes may share the file. Reads happen at once on this thread,
// writes in the process's writing thread. The change feed is a table: each process looks at SQLite's data version, which
// moves when another connection has written, ten times a second, and reads the new rows.

import type { Clock } from '#kernel'
import { createChangeListeners } from '../change-listeners.ts'
import { storageErrors } from '../errors.ts'
import type { KeyValueDriver, SetOptions } from '../key-value.ts'
import type { SqliteDatabase } from '../sqlite/database.ts'
import { isSqliteUnavailable } from '../sqlite/sqlite-error.ts'
import type { Statement, StatementResult } from '../sqlite/statements.ts'
import { embeddedSql, embeddedTables } from './embedded-sql.ts'

export interface EmbeddedKeyValueDeps {
  readonly database: SqliteDatabase
  readonly clock: Clock
  /** Receives what a listener of the change feed threw, and failures to read the feed. */
  readonly report?: (error: unknown) => void
}

const pollMs = 100
const freshMs = 1_000
/** Longer than a process may sleep without missing a change; if it does, it drops everything. */
const changesKeptMs = 60_000

export function createEmbeddedKeyValue({ database, clock, report = () => {} }: EmbeddedKeyValueDeps): KeyValueDriver {
  const feed = createFeed(database, clock, report)

  const read = (sql: string, ...parameters: (string | number)[]): unknown[] | undefined =>
    answering(() => database.prepare(sql).get(...parameters)) as unknown[] | undefined

  const write = async (...unit: readonly Statement[]): Promise<readonly StatementResult[]> => {
    try {
      return await database.write(unit)
    } catch (error) {
      throw translate(error)
    }
  }

  /** Writes, and tells of the key if something changed. */
  const change = async (key: string, statement: Statement): Promise<boolean> => {
    const [result] = await write(statement, embeddedSql.noteChange(key, clock.now()))
    feed.poll({ evenIfUnmoved: true })
    return (result?.changes ?? 0) > 0
  }

  return Object.freeze({
    async get(key: string) {
      const row = read(embeddedSql.get, key, clock.now()) as { readonly value: string } | undefined
      return row?.value
    },
    set: (key: string, value: string, { ttlMs, onlyIf }: SetOptions) =>
      change(key, embeddedSql.set(key, value, { now: clock.now(), ttlMs, onlyIf })),
    delete: (key: string, { onlyIf }: { readonly onlyIf?: string } = {}) =>
      change(key, embeddedSql.delete(key, { now: clock.now(), onlyIf })),
    async increment(key: string, { by, ttlMs }: { readonly by: number; readonly ttlMs: number }) {
      const [result] = await write(embeddedSql.increment(key, { now: clock.now(), by, ttlMs }))
      const [row] = result?.rows ?? []
      if (row === undefined) throw new Error(`the value of ${key} is not a counter`)
      return Number(row.value)
    },
    async addMember(set: string, member: string, { ttlMs }: { readonly ttlMs: number }) {
      await write(embeddedSql.addMember(set, member, clock.now() + ttlMs))
    },
    async removeMember(set: string, member: string) {
      await write(embeddedSql.removeMember(set, member))
    },
    async members(set: string) {
      const rows = answering(() => database.read(embeddedSql.members, [set, clock.now()]))
      return rows.map(({ member }) => String(member))
    },
    changes: Object.freeze({ subscribe: feed.subscribe, isFresh: feed.isFresh }),
    async sweep() {
      await write(...embeddedSql.sweep(clock.now(), clock.now() - changesKeptMs))
    },
    async start() {
      database.open()
      await write(...embeddedTables)
      feed.start()
    },
    async stop() {
      feed.stop()
    },
    async health() {
      await write(embeddedSql.probe)
      return { healthy: feed.isFresh() }
    },
  })
}

function createFeed(database: SqliteDatabase, clock: Clock, report: (error: unknown) => void) {
  const listeners = createChangeListeners(report)
  let lastSeen = 0
  let version: unknown
  let polledAtMs = Number.NEGATIVE_INFINITY
  let stopPolling = (): void => {}

  const lastChange = (): number => Number(database.read(embeddedSql.lastChange, [])[0]?.seq ?? 0)

  const readChanges = (): void => {
    const rows = database.read(embeddedSql.changesAfter, [lastSeen])
    const last = rows.length > 0 ? Number(rows.at(-1)?.seq) : lastChange()
    // Numbers have no gaps: if some are not there, a sweep took them before this process looked.
    const isComplete = last - lastSeen === rows.length
    lastSeen = last
    if (!isComplete) listeners.announce(undefined)
    for (const { key } of rows) listeners.announce(String(key))
  }

  const poll = ({ evenIfUnmoved = false } = {}): void => {
    try {
      const present = (database.prepare('pragma data_version').get() as { data_version: number }).data_version
      if (present !== version || evenIfUnmoved) readChanges()
      version = present
      polledAtMs = clock.monotonicMs()
    } catch (error) {
      report(error)
    }
  }

  return Object.freeze({
    subscribe: listeners.subscribe,
    poll,
    isFresh(): boolean {
      // Reading is quick and local: rather look than have everything read again.
      if (clock.monotonicMs() - polledAtMs > pollMs) poll()
      return clock.monotonicMs() - polledAtMs < freshMs
    },
    start() {
      lastSeen = lastChange()
      poll()
      stopPolling = clock.every(pollMs, () => poll())
    },
    stop: () => stopPolling(),
  })
}

function answering<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw translate(error)
  }
}

const translate = (error: unknown): unknown =>
  isSqliteUnavailable(error) ? storageErrors.unavailable({ store: 'key-value store' }, { cause: error }) : error
