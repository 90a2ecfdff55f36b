import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { SessionRow } from '#sessions'
import { createFakeContext } from '../../../test/support/fake-context.ts'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { createLiveness } from './liveness.ts'
import type { LoginRecord } from './record.ts'

const record: LoginRecord = { login: { accessKey: 'AK', secretKey: 'SK', role: 'user', status: 'active' } }
const row = { ref: 'r', userId: 'u' } as unknown as SessionRow

function setUp() {
  const clock = createManualClock()
  const store = { has: true, isAway: false, asked: 0 }
  const ended: SessionRow[] = []
  const liveness = createLiveness({
    clock,
    records: {
      async find() {
        store.asked++
        if (store.isAway) throw new Error('away')
        return store.has ? record : undefined
      },
    },
    end: async (session) => ended.push(session),
  })
  return { clock, store, ended, liveness }
}

test('a session in use is asked about once a second, however many requests there are', async () => {
  const { clock, store, liveness } = setUp()
  const asks = () => Promise.all(Array.from({ length: 50 }, () => liveness.isLive('n')))
  assert.ok((await asks()).every(Boolean))
  clock.advance(999)
  assert.ok((await asks()).every(Boolean))
  assert.equal(store.asked, 1)
  clock.advance(1)
  await asks()
  assert.equal(store.asked, 2)
})

test('a record that is gone is missed within a second', async () => {
  const { clock, store, liveness } = setUp()
  assert.equal(await liveness.isLive('n'), true)
  store.has = false
  clock.advance(1000)
  assert.equal(await liveness.isLive('n'), false)
})

test('while the store is away, what it said stands for a second and no longer; what it has not said never does', async () => {
  const { clock, store, liveness } = setUp()
  assert.equal(await liveness.isLive('n'), true)
  store.isAway = true
  clock.advance(999)
  assert.equal(await liveness.isLive('n'), true)
  await assert.rejects(liveness.isLive('other'))
  clock.advance(1)
  await assert.rejects(liveness.isLive('n'))
  await assert.rejects(liveness.isLive('n'))
  store.isAway = false
  assert.equal(await liveness.isLive('n'), true)
})

test('a sweep that learns nothing takes nothing away from what was known', async () => {
  const { clock, store, liveness } = setUp()
  assert.equal(await liveness.isLive('n'), true)
  liveness.hold(createFakeContext(), new EventEmitter(), 'n', row)
  store.isAway = true
  clock.advance(500)
  await liveness.sweep()
  assert.equal(await liveness.isLive('n'), true)
  clock.advance(500)
  await assert.rejects(liveness.isLive('n'))
})

test('what is open is looked after until it is closed', async () => {
  const { clock, store, ended, liveness } = setUp()
  const [first, second] = [new EventEmitter(), new EventEmitter()]
  liveness.hold(createFakeContext(), first, 'n', row)
  liveness.hold(createFakeContext(), second, 'n', row)
  await liveness.sweep()
  first.emit('close')
  clock.advance(500)
  await liveness.sweep()
  assert.deepEqual([store.asked, liveness.size(), ended.length], [2, 1, 0])
  second.emit('close')
  clock.advance(500)
  await liveness.sweep()
  assert.deepEqual([store.asked, liveness.size()], [2, 0])
})

test('what is open ends with its record, and does not while the store is away', async () => {
  const { clock, store, ended, liveness } = setUp()
  liveness.hold(createFakeContext(), new EventEmitter(), 'n', row)
  store.isAway = true
  await liveness.sweep()
  assert.deepEqual(ended, [])
  store.isAway = false
  store.has = false
  clock.advance(500)
  await liveness.sweep()
  assert.deepEqual(ended, [row])
})

test('who has left already is not looked after', () => {
  const { liveness } = setUp()
  liveness.hold(createFakeContext({ aborted: AbortSignal.abort() }), new EventEmitter(), 'n', row)
  assert.equal(liveness.size(), 0)
})
