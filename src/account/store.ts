// What was revoked, in SQL: a token with all that came of it, or all that a person had until then. Rows are added, read, and
// dropped when every token that they are about has ended by itself; nothing changes one.

import type { Migration } from 'kysely/migration'
import { newId } from '#kernel'
import type { Storage } from '#storage'

export interface Revocation {
  readonly kind: 'token' | 'person'
  /** A `jti`, or a user's id. */
  readonly subject: string
  /** When, ms since the epoch. For a person: tokens whose issuer did not know of it. */
  readonly revokedAt: number
  /** From then on nothing needs it. */
  readonly keepUntil: number
}

export interface RevocationStore {
  /** Resolves when it is kept. */
  add(revocation: Revocation): Promise<void>
  /** Those that were written from then on, by the clocks of the nodes that wrote them. */
  since(time: number): Promise<readonly Revocation[]>
  /** Drops those that nothing needs any more. */
  sweep(now: number): Promise<void>
}

interface Tables {
  readonly account_revocations: {
    readonly id: string
    readonly kind: string
    readonly subject: string
    readonly revoked_at: number
    readonly keep_until: number
  }
}

export const revocationMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-22-01-account-revocations': {
    up: (db) =>
      db.schema
        .createTable('account_revocations')
        .ifNotExists()
        .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
        .addColumn('kind', 'varchar(16)', (column) => column.notNull())
        .addColumn('subject', 'varchar(255)', (column) => column.notNull())
        .addColumn('revoked_at', 'bigint', (column) => column.notNull())
        .addColumn('keep_until', 'bigint', (column) => column.notNull())
        .execute(),
  },
  '2026-11-22-02-account-revocations-revoked-at': {
    up: (db) =>
      db.schema
        .createIndex('account_revocations_revoked_at')
        .ifNotExists()
        .on('account_revocations')
        .column('revoked_at')
        .execute(),
  },
}

export const createRevocationStore = (storage: Pick<Storage, 'sql'>): RevocationStore =>
  Object.freeze({
    async add({ kind, subject, revokedAt, keepUntil }: Revocation) {
      const row = { id: newId(), kind, subject, revoked_at: revokedAt, keep_until: keepUntil }
      await storage.sql<Tables>().insertInto('account_revocations').values(row).execute()
    },
    async since(time: number) {
      const rows = await storage
        .sql<Tables>()
        .selectFrom('account_revocations')
        .selectAll()
        .where('revoked_at', '>=', time)
        .execute()
      return rows.map(
        (row): Revocation => ({
          kind: row.kind === 'person' ? 'person' : 'token',
          subject: row.subject,
          revokedAt: row.revoked_at,
          keepUntil: row.keep_until,
        }),
      )
    },
    async sweep(now: number) {
      await storage.sql<Tables>().deleteFrom('account_revocations').where('keep_until', '<', now).execute()
    },
  })
