// What the drivers of databases on a server have in common: two pools (features, migrations), opened at first use.

import { type Dialect, Kysely, sql } from 'kysely'
import { migrationLimits, type ServerLimits, shortLimits } from './server-limits.ts'
import type { SqlDialect, SqlDriver } from './sql-driver.ts'

export interface ServerKind {
  readonly dialect: SqlDialect
  /** For people. */
  readonly name: string
  readonly maxConnections: number
  readonly connect: (limits: ServerLimits) => Dialect
}

export function createServerDriver({ dialect, name, maxConnections, connect }: ServerKind): SqlDriver {
  const database = new Kysely<unknown>({ dialect: connect(shortLimits(maxConnections)) })
  const migrating = new Kysely<unknown>({ dialect: connect(migrationLimits) })
  return Object.freeze({
    dialect,
    database,
    migrating,
    async open() {
      await sql`select 1`.execute(database).catch((cause: unknown) => {
        throw new Error(`${name} cannot be used (${reasonOf(cause)}); check \`storage.sql\``, { cause })
      })
    },
    async health() {
      await sql`select 1`.execute(database)
      return { healthy: true }
    },
    async close() {
      await Promise.all([database.destroy(), migrating.destroy()])
    },
  })
}

/** What the server or the system said, where "it did not answer" is all that a request would be told. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
