import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { duration, formatDuration, parseDuration } from './duration.ts'

test('a duration is read as milliseconds', () => {
  const cases = { '0s': 0, '500ms': 500, '30s': 30_000, '10m': 600_000, '1h': 3_600_000, '90d': 7_776_000_000 }
  for (const [text, valueMs] of Object.entries(cases)) assert.equal(parseDuration(text), valueMs, text)
})

test('what is formatted is read back as the same span', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom(1, 1000, 60_000, 3_600_000), (count, unit) =>
      assert.equal(parseDuration(formatDuration(count * unit)), count * unit),
    ),
  )
})

test('anything that is not one whole number and one unit is refused', () => {
  for (const text of ['', '30', '1.5h', '-1s', '1h30m', '1 h', '1H', '01s', '1s\n', '9999999999d', '٣s']) {
    assert.equal(parseDuration(text), undefined, JSON.stringify(text))
    assert.equal(duration().safeParse(text).success, false, JSON.stringify(text))
  }
  assert.equal(duration().safeParse(30).success, false)
})

test('the default is written as an operator writes it, and limits are checked', () => {
  assert.equal(duration('1h').parse(undefined), 3_600_000)
  const limited = duration('1h', { min: '1m', max: '1d' })
  assert.match(String(limited.safeParse('59s').error), /shortest allowed is 1m/)
  assert.match(String(limited.safeParse('2d').error), /longest allowed is 1d/)
  assert.equal(limited.parse('1m'), 60_000)
})
