// TLS to PostgreSQL and MariaDB: whose certificate is believed, and by which of ours they know us.

import assert from 'node:assert/strict'
import { chmodSync, chownSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sql } from 'kysely'
import mysql from 'mysql2/promise'
import type { Logger } from '#telemetry'
import { unprivileged } from '../../../test/support/programs/unprivileged.ts'
import {
  isMissing,
  makeDirectory,
  startOwnMariadb,
  startOwnPostgres,
  tlsFiles,
} from '../../../test/support/programs.ts'
import { sqlConfig } from './config.ts'
import { createMysql } from './mysql.ts'
import { createPostgres } from './postgres.ts'
import type { SqlDriver } from './sql-driver.ts'

const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

/** The certificate and key of `localhost`, where that user may read them and nobody else. */
async function filesFor(name: string): Promise<{ readonly certificate: string; readonly key: string }> {
  const user = await unprivileged(name)
  const directory = makeDirectory('tls', user)
  const own = (file: string): string => {
    const path = join(directory, file)
    copyFileSync(file === 'key.pem' ? tlsFiles.key : tlsFiles.certificate, path)
    chmodSync(path, 0o600)
    if (user !== undefined) chownSync(path, user.uid, user.gid)
    return path
  }
  return { certificate: own('certificate.pem'), key: own('key.pem') }
}

function createDriver(config: unknown): SqlDriver {
  const parsed = sqlConfig.parse(config)
  if (parsed.type === 'postgres') return createPostgres(parsed, log)
  if (parsed.type === 'mariadb') return createMysql(parsed, log)
  throw new Error('this database has no TLS')
}

interface Server {
  readonly type: 'postgres' | 'mariadb'
  readonly place: Readonly<Record<string, unknown>>
  /** Of an account that shows a certificate. */
  readonly certified: object
  /** Both answer `yes` or `no`. */
  readonly askEncrypted: ReturnType<typeof sql<{ answer: string }>>
  readonly askCertificate: ReturnType<typeof sql<{ answer: string }>>
  stop(): Promise<void>
}

async function startTlsPostgres(): Promise<Server> {
  const { certificate, key } = await filesFor('postgres')
  const files = [`ssl_cert_file=${certificate}`, `ssl_key_file=${key}`, `ssl_ca_file=${certificate}`]
  const server = await startOwnPostgres(['ssl=on', ...files])
  if (isMissing(server)) throw new Error(server.missing)
  const { drop: _, password: __, ...place } = await server.createDatabase()
  const mine = sql.raw('from pg_stat_ssl where pid = pg_backend_pid()')
  return {
    type: 'postgres',
    place,
    askEncrypted: sql`select case when ssl then 'yes' else 'no' end as answer ${mine}`,
    certified: {},
    askCertificate: sql`select case when client_dn is null then 'no' else 'yes' end as answer ${mine}`,
    stop: server.stop,
  }
}

async function startTlsMariadb(): Promise<Server> {
  const { certificate, key } = await filesFor('mysql')
  const server = await startOwnMariadb([`--ssl-cert=${certificate}`, `--ssl-key=${key}`, `--ssl-ca=${certificate}`])
  if (isMissing(server)) throw new Error(server.missing)
  const { drop: _, password, ...place } = await server.createDatabase()
  process.env.GATEHOUSE_TEST_TLS_PASSWORD = password
  const admin = await mysql.createConnection({ host: '127.0.0.1', port: server.port, user: 'root' })
  await admin.query(`create user certified@'%' identified by '${password}' require x509`)
  await admin.query(`grant all on ${place.database}.* to certified@'%'`)
  await admin.end()
  const status = (name: string) =>
    sql<{ answer: string }>`select if(variable_value = '', 'no', 'yes') as answer
      from information_schema.session_status where variable_name = ${name}`
  return {
    type: 'mariadb',
    place: { ...place, password: { env: 'GATEHOUSE_TEST_TLS_PASSWORD' } },
    askEncrypted: status('Ssl_cipher'),
    // It lets nobody in as this one without.
    certified: { user: 'certified' },
    askCertificate: sql`select if(current_user() like 'certified@%', 'yes', 'no') as answer`,
    stop: server.stop,
  }
}

for (const [name, start] of [
  ['PostgreSQL', startTlsPostgres],
  ['MariaDB', startTlsMariadb],
] as const) {
  describe(`TLS to ${name}`, async () => {
    const server = await start()
    after(server.stop)
    const ask = async (question: Server['askEncrypted'], settings: object): Promise<string | undefined> => {
      const driver = createDriver({ type: server.type, ...server.place, host: 'localhost', ...settings })
      try {
        await driver.open()
        return (await question.execute(driver.database)).rows[0]?.answer
      } finally {
        await driver.close()
      }
    }
    const { certificate, key } = tlsFiles

    it('is not spoken unless asked for', async () => {
      assert.equal(await ask(server.askEncrypted, {}), 'no')
    })

    it('encrypts, and believes the authority that is named', async () => {
      assert.equal(await ask(server.askEncrypted, { tls: { ca: certificate } }), 'yes')
    })

    it('believes no certificate of an unknown authority', async () => {
      await assert.rejects(ask(server.askEncrypted, { tls: true }), /cannot be used \(.*self-signed certificate/)
    })

    it('believes no certificate of another name', async () => {
      // The same machine by a name that the certificate does not bear.
      const settings = { host: '127.1', tls: { ca: certificate } }
      await assert.rejects(ask(server.askEncrypted, settings), /cannot be used \(Hostname\/IP does not match/)
    })

    it('believes anybody only if told to', async () => {
      const tls = { dangerouslyAcceptAnyCertificate: true }
      assert.equal(await ask(server.askEncrypted, { host: '127.1', tls }), 'yes')
    })

    it('shows our own certificate', async () => {
      const ours = (tls: object) =>
        ask(server.askCertificate, { ...server.certified, tls: { ca: certificate, ...tls } })
      assert.equal(await ours({ certificate, key }), 'yes')
      assert.notEqual(await ours({}).catch(() => 'refused'), 'yes')
    })
  })
}
