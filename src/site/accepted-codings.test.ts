import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acceptedCodings } from './accepted-codings.ts'

const table: readonly (readonly [header: string | undefined, expected: string])[] = [
  [undefined, ''],
  ['', ''],
  ['identity', ''],
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'br gzip'],
  ['GZIP', 'gzip'],
  ['br;q=0', ''],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0.5, gzip;q=0.8', 'gzip br'],
  ['br ; q=1.0,gzip ; q=1', 'br gzip'],
  ['*', 'br gzip'],
  ['*;q=0', ''],
  ['*;q=0, gzip', 'gzip'],
  ['gzip;q=0.5, identity', ''],
  ['gzip;q=x', ''],
  ['bra', ''],
]

test('codings are chosen by weight, brotli before gzip', () => {
  for (const [header, expected] of table) {
    const chosen = acceptedCodings(header).map(({ name }) => name)
    assert.equal(chosen.join(' '), expected, String(header))
  }
})

test('no header throws', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      assert.ok(acceptedCodings(header).length <= 2)
    }),
  )
})
