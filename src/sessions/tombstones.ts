// Which sessions were ended on purpose, in SQL: written before an end is acknowledged and asked whenever a session is
// read from the key-value store, so that no failover of that store brings one back. Kept until it would have ended anyway.

import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { insertIfAbsent, type Storage } from '#storage'
import type { SessionEnd } from './session.ts'

export interface TombstoneTables {
  session_tombstone: { hash: string; ended_at: number; keep_until: number; reason: string }
}

export interface Tombstone {
  readonly ref: string
  readonly endedAt: number
  readonly keepUntil: number
  readonly reason: SessionEnd
}

export interface Tombstones {
  /** Resolves when it is kept; the first one of a session stands. @returns whether this is the first. */
  put(tombstone: Tombstone): Promise<boolean>
  /** Those of these sessions that were ended, and why. */
  among(refs: readonly string[]): Promise<ReadonlyMap<string, SessionEnd>>
  /** Those that were written from then on, by the clocks of the nodes that wrote them. */
  since(time: number): Promise<ReadonlyMap<string, SessionEnd>>
  /** Drops those that nothing can need any more. */
  sweep(now: number): Promise<void>
}

export interface TombstonesDeps {
  /** Asked at each use, because the database opens after everything is created. */
  readonly sql: () => Kysely<TombstoneTables>
  readonly makeRoom: Storage['makeRoom']
}

export const createTombstones = ({ sql, makeRoom }: TombstonesDeps): Tombstones =>
  Object.freeze({
    async put({ ref, endedAt, keepUntil, reason }: Tombstone) {
      const row = { hash: ref, ended_at: endedAt, keep_until: keepUntil, reason }
      for (;;) {
        try {
          return await insertIfAbsent(sql(), 'session_tombstone', { row, key: ['hash'] })
        } catch (error) {
          // Who logs out is logged out, also when the disk is full.
          if (!makeRoom()) throw error
        }
      }
    },
    async among(refs: readonly string[]) {
      if (refs.length === 0) return new Map<string, SessionEnd>()
      const found = await sql()
        .selectFrom('session_tombstone')
        .select(['hash', 'reason'])
        .where('hash', 'in', refs)
        .execute()
      return toEnds(found)
    },
    async since(time: number) {
      return toEnds(
        await sql().selectFrom('session_tombstone').select(['hash', 'reason']).where('ended_at', '>=', time).execute(),
      )
    },
    async sweep(now: number) {
      await sql().deleteFrom('session_tombstone').where('keep_until', '<', now).execute()
    },
  })

export const tombstoneMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-21-01-session-tombstone': {
    up: (db) =>
      db.schema
        .createTable('session_tombstone')
        .ifNotExists()
        .addColumn('hash', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('ended_at', 'bigint', (column) => column.notNull())
        .addColumn('keep_until', 'bigint', (column) => column.notNull())
        .addColumn('reason', 'varchar(32)', (column) => column.notNull())
        .execute(),
  },
  '2026-11-21-02-session-tombstone-keep-until': {
    up: (db) =>
      db.schema
        .createIndex('session_tombstone_keep_until')
        .ifNotExists()
        .on('session_tombstone')
        .column('keep_until')
        .execute(),
  },
  '2026-11-21-03-session-tombstone-ended-at': {
    up: (db) =>
      db.schema
        .createIndex('session_tombstone_ended_at')
        .ifNotExists()
        .on('session_tombstone')
        .column('ended_at')
        .execute(),
  },
}

const toEnds = (rows: readonly { readonly hash: string; readonly reason: string }[]): ReadonlyMap<string, SessionEnd> =>
  new Map(rows.map(({ hash, reason }) => [hash, toSessionEnd(reason)]))

const ends: ReadonlySet<string> = new Set<SessionEnd>([
  'logout',
  'revoked',
  'disabled',
  'expired',
  'replaced',
  'provider-logout',
])

// A newer version may have reasons that this one does not know.
const toSessionEnd = (reason: string): SessionEnd => (ends.has(reason) ? (reason as SessionEnd) : 'revoked')
