import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal, parseTarget } from './target.ts'

const REFUSED = [
  '', '*', 'http://evil.test/x', 'evil.test:443', '//evil.test/x', '@evil.test/', '\\evil', 'x',
  '/a/../b', '/a/./b', '/..', '/.', '/a/..', '/a/.', '/../', '/./', '/..;/b', '/..;x=1/b', '/.;a/b', '/a/..;',
  '/a/%2e%2e/b', '/a/%2E%2E/b', '/a/.%2e/b', '/a/%2e/b', '/%2e', '/a/%2e%2e%2fb', '/a/..%2fb', '/a%2f../b', '/a%2F..%2Fb',
  '/a%2f..', '/a%2f.%2fb', '/a/..;%2fb',
  '/a/..%3B/b', '/a/..%3bx/b', '/.%3B/b', '/a%2f..%3b%2fb', '/a/..%3Bx',
  '/a\\b', '/a\\..\\b', '/a%5cb', '/a%5C..%5Cb', '/a/%5c%5c/b',
  '/a#b', '/a?x#y', '/a%', '/a%2', '/a%zz', '/a%u002e', '/%%32%65', '/a%c0%ae%', '/a b', '/a\tb', '/a\u0000b', '/a%00b', '/a%0ab', '/a%0d%0ab', '/a%7fb', '/a%1f',
  '/\u00e9', '/a?x=\u00e9', '/a?x=a b', '/a?x=\\', '/a?x=\u0000',
  '/%61dmin', '/func/%61', '/a%2Db', '/a%5Fb', '/a%7Eb', '/a%30', '/a%39', '/a%5A', '/a%7A',
  '/a/%252e%252e/b', '/a/%252E/b', '/a%252fb', '/a%255cb', '/a%25252e', '/a%2500', '/a%250a',
  '/a<b', '/a>b', '/a"b', '/a{b}', '/a|b', '/a^b', '/a`b',
] // biome-ignore format: a table

const PASSED = [
  '/', '/a', '/a/', '/a//b', '/a///', '/a/b/c', '/a?', '/a?x', '/a?x=1&x=2&y', '/a?x=/../..', '/a?u=http://h/p?q', '/a?x=%2e%2e',
  '/api/v4/projects/group%2Fproject/repository', '/a%2fb', '/a%2Fb%2Fc', '/a;b=c/d', '/a;/b', '/p:q@r', '/a%20b', '/%ED%95%9C', '/a%25b', '/a%2525b',
  '/a+b', '/a%2Bb', '/a%3Fb', '/a%23b', '/a%26', '/a%3D', '/a%3Bb', '/...', '/.../x', '/..a', '/a..', '/.well-known/x', '/a.b.c', '/.hidden', '/a/.git/x', '/~user', "/!$&'()*+,=",
  '/a?x={y}', '/a?q=[1]', '/a?a|b',
] // biome-ignore format: a table

for (const target of REFUSED) {
  test(`refuses ${JSON.stringify(target)}`, () => {
    assert.ok(isRefusal(parseTarget(target)))
  })
}

for (const target of PASSED) {
  test(`passes ${target} byte for byte`, () => {
    const parsed = parseTarget(target)
    assert.ok(!isRefusal(parsed), 'refused')
    assert.equal(parsed.raw, target)
    assert.equal(parsed.path + parsed.query, target)
  })
}

test('whatever passes means the same to a reader that resolves dots and to one that does not', () => {
  const piece = fc.constantFrom(
    '/', '.', '..', '%2e', '%2E', '%2f', '%2F', '\\', '%5c', ';', 'a', 'b', '%61', '%25', '%252e', '%3B', '%3b', '?', '#', '%00', '%', 'é', ' ',
  ) // biome-ignore format: a table
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const parsed = parseTarget(`/${pieces.join('')}`)
      if (isRefusal(parsed)) return
      const url = new URL(parsed.raw, 'http://gate.test')
      assert.equal(url.host, 'gate.test')
      assert.equal(url.pathname, parsed.path)
      const decodedTwice = decode(decode(parsed.path))
      assert.doesNotMatch(decodedTwice, /(^|[/\\])\.{1,2}([/\\;]|$)/)
    }),
    { numRuns: 20_000 },
  )
})

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
