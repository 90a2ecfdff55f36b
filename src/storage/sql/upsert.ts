// "Insert, or update if it is there", and "insert unless it is there", which every database spells in its own way.
// Features use these instead of `onConflict` and `returning`, which not every database has.

import { type Kysely, MysqlAdapter, sql, type Transaction } from 'kysely'
import { isUniqueViolation } from './is-unique-violation.ts'

type Database<Tables> = Kysely<Tables> | Transaction<Tables>

export interface Insert<Row> {
  readonly row: Row
  /** The columns of the primary key or of a unique index; of no other can the row find itself in the way. */
  readonly key: readonly (keyof Row & string)[]
}

export interface Upsert<Row> extends Insert<Row> {
  /** The columns to overwrite when the row is there; with none of them the present row stays as it is. */
  readonly update: readonly (keyof Row & string)[]
}

/**
 * Inserts the row, or updates the one with the same key.
 *
 * @example
 * await upsert(db, 'users', { row, key: ['provider', 'subject'], update: ['username', 'last_login_at'] })
 */
export async function upsert<Tables, Table extends keyof Tables & string>(
  database: Database<Tables>,
  table: Table,
  { row, key, update }: Upsert<{ readonly [Column in keyof Tables[Table]]?: unknown }>,
): Promise<void> {
  const insert = untyped(database).insertInto<string>(table).values(row)
  if (isMysql(database)) {
    // `values()` is what MariaDB and MySQL both know. Setting a column to itself changes nothing.
    const changes = update.map((column) => [column, sql`values(${sql.ref(column)})`])
    const nothing = key.slice(0, 1).map((column) => [column, sql.ref(column)])
    await insert.onDuplicateKeyUpdate(Object.fromEntries(update.length === 0 ? nothing : changes)).execute()
    return
  }
  const changes = Object.fromEntries(update.map((column) => [column, sql.ref(`excluded.${column}`)]))
  await insert
    .onConflict((conflict) => {
      const target = conflict.columns(key)
      return update.length === 0 ? target.doNothing() : target.doUpdateSet(changes)
    })
    .execute()
}

/**
 * Inserts the row unless there is one with the same key.
 *
 * @returns whether it was inserted
 */
export async function insertIfAbsent<Tables, Table extends keyof Tables & string>(
  database: Database<Tables>,
  table: Table,
  { row, key }: Insert<{ readonly [Column in keyof Tables[Table]]?: unknown }>,
): Promise<boolean> {
  const insert = untyped(database).insertInto<string>(table).values(row)
  if (!isMysql(database)) {
    const { numInsertedOrUpdatedRows } = await insert
      .onConflict((conflict) => conflict.columns(key).doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  }
  try {
    await insert.execute()
    return true
  } catch (error) {
    // Only the statement is undone, not the transaction around it.
    if (isUniqueViolation(error)) return false
    throw error
  }
}

/** Kysely cannot follow a table that is itself a parameter. */
const untyped = <Tables>(database: Database<Tables>) =>
  database as unknown as Kysely<Record<string, Record<string, unknown>>>

const isMysql = <Tables>(database: Database<Tables>): boolean => database.getExecutor().adapter instanceof MysqlAdapter
