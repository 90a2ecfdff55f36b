import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readRetryAfter } from './outage.ts'

const NOW = Date.UTC(2026, 10, 22, 6, 0, 0)

test('seconds, and times in both forms that name their zone', () => {
  assert.equal(readRetryAfter('120', NOW), 120_000)
  assert.equal(readRetryAfter('Sun, 22 Nov 2026 06:02:00 GMT', NOW), 120_000)
  assert.equal(readRetryAfter('Sunday, 22-Nov-26 06:02:00 GMT', NOW), 120_000)
})

test('what is over, or far, is moved to the nearest wait that is sensible', () => {
  for (const value of ['0', 'Sun, 22 Nov 2026 05:00:00 GMT']) assert.equal(readRetryAfter(value, NOW), 1000)
  for (const value of ['301', '9'.repeat(400), 'Mon, 22 Nov 2027 06:00:00 GMT'])
    assert.equal(readRetryAfter(value, NOW), 300_000)
})

test('anything else says nothing', () => {
  const values = ['', '1.5', '-1', '1e3', '0x10', '5, 6', 'soon', 'Sun Nov 22 06:02:00 2026', '2026-11-22T06:02:00Z']
  for (const value of [null, ...values, 'Sun, 99 Nov 2026 06:02:00 GMT', 'Sun, 22 Foo 2026 06:02:00 GMT'])
    assert.equal(readRetryAfter(value, NOW), undefined, String(value))
})

test('whatever comes, a wait is between a second and five minutes', () => {
  const seconds = fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String)
  const dates = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString())
  fc.assert(
    fc.property(fc.oneof(fc.string(), seconds, dates), (value) => {
      const waitMs = readRetryAfter(value, NOW) ?? 1000
      assert.ok(waitMs >= 1000 && waitMs <= 300_000)
    }),
  )
})
