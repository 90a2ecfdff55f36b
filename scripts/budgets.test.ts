import assert from 'node:assert/strict'
import { test } from 'node:test'
import { functionSizes, percentile } from './budgets.ts'
import { parseSource } from './source-tree.ts'

test('measures each function from its first to its last line', () => {
  const file = parseSource('a.ts', 'const one = () => 1\nfunction four() {\n  const inner = () => {\n  }\n}\n')
  assert.deepEqual(functionSizes(file), [
    { name: 'a.ts:1', lines: 1 },
    { name: 'a.ts:2', lines: 4 },
    { name: 'a.ts:3', lines: 2 },
  ])
  assert.equal(file.lineCount, 5)
})

test('a percentile is a size that occurs', () => {
  const sizes = [40, 10, 30, 20].map((lines) => ({ name: '', lines }))
  assert.deepEqual(
    [0.5, 0.95, 1].map((share) => percentile(sizes, share)),
    [20, 40, 40],
  )
  assert.equal(percentile([], 0.5), 0)
})
