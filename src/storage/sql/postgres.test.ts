// PostgreSQL as a SQL driver, against a real one: the contract, and what happens when the server fails.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { sql } from 'kysely'
import { Secret } from '#kernel'
import type { Logger } from '#telemetry'
import { isMissing, startOwnPostgres, startPostgres } from '../../../test/support/programs.ts'
import type { PostgresConfig } from './config.ts'
import { createPostgres } from './postgres.ts'
import { sqlDriverContract } from './sql-driver.contract.ts'

const postgres = await startPostgres()
const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const unavailable = { code: 'storage.unavailable', status: 503 }

interface Place {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | undefined
}

const configOf = ({ host, port, database, user, password }: Place): PostgresConfig => ({
  type: 'postgres',
  host,
  port,
  database,
  user,
  ...(password !== undefined && { password: new Secret(password) }),
  tls: false,
  maxConnections: 4,
})

if (!isMissing(postgres)) {
  sqlDriverContract('postgres', async () => {
    const place = await postgres.createDatabase()
    const [one, two] = [createPostgres(configOf(place), log), createPostgres(configOf(place), log)]
    return {
      nodes: [one, two],
      async close() {
        await Promise.all([one.close(), two.close()])
        await place.drop()
      },
    }
  })
}

describe('postgres driver', { skip: isMissing(postgres) && postgres.missing }, () => {
  it('says unavailable while the server is gone, goes on when it is back, and outlives broken connections', async () => {
    const server = await startOwnPostgres()
    if (isMissing(server)) throw new Error(server.missing)
    const driver = createPostgres(configOf(await server.createDatabase()), log)
    const ask = () => sql`select 1`.execute(driver.database)
    await driver.open()

    await server.halt()
    await assert.rejects(ask(), unavailable)
    await assert.rejects(driver.health(), unavailable)
    await server.restart()
    await ask()

    const broken = driver.database.transaction().execute(async (transaction) => {
      await server.halt()
      await sql`select 1`.execute(transaction)
    })
    await assert.rejects(broken)
    await server.restart()
    await ask()
    await driver.close()
    await server.stop()
  })

  it('gives up on a statement that takes too long, and closes its connection', async () => {
    if (isMissing(postgres)) return
    const place = await postgres.createDatabase()
    const driver = createPostgres(configOf(place), log)
    const slow = sql`set statement_timeout = 50; select pg_sleep(5)`.execute(driver.database)
    await assert.rejects(slow, unavailable)
    await sql`select 1`.execute(driver.database)
    await driver.close()
    await place.drop()
  })

  it('makes nobody wait for ever for a connection', async () => {
    if (isMissing(postgres)) return
    const place = await postgres.createDatabase()
    const driver = createPostgres(configOf(place), log)
    const release = Promise.withResolvers<void>()
    const holding = Array.from({ length: 4 }, () =>
      driver.database.transaction().execute(async (transaction) => {
        await sql`select 1`.execute(transaction)
        await release.promise
      }),
    )
    await assert.rejects(sql`select 1`.execute(driver.database), unavailable)
    release.resolve()
    await Promise.all(holding)
    await driver.close()
    await place.drop()
  })

  it('says why it cannot be opened, and never the password', async () => {
    const config = { ...configOf({ host: '127.0.0.1', port: 1, database: 'x', user: 'x', password: 'CANARY' }) }
    const driver = createPostgres(config, log)
    const failure = await driver.open().catch((error: unknown) => error)
    assert.match(String(failure), /PostgreSQL cannot be used \(.*ECONNREFUSED.*\); check `storage\.sql`/)
    assert.doesNotMatch(inspect(failure), /CANARY/)
    await driver.close()
  })
})
