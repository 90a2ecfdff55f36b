import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRange } from './byte-range.ts'

const table: readonly (readonly [header: string | undefined, size: number, expected: string])[] = [
  [undefined, 10, 'whole'],
  ['bytes=0-0', 10, '0-0'],
  ['bytes=0-', 10, '0-9'],
  ['bytes=3-5', 10, '3-5'],
  ['bytes=3-99', 10, '3-9'],
  ['bytes=9-9', 10, '9-9'],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=10-20', 10, 'unsatisfiable'],
  ['bytes=-3', 10, '7-9'],
  ['bytes=-99', 10, '0-9'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=-1', 0, 'unsatisfiable'],
  ['BYTES=1-2', 10, '1-2'],
  ['bytes= 1-2 ', 10, '1-2'],
  ['bytes=5-3', 10, 'whole'],
  ['bytes=-', 10, 'whole'],
  ['bytes=', 10, 'whole'],
  ['bytes=0-1,3-4', 10, 'whole'],
  ['bytes=a-b', 10, 'whole'],
  ['bytes=0x1-2', 10, 'whole'],
  ['bytes=1.5-2', 10, 'whole'],
  ['bytes=--2', 10, 'whole'],
  ['bytes=99999999999999999999-', 10, 'whole'],
  ['lines=0-1', 10, 'whole'],
  ['0-1', 10, 'whole'],
]

test('a range is read as RFC 9110 §14.1.2 says, and ignored where it may be', () => {
  for (const [header, size, expected] of table) {
    const range = parseRange(header, size)
    const shown = typeof range === 'object' ? `${range.start}-${range.end}` : (range ?? 'whole')
    assert.equal(shown, expected, `${header} of ${size}`)
  }
})

test('no header leads outside the file', () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
    fc.nat().map((n) => `bytes=-${n}`),
  )
  fc.assert(
    fc.property(header, fc.nat({ max: 1000 }), (text, size) => {
      const range = parseRange(text, size)
      if (typeof range !== 'object') return
      assert.ok(0 <= range.start && range.start <= range.end && range.end < size, JSON.stringify(range))
    }),
  )
})
