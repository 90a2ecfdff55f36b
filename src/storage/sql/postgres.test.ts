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
import { serverFaultsContract } from './server-faults.contract.ts'
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

if (!isMissing(postgres)) {
  serverFaultsContract({
    name: 'postgres',
    startServer: startOwnPostgres,
    createDriver: (place: Place) => createPostgres(configOf(place), log),
  })
}

describe('postgres driver', { skip: isMissing(postgres) && postgres.missing }, () => {
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

  it('says why it cannot be opened, and never the password', async () => {
    const config = { ...configOf({ host: '127.0.0.1', port: 1, database: 'x', user: 'x', password: 'CANARY' }) }
    const driver = createPostgres(config, log)
    const failure = await driver.open().catch((error: unknown) => error)
    assert.match(String(failure), /PostgreSQL cannot be used \(.*ECONNREFUSED.*\); check `storage\.sql`/)
    assert.doesNotMatch(inspect(failure), /CANARY/)
    await driver.close()
  })
})
