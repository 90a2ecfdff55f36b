import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { MetricReading } from '#telemetry'
import { addTraffic, durationQuantileMs, noTraffic, readTraffic, type Traffic, trafficBetween } from './traffic.ts'

const reading = (name: string, samples: MetricReading['samples']): MetricReading => ({
  name: `backendai_${name}`,
  help: '',
  type: 'counter',
  combine: 'sum',
  samples,
})

test('reads what happened, whatever the prefix', () => {
  const traffic = readTraffic([
    reading('api_request_count_total', [
      { labels: { status_code: '200' }, value: 5 },
      { labels: { status_code: '404' }, value: 2 },
      { labels: { status_code: '503' }, value: 1 },
    ]),
    reading('logins_total', [
      { labels: { provider: 'a', result: 'success' }, value: 3 },
      { labels: { provider: 'a', result: 'refused' }, value: 4 },
    ]),
    reading('api_request_duration_sec', [
      { labels: { le: '0.1' }, value: 2, metricName: 'backendai_api_request_duration_sec_bucket' },
      { labels: { le: '1' }, value: 7, metricName: 'backendai_api_request_duration_sec_bucket' },
      { labels: { le: '+Inf' }, value: 8, metricName: 'backendai_api_request_duration_sec_bucket' },
      { labels: {}, value: 8, metricName: 'backendai_api_request_duration_sec_count' },
    ]),
  ])
  assert.deepEqual(traffic, {
    requests: 8,
    refused: 2,
    failed: 1,
    durations: [
      { atMostSeconds: 0.1, count: 2 },
      { atMostSeconds: 1, count: 5 },
      { atMostSeconds: Number.POSITIVE_INFINITY, count: 1 },
    ],
    logins: 3,
    loginsRefused: 4,
  })
})

const arbitraryTraffic: fc.Arbitrary<Traffic> = fc
  .tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.array(fc.nat(100), { minLength: 3, maxLength: 3 }))
  .map(([requests, refused, logins, counts]) => ({
    requests,
    refused,
    failed: 0,
    durations: [0.1, 1, Number.POSITIVE_INFINITY].map((atMostSeconds, index) => ({
      atMostSeconds,
      count: counts[index] ?? 0,
    })),
    logins,
    loginsRefused: 0,
  }))

test('what was, and what came since, are what is', () => {
  fc.assert(
    fc.property(arbitraryTraffic, arbitraryTraffic, (before, since) => {
      assert.deepEqual(trafficBetween(before, addTraffic(before, since)), since)
      assert.deepEqual(addTraffic(noTraffic, since), since)
    }),
  )
})

test('a share of the waits lies within the bounds of its bucket', () => {
  const durations = [
    { atMostSeconds: 0.1, count: 50 },
    { atMostSeconds: 1, count: 50 },
    { atMostSeconds: Number.POSITIVE_INFINITY, count: 0 },
  ]
  assert.equal(durationQuantileMs(durations, 0.5), 100)
  assert.equal(durationQuantileMs(durations, 0.25), 50)
  assert.equal(durationQuantileMs(durations, 0.75), 550)
  assert.equal(durationQuantileMs([], 0.5), undefined)
  assert.equal(durationQuantileMs([{ atMostSeconds: Number.POSITIVE_INFINITY, count: 3 }], 0.5), 0)
})
