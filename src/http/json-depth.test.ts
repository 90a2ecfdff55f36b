import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nestsDeeperThan } from './json-depth.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

test('it is as deep as what is parsed from it, whatever stands in its strings', () => {
  const text = fc.oneof(
    fc.json(),
    fc.jsonValue().map((value) => JSON.stringify({ 'a]"\\[': [value, '[[{"\\'] })),
  )
  fc.assert(
    fc.property(text, fc.nat(6), (json, most) => {
      assert.equal(nestsDeeperThan(json, most), depthOf(JSON.parse(json)) > most)
    }),
  )
})

test('what is no JSON ends all the same', () => {
  for (const text of ['', '"', '"\\', '[', ']]]', '{"a":"[[[[']) assert.equal(nestsDeeperThan(text, 3), false, text)
  assert.equal(nestsDeeperThan('['.repeat(1_000_000), 32), true)
})
