// "Insert, or update if it is there", which every database spells in its own way. Features use this instead of
// `onConflict`, so that a dialect without it needs a change here only.

import { type Kysely, sql, type Transaction } from 'kysely'

export interface Upsert<Row> {
  readonly row: Row
  /** The columns of the primary key or of a unique index. */
  readonly key: readonly (keyof Row & string)[]
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
  database: Kysely<Tables> | Transaction<Tables>,
  table: Table,
  { row, key, update }: Upsert<{ readonly [Column in keyof Tables[Table]]?: unknown }>,
): Promise<void> {
  // Kysely cannot follow a table that is itself a parameter.
  const untyped = database as unknown as Kysely<Record<string, Record<string, unknown>>>
  const changes = Object.fromEntries(update.map((column) => [column, sql.ref(`excluded.${column}`)]))
  await untyped
    .insertInto<string>(table)
    .values(row)
    .onConflict((conflict) => {
      const target = conflict.columns(key)
      return update.length === 0 ? target.doNothing() : target.doUpdateSet(changes)
    })
    .execute()
}
