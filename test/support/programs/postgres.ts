// A real PostgreSQL: that of GATEHOUSE_TEST_POSTGRES_URL, or one of our own; one for the process, a database per suite.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { findFreePort, makeDirectory, type Restartable, runRestartable } from './run-program.ts'
import { unprivileged } from './unprivileged.ts'

export interface Postgres {
  /** Makes an empty database. */
  createDatabase(): Promise<PostgresDatabase>
  stop(): Promise<void>
}

/** How to reach a database; the keys are those of the `storage.sql` section. */
export interface PostgresDatabase {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | undefined
  /** Removes it, and closes whatever is still connected. */
  drop(): Promise<void>
}

/** One that we started, and may treat badly. */
export interface OwnPostgres extends Postgres, Restartable {
  /** Of its administrator, who needs no password. */
  readonly url: string
  readonly port: number
}

let shared: Promise<Postgres | Missing> | undefined

/** The one PostgreSQL of this process; it ends with the process. */
export function startPostgres(): Promise<Postgres | Missing> {
  const url = process.env.GATEHOUSE_TEST_POSTGRES_URL
  shared ??= url === undefined ? startOwnPostgres() : Promise.resolve(atServer(new URL(url)))
  return shared
}

/** @param more settings of the server: `['ssl=on']`. */
export async function startOwnPostgres(more: readonly string[] = []): Promise<OwnPostgres | Missing> {
  const program = await findProgram({ names: ['postgres'], package: 'postgresql' })
  if (isMissing(program)) return program
  const user = await unprivileged('postgres')
  const directory = makeDirectory('postgres', user)
  const data = join(directory, 'data')
  const initdb = join(dirname(program.path), 'initdb')
  const initArgs = ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync']
  await promisify(execFile)(initdb, initArgs, { cwd: directory, ...user })

  const port = await findFreePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const server = atServer(new URL(url))
  const settings = ['listen_addresses=127.0.0.1', 'fsync=off', 'full_page_writes=off', 'max_connections=200', ...more]
  const running = await runRestartable({
    path: program.path,
    args: ['-D', data, '-p', String(port), '-k', directory, ...settings.flatMap((setting) => ['-c', setting])],
    directory,
    user,
    // The fast shutdown, which does not wait for clients.
    stopSignal: 'SIGINT',
    isReady: () => server.answers(),
  })

  return {
    ...running,
    url,
    port,
    createDatabase: server.createDatabase,
  }
}

function atServer(url: URL) {
  const [host, port, user] = [url.hostname, Number(url.port || 5432), decodeURIComponent(url.username)]
  const password = url.password === '' ? undefined : decodeURIComponent(url.password)
  const asAdmin = async (sql: string): Promise<void> => {
    const database = url.pathname.slice(1) || 'postgres'
    // Loads the library when first needed: most tests do without a database server.
    const { default: pg } = await import('pg')
    const client = new pg.Client({ host, port, user, password, database, connectionTimeoutMillis: 2_000 })
    try {
      await client.connect()
      await client.query(sql)
    } finally {
      await client.end().catch(() => {})
    }
  }
  return {
    answers: () =>
      asAdmin('select 1').then(
        () => true,
        () => false,
      ),
    async createDatabase(): Promise<PostgresDatabase> {
      const database = `gatehouse_${randomBytes(6).toString('hex')}`
      await asAdmin(`create database ${database}`)
      const drop = () => asAdmin(`drop database if exists ${database} with (force)`)
      return { host, port, database, user, password, drop }
    },
    stop: async () => {},
  }
}
