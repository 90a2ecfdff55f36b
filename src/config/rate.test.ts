import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRate, rate } from './rate.ts'

test('a rate is read as a number and a window', () => {
  assert.deepEqual(parseRate('100/1m'), { limit: 100, windowMs: 60_000 })
  assert.deepEqual(rate('5/5m').parse(undefined), { limit: 5, windowMs: 300_000 })
})

test('false is no limit', () => {
  assert.equal(rate('5/5m').parse(false), undefined)
  assert.equal(rate(false).parse(undefined), undefined)
})

test('anything else is refused, with what a rate looks like', () => {
  for (const value of ['', '100', '/1m', '0/1m', '100/0s', '100/1', '1.5/1m', '100 / 1m', '100/500ms', true, 100]) {
    assert.match(String(rate('5/5m').safeParse(value).error), /such as 100\/1m/, JSON.stringify(value))
  }
})
