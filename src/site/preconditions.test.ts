import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import { checkPreconditions, mayServeRange } from './preconditions.ts'

const modifiedAt = Date.parse('Fri, 02 Jan 2026 03:04:05 GMT') + 678
const file = { etag: '"now"', modifiedAt }
const before = 'Fri, 02 Jan 2026 03:04:04 GMT'
const same = 'Fri, 02 Jan 2026 03:04:05 GMT'
const after = 'Fri, 02 Jan 2026 03:04:06 GMT'

const table: readonly (readonly [IncomingHttpHeaders, 'proceed' | 304 | 412])[] = [
  [{}, 'proceed'],
  [{ 'if-none-match': '"now"' }, 304],
  [{ 'if-none-match': 'W/"now"' }, 304],
  [{ 'if-none-match': '"old", W/"now" , "x"' }, 304],
  [{ 'if-none-match': '*' }, 304],
  [{ 'if-none-match': '"old"' }, 'proceed'],
  [{ 'if-none-match': 'now' }, 'proceed'],
  [{ 'if-none-match': '"old"', 'if-modified-since': after }, 'proceed'],
  [{ 'if-modified-since': same }, 304],
  [{ 'if-modified-since': after }, 304],
  [{ 'if-modified-since': before }, 'proceed'],
  [{ 'if-modified-since': 'yesterday' }, 'proceed'],
  [{ 'if-match': '"now"' }, 'proceed'],
  [{ 'if-match': '*' }, 'proceed'],
  [{ 'if-match': '"old", "now"' }, 'proceed'],
  [{ 'if-match': 'W/"now"' }, 412],
  [{ 'if-match': '"old"' }, 412],
  [{ 'if-match': '"now"', 'if-unmodified-since': before }, 'proceed'],
  [{ 'if-unmodified-since': before }, 412],
  [{ 'if-unmodified-since': same }, 'proceed'],
  [{ 'if-unmodified-since': 'never' }, 'proceed'],
  [{ 'if-match': '"now"', 'if-none-match': '"now"' }, 304],
]

test('conditions are met in the order and with the comparisons of RFC 9110 §13', () => {
  for (const [headers, expected] of table) {
    assert.equal(checkPreconditions(headers, file), expected, JSON.stringify(headers))
  }
})

test('a file without a tag is known by its date only', () => {
  const untagged = { etag: undefined, modifiedAt }
  assert.equal(checkPreconditions({ 'if-none-match': '"now"' }, untagged), 'proceed')
  assert.equal(checkPreconditions({ 'if-match': '"now"' }, untagged), 412)
  assert.equal(checkPreconditions({ 'if-modified-since': same }, untagged), 304)
})

test('a range counts only for exactly the same content', () => {
  const answers = ['"now"', 'W/"now"', '"old"', same, before, after, 'nonsense'].map((value) =>
    mayServeRange(value, file),
  )
  assert.deepEqual(answers, [true, false, false, true, false, false, false])
  assert.equal(mayServeRange(undefined, file), true)
})
