// MariaDB as a SQL driver, against a real one: the contract, and what happens when the server fails. MySQL 8 is spoken to
// by the same code; it has no package in Debian.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { sql } from 'kysely'
import { Secret } from '#kernel'
import type { Logger } from '#telemetry'
import { isMissing, type MariadbDatabase, startMariadb, startOwnMariadb } from '../../../test/support/programs.ts'
import type { MysqlConfig } from './config.ts'
import { createMysql } from './mysql.ts'
import { sqlDriverContract } from './sql-driver.contract.ts'

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

describe('mariadb driver', { skip: isMissing(mariadb) && mariadb.missing }, () => {
  it('makes tables that do not depend on how the database was made', async () => {
    if (isMissing(mariadb)) return
    const place = await mariadb.createDatabase()
    const driver = createMysql(configOf(place), log)
    await driver.migrating.schema.createTable('t').addColumn('x', 'text').execute()
    const { rows } = await sql<{ 'Create Table': string }>`show create table t`.execute(driver.database)
    assert.match(rows[0]?.['Create Table'] ?? '', /`x` mediumtext.*ENGINE=InnoDB.* COLLATE=utf8mb4_nopad_bin/s)
    await driver.close()
    await place.drop()
  })

  it('sends parameters beside the statement, so that no mode of the server makes text a part of it', async () => {
    const server = await startOwnMariadb(['--sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES'])
    if (isMissing(server)) throw new Error(server.missing)
    const driver = createMysql(configOf(await server.createDatabase()), log)
    for (const text of ["\\' or 1=1 -- ", '\\" or 1=1 -- ', '\\', "''", '\0\n\x1a%_']) {
      const { rows } = await sql`select ${text} as text`.execute(driver.database)
      assert.deepEqual(rows, [{ text }])
    }
    await driver.close()
    await server.stop()
  })

  it('connects by the socket of the server too', async () => {
    const server = await startOwnMariadb()
    if (isMissing(server)) throw new Error(server.missing)
    const { drop: _, ...place } = await server.createDatabase()
    const driver = createMysql(configOf({ ...place, host: server.socket, port: 1 }), log)
    await driver.open()
    await driver.close()
    await server.stop()
  })

  it('gives up on a statement that takes too long, and goes on', async () => {
    if (isMissing(mariadb)) return
    const place = await mariadb.createDatabase()
    const driver = createMysql(configOf(place), log)
    const slow = driver.database.connection().execute(async (connection) => {
      await sql`set session max_statement_time = 0.05`.execute(connection)
      await sql`select sleep(5)`.execute(connection)
    })
    await assert.rejects(slow, unavailable)
    await sql`select 1`.execute(driver.database)
    await driver.close()
    await place.drop()
  })

  it('says why it cannot be opened, and never the password', async () => {
    const config = configOf({ host: '127.0.0.1', port: 1, database: 'x', user: 'x', password: 'CANARY' })
    const driver = createMysql(config, log)
    const failure = await driver.open().catch((error: unknown) => error)
    assert.match(String(failure), /MariaDB cannot be used \(.*ECONNREFUSED.*\); check `storage\.sql`/)
    assert.doesNotMatch(inspect(failure), /CANARY/)
    await driver.close()
  })

  it('says so when the password is wrong', async () => {
    if (isMissing(mariadb)) return
    const place = await mariadb.createDatabase()
    const driver = createMysql(configOf({ ...place, password: 'CANARY' }), log)
    const failure = await driver.open().catch((error: unknown) => error)
    assert.match(String(failure), /MariaDB cannot be used \(Access denied for user/)
    assert.doesNotMatch(inspect(failure), /CANARY/)
    await driver.close()
    await place.drop()
  })
})
