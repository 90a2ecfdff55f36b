// The table of users. Written by `users.ts` only. One row per (provider, subject); e-mail is never a key.

import type { Kysely, Selectable } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { LoginIdentity } from '#identity'
import { newId, type UserId } from '#kernel'
import { type Storage, upsert } from '#storage'
import type { User, UserPage } from './access.ts'

interface UserTable {
  readonly id: string
  readonly provider: string
  readonly subject: string
  readonly username: string
  readonly display_name: string
  readonly email: string | null
  /** A JSON array of names. */
  readonly groups: string
  readonly created_at: number
  readonly last_login_at: number
  readonly disabled_at: number | null
}

interface Tables {
  readonly users: UserTable
}

/** One statement: not every database rolls back changes of schema. */
export const userMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-21-20-users': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('users')
        .ifNotExists()
        .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('provider', 'varchar(255)', (column) => column.notNull())
        .addColumn('subject', 'varchar(255)', (column) => column.notNull())
        .addColumn('username', 'text', (column) => column.notNull())
        .addColumn('display_name', 'text', (column) => column.notNull())
        .addColumn('email', 'text')
        .addColumn('groups', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('last_login_at', 'bigint', (column) => column.notNull())
        .addColumn('disabled_at', 'bigint')
        .addUniqueConstraint('users_provider_subject', ['provider', 'subject'])
        .execute()
    },
  },
}

export interface UserStore {
  /** @returns undefined if the row exists and is disabled; then it is left as it was. */
  admit(identity: LoginIdentity, now: number): Promise<User | undefined>
  list(page: UserPage): Promise<readonly User[]>
  findById(id: string): Promise<User | undefined>
  findBySubject(provider: string, subject: string): Promise<User | undefined>
  /** At most `limit`, because a username need not be unique. */
  findByUsername(username: string, limit: number): Promise<readonly User[]>
  /** @returns false if there is no such user. */
  setDisabledAt(id: string, disabledAt: number | null): Promise<boolean>
  disabledIds(): Promise<readonly UserId[]>
}

export function createUserStore(storage: Pick<Storage, 'sql'>): UserStore {
  const users = () => storage.sql<Tables>().selectFrom('users').selectAll()

  const findRow = ({ provider, subject }: Pick<UserTable, 'provider' | 'subject'>) =>
    users().where('provider', '=', provider).where('subject', '=', subject).executeTakeFirst()

  return Object.freeze({
    async admit(identity: LoginIdentity, now: number) {
      const key = { provider: identity.provider, subject: identity.subject }
      const known = await findRow(key)
      if (known !== undefined && known.disabled_at !== null) return undefined
      const described = {
        username: identity.username,
        display_name: identity.displayName,
        email: identity.email ?? null,
        groups: JSON.stringify(identity.groups),
        last_login_at: now,
      }
      await upsert(storage.sql<Tables>(), 'users', {
        row: { id: newId(), ...key, created_at: now, disabled_at: null, ...described },
        key: ['provider', 'subject'],
        update: ['username', 'display_name', 'email', 'groups', 'last_login_at'],
      })
      // Read again: another login may have made the row first, and an admin may have disabled it just now.
      const row = await findRow(key)
      return row?.disabled_at === null ? toUser(row) : undefined
    },

    async list({ after, limit }: UserPage) {
      let query = users().orderBy('provider').orderBy('subject')
      if (limit !== undefined) query = query.limit(limit)
      if (after !== undefined) {
        query = query.where((where) => {
          const last = where
            .selectFrom('users as last')
            .select(['last.provider', 'last.subject'])
            .where('last.id', '=', after)
          return where.eb(where.refTuple('provider', 'subject'), '>', last.$asTuple('provider', 'subject'))
        })
      }
      return (await query.execute()).map(toUser)
    },

    async findById(id: string) {
      const row = await users().where('id', '=', id).executeTakeFirst()
      return row && toUser(row)
    },

    async findBySubject(provider: string, subject: string) {
      const row = await findRow({ provider, subject })
      return row && toUser(row)
    },

    async findByUsername(username: string, limit: number) {
      const rows = await users().where('username', '=', username).limit(limit).execute()
      return rows.map(toUser)
    },

    async setDisabledAt(id: string, disabledAt: number | null) {
      const result = await storage
        .sql<Tables>()
        .updateTable('users')
        .set({ disabled_at: disabledAt })
        .where('id', '=', id)
        .executeTakeFirst()
      return result.numUpdatedRows > 0n
    },

    async disabledIds() {
      const rows = await storage
        .sql<Tables>()
        .selectFrom('users')
        .select('id')
        .where('disabled_at', 'is not', null)
        .execute()
      return rows.map(({ id }) => id as UserId)
    },
  })
}

const toUser = (row: Selectable<UserTable>): User => ({
  id: row.id as UserId,
  provider: row.provider,
  subject: row.subject,
  username: row.username,
  displayName: row.display_name,
  ...(row.email !== null && { email: row.email }),
  groups: JSON.parse(row.groups) as readonly string[],
  createdAt: row.created_at,
  lastLoginAt: row.last_login_at,
  ...(row.disabled_at !== null && { disabledAt: row.disabled_at }),
})
