import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from './clock.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('long waits that were cancelled leave nothing behind, however many lengths they had', async () => {
  const heapBytes = async (): Promise<number> => {
    // The test runner hears of what is cancelled in the next turn.
    await nextTurn()
    collect()
    collect()
    return process.memoryUsage().heapUsed
  }
  const waitAndCancel = (fromMs: number): void => {
    for (let index = 0; index < 50_000; index += 1) systemClock.after(fromMs + index, () => {})()
  }
  waitAndCancel(3_600_000)
  const before = await heapBytes()
  waitAndCancel(7_200_000)
  const grown = (await heapBytes()) - before
  assert.ok(grown < 1_000_000, `${grown} bytes more`)
})

test('a long wait is over when it should be, and not before', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let nowMs = 0.4
  t.mock.method(performance, 'now', () => nowMs)
  const pass = (ms: number): void => {
    nowMs += ms
    t.mock.timers.tick(ms)
  }
  let runs = 0
  systemClock.after(12 * 3_600_000 + 5, () => {
    runs += 1
  })
  pass(12 * 3_600_000)
  assert.equal(runs, 0)
  pass(4)
  assert.equal(runs, 0)
  pass(2)
  assert.equal(runs, 1)
  pass(86_400_000)
  assert.equal(runs, 1)
})

test('a long wait can be cancelled at any time', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const cancel = systemClock.after(300_000, () => assert.fail('it was cancelled'))
  t.mock.timers.tick(130_000)
  cancel()
  t.mock.timers.tick(3_600_000)
})

test('a period that is longer than any timer is not a short one', (t) => {
  const started = t.mock.method(globalThis, 'setInterval')
  for (const days of [1, 24, 25, 400]) systemClock.every(days * 86_400_000, () => {})()
  const periodsMs = started.mock.calls.map((call) => Number(call.arguments[1]))
  assert.deepEqual(periodsMs, [86_400_000, 24 * 86_400_000, 2 ** 31 - 1, 2 ** 31 - 1])
})
