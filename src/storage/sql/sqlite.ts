// The SQLite driver of the SQL kind.

import { Kysely, sql } from 'kysely'
import type { SqliteDatabase } from '../sqlite/database.ts'
import { writeWaitMs } from '../sqlite/writer.ts'
import type { SqlDriver } from './sql-driver.ts'
import { createSqliteDialect } from './sqlite-dialect.ts'

const short = { limitMs: 10_000, waitMs: writeWaitMs }
const long = { limitMs: 600_000, waitMs: 300_000 }

/** @param database opened here and closed by whoever made it, because the key-value store may share it. */
export function createSqlite(database: SqliteDatabase): SqlDriver {
  const kysely = new Kysely<unknown>({ dialect: createSqliteDialect(database, short) })
  return Object.freeze({
    dialect: 'sqlite',
    database: kysely,
    migrating: new Kysely<unknown>({ dialect: createSqliteDialect(database, long) }),
    open: async () => database.open(),
    async health() {
      await sql`select 1`.execute(kysely)
      return { healthy: true }
    },
    close: async () => {},
  })
}
