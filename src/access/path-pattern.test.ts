import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compilePaths, findPatternFault } from './path-pattern.ts'

const table: readonly (readonly [pattern: string, covered: readonly string[], uncovered: readonly string[]])[] = [
  ['/', ['/'], ['', '/a', '//']],
  ['/a', ['/a'], ['/A', '/a/', '/ab', '/a/b', 'a', '/%61']],
  ['/a/', ['/a/'], ['/a', '/a//']],
  ['/*', ['/a', '/a%2Fb', '/a;x=1', '/*'], ['/', '/a/', '/a/b', '']],
  ['/a/*/c', ['/a/b/c', '/a/*/c'], ['/a/c', '/a//c', '/a/b/b/c', '/a/b/c/', '/a/b/C']],
  ['/**', ['/', '/a', '/a/b', '//', '/a//b', ''], ['a']],
  ['/a/**', ['/a', '/a/', '/a/b', '/a/b/c/', '/a//'], ['/ab', '/', '/A/b', '/b/a']],
  ['/*/b/**', ['/a/b', '/a/b/', '/a/b/c'], ['//b', '/b', '/a/bc']],
  ['/a.b', ['/a.b'], ['/axb']],
  ['/a.b/*', ['/a.b/c'], ['/axb/c']],
  ['/(a|b)$', ['/(a|b)$'], ['/a', '/b']],
  ['/g%2Fp', ['/g%2Fp'], ['/g%2fp', '/g/p']],
]

test('a pattern covers what it says and nothing beside it', () => {
  for (const [pattern, covered, uncovered] of table) {
    const matches = compilePaths([pattern])
    for (const path of covered) assert.equal(matches(path), true, `${pattern} covers ${path}`)
    for (const path of uncovered) assert.equal(matches(path), false, `${pattern} does not cover ${path}`)
  }
})

test('several patterns cover what any of them covers', () => {
  const segment = fc.constantFrom('a', 'b', '*', 'a.b', '%2F')
  const pattern = fc
    .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('', '/**'))
    .map(([segments, rest]) => `/${segments.join('/')}${rest}`)
  const path = fc.array(fc.constantFrom('a', 'b', '', 'axb', 'a.b'), { maxLength: 4 }).map((s) => `/${s.join('/')}`)
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), path, (patterns, asked) => {
      assert.equal(
        compilePaths(patterns)(asked),
        patterns.some((each) => compilePaths([each])(asked)),
      )
    }),
  )
})

test('a pattern that could not mean what its author hoped is refused with the reason', () => {
  const faults: readonly (readonly [string, RegExp])[] = [
    ['admin/**', /starts with "\/"/],
    ['', /starts with "\/"/],
    ['/**/admin', /comes last/],
    ['/a*', /whole segment/],
    ['/a/***', /whole segment/],
    ['/a?x=1', /never the query/],
    ['/a#b', /no request could have such a path/],
    ['/a/../b', /no request could have such a path/],
    ['/%61dmin', /no request could have such a path/],
    ['/ü', /no request could have such a path/],
    ['/a b', /no request could have such a path/],
    ['/a%', /no request could have such a path/],
  ]
  for (const [pattern, reason] of faults) assert.match(findPatternFault(pattern) ?? 'no fault', reason, pattern)
  for (const pattern of ['/', '/**', '/*', '/a/*/b/**', '/g%2Fp', '/a;x', '/a//b', '/@x:y']) {
    assert.equal(findPatternFault(pattern), undefined, pattern)
  }
})
