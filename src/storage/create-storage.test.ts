// The storage part as a whole: what the configuration may say, what start makes and refuses, what stop releases.

import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import { randomToken, systemClock } from '#kernel'
import type { LogFields, Logger } from '#telemetry'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { isMissing, startPostgres, startRedis } from '../../test/support/programs.ts'
import { storageModule } from './index.ts'
import { rotateKeyRing } from './key-ring-file.ts'

const redis = await startRedis()
const postgres = await startPostgres()
const lacking = [redis, postgres].find(isMissing)

const root = mkdtempSync(join(tmpdir(), 'gatehouse-storage-'))
after(() => rmSync(root, { recursive: true }))
let folders = 0
const newFolder = (): string => join(root, `${++folders}`)

const inMemory = { sql: { type: 'memory' }, keyValue: { type: 'memory' } }
const refusal = (config: unknown): string => JSON.stringify(storageModule.config.safeParse(config).error?.issues ?? '')

describe('the storage configuration', () => {
  it('needs nothing', () => {
    const { sql, keyValue, keyRing } = storageModule.config.parse({})
    assert.deepEqual([sql, keyValue, keyRing], [{ type: 'sqlite' }, { type: 'embedded' }, undefined])
  })

  const redis = { type: 'redis', url: 'redis://localhost:6379/0' }
  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['a key that is unknown', { directori: 'x' }, /unrecognized/i],
    ['a store that is unknown', { sql: { type: 'oracle' } }, /sqlite/],
    ['Redis without a key ring', { keyValue: redis }, /the key ring must be named/],
    [
      'a password in the address',
      { keyRing: 'x', keyValue: { ...redis, url: 'redis://:x@localhost' } },
      /use `password`/,
    ],
    ['a password in clear', { keyRing: 'x', keyValue: { ...redis, password: 'x' } }, /referred to/],
    ['another protocol', { keyRing: 'x', keyValue: { ...redis, url: 'http://redis' } }, /redis:\/\/HOST/],
    ['a retention of nothing', { auditRetention: '0s' }, /shortest/],
  ]
  for (const [name, config, reason] of refused) {
    it(`refuses ${name}`, () => assert.match(refusal(config), reason))
  }

  it('takes Redis and PostgreSQL', () => {
    assert.equal(refusal({ keyRing: 'x', keyValue: redis, sql: { type: 'postgres', host: 'db', tls: true } }), '""')
  })
})

describe('the storage part', () => {
  const started: { stop?: () => Promise<void> }[] = []
  afterEach(async () => {
    for (const part of started.splice(0)) await part.stop?.()
  })

  const create = (config: unknown) => {
    const events: LogFields[] = []
    const part = storageModule.create(
      { clock: systemClock, telemetry: { log: createLog((fields) => events.push(fields)) } },
      storageModule.config.parse(config),
    )
    started.push(part)
    return { ...part, events }
  }
  const start = async (config: unknown) => {
    const part = create(config)
    await part.start?.()
    return part
  }

  it('creates without I/O', () => {
    const directory = newFolder()
    create({ directory })
    assert.ok(!existsSync(directory))
  })

  for (const [name, config] of [
    ['in memory', () => inMemory],
    ['in the data folder', () => ({ directory: newFolder() })],
  ] as const) {
    it(`keeps, seals and records, ${name}`, async () => {
      const { api, health } = await start(config())
      await api.keyValue.set('x', api.sealer.seal('secret', { purpose: 'p', boundTo: 'x' }), { ttlMs: 60_000 })
      const sealed = (await api.keyValue.get('x')) ?? ''
      assert.equal(api.sealer.open(sealed, { purpose: 'p', boundTo: 'x' })?.toString(), 'secret')
      await api.audit.record({ action: 'session.create', outcome: 'success' })
      assert.equal((await api.audit.list({ limit: 10 })).length, 1)
      assert.deepEqual(await health?.(), { healthy: true })
    })
  }

  it('runs its tasks', async () => {
    const { tasks } = await start({ directory: newFolder() })
    for (const task of tasks ?? []) await task.run()
    assert.deepEqual(
      tasks?.map(({ name }) => name),
      ['storage.key-ring', 'storage.sweep', 'storage.disk-reserve', 'storage.audit-retention'],
    )
  })

  it('makes the key ring once, and lets a second process and a restart use it', async () => {
    const directory = newFolder()
    const first = await start({ directory })
    const second = await start({ directory })
    const ids = first.api.keyRing.keys.map(({ id }) => id)
    assert.deepEqual(
      second.api.keyRing.keys.map(({ id }) => id),
      ids,
    )
    assert.equal(first.api.keyRingPath, join(directory, 'key-ring'))
    await first.stop?.()
    await second.stop?.()
    assert.deepEqual(readdirSync(directory).sort(), ['gatehouse.db', 'key-ring', 'reserve'])
    assert.deepEqual(
      (await start({ directory })).api.keyRing.keys.map(({ id }) => id),
      ids,
    )
  })

  it('takes up a rotated ring while it runs', async () => {
    const directory = newFolder()
    const { api, tasks } = await start({ directory })
    const id = rotateKeyRing(join(directory, 'key-ring'), Date.now())
    await tasks?.find(({ name }) => name === 'storage.key-ring')?.run()
    assert.equal(api.keyRing.keys[0]?.id, id)
    assert.match(api.sealer.seal('x', { purpose: 'p', boundTo: 'x' }), new RegExp(`^v1\\.${id}\\.`))
  })

  it('does not start with a ring that is named and missing, or weak; and stops all the same', async () => {
    const directory = newFolder()
    const missing = create({ directory, keyRing: join(root, 'nowhere') })
    await assert.rejects(async () => missing.start?.(), /nowhere cannot be used: there is no such file/)
    const weak = join(root, 'weak')
    writeFileSync(weak, `k1 ${'A'.repeat(43)} 2026-01-01T00:00:00Z\n`)
    await assert.rejects(async () => create({ directory, keyRing: weak }).start?.(), /line 1: the key k1 is weak/)
    await missing.stop?.()
    await missing.stop?.()
  })

  it('warns of a ring that others can read, and never logs a key', async () => {
    const directory = newFolder()
    const path = join(directory, 'key-ring')
    rotateKeyRing(path, Date.now())
    chmodSync(path, 0o644)
    const { events } = await start({ directory })
    assert.ok(events.some(({ event }) => event === 'key_ring_exposed'))
    const secret = readFileSync(path, 'utf8').split('\n')[1]?.split(' ')[1] ?? assert.fail()
    assert.ok(!JSON.stringify(events).includes(secret))
  })

  it('says how the database stands and migrates it, without a start', async () => {
    const directory = newFolder()
    const { api, stop } = create({ directory })
    const status = await api.migrations.status()
    assert.ok(status.length >= 3 && status.every(({ appliedAt }) => appliedAt === undefined))
    assert.deepEqual(
      await api.migrations.run(),
      status.map(({ name }) => name),
    )
    await stop?.()
    const { events } = await start({ directory })
    assert.ok(!events.some(({ event }) => event === 'migrations_applied'), 'nothing was left to do')
  })

  it('is not healthy once a store is closed', async () => {
    const { health, stop } = await start({ directory: newFolder() })
    await stop?.()
    assert.deepEqual(await health?.(), { healthy: false, detail: 'a store does not answer' })
  })
})

describe('storage of several nodes', { skip: lacking?.missing ?? false }, () => {
  it('is shared, and refuses a node with another key ring', async () => {
    if (isMissing(redis) || isMissing(postgres)) return
    const { drop, ...place } = await postgres.createDatabase()
    const ring = join(newFolder(), 'ring')
    const otherRing = join(newFolder(), 'ring')
    for (const path of [ring, otherRing]) rotateKeyRing(path, Date.now())
    const open = async (keyRing: string) => {
      const { password: _, ...sql } = { type: 'postgres', ...place }
      const keyValue = { type: 'redis', url: redis.url, prefix: `${place.database}:` }
      const part = storageModule.create(
        { clock: systemClock, telemetry: { log: createLog(() => {}) } },
        storageModule.config.parse({ sql, keyValue, keyRing }),
      )
      await part.start?.().catch(async (error: unknown) => {
        await part.stop?.()
        throw error
      })
      return part
    }
    const [a, b] = await Promise.all([open(ring), open(ring)])
    await a.api.audit.record({ action: 'x', outcome: 'success' })
    assert.equal((await b.api.audit.list({ limit: 1 })).length, 1)
    const sealed = a.api.sealer.seal('x', { purpose: 'p', boundTo: 'k' })
    await a.api.keyValue.set('k', sealed, { ttlMs: 60_000 })
    assert.equal(
      b.api.sealer.open((await b.api.keyValue.get('k')) ?? '', { purpose: 'p', boundTo: 'k' })?.toString(),
      'x',
    )
    await assert.rejects(open(otherRing), /the key ring does not go with that of a node that runs/)
    await a.stop?.()
    await b.stop?.()
    const replaced = await open(otherRing)
    await replaced.stop?.()
    await drop()
  })

  it('waits for Redis by the time of the machine, not by that of its clock', async () => {
    if (isMissing(redis)) return
    const clock = createManualClock()
    const keyRing = join(newFolder(), 'ring')
    rotateKeyRing(keyRing, Date.now())
    const keyValue = { type: 'redis', url: redis.url, prefix: `${randomToken(6)}:` }
    const part = storageModule.create(
      { clock, telemetry: { log: createLog(() => {}) } },
      storageModule.config.parse({ sql: { type: 'memory' }, keyValue, keyRing }),
    )
    await part.start?.()
    const written = part.api.keyValue.set('k', 'v', { ttlMs: 60_000 })
    clock.advance(30 * 60_000)
    assert.equal(await written, true)
    assert.equal(await part.api.keyValue.get('k'), 'v')
    await part.stop?.()
  })
})

function createLog(onEvent: (fields: LogFields) => void): Logger {
  return { debug: onEvent, info: onEvent, warn: onEvent, error: onEvent, child: () => createLog(onEvent) }
}
