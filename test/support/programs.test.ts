// The programs themselves: each starts, serves, stops, and does not outlive a process that is killed.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { createClient } from 'redis'
import {
  findChromium,
  isMissing,
  type Missing,
  makeDirectory,
  startEtcd,
  startMariadb,
  startNginx,
  startOwnRedis,
  startPostgres,
} from './programs.ts'

const present = async <T extends object>(starting: Promise<T | Missing>, test: { skip(reason: string): void }) => {
  const started = await starting
  if (isMissing(started)) test.skip(started.missing)
  return isMissing(started) ? undefined : started
}

describe('programs', () => {
  it('start and stop Redis, and restart it on its port', async (t) => {
    const redis = await present(startOwnRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] }), t)
    if (redis === undefined) return
    const ask = async (...command: string[]) => {
      const client = createClient({ url: redis.url })
      await client.connect()
      const answer = await client.sendCommand(command)
      client.destroy()
      return answer
    }
    await ask('SET', 'x', '1')
    redis.signal('SIGKILL')
    await redis.restart()
    assert.equal(await ask('GET', 'x'), '1')
    await redis.stop()
    await assert.rejects(fetch(redis.url.replace('redis', 'http')))
  })

  it('start PostgreSQL and make databases', async (t) => {
    const postgres = await present(startPostgres(), t)
    if (postgres === undefined) return
    const { drop, ...place } = await postgres.createDatabase()
    const client = new pg.Client(place)
    await client.connect()
    assert.deepEqual((await client.query('select current_database() as name')).rows, [{ name: place.database }])
    client.on('error', () => {})
    await drop()
  })

  it('start MariaDB and make databases', async (t) => {
    const mariadb = await present(startMariadb(), t)
    if (mariadb === undefined) return
    const { drop, ...place } = await mariadb.createDatabase()
    const client = await mysql.createConnection(place)
    const [rows] = await client.query('select database() as name')
    assert.deepEqual(rows, [{ name: place.database }])
    client.destroy()
    await drop()
    await assert.rejects(mysql.createConnection(place))
  })

  it('start etcd, one member or three, and restart what was killed', async (t) => {
    const etcd = await present(startEtcd({ members: 3 }), t)
    if (etcd === undefined) return
    await etcd.put('/x', '1')
    await etcd.halt()
    await etcd.restart()
    assert.equal(await etcd.ctl('get', '/x', '--print-value-only'), '1\n')
    await etcd.stop()
    await assert.rejects(fetch(`${etcd.urls[0]}/health`))
  })

  it('start nginx with a configuration of the test', async (t) => {
    const nginx = await present(
      startNginx(({ port }) => `server { listen 127.0.0.1:${port}; return 200 "hello"; }`),
      t,
    )
    if (nginx === undefined) return
    assert.equal(await (await fetch(nginx.url)).text(), 'hello')
    await nginx.stop()
    await assert.rejects(fetch(nginx.url))
    assert.ok(!existsSync(nginx.directory))
  })

  it('find Chromium', async (t) => {
    const chromium = await present(findChromium(), t)
    if (chromium === undefined) return
    const { stdout } = await promisify(execFile)(chromium.executablePath, ['--version', ...chromium.args])
    assert.match(stdout, /Chrom/)
  })

  it('say what is missing, and fail with CI=true', async () => {
    const script = `
      const { findProgram } = await import(${JSON.stringify(new URL('./programs.ts', import.meta.url))})
      console.log(JSON.stringify(await findProgram({ names: ['no-such-program'] })))`
    const run = (CI: string) =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, CI } })
    assert.match((await run('')).stdout, /no-such-program is missing/)
    await assert.rejects(run('true'), /nothing may be skipped/)
  })

  it('end with a process that is killed', async (t) => {
    if (process.platform !== 'linux') return t.skip('only Linux ends the children of a killed process')
    const script = `
      const { startOwnMariadb, startOwnRedis, startOwnPostgres, startNginx } = await import(${JSON.stringify(new URL('./programs.ts', import.meta.url))})
      const nginx = await startNginx(({ port }) => 'server { listen 127.0.0.1:' + port + '; return 200; }')
      const all = [(await startOwnRedis()).port, (await startOwnPostgres()).port, (await startOwnMariadb()).port, nginx.port]
      console.log(all.join())
      setInterval(() => {}, 1000)`
    // What a killed process leaves behind is removed with this one.
    const TMPDIR = makeDirectory('killed')
    chmodSync(TMPDIR, 0o755)
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TMPDIR },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const ports = line.toString().trim().split(',').map(Number)
    assert.deepEqual(await Promise.all(ports.map(isOpen)), [true, true, true, true])
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (let tries = 0; tries < 100 && (await Promise.all(ports.map(isOpen))).includes(true); tries += 1)
      await pause(50)
    assert.deepEqual(await Promise.all(ports.map(isOpen)), [false, false, false, false])
  })
})

const isOpen = async (port: number): Promise<boolean> => {
  try {
    await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(500) })
    return true
  } catch (error) {
    return !(error instanceof Error && String((error.cause as { code?: string } | undefined)?.code) === 'ECONNREFUSED')
  }
}
