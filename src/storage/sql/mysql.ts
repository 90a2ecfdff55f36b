// The driver of MariaDB and MySQL 8 of the SQL kind: a pool with limits on everything that could wait for ever.

import type { PoolOptions } from 'mysql2'
import type { Logger } from '#telemetry'
import { type MysqlConfig, toPlace } from './config.ts'
import { createMysqlDialect } from './mysql-dialect.ts'
import { createServerDriver } from './server-driver.ts'
import type { ServerLimits } from './server-limits.ts'
import { toServerTls } from './server-tls.ts'
import type { SqlDriver } from './sql-driver.ts'

export const createMysql = (config: MysqlConfig, log: Logger): SqlDriver =>
  createServerDriver({
    dialect: 'mysql',
    name: config.type === 'mariadb' ? 'MariaDB' : 'MySQL',
    maxConnections: config.maxConnections,
    connect: (limits) =>
      createMysqlDialect(async () => {
        // Loaded at first use, because only this driver needs it.
        const [{ default: mysql }, { createGuardedPool }] = await Promise.all([
          import('mysql2'),
          import('./mysql-pool.ts'),
        ])
        return createGuardedPool(mysql.createPool(poolOptions(config, limits)), limits, log)
      }),
  })

function poolOptions(config: MysqlConfig, { connectMs, silenceMs, slots: { slots } }: ServerLimits): PoolOptions {
  const { host, ...place } = toPlace(config, 3306)
  const tls = toServerTls(config.tls)
  return {
    ...place,
    ...(host.startsWith('/') ? { socketPath: host } : { host }),
    ...(config.password && { password: config.password.reveal() }),
    // The library looks at the name in the certificate only if told to.
    ...(tls && { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized } as NonNullable<PoolOptions['ssl']> }),
    connectTimeout: connectMs,
    connectionLimit: slots,
    // With fewer than the limit it closes those that are idle for too long.
    maxIdle: slots - 1,
    idleTimeout: silenceMs,
    charset: 'UTF8MB4_BIN',
    // What is no safe integer comes as text then, and is refused (`mysql-session.ts`).
    supportBigNumbers: true,
    // A server may not ask for files of ours.
    flags: ['-LOCAL_FILES'],
    // Reads rows without making code for them.
    disableEval: true,
    maxPreparedStatements: 200,
    enableKeepAlive: true,
    connectAttributes: { program_name: 'gatehouse' },
  }
}
