import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricReading } from '#telemetry'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { createTrafficRecorder, MINUTE_MS } from './traffic-recorder.ts'
import type { TrafficMinute } from './traffic-store.ts'

const START = Date.UTC(2026, 10, 22, 10)

const requests = (value: number): MetricReading => ({
  name: 'gatehouse_api_request_count_total',
  help: '',
  type: 'counter',
  combine: 'sum',
  samples: [{ labels: { status_code: '200' }, value }],
})

/** Records that many milliseconds after the start, once more after each. @returns the minutes, and the requests of each */
async function recordAt(
  ...times: readonly number[]
): Promise<readonly (readonly [minute: number, requests: number])[]> {
  const clock = createManualClock(START)
  const kept = new Map<number, number>()
  let asked = 0
  const recorder = createTrafficRecorder({
    clock,
    readMetrics: async () => [requests(asked)],
    store: {
      put: async (_process: string, { minute, traffic }: TrafficMinute) =>
        void kept.set((minute - START) / MINUTE_MS, traffic.requests),
      since: async () => [],
      removeBefore: async () => {},
    },
  })
  await recorder.start()
  for (const time of times) {
    clock.advance(START + time - clock.now())
    asked += 5
    await recorder.record()
  }
  return [...kept].toSorted(([one], [other]) => one - other)
}

test('each minute holds what came since the one before, and one with two records holds both', async () => {
  assert.deepEqual(await recordAt(30_000, 90_000, 119_999), [
    [0, 5],
    [1, 10],
  ])
})

test('a minute that lies between two runs is known, a longer time without one is not', async () => {
  assert.deepEqual(await recordAt(59_999, 120_001, 360_000), [
    [0, 5],
    [1, 0],
    [2, 5],
    [6, 5],
  ])
})
