// The table of mails that are to be sent. A row is there from the transaction that is the reason for the mail until the
// mail is sent, or for a while after the last attempt; a lease keeps two nodes from sending the same one.

import type { Kysely, Selectable } from 'kysely'
import type { Migration } from 'kysely/migration'
import { newId, randomToken } from '#kernel'
import type { Storage } from '#storage'
import type { MailState, MailText, UnsentMail, UnsentQuery } from './mail.ts'
import type { OutgoingMail } from './transport.ts'

interface OutboxTable {
  readonly id: string
  readonly recipient: string
  readonly template: string
  readonly subject: string
  readonly body: string
  readonly state: MailState
  readonly created_at: number
  readonly next_at: number
  readonly attempts: number
  readonly last_error: string | null
  readonly leased_until: number
  readonly lease: string | null
}

interface Tables {
  readonly mail_outbox: OutboxTable
}

export const outboxMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-22-30-mail-outbox': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('mail_outbox')
        .ifNotExists()
        .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('recipient', 'text', (column) => column.notNull())
        .addColumn('template', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('state', 'varchar(16)', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('next_at', 'bigint', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('last_error', 'text')
        .addColumn('leased_until', 'bigint', (column) => column.notNull())
        .addColumn('lease', 'varchar(64)')
        .execute()
    },
  },
  '2026-11-22-31-mail-outbox-next': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createIndex('mail_outbox_next')
        .ifNotExists()
        .on('mail_outbox')
        .columns(['state', 'next_at'])
        .execute()
    },
  },
}

/** A mail that this node alone may send for now. */
export interface LeasedMail extends OutgoingMail {
  readonly template: string
  readonly attempts: number
  readonly lease: string
}

export interface NewRow extends MailText {
  readonly to: string
  readonly template: string
}

export interface OutboxStore {
  add<Other>(mail: NewRow, now: number, transaction?: Kysely<Other>): Promise<void>
  /** The next one that is due and that nobody else has. */
  lease(now: number, leaseMs: number): Promise<LeasedMail | undefined>
  /** Nothing happens if the lease has gone to somebody else. */
  sent(mail: LeasedMail): Promise<void>
  /** @param nextAt undefined: it is not tried again. */
  notSent(mail: LeasedMail, failure: { readonly error: string; readonly nextAt: number | undefined }): Promise<void>
  list(query: UnsentQuery): Promise<readonly UnsentMail[]>
  count(): Promise<Readonly<Record<MailState, number>>>
  removeFailedBefore(instant: number): Promise<void>
}

/** Somebody else may take one of those that were found; then the next is tried. */
const CANDIDATES = 20

export function createOutboxStore(storage: Pick<Storage, 'sql'>): OutboxStore {
  const database = () => storage.sql<Tables>()
  const mine = ({ id, lease }: LeasedMail) =>
    database().updateTable('mail_outbox').where('id', '=', id).where('lease', '=', lease)

  const take = async (id: string, lease: string, now: number, leasedUntil: number): Promise<boolean> => {
    const { numUpdatedRows } = await database()
      .updateTable('mail_outbox')
      .set({ lease, leased_until: leasedUntil })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('next_at', '<=', now)
      .where('leased_until', '<=', now)
      .executeTakeFirstOrThrow()
    return numUpdatedRows === 1n
  }

  return Object.freeze({
    async add<Other>({ to, template, subject, text }: NewRow, now: number, transaction?: Kysely<Other>) {
      // A transaction is of the same database, whatever tables its owner sees in it.
      const target = (transaction as Kysely<unknown> | undefined as Kysely<Tables> | undefined) ?? database()
      await target
        .insertInto('mail_outbox')
        .values({
          id: newId(),
          recipient: to,
          template,
          subject,
          body: text,
          state: 'waiting',
          created_at: now,
          next_at: now,
          attempts: 0,
          last_error: null,
          leased_until: 0,
          lease: null,
        })
        .execute()
    },

    async lease(now: number, leaseMs: number) {
      const due = await database()
        .selectFrom('mail_outbox')
        .selectAll()
        .where('state', '=', 'waiting')
        .where('next_at', '<=', now)
        .where('leased_until', '<=', now)
        .orderBy('next_at')
        .limit(CANDIDATES)
        .execute()
      for (const row of due) {
        const lease = randomToken(16)
        if (await take(row.id, lease, now, now + leaseMs)) return toLeased(row, lease)
      }
      return undefined
    },

    async sent({ id, lease }: LeasedMail) {
      await database().deleteFrom('mail_outbox').where('id', '=', id).where('lease', '=', lease).execute()
    },

    async notSent(mail, { error, nextAt }) {
      const attempts = mail.attempts + 1
      const next = nextAt === undefined ? { state: 'failed' as const } : { next_at: nextAt }
      await mine(mail)
        .set({ attempts, last_error: error, leased_until: 0, lease: null, ...next })
        .execute()
    },

    async list({ limit, state, after }: UnsentQuery) {
      let query = database()
        .selectFrom('mail_outbox')
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (state !== undefined) query = query.where('state', '=', state)
      if (after !== undefined) {
        query = query.where((where) => {
          const last = where
            .selectFrom('mail_outbox as last')
            .select(['last.created_at', 'last.id'])
            .where('last.id', '=', after)
          return where.eb(where.refTuple('created_at', 'id'), '<', last.$asTuple('created_at', 'id'))
        })
      }
      return (await query.execute()).map(toUnsent)
    },

    async count() {
      const rows = await database()
        .selectFrom('mail_outbox')
        .select(({ fn }) => ['state', fn.countAll().as('mails')])
        .groupBy('state')
        .execute()
      const of = (state: MailState): number => Number(rows.find((row) => row.state === state)?.mails ?? 0)
      return { waiting: of('waiting'), failed: of('failed') }
    },

    async removeFailedBefore(instant: number) {
      await database()
        .deleteFrom('mail_outbox')
        .where('state', '=', 'failed')
        .where('created_at', '<', instant)
        .execute()
    },
  } satisfies OutboxStore)
}

const toLeased = (row: Selectable<OutboxTable>, lease: string): LeasedMail => ({
  id: row.id,
  to: row.recipient,
  template: row.template,
  subject: row.subject,
  text: row.body,
  createdAt: row.created_at,
  attempts: row.attempts,
  lease,
})

const toUnsent = (row: Selectable<OutboxTable>): UnsentMail => ({
  id: row.id,
  to: row.recipient,
  template: row.template,
  subject: row.subject,
  state: row.state,
  createdAt: row.created_at,
  nextAt: row.next_at,
  attempts: row.attempts,
  ...(row.last_error !== null && { lastError: row.last_error }),
})
