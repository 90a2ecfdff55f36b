import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contrastRatio, type HexColour, lightenUntilReadable, READABLE } from './contrast.ts'

test('the ratios that WCAG gives', () => {
  assert.equal(contrastRatio('#000000', '#ffffff'), 21)
  assert.equal(contrastRatio('#ffffff', '#ffffff'), 1)
  assert.ok(Math.abs(contrastRatio('#767676', '#ffffff') - 4.54) < 0.01)
})

test('any colour becomes one that can be read on a dark ground', () => {
  const colour = fc.integer({ min: 0, max: 0xffffff }).map((n): HexColour => `#${n.toString(16).padStart(6, '0')}`)
  fc.assert(fc.property(colour, (any) => contrastRatio(lightenUntilReadable(any, '#1a1f26'), '#1a1f26') >= READABLE))
})
