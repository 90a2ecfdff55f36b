// The PostgreSQL driver of the SQL kind: a pool with limits on everything that could wait for ever.

import { readFileSync } from 'node:fs'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type pg from 'pg'
import type { Logger } from '#telemetry'
import type { PostgresConfig } from '../config.ts'
import type { SqlDriver } from './sql-driver.ts'

const short = { statement_timeout: 10_000, lock_timeout: 5_000, query_timeout: 12_000 }
// Migrations wait for each other's lock, and may rewrite a table. A run needs two connections: it reads beside its lock.
const long = { statement_timeout: 3_600_000, lock_timeout: 3_600_000, max: 2 }

export function createPostgres(config: PostgresConfig, log: Logger): SqlDriver {
  const create = (limits: pg.PoolConfig): Kysely<unknown> => {
    // Opened at first use, because the pool reads the certificates. Loaded then, because only this driver needs it.
    const pool = async () => {
      const [{ default: pg }, { createGuardedPool }] = await Promise.all([import('pg'), import('./postgres-pool.ts')])
      return createGuardedPool(new pg.Pool({ ...poolConfig(config, pg.types.getTypeParser), ...limits }), log)
    }
    return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  }
  const database = create({ ...short, max: config.maxConnections })
  const migrating = create(long)

  return Object.freeze({
    dialect: 'postgres',
    database,
    migrating,
    async open() {
      await sql`select 1`.execute(database).catch((cause: unknown) => {
        throw new Error(`PostgreSQL cannot be used (${reasonOf(cause)}); check \`storage.sql\``, { cause })
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

const poolConfig = (config: PostgresConfig, usual: TypeParser): pg.PoolConfig => ({
  host: config.host,
  port: config.port,
  database: config.database,
  user: config.user,
  password: config.password?.reveal() ?? '',
  ssl: typeof config.tls === 'boolean' ? config.tls : { ca: readFileSync(config.tls.ca, 'utf8') },
  application_name: 'gatehouse',
  connectionTimeoutMillis: 3_000,
  idleTimeoutMillis: 30_000,
  maxLifetimeSeconds: 1_800,
  idle_in_transaction_session_timeout: 30_000,
  keepAlive: true,
  types: { getTypeParser: withNumbers(usual) },
})

/** What the server or the system said, where "it did not answer" is all that a request would be told. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

type TypeParser = typeof pg.types.getTypeParser

/** The type `bigint`, by its number in PostgreSQL's catalogue (pg_type). */
const int8 = 20

/** 64-bit integers as numbers: ours are counts and times, far below 2^53. */
const withNumbers =
  (usual: TypeParser): TypeParser =>
  (id: number, format?: unknown) =>
    id === int8 ? toNumber : usual(id, format as 'text')

function toNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a 64-bit integer of the database is too large')
  return value
}
