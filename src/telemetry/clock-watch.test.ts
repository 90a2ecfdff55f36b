import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createClockWatch } from './clock-watch.ts'
import type { LogFields, Logger } from './logger.ts'

const START = Date.parse('2026-11-21T12:00:00Z')
const LEEWAY_MS = 60_000
const endpoint = {}

function start() {
  const clock = createManualClock(START)
  const said: LogFields[] = []
  const note = (fields: LogFields) => void said.push(fields)
  const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log }
  const watch = createClockWatch({
    clock,
    leewayMs: LEEWAY_MS,
    log,
    describe: () => ({ whose: 'service' }),
    differs: { event: 'differs', message: 'the clocks differ' },
    agrees: { event: 'agrees', message: 'the clocks agree' },
  })
  /** An answer of a service whose clock is so far ahead, ten seconds after the one before. */
  const hear = (aheadSeconds: number, headers: object = {}): void => {
    clock.advance(10_000)
    watch.heard(endpoint, { date: new Date(clock.now() + aheadSeconds * 1_000).toUTCString(), ...headers })
  }
  return { clock, said, watch, hear }
}

test('a difference is measured to the second, whichever clock is behind', () => {
  const { watch, hear } = start()
  assert.equal(watch.aheadMs(endpoint), undefined)
  for (const seconds of [0, 12, -12, 600, -600]) {
    hear(seconds)
    assert.ok(Math.abs((watch.aheadMs(endpoint) ?? Number.NaN) - seconds * 1_000) <= 500, `${seconds} s`)
  }
})

test('half of the leeway is said once, and so is that it is well again', () => {
  const { said, hear } = start()
  for (const seconds of [0, 29, 31, 40, 600, 29, 0, -29, -31, -600]) hear(seconds)
  assert.deepEqual(
    said.map(({ event, whose }) => [event, whose]),
    [
      ['differs', 'service'],
      ['agrees', 'service'],
      ['differs', 'service'],
    ],
  )
  assert.ok(Math.abs(Number(said[0]?.ahead_s) - 31) <= 1)
})

test('one answer in ten seconds is looked at, also while our own clock is set', () => {
  const { clock, watch, hear } = start()
  hear(0)
  watch.heard(endpoint, { date: new Date(clock.now() + 600_000).toUTCString() })
  assert.equal(watch.aheadMs(endpoint), 500)
  for (const stepMs of [-86_400_000, 2 * 86_400_000]) {
    clock.stepWallClock(stepMs)
    hear(20)
    assert.ok(Math.abs((watch.aheadMs(endpoint) ?? 0) - 20_000) <= 500)
    hear(0)
  }
})

test('what says nothing about the clock of now is passed over', () => {
  const { watch, hear, said } = start()
  for (const headers of [
    { age: '3' },
    { date: 'yesterday' },
    { date: undefined },
    { date: ['a', 'b'] },
    { date: '' },
  ]) {
    hear(600, headers)
  }
  assert.deepEqual([watch.aheadMs(endpoint), said], [undefined, []])
})
