// Which mount a path belongs to: the longest prefix, whole segments only, also where names are made to collide.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMountTable } from './mount-table.ts'
import type { Mount } from './route.ts'

const mountAt = (prefix: string): Mount => ({ id: prefix, prefix }) as unknown as Mount

/** Few names, of which some begin with others, so that prefixes meet. */
const segments = fc.array(fc.constantFrom('a', 'ab', 'a-b', 'b', 'a%2Fb', '%61', 'A'), { maxLength: 4 })
const prefixes = fc.uniqueArray(
  segments.map((names) => ['', ...names, ''].join('/').replace('//', '/')),
  { minLength: 1, maxLength: 12 },
)

test('of 100,000 pairs of mounts and paths made to collide, each goes to the longest prefix of whole segments', () => {
  fc.assert(
    fc.property(prefixes, fc.array(segments, { minLength: 10, maxLength: 10 }), (all, paths) => {
      const table = createMountTable(all.map(mountAt))
      for (const names of paths) {
        const path = ['', ...names, 'x'].join('/')
        const covering = names.map((_, index) => `/${names.slice(0, index + 1).join('/')}/`)
        const expected = ['/', ...covering].filter((prefix) => all.includes(prefix)).at(-1)
        assert.equal(table.find(path)?.id, expected, `${path} over ${all.join(' ')}`)
      }
    }),
    { numRuns: 10_000 },
  )
})

test('two mounts of one prefix, and what is no prefix, are refused', () => {
  assert.throws(() => createMountTable([mountAt('/a/'), mountAt('/a/')]), /two services want \/a\//)
  for (const prefix of ['a/', '/a', '']) assert.throws(() => createMountTable([mountAt(prefix)]), /starts and ends/)
})
