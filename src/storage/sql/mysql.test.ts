// MariaDB as a SQL driver, against a real one: the contract, and what happens when the server fails. MySQL 8 is spoken to
// by the same code; it has no package in Debian.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { sql } from 'kysely'
import { Secret } from '#kernel'
import type { Logger } from '#telemetry'
import {
  isMissing,
  type Mariadb,
  type MariadbDatabase,
  type Missing,
  startMariadb,
  startOwnMariadb,
} from '../../../test/support/programs.ts'
import type { MysqlConfig } from './config.ts'
import { createMysql } from './mysql.ts'
import { serverFaultsContract } from './server-faults.contract.ts'
import { sqlDriverContract } from './sql-driver.contract.ts'
import type { SqlDriver } from './sql-driver.ts'

const mariadb = await startMariadb()
const unavailable = { code: 'storage.unavailable', status: 503 }
const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

const configOf = ({ host, port, database, user, password }: Omit<MariadbDatabase, 'drop'>): MysqlConfig => ({
  type: 'mariadb',
  host,
  port,
  database,
  user,
  password: new Secret(password),
  tls: false,
  maxConnections: 4,
})

if (!isMissing(mariadb)) {
  sqlDriverContract('mariadb', async () => {
    const place = await mariadb.createDatabase()
    const [one, two] = [createMysql(configOf(place), log), createMysql(configOf(place), log)]
    return {
      nodes: [one, two],
      async close() {
        await Promise.all([one.close(), two.close()])
        await place.drop()
      },
    }
  })
}

if (!isMissing(mariadb)) {
  serverFaultsContract({
    name: 'mariadb',
    startServer: startOwnMariadb,
    createDriver: (place: Omit<MariadbDatabase, 'drop'>) => createMysql(configOf(place), log),
  })
}

/** Runs `work` on a database of its own, and closes what it opened. */
async function withDatabase(
  server: Mariadb | Missing,
  work: (driver: SqlDriver) => Promise<void>,
  change: Partial<MysqlConfig> = {},
): Promise<void> {
  if (isMissing(server)) throw new Error(server.missing)
  const place = await server.createDatabase()
  const driver = createMysql({ ...configOf(place), ...change }, log)
  try {
    await work(driver)
  } finally {
    await driver.close()
    await place.drop()
  }
}

describe('mariadb driver', { skip: isMissing(mariadb) && mariadb.missing }, () => {
  it('makes tables that do not depend on how the database was made', () =>
    withDatabase(mariadb, async ({ migrating, database }) => {
      await migrating.schema.createTable('t').addColumn('x', 'text').execute()
      const { rows } = await sql<{ 'Create Table': string }>`show create table t`.execute(database)
      assert.match(rows[0]?.['Create Table'] ?? '', /`x` mediumtext.*ENGINE=InnoDB.* COLLATE=utf8mb4_nopad_bin/s)
    }))

  it('sends parameters beside the statement, so that no mode of the server makes text a part of it', () =>
    withDatabase(mariadb, ({ database }) =>
      database.connection().execute(async (connection) => {
        // In these modes the usual escapes escape nothing.
        await sql`set session sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'`.execute(connection)
        for (const text of ["\\' or 1=1 -- ", '\\" or 1=1 -- ', '\\', "''", '\0\n\x1a%_']) {
          const { rows } = await sql`select ${text} as text`.execute(connection)
          assert.deepEqual(rows, [{ text }])
        }
      }),
    ))

  it('connects by the socket of the server too', async (t) => {
    const server = await startOwnMariadb()
    if (isMissing(server)) throw new Error(server.missing)
    t.after(server.stop)
    await withDatabase(server, (driver) => driver.open(), { host: server.socket, port: 1 })
  })

  it('gives up on a statement that takes too long, and goes on', () =>
    withDatabase(mariadb, async ({ database }) => {
      const slow = database.connection().execute(async (connection) => {
        await sql`set session max_statement_time = 0.05`.execute(connection)
        await sql`select sleep(5)`.execute(connection)
      })
      await assert.rejects(slow, unavailable)
      await sql`select 1`.execute(database)
    }))

  const refused = [
    [
      'nobody listens',
      { host: '127.0.0.1', port: 1 },
      /MariaDB cannot be used \(.*ECONNREFUSED.*\); check `storage\.sql`/,
    ],
    ['the password is wrong', {}, /MariaDB cannot be used \(Access denied for user/],
    ['the database is not there', { database: 'mysql' }, /MariaDB cannot be used \(Access denied for user/],
  ] as const
  for (const [name, change, reason] of refused) {
    it(`says why it cannot be opened where ${name}, and never the password`, () =>
      withDatabase(
        mariadb,
        async (driver) => {
          const failure = await driver.open().catch((error: unknown) => error)
          assert.match(String(failure), reason)
          assert.doesNotMatch(inspect(failure), /CANARY/)
        },
        { password: new Secret('CANARY'), ...change },
      ))
  }
})
