// The Redis store against a real Redis: the contract, and what happens when Redis or the way to it fails.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '#telemetry'
import { isMissing, type OwnRedis, startOwnRedis, startRedis } from '../../../test/support/programs.ts'
import { keyValueContract } from '../key-value.contract.ts'
import type { KeyValueDriver } from '../key-value.ts'
import { openNode, openTwoNodes, readRedisConfig, refusalAtStart, until } from './redis.fixture.ts'
import { createRedisClient } from './redis-client.ts'

const shared = await startRedis()

if (!isMissing(shared)) {
  keyValueContract('redis', () => openTwoNodes(readRedisConfig({ url: shared.url }), shared.stop))
}

describe('redis key-value store', { skip: isMissing(shared) && shared.missing }, () => {
  let redis: OwnRedis
  let store: KeyValueDriver
  const long = { ttlMs: 60_000 }

  const asOther = (...command: string[]) => redis.ask(...command)

  before(async () => {
    const started = await startOwnRedis()
    if (isMissing(started)) throw new Error(started.missing)
    redis = started
    store = await openNode(readRedisConfig({ url: redis.url }))
  })
  after(async () => {
    await store.stop()
    await redis.stop()
  })

  /** Collects what is told, once the feed listens. */
  const listen = async (prefix: string) => {
    const told: (string | undefined)[] = []
    store.changes.subscribe(prefix, (key) => told.push(key))
    await until(() => store.changes.isFresh())
    told.length = 0
    return told
  }

  it('tells of keys that expire, are deleted or overwritten by others, and of a flush', async () => {
    const told = await listen('told:')
    await store.set('told:expires', 'x', { ttlMs: 50 })
    await store.set('told:deleted', 'x', long)
    await store.set('told:overwritten', 'x', long)
    await until(() => told.length === 3)
    told.length = 0
    await asOther('DEL', 'told:deleted')
    await asOther('SET', 'told:overwritten', 'y', 'PX', '1000')
    await until(() => told.length === 3)
    assert.deepEqual(new Set(told), new Set(['told:deleted', 'told:expires', 'told:overwritten']))
    await asOther('FLUSHALL')
    await until(() => told.includes(undefined))
  })

  it('tells one prefix while another is inside it', async () => {
    const inner = await listen('nest:inner:')
    const outer = await listen('nest:')
    await store.set('nest:inner:x', 'x', long)
    await until(() => inner.includes('nest:inner:x') && outer.includes('nest:inner:x'))
  })

  it('gives every key an end', async () => {
    await store.set('end:a', 'x', long)
    await store.set('end:a', 'y', { ...long, onlyIf: { equals: 'x' } })
    await store.set('end:b', 'x', { ...long, onlyIf: 'absent' })
    await store.increment('end:c', { by: 1, ...long })
    await store.increment('end:c', { by: 1, ...long })
    await store.addMember('end:d', 'x', long)
    await store.addMember('end:d', 'y', { ttlMs: 100 })
    for (const key of ['a', 'b', 'c', 'd']) {
      const left = Number(await asOther('PTTL', `end:${key}`))
      assert.ok(left > 50_000 && left <= 60_000, `${key} has ${left} ms left`)
    }
  })

  it('makes the library build its class of commands once, or each try to connect would cost 30 ms', async () => {
    const create = (port: number) =>
      createRedisClient({
        address: { host: '127.0.0.1', port },
        login: { tls: false },
        connectMs: 100,
        onLost: () => {},
      })
    const [one, another] = [await create(1), await create(2)]
    assert.equal(one.constructor, another.constructor)
  })

  it('never searches through all keys', async () => {
    assert.doesNotMatch(String(await asOther('INFO', 'commandstats')), /cmdstat_(keys|scan):/)
  })

  it('keeps to its prefix', async () => {
    const prefixed = await openNode(readRedisConfig({ url: redis.url, prefix: 'gate-a:' }))
    await prefixed.set('x', '1', long)
    await prefixed.addMember('s', '1', long)
    assert.equal(await asOther('GET', 'gate-a:x'), '1')
    assert.equal(await asOther('EXISTS', 'gate-a:s'), 1)
    assert.equal(await store.get('x'), undefined)
    await prefixed.stop()
  })

  it('takes a value of another kind for none', async () => {
    await asOther('LPUSH', 'list', 'x')
    assert.equal(await store.get('list'), undefined)
  })

  it('goes on after Redis has forgotten the scripts', async () => {
    await asOther('SCRIPT', 'FLUSH')
    assert.equal(await store.increment('after-flush', { by: 1, ...long }), 1)
  })

  it('leaves it to whoever starts it to say that it cannot be reached', async () => {
    const logged: string[] = []
    const note = ({ event }: { readonly event: string }): void => void logged.push(event)
    const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log }
    const said = await refusalAtStart(readRedisConfig({ url: 'redis://127.0.0.1:1' }), log)
    assert.match(
      said,
      /^Error: Redis cannot be reached \(connect ECONNREFUSED 127\.0\.0\.1:1\); check `storage\.keyValue`/,
    )
    assert.deepEqual(logged, [])
  })

  it('fails soon, then at once, while Redis is frozen, and goes on when it is back', async (t) => {
    t.after(() => redis.signal('SIGCONT'))
    const told = await listen('frozen:')
    await store.set('frozen:x', 'x', long)
    redis.signal('SIGSTOP')
    const startedAt = performance.now()
    const failed: number[] = []
    const burst = Array.from({ length: 1_500 }, (_, index) => store.get('frozen:x').catch(() => failed.push(index)))
    await assert.rejects(store.get('frozen:x'), { code: 'storage.unavailable', status: 503 })
    assert.ok(performance.now() - startedAt < 1_000, 'nobody waits longer than a second')
    await Promise.all(burst)
    const aheadOfTheFirst = failed.indexOf(0)
    assert.ok(aheadOfTheFirst >= 500, `only a thousand wait: ${aheadOfTheFirst} failed at once`)
    await until(() => !store.changes.isFresh())
    assert.ok(performance.now() - startedAt < 1_500, 'the feed is known to be stale within a second')
    const failures = await Promise.allSettled(Array.from({ length: 2_000 }, () => store.get('frozen:x')))
    assert.ok(failures.every(({ status }) => status === 'rejected'))
    const quickAt = performance.now()
    await assert.rejects(store.get('frozen:x'), { code: 'storage.unavailable', headers: { 'retry-after': '1' } })
    assert.ok(performance.now() - quickAt < 50, 'later ones fail at once')
    told.length = 0
    redis.signal('SIGCONT')
    await until(() =>
      store.get('frozen:x').then(
        (value) => value === 'x',
        () => false,
      ),
    )
    await until(() => store.changes.isFresh())
  })

  it('fails at once when Redis is gone, and is back soon after it', async () => {
    const told = await listen('gone:')
    redis.signal('SIGKILL')
    await until(() =>
      store.get('x').then(
        () => false,
        () => true,
      ),
    )
    // On a busy machine the timer is as late as everything else.
    const atOnce = Promise.race([store.set('x', 'x', long), pause(50)])
    await assert.rejects(atOnce, { code: 'storage.unavailable' })
    await assert.rejects(store.health())
    told.length = 0
    await redis.restart()
    const backAt = performance.now()
    await until(() => store.set('gone:x', 'x', long).catch(() => false))
    await until(() => store.changes.isFresh())
    assert.ok(performance.now() - backAt < 3_000, 'full service within three seconds')
    assert.equal(told[0], undefined, 'changes may have been missed')
    await store.set('gone:y', 'y', long)
    await until(() => told.includes('gone:y'))
  })
})
