import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createEndpointHealth, type HealthChange } from './endpoint-health.ts'

const ejection = { failures: 3, time: 1_000, maxTime: 5_000 }
const thresholds = { failures: 2, successes: 2 }

const start = (names: string) => {
  const clock = createManualClock()
  const changes: HealthChange<string>[] = []
  const endpoints = names.split('')
  const health = createEndpointHealth<string>({
    ejection,
    thresholds,
    clock,
    onChange: (change) => void changes.push(change),
  })
  health.setEndpoints(endpoints)
  const fail = (name: string, times = ejection.failures) => {
    for (let time = 0; time < times; time++) health.failed(name)
  }
  return { clock, changes, endpoints, health, fail, usable: () => health.usable().join('') }
}

test('so many failures in a row, and it is left out for a while', () => {
  const { clock, changes, health, fail, usable } = start('ab')
  fail('a', 2)
  health.succeeded('a')
  fail('a', 2)
  assert.equal(usable(), 'ab')
  fail('a', 1)
  assert.equal(usable(), 'b')
  clock.advance(999)
  assert.equal(usable(), 'b')
  clock.advance(1)
  assert.equal(usable(), 'ab')
  assert.deepEqual(changes, [
    { kind: 'ejected', endpoint: 'a', forMs: 1_000 },
    { kind: 'returned', endpoint: 'a' },
  ])
})

test('on probation one failure is enough, and it is left out for longer, up to a limit', () => {
  const { clock, changes, health, fail } = start('ab')
  fail('a')
  for (const ms of [1_000, 2_000, 4_000, 5_000, 5_000]) {
    assert.equal(health.isEjected('a'), true)
    clock.advance(ms - 1)
    assert.equal(health.isEjected('a'), true, `for ${ms} ms`)
    clock.advance(1)
    assert.equal(health.isEjected('a'), false)
    fail('a', 1)
  }
  const lengths = changes.flatMap((change) => (change.kind === 'ejected' ? [change.forMs] : []))
  assert.deepEqual(lengths, [1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
})

test('once it was back for as long as it was away, the next time is short again', () => {
  const { clock, changes, fail } = start('ab')
  fail('a')
  clock.advance(1_000)
  fail('a', 1)
  clock.advance(2_000)
  clock.advance(2_000)
  fail('a')
  assert.deepEqual(
    changes.flatMap((change) => (change.kind === 'ejected' ? [change.forMs] : [])),
    [1_000, 2_000, 1_000],
  )
})

test('what ends while it is left out says nothing', () => {
  const { clock, health, fail, usable } = start('ab')
  fail('a')
  health.succeeded('a')
  fail('a')
  assert.equal(usable(), 'b')
  clock.advance(1_000)
  assert.equal(usable(), 'ab')
})

test('the last one is not left out, however it fails', () => {
  const { clock, fail, usable } = start('ab')
  fail('a')
  fail('b', 10)
  assert.equal(usable(), 'b')
  clock.advance(1_000)
  assert.equal(usable(), 'ab')
  fail('b', 1)
  assert.equal(usable(), 'a')
})

test('checks: so many bad ones and it is down, so many good ones and it is up', () => {
  const { changes, health, usable } = start('ab')
  health.checked('a', false)
  health.checked('a', true)
  health.checked('a', false)
  assert.equal(usable(), 'ab')
  health.checked('a', false)
  assert.equal(usable(), 'b')
  health.checked('a', true)
  health.checked('a', false)
  health.checked('a', true)
  assert.equal(usable(), 'b')
  health.checked('a', true)
  assert.equal(usable(), 'ab')
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['down', 'up'],
  )
})

test('with all of them down all of them are tried', () => {
  const { health, usable } = start('ab')
  for (const name of 'ab') for (const _ of [1, 2]) health.checked(name, false)
  assert.equal(usable(), 'ab')
  assert.equal(health.isUp('a'), false)
  for (const _ of [1, 2]) health.checked('b', true)
  assert.equal(usable(), 'b')
})

test('where all others are down, one that passes its checks is asked although its requests failed', () => {
  const { health, fail, usable } = start('abc')
  fail('a')
  assert.equal(usable(), 'bc')
  for (const name of 'bc') for (const _ of [1, 2]) health.checked(name, false)
  assert.equal(usable(), 'a')
  assert.equal(health.isEjected('a'), true)
})

test('one that passes its checks and fails its requests is left out all the same', () => {
  const { health, fail, usable } = start('ab')
  fail('a')
  health.checked('a', true)
  assert.equal(usable(), 'b')
})

test('nothing is timed after a stop', () => {
  const { clock, changes, health, fail } = start('ab')
  fail('a')
  health.stop()
  clock.advance(10_000)
  assert.equal(changes.length, 1)
})

type Event = readonly [what: 'succeeded' | 'failed' | 'good' | 'bad' | 'wait', index: number, ms: number]

const event = fc.tuple(
  fc.constantFrom<Event[0]>('succeeded', 'failed', 'failed', 'good', 'bad', 'wait'),
  fc.nat(4),
  fc.integer({ min: 1, max: 3_000 }),
)

test('whatever happens, somebody is usable, and everybody comes back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(event, { maxLength: 200 }), (count, events) => {
      const { clock, changes, endpoints, health } = start('abcde'.slice(0, count))
      for (const [what, index, ms] of events) {
        const endpoint = endpoints[index % count] as string
        const before = changes.length
        if (what === 'wait') clock.advance(ms)
        else if (what === 'succeeded' || what === 'failed') health[what](endpoint)
        else health.checked(endpoint, what === 'good')

        const up = endpoints.filter(health.isUp)
        const open = up.filter((each) => !health.isEjected(each))
        assert.deepEqual(health.usable(), open.length > 0 ? open : up.length > 0 ? up : endpoints)
        for (const change of changes.slice(before)) {
          if (change.kind !== 'ejected') continue
          assert.ok(open.length > 0, 'ejection leaves somebody')
          assert.ok(change.forMs >= ejection.time && change.forMs <= ejection.maxTime)
        }
      }
      clock.advance(ejection.maxTime)
      assert.equal(endpoints.some(health.isEjected), false)
    }),
  )
})

test('one that comes is usable, one that goes is forgotten with all that was known of it', () => {
  const { clock, changes, health, fail, usable } = start('ab')
  fail('a')
  assert.equal(usable(), 'b')
  health.setEndpoints(['a', 'c'])
  assert.equal(usable(), 'c', 'what is known of one that stays is kept')
  fail('b', 9)
  health.checked('b', false)
  health.succeeded('b')
  assert.deepEqual([health.isUp('b'), health.isEjected('b')], [false, false])
  health.setEndpoints(['c'])
  clock.advance(1_000)
  assert.equal(usable(), 'c')
  assert.deepEqual(changes, [{ kind: 'ejected', endpoint: 'a', forMs: 1_000 }])
  health.setEndpoints(['a'])
  assert.equal(usable(), 'a')
  health.setEndpoints([])
  assert.equal(usable(), '')
})
