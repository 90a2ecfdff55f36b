// The PostgreSQL driver of the SQL kind: a pool with limits on everything that could wait for ever.

import { PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { Logger } from '#telemetry'
import { type PostgresConfig, toPlace } from './config.ts'
import { toSafeNumber } from './safe-number.ts'
import { createServerDriver } from './server-driver.ts'
import type { ServerLimits } from './server-limits.ts'
import { toServerTls } from './server-tls.ts'
import type { SqlDriver } from './sql-driver.ts'

export const createPostgres = (config: PostgresConfig, log: Logger): SqlDriver =>
  createServerDriver({
    dialect: 'postgres',
    name: 'PostgreSQL',
    maxConnections: config.maxConnections,
    connect: (limits) =>
      new PostgresDialect({
        // Loaded at first use, because only this driver needs it.
        async pool() {
          const [{ default: pg }, { createGuardedPool }] = await Promise.all([
            import('pg'),
            import('./postgres-pool.ts'),
          ])
          return createGuardedPool(new pg.Pool(poolConfig(config, limits, pg.types.getTypeParser)), limits, log)
        },
      }),
  })

const poolConfig = (config: PostgresConfig, limits: ServerLimits, usual: TypeParser): pg.PoolConfig => ({
  ...toPlace(config, 5432),
  password: config.password?.reveal() ?? '',
  ssl: toServerTls(config.tls) ?? false,
  application_name: 'gatehouse',
  max: limits.slots.slots,
  connectionTimeoutMillis: limits.connectMs,
  query_timeout: limits.answerMs,
  statement_timeout: limits.statementMs,
  lock_timeout: limits.lockMs,
  idle_in_transaction_session_timeout: limits.silenceMs,
  idleTimeoutMillis: 30_000,
  maxLifetimeSeconds: 1_800,
  keepAlive: true,
  types: { getTypeParser: withNumbers(usual) },
})

type TypeParser = typeof pg.types.getTypeParser

/** The type `bigint`, by its number in PostgreSQL's catalogue (pg_type). */
const int8 = 20

/** 64-bit integers as numbers. */
const withNumbers =
  (usual: TypeParser): TypeParser =>
  (id: number, format?: unknown) =>
    id === int8 ? toSafeNumber : usual(id, format as 'text')
