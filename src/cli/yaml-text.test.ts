import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { toYamlValue } from './yaml-text.ts'

test('what is plain is not quoted', () => {
  assert.equal(toYamlValue('https://gate.example.org/x'), 'https://gate.example.org/x')
  assert.equal(toYamlValue('group:lab, and: more'), '"group:lab, and: more"')
  assert.equal(toYamlValue('26.2'), '"26.2"')
  assert.equal(toYamlValue(['a', "'self'", '5', 5, true]), `[a, "'self'", "5", 5, true]`)
})

test('whatever it is, it stands on one line and is read back as it was', () => {
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.integer(), fc.boolean())
  fc.assert(
    fc.property(fc.oneof(value, fc.array(value)), (written) => {
      const text = toYamlValue(written)
      assert.ok(!text.includes('\n'))
      assert.deepEqual(parse(`key: ${text}`), { key: written })
      assert.deepEqual(parse(`key: ${toYamlValue([])}`), { key: [] })
    }),
    { numRuns: 200 },
  )
})
