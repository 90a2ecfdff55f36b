// A real MariaDB: that of GATEHOUSE_TEST_MARIADB_URL, or one of our own; one for the process, a database per suite.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { findFreePort, makeDirectory, type Restartable, runRestartable } from './run-program.ts'
import { unprivileged } from './unprivileged.ts'

export interface Mariadb {
  /** Makes an empty database, and a user who owns nothing else. */
  createDatabase(): Promise<MariadbDatabase>
  stop(): Promise<void>
}

/** How to reach a database; the keys are those of the `storage.sql` section. */
export interface MariadbDatabase {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** Removes it and its user. */
  drop(): Promise<void>
}

/** One that we started, and may treat badly. */
export interface OwnMariadb extends Mariadb, Restartable {
  /** Of its administrator, who needs no password. */
  readonly url: string
  readonly port: number
  readonly socket: string
}

let shared: Promise<Mariadb | Missing> | undefined

/** The one MariaDB of this process; it ends with the process. */
export function startMariadb(): Promise<Mariadb | Missing> {
  const url = process.env.GATEHOUSE_TEST_MARIADB_URL
  shared ??= url === undefined ? startOwnMariadb() : Promise.resolve(atServer(new URL(url)))
  return shared
}

/** @param settings more options of the command line: `['--ssl-cert=…']`. */
export async function startOwnMariadb(settings: readonly string[] = []): Promise<OwnMariadb | Missing> {
  const program = await findProgram({ names: ['mariadbd'], package: 'mariadb-server-core' })
  if (isMissing(program)) return program
  const user = await unprivileged('mysql')
  const directory = makeDirectory('mariadb', user)
  const base = ['--no-defaults', `--datadir=${directory}/data`, `--tmpdir=${directory}`, '--innodb-log-file-size=8M']
  const quick = ['--innodb-buffer-pool-size=32M', '--innodb-flush-log-at-trx-commit=0']
  await install(program.path, [...base, ...quick], directory, user)

  const port = await findFreePort()
  const socket = join(directory, 'socket')
  const place = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${socket}`, `--pid-file=${directory}/pid`]
  const url = `mariadb://root@127.0.0.1:${port}`
  const server = atServer(new URL(url))
  const running = await runRestartable({
    path: program.path,
    args: [...base, ...quick, ...place, '--skip-name-resolve', '--max-connections=200', ...settings],
    directory,
    user,
    isReady: server.answers,
  })

  return {
    ...running,
    url,
    port,
    socket,
    createDatabase: server.createDatabase,
  }
}

/** What `mariadb-install-db` does, without the packages that it needs: the system's tables, and root without a password. */
async function install(
  path: string,
  args: readonly string[],
  directory: string,
  user: { readonly uid: number; readonly gid: number } | undefined,
): Promise<void> {
  const scripts = ['system_tables', 'performance_tables', 'system_tables_data'].map((name) =>
    readSystemScript(path, name),
  )
  const file = join(directory, 'install.sql')
  writeFileSync(file, ['create database mysql;', 'use mysql;', 'set @auth_root_socket=null;', ...scripts].join('\n'))
  const script = 'mkdir data && exec "$@" < install.sql'
  await promisify(execFile)('/bin/sh', ['-c', script, 'sh', path, ...args, '--bootstrap'], { cwd: directory, ...user })
}

function readSystemScript(program: string, name: string): string {
  const share = join(dirname(program), '..', 'share')
  const places = ['mysql/mysql', 'mysql/mariadb', 'mariadb/mariadb'].map((place) => join(share, `${place}_${name}.sql`))
  const found = places.find((place) => existsSync(place))
  if (found === undefined) throw new Error(`MariaDB has no ${name}.sql in ${share}`)
  return readFileSync(found, 'utf8')
}

function atServer(url: URL) {
  const [host, port] = [url.hostname, Number(url.port || 3306)]
  const [user, password] = [url.username, url.password].map(decodeURIComponent)
  const asAdmin = async (...statements: readonly string[]): Promise<void> => {
    const account = { user: user || 'root', ...(password && { password }) }
    // Loads the library when first needed: most tests do without a database server.
    const { default: mysql } = await import('mysql2/promise')
    const connection = await mysql.createConnection({ host, port, ...account, connectTimeout: 2_000 })
    try {
      for (const statement of statements) await connection.query(statement)
    } finally {
      connection.destroy()
    }
  }
  return {
    answers: () =>
      asAdmin('select 1').then(
        () => true,
        () => false,
      ),
    async createDatabase(): Promise<MariadbDatabase> {
      const database = `gatehouse_${randomBytes(6).toString('hex')}`
      const secret = randomBytes(12).toString('hex')
      await asAdmin(
        // Not what the tables are to have: that must not depend on the database.
        `create database ${database} default character set latin1 collate latin1_swedish_ci`,
        `create user ${database}@'%' identified by '${secret}'`,
        `grant all on ${database}.* to ${database}@'%'`,
      )
      const drop = () => asAdmin(`drop user if exists ${database}@'%'`, `drop database if exists ${database}`)
      return { host, port, database, user: database, password: secret, drop }
    },
    stop: async () => {},
  }
}
