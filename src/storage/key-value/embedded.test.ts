// The embedded store: the contract with two databases on one file and in memory, and what only it does.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { systemClock } from '#kernel'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { keyValueContract } from '../key-value.contract.ts'
import { createSqliteDatabase } from '../sqlite/database.ts'
import { createEmbeddedKeyValue } from './embedded.ts'
import { embeddedSql } from './embedded-sql.ts'

const openOnFile = async (directory: string) => {
  const clock = systemClock
  const database = createSqliteDatabase({ location: join(directory, 'gatehouse.db'), clock })
  const store = createEmbeddedKeyValue({ database, clock })
  await store.start()
  return { store, close: () => store.stop().then(database.close) }
}

keyValueContract('embedded, one file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-kv-'))
  const [one, two] = [await openOnFile(directory), await openOnFile(directory)]
  return {
    nodes: [one.store, two.store],
    passTime: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async close() {
      await Promise.all([one.close(), two.close()])
      rmSync(directory, { recursive: true })
    },
  }
})

keyValueContract('embedded, in memory', async () => {
  const clock = createManualClock()
  const database = createSqliteDatabase({ location: ':memory:', clock })
  const store = createEmbeddedKeyValue({ database, clock })
  await store.start()
  return {
    nodes: [store, store],
    passTime: async (ms) => clock.advance(ms),
    close: () => store.stop().then(database.close),
  }
})

describe('embedded key-value store', () => {
  const long = { ttlMs: 60_000 }
  let directory = ''
  let closing: (() => Promise<void>)[] = []

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-kv-'))
    closing = []
  })
  afterEach(async () => {
    await Promise.all(closing.map((close) => close()))
    rmSync(directory, { recursive: true })
  })

  const open = async () => {
    const clock = createManualClock(Date.now())
    const database = createSqliteDatabase({ location: join(directory, 'gatehouse.db'), clock })
    const store = createEmbeddedKeyValue({ database, clock })
    await store.start()
    closing.push(() => store.stop().then(database.close))
    const told: (string | undefined)[] = []
    store.changes.subscribe('', (key) => told.push(key))
    return { store, clock, database, told }
  }

  it('tells of another process’s changes, and is told of ours', async () => {
    const { store, clock, told } = await open()
    const program = `
      import { systemClock } from '#kernel'
      import { createSqliteDatabase } from ${JSON.stringify(new URL('../sqlite/database.ts', import.meta.url))}
      import { createEmbeddedKeyValue } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url))}
      const database = createSqliteDatabase({ location: process.argv[1], clock: systemClock })
      const store = createEmbeddedKeyValue({ database, clock: systemClock })
      await store.start()
      const alive = setInterval(() => {}, 1000)
      const stop = store.changes.subscribe('ping', async () => {
        stop()
        await store.delete('ping')
        await store.set('pong', 'from the other process', { ttlMs: 60000 })
        await database.close()
        clearInterval(alive)
      })
      console.log('listening')`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program, join(directory, 'gatehouse.db')], {
      cwd: new URL('../../../', import.meta.url).pathname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await store.set('ping', 'x', long)
    await once(child, 'exit')
    clock.advance(100)
    assert.deepEqual(told, ['ping', 'ping', 'pong'])
    assert.deepEqual([await store.get('ping'), await store.get('pong')], [undefined, 'from the other process'])
  })

  it('tells of a change made elsewhere within a tenth of a second, once', async () => {
    const [a, b] = [await open(), await open()]
    await a.store.set('x', '1', long)
    assert.deepEqual([a.told, b.told], [['x'], []])
    b.clock.advance(100)
    b.clock.advance(100)
    assert.deepEqual(b.told, ['x'])
  })

  it('tells that something was missed when the changes were swept before it looked', async () => {
    const [a, b] = [await open(), await open()]
    await a.store.set('x', '1', long)
    a.clock.advance(61_000)
    await a.store.sweep()
    b.clock.advance(100)
    assert.deepEqual(b.told, [undefined])
    await a.store.set('y', '1', long)
    await a.store.set('z', '1', long)
    await a.database.write([{ sql: "delete from kv_changes where key = 'y'", parameters: [] }])
    b.clock.advance(100)
    assert.deepEqual(b.told, [undefined, undefined, 'z'])
  })

  it('does not tell of what did not change', async () => {
    const { store, told } = await open()
    await store.set('x', '1', long)
    await store.set('x', '2', { ...long, onlyIf: 'absent' })
    await store.set('x', '2', { ...long, onlyIf: { equals: '3' } })
    await store.delete('y')
    await store.delete('x', { onlyIf: '3' })
    assert.deepEqual(told, ['x'])
  })

  it('is fresh although nobody polled for a while, because it looks', async () => {
    const [a, b] = [await open(), await open()]
    await b.store.stop()
    b.clock.advance(5_000)
    await a.store.set('x', '1', long)
    assert.equal(b.store.changes.isFresh(), true)
    assert.deepEqual(b.told, ['x'])
  })

  it('is not fresh, and says unavailable, when the database is closed', async () => {
    const { store, clock, database } = await open()
    await database.close()
    clock.advance(1_000)
    assert.equal(store.changes.isFresh(), false)
    const unavailable = { code: 'storage.unavailable', status: 503 }
    await assert.rejects(store.get('x'), unavailable)
    await assert.rejects(store.set('x', 'x', long), unavailable)
    await assert.rejects(store.members('x'), unavailable)
  })

  it('sweeps what has expired from the file', async () => {
    const { store, clock, database } = await open()
    await store.set('dead', '1', { ttlMs: 1_000 })
    await store.set('live', '1', { ttlMs: 300_000 })
    await store.addMember('set', 'dead', { ttlMs: 1_000 })
    await store.addMember('set', 'live', { ttlMs: 300_000 })
    clock.advance(120_000)
    await store.sweep()
    const count = (table: string) => database.read(`select count(*) n from ${table}`, [])[0]?.n
    assert.deepEqual(['kv_values', 'kv_members', 'kv_changes'].map(count), [1, 1, 0])
  })

  it('keeps values through a restart', async () => {
    const first = await open()
    await first.store.set('x', '1', long)
    await Promise.all(closing.splice(0).map((close) => close()))
    assert.equal(await (await open()).store.get('x'), '1')
  })

  it('finds values by the key alone, however many there are', async () => {
    await open()
    const plan = (sql: string, ...parameters: (string | number)[]) =>
      new DatabaseSync(join(directory, 'gatehouse.db')).prepare(`explain query plan ${sql}`).all(...parameters)
    assert.match(JSON.stringify(plan(embeddedSql.get, 'x', 0)), /SEARCH kv_values USING INDEX sqlite_autoindex/)
    assert.match(JSON.stringify(plan(embeddedSql.members, 'x', 0)), /SEARCH kv_members USING PRIMARY KEY/)
    for (const { sql } of embeddedSql.sweep(0, 0).slice(0, 2)) {
      assert.match(JSON.stringify(plan(sql, 0)), /USING (COVERING )?INDEX/)
    }
  })
})
