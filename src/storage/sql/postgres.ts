// The PostgreSQL driver of the SQL kind: a pool with limits on everything that could wait for ever.

import { readFileSync } from 'node:fs'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Logger } from '#telemetry'
import type { PostgresConfig } from '../config.ts'
import { createGuardedPool } from './postgres-pool.ts'
import type { SqlDriver } from './sql-driver.ts'

const short = { statement_timeout: 10_000, lock_timeout: 5_000, query_timeout: 12_000 }
// Migrations wait for each other's lock, and may rewrite a table. A run needs two connections: it reads beside its lock.
const long = { statement_timeout: 3_600_000, lock_timeout: 3_600_000, max: 2 }

export function createPostgres(config: PostgresConfig, log: Logger): SqlDriver {
  const create = (limits: pg.PoolConfig): Kysely<unknown> => {
    // Opened at first use, because the pool reads the certificates.
    const pool = async () => createGuardedPool(new pg.Pool({ ...poolConfig(config), ...limits }), log)
    return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  }
  const database = create({ ...short, max: config.maxConnections })
  const migrating = create(long)

  return Object.freeze({
    dialect: 'postgres',
    database,
    migrating,
    async open() {
      await sql`select 1`.execute(database)
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

const poolConfig = (config: PostgresConfig): pg.PoolConfig => ({
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
  types: { getTypeParser },
})

const int8: number = pg.types.builtins.INT8

/** 64-bit integers as numbers: ours are counts and times, far below 2^53. */
const getTypeParser: typeof pg.types.getTypeParser = (id: number, format?: unknown) =>
  id === int8 ? toNumber : pg.types.getTypeParser(id, format as 'text')

function toNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a 64-bit integer of the database is too large')
  return value
}
