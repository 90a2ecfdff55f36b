// Redis with a primary that Sentinels choose: the contract, a failover, a primary that was demoted behind our back, and
// when what is remembered may be believed.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { isMissing, type SentinelRedis, startSentinelRedis } from '../../../test/support/programs.ts'
import { keyValueContract } from '../key-value.contract.ts'
import type { KeyValueDriver } from '../key-value.ts'
import { openNode, openTwoNodes, readRedisConfig, refusalAtStart, until } from './redis.fixture.ts'

const env = { REDIS: 'CANARY-redis', SENTINEL: 'CANARY-sentinel' }
const started = await startSentinelRedis({ password: env.REDIS, sentinelPassword: env.SENTINEL, downAfterMs: 800 })
const skip = isMissing(started) && started.missing
const configFor = ({ primaryName, nodes }: SentinelRedis) =>
  readRedisConfig(
    { sentinel: { primary: primaryName, nodes, password: { env: 'SENTINEL' } }, password: { env: 'REDIS' } },
    env,
  )

if (!isMissing(started)) {
  keyValueContract('redis with Sentinel', () => openTwoNodes(configFor(started), async () => {}))
}

describe('redis with Sentinel', { skip }, () => {
  const redis = started as SentinelRedis
  const long = { ttlMs: 60_000 }
  let store: KeyValueDriver

  before(async () => {
    store = await openNode(configFor(redis))
    store.changes.subscribe('kept:', () => {})
  })
  after(async () => {
    await store.stop()
    await redis.stop()
  })
  const isServing = async (): Promise<boolean> => store.set('probe', 'x', long).catch(() => false)

  it('follows a failover within ten seconds, and tells that changes may have been missed', async (t) => {
    const told: (string | undefined)[] = []
    await redis.attentive()
    const before = await redis.primary()
    store.changes.subscribe('kept:', (key) => told.push(key))
    await store.set('kept:x', 'kept', long)
    await until(async () => Number(await before.ask('WAIT', '2', '100')) === 2)
    told.length = 0
    before.signal('SIGKILL')
    const killedAt = performance.now()
    await until(async () => !(await isServing()))
    const failing: number[] = []
    await until(async () => {
      const askedAt = performance.now()
      const serves = await isServing()
      if (!serves) failing.push(performance.now() - askedAt)
      return serves
    })
    const ms = performance.now() - killedAt
    await until(() => store.changes.isFresh())
    t.diagnostic(
      `writes again ${Math.round(ms)} ms after the kill, fresh after ${Math.round(performance.now() - killedAt)} ms`,
    )
    assert.ok(ms < 10_000)
    assert.ok(Math.max(...failing) < 1_000, 'nobody waited')
    assert.equal(await store.get('kept:x'), 'kept')
    assert.ok(told.includes(undefined))
    await before.restart()
  })

  it('leaves a primary that was demoted while it goes on living', async (t) => {
    await redis.attentive()
    const before = await redis.primary()
    // Refused until the Sentinel has seen the last failover through.
    const order = (): Promise<unknown> | undefined => redis.sentinels[0]?.ask('SENTINEL', 'FAILOVER', redis.primaryName)
    await until(async () => (await order()?.catch(() => undefined)) !== undefined)
    const askedAt = performance.now()
    await until(async () => (await redis.primary().catch(() => before)) !== before)
    await until(isServing)
    t.diagnostic(`writes again ${Math.round(performance.now() - askedAt)} ms after the order`)
    assert.ok(performance.now() - askedAt < 10_000)
    await until(() => store.changes.isFresh())
  })

  // Last, because a Sentinel that finds itself stopped for two seconds decides nothing for the next thirty (TILT).
  it('believes what it remembers only while most Sentinels confirm the primary', async () => {
    await until(() => store.changes.isFresh())
    const [one, two] = redis.sentinels
    one?.signal('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    // Two of three are enough; what the third said is too old by now.
    await until(() => store.changes.isFresh())
    two?.signal('SIGSTOP')
    await until(() => !store.changes.isFresh())
    assert.equal(await isServing(), true, 'the primary serves all the same')
    one?.signal('SIGCONT')
    two?.signal('SIGCONT')
    await until(() => store.changes.isFresh())
  })
})

describe('Sentinels that know no such primary', { skip }, () => {
  it('are named when a start fails', async () => {
    const redis = await startSentinelRedis()
    assert.ok(!isMissing(redis))
    const config = readRedisConfig({ sentinel: { primary: 'other', nodes: redis.nodes } })
    const said = await refusalAtStart(config)
    assert.match(said, /cannot be reached \(no Sentinel says where the primary "other" is: .*No such master/)
    await redis.stop()
  })
})
