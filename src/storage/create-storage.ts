// Puts the storage part together: which drivers the configuration names, what is shared between them, in which order
// they start and stop. No I/O before `start`, except that `migrations` opens the database when asked.

import { join } from 'node:path'
import { type Clock, type HealthReport, type Part, systemClock } from '#kernel'
import type { Logger } from '#telemetry'
import { auditMigrations, createAuditLog } from './audit.ts'
import { databaseFile, type StorageConfig } from './config.ts'
import { createDiskReserve } from './disk-reserve.ts'
import { generateRingKey } from './key-ring.ts'
import { createKeyRingFile, readKeyRing } from './key-ring-file.ts'
import { createKeyRingKeeper, keyRingRefreshMs } from './key-ring-keeper.ts'
import { createEmbeddedKeyValue } from './key-value/embedded.ts'
import { createMemoryKeyValue } from './key-value/memory.ts'
import { createRedisKeyValue } from './key-value/redis.ts'
import type { KeyValueDriver } from './key-value.ts'
import { createSealer } from './seal.ts'
import { createMigrations } from './sql/migrations.ts'
import { createMysql } from './sql/mysql.ts'
import { createPostgres } from './sql/postgres.ts'
import type { SqlDriver } from './sql/sql-driver.ts'
import { createSqlite } from './sql/sqlite.ts'
import { createSqliteDatabase, type SqliteDatabase } from './sqlite/database.ts'
import type { Storage } from './storage.ts'
import { tryOut } from './try-out.ts'

export interface StorageDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger }
}

export function createStorage({ clock, telemetry: { log } }: StorageDeps, config: StorageConfig): Part<Storage> {
  const databases = createDatabases(config, clock)
  const sql = createSql(config, databases, log)
  const keyValue = createKeyValue(config, databases, clock, log)
  const migrations = createMigrations(sql.migrating)
  const ring = createRingSource(config, clock)
  const keeper = createKeyRingKeeper({ log, keyValue, load: ring.load })
  const audit = createAuditLog(sql.database, clock)
  const reserve = config.sql.type === 'sqlite' ? createDiskReserve(join(config.directory, 'reserve')) : undefined
  migrations.add(auditMigrations(sql.dialect))

  const api: Storage = Object.freeze({
    keyValue,
    sql: <Tables>() => sql.database as ReturnType<typeof api.sql<Tables>>,
    dialect: sql.dialect,
    audit,
    keyRing: keeper.keyRing,
    sealer: createSealer(keeper.keyRing),
    addMigrations: migrations.add,
    migrations,
    keyRingPath: ring.path,
    makeRoom: () => reserve?.giveSome() ?? false,
    tryOut: (limitMs: number) => tryOut({ sql, keyValue, clock }, limitMs),
  })

  return {
    api,
    tasks: [
      { name: 'storage.key-ring', everyMs: keyRingRefreshMs, run: keeper.refresh },
      { name: 'storage.sweep', everyMs: 60_000, run: keyValue.sweep },
      { name: 'storage.disk-reserve', everyMs: 60_000, run: async () => reserve?.keep() },
      {
        name: 'storage.audit-retention',
        everyMs: 3_600_000,
        run: async () => void (await audit.removeBefore(clock.now() - config.auditRetention)),
      },
    ],
    health: () => checkHealth([sql.health, keyValue.health], clock),
    async start() {
      await sql.open()
      reserve?.keep()
      const applied = await migrations.run()
      if (applied.length > 0)
        log.info({ event: 'migrations_applied', migrations: applied }, 'the database was migrated')
      await keyValue.start()
      await ring.prepare()
      await keeper.start()
    },
    async stop() {
      await keeper.stop().catch(() => {})
      await keyValue.stop()
      await sql.close()
      await databases.close()
    },
  }
}

/** The SQLite databases that the drivers ask for, each made once. */
function createDatabases(config: StorageConfig, clock: Clock) {
  const made = new Map<string, SqliteDatabase>()
  const at = (location: string): SqliteDatabase => {
    const database = made.get(location) ?? createSqliteDatabase({ location, clock })
    made.set(location, database)
    return database
  }
  return {
    file: () => at(databaseFile(config)),
    memory: () => at(':memory:'),
    async close() {
      for (const database of made.values()) await database.close()
    },
  }
}

type Databases = ReturnType<typeof createDatabases>

function createSql({ sql }: StorageConfig, databases: Databases, log: Logger): SqlDriver {
  switch (sql.type) {
    case 'sqlite':
      return createSqlite(databases.file())
    case 'memory':
      return createSqlite(databases.memory())
    case 'postgres':
      return createPostgres(sql, log)
    case 'mariadb':
    case 'mysql':
      return createMysql(sql, log)
  }
}

function createKeyValue({ keyValue }: StorageConfig, databases: Databases, clock: Clock, log: Logger): KeyValueDriver {
  const report = (err: unknown): void => log.error({ event: 'change_feed_failed', err }, 'the change feed failed')
  switch (keyValue.type) {
    case 'embedded':
      return createEmbeddedKeyValue({ database: databases.file(), clock, report })
    case 'memory':
      return createMemoryKeyValue({ clock, report })
    case 'redis':
      // Another process, which lives and answers by the machine's time, whatever time it is for us.
      return createRedisKeyValue({ config: keyValue, clock: systemClock, log, report })
  }
}

/** Where the keys come from: the named file, one of our own in the data folder, or nowhere if nothing is kept. */
function createRingSource({ directory, keyRing, sql, keyValue }: StorageConfig, clock: Clock) {
  if (keyRing === undefined && sql.type === 'memory' && keyValue.type === 'memory') {
    const keys = [generateRingKey(clock.now())]
    return { path: undefined, load: () => ({ keys, exposed: false }), prepare: async () => {} }
  }
  const path = keyRing ?? join(directory, 'key-ring')
  const prepare = async () => {
    if (keyRing === undefined) createKeyRingFile(path, clock.now())
  }
  return { path, load: () => readKeyRing(path), prepare }
}

/** Asks all at once. A store that fails or takes longer than a moment is not healthy. */
async function checkHealth(checks: readonly (() => Promise<HealthReport>)[], clock: Clock): Promise<HealthReport> {
  const overdue = Promise.withResolvers<never>()
  const cancel = clock.after(800, () => overdue.reject(new Error('overdue')))
  try {
    const reports = await Promise.race([Promise.all(checks.map((check) => check())), overdue.promise])
    return reports.find(({ healthy }) => !healthy) ?? { healthy: true }
  } catch {
    return { healthy: false, detail: 'a store does not answer' }
  } finally {
    cancel()
  }
}
