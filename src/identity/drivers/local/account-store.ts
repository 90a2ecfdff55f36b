// The table of local accounts: name, password hash, groups, disabled. Written by the driver (a new hash at login) and by
// `gatehouse user`. Names are kept in one spelling, so that none is another's look-alike.

import type { ColumnType, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { isUniqueViolation, type Storage } from '#storage'

export interface LocalAccount {
  readonly name: string
  readonly displayName: string
  readonly email?: string
  readonly groups: readonly string[]
  readonly passwordHash: string
  readonly createdAt: number
  readonly disabledAt?: number
}

/** Milliseconds since the epoch; PostgreSQL's driver gives 64-bit integers as text. */
type Instant = ColumnType<number | string, number, number>

interface LocalAccountTable {
  readonly name: string
  readonly display_name: string
  readonly email: string | null
  /** A JSON array of names. */
  readonly groups: string
  readonly password_hash: string
  readonly created_at: Instant
  readonly disabled_at: ColumnType<number | string | null, number | null, number | null>
}

interface Tables {
  readonly local_accounts: LocalAccountTable
}

/** One statement: not every database rolls back changes of schema. */
export const localAccountMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-21-30-local-accounts': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('local_accounts')
        .ifNotExists()
        .addColumn('name', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('display_name', 'varchar(255)', (column) => column.notNull())
        .addColumn('email', 'varchar(255)')
        .addColumn('groups', 'text', (column) => column.notNull())
        .addColumn('password_hash', 'varchar(255)', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('disabled_at', 'bigint')
        .execute()
    },
  },
}

export interface LocalAccountStore {
  find(name: string): Promise<LocalAccount | undefined>
  /** By name. */
  list(): Promise<readonly LocalAccount[]>
  /** @returns false if the name is taken. */
  add(account: LocalAccount): Promise<boolean>
  /** @param onlyIf the hash that is to be replaced, where another must not be overwritten. @returns whether it was. */
  setPasswordHash(name: string, passwordHash: string, onlyIf?: string): Promise<boolean>
  /** @returns false if there is no such account. */
  setDisabledAt(name: string, disabledAt: number | undefined): Promise<boolean>
}

export function createLocalAccountStore(storage: Pick<Storage, 'sql'>): LocalAccountStore {
  const database = () => storage.sql<Tables>()
  const isOne = ({ numUpdatedRows }: { readonly numUpdatedRows: bigint }): boolean => numUpdatedRows === 1n

  return Object.freeze({
    async find(name: string) {
      const row = await database().selectFrom('local_accounts').selectAll().where('name', '=', name).executeTakeFirst()
      return row && toAccount(row)
    },

    async list() {
      return (await database().selectFrom('local_accounts').selectAll().orderBy('name').execute()).map(toAccount)
    },

    async add(account: LocalAccount) {
      const row = {
        name: account.name,
        display_name: account.displayName,
        email: account.email ?? null,
        groups: JSON.stringify(account.groups),
        password_hash: account.passwordHash,
        created_at: account.createdAt,
        disabled_at: account.disabledAt ?? null,
      }
      try {
        await database().insertInto('local_accounts').values(row).execute()
        return true
      } catch (error) {
        if (isUniqueViolation(error)) return false
        throw error
      }
    },

    async setPasswordHash(name: string, passwordHash: string, onlyIf?: string) {
      const update = database()
        .updateTable('local_accounts')
        .set({ password_hash: passwordHash })
        .where('name', '=', name)
      const guarded = onlyIf === undefined ? update : update.where('password_hash', '=', onlyIf)
      return isOne(await guarded.executeTakeFirst())
    },

    async setDisabledAt(name: string, disabledAt: number | undefined) {
      const update = database()
        .updateTable('local_accounts')
        .set({ disabled_at: disabledAt ?? null })
      return isOne(await update.where('name', '=', name).executeTakeFirst())
    },
  })
}

const toAccount = (row: {
  readonly name: string
  readonly display_name: string
  readonly email: string | null
  readonly groups: string
  readonly password_hash: string
  readonly created_at: number | string
  readonly disabled_at: number | string | null
}): LocalAccount => ({
  name: row.name,
  displayName: row.display_name,
  ...(row.email !== null && { email: row.email }),
  groups: JSON.parse(row.groups) as readonly string[],
  passwordHash: row.password_hash,
  createdAt: Number(row.created_at),
  ...(row.disabled_at !== null && { disabledAt: Number(row.disabled_at) }),
})
