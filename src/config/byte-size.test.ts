import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { byteSize, formatByteSize, parseByteSize } from './byte-size.ts'

test('a size is read as bytes', () => {
  const cases = {
    '0B': 0,
    '512B': 512,
    '64kB': 64_000,
    '64KB': 64_000,
    '16KiB': 16_384,
    '1MiB': 1_048_576,
    '64MB': 64e6,
  }
  for (const [text, bytes] of Object.entries(cases)) assert.equal(parseByteSize(text), bytes, text)
})

test('what is formatted is read back as the same size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom(1, 1024, 1_048_576), (count, unit) =>
      assert.equal(parseByteSize(formatByteSize(count * unit)), count * unit),
    ),
  )
})

test('anything that is not one whole number and one unit is refused', () => {
  for (const text of ['', '16', '1.5MiB', '-1B', '16 KiB', '16kib', '16K', '1e3B']) {
    assert.equal(byteSize().safeParse(text).success, false, JSON.stringify(text))
  }
  assert.equal(byteSize().safeParse(1024).success, false)
})

test('the default is written as an operator writes it, and limits are checked', () => {
  const limited = byteSize('16KiB', { min: '1KiB', max: '1MiB' })
  assert.equal(limited.parse(undefined), 16_384)
  assert.match(String(limited.safeParse('1B').error), /smallest allowed is 1KiB/)
  assert.match(String(limited.safeParse('2MiB').error), /largest allowed is 1MiB/)
})
