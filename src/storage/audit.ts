// The audit table: what happened to whom, for people who must answer for it later. Rows are added, read, and removed when
// they are old; nothing changes one.

import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Clock } from '#kernel'
import type { Audit, AuditEntry } from '#telemetry'
import { addCountedKey } from './sql/counted-key.ts'
import type { SqlDialect } from './sql/sql-driver.ts'

export interface AuditLog extends Audit {
  /** The newest first. */
  list(query: AuditQuery): Promise<readonly AuditRecord[]>
  /** Removes what is older. @returns how many. */
  removeBefore(instant: number): Promise<number>
}

export interface AuditQuery {
  readonly limit: number
  /** Only entries with a smaller id: the next page. */
  readonly before?: number
  readonly userId?: string
  readonly action?: string
  readonly outcome?: AuditEntry['outcome']
  /** Only what was done to one of these; beside a user, because nothing else is found fast. */
  readonly subjects?: readonly string[]
  /** Nothing older, in milliseconds since the epoch. */
  readonly since?: number
}

export interface AuditRecord extends AuditEntry {
  readonly id: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

interface AuditRow {
  readonly id: number
  readonly at: number
  readonly action: string
  readonly outcome: string
  readonly user_id: string | null
  readonly actor: string | null
  readonly address: string | null
  readonly request_id: string | null
  readonly subject: string | null
  readonly detail: string | null
}

interface AuditTables {
  readonly audit: Omit<AuditRow, 'id'> & { readonly id: Generated<number> }
}

const portionRows = 1_000

export function createAuditLog(kysely: Kysely<unknown>, clock: Clock): AuditLog {
  const database = kysely as Kysely<AuditTables>
  return Object.freeze({
    async record(entry: AuditEntry) {
      await database.insertInto('audit').values(toRow(entry, clock.now())).execute()
    },
    async list({ limit, before, userId, action, outcome, subjects, since }: AuditQuery) {
      let query = database.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
      if (before !== undefined) query = query.where('id', '<', before)
      if (userId !== undefined) query = query.where('user_id', '=', userId)
      if (action !== undefined) query = query.where('action', '=', action)
      if (outcome !== undefined) query = query.where('outcome', '=', outcome)
      if (subjects !== undefined) query = query.where('subject', 'in', subjects)
      if (since !== undefined) query = query.where('at', '>=', since)
      return (await query.execute()).map(fromRow)
    },
    async removeBefore(instant: number) {
      // In portions, because a statement has a time limit.
      const portion = database.selectFrom('audit').select('id').where('at', '<', instant).limit(portionRows)
      const removal = database
        .deleteFrom('audit')
        // MariaDB limits no query that stands in a condition itself.
        .where('id', 'in', (from) => from.selectFrom(portion.as('portion')).select('portion.id'))
      let removed = 0
      let rows: number
      do {
        rows = Number((await removal.executeTakeFirstOrThrow()).numDeletedRows)
        removed += rows
      } while (rows === portionRows)
      return removed
    },
  })
}

export const auditMigrations = (dialect: SqlDialect): Readonly<Record<string, Migration>> => ({
  '2026-11-21-01-audit': {
    async up(database) {
      await database.schema
        .createTable('audit')
        .ifNotExists()
        .$call((table) => addCountedKey(table, dialect))
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('action', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('user_id', 'varchar(255)')
        .addColumn('actor', 'text')
        .addColumn('address', 'text')
        .addColumn('request_id', 'text')
        .addColumn('subject', 'text')
        .addColumn('detail', 'text')
        .execute()
    },
  },
  '2026-11-21-02-audit-at': {
    async up(database) {
      await database.schema.createIndex('audit_at').ifNotExists().on('audit').column('at').execute()
    },
  },
  '2026-11-21-03-audit-user': {
    async up(database) {
      await database.schema.createIndex('audit_user').ifNotExists().on('audit').columns(['user_id', 'id']).execute()
    },
  },
})

const toRow = (entry: AuditEntry, at: number): Omit<AuditRow, 'id'> => ({
  at,
  action: entry.action,
  outcome: entry.outcome,
  user_id: entry.userId ?? null,
  actor: entry.actor ?? null,
  address: entry.address ?? null,
  request_id: entry.requestId ?? null,
  subject: entry.subject ?? null,
  detail: entry.detail === undefined ? null : JSON.stringify(entry.detail),
})

const fromRow = (row: AuditRow): AuditRecord => ({
  id: row.id,
  at: row.at,
  action: row.action,
  outcome: row.outcome === 'success' ? 'success' : 'failure',
  ...(row.user_id !== null && { userId: row.user_id }),
  ...(row.actor !== null && { actor: row.actor }),
  ...(row.address !== null && { address: row.address }),
  ...(row.request_id !== null && { requestId: row.request_id }),
  ...(row.subject !== null && { subject: row.subject }),
  ...(row.detail !== null && { detail: JSON.parse(row.detail) as NonNullable<AuditEntry['detail']> }),
})
