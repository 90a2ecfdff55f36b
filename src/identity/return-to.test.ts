import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toReturnTo } from './return-to.ts'

const OWN = 'https://gate.test'
const BASES = [OWN, `${OWN}/x`, `${OWN}/auth/login`, `${OWN}/a/b/c`]

/** What a browser makes of it, also where a base path is put before it. */
const origins = (value: string): readonly string[] =>
  BASES.flatMap((base) => [new URL(value, base).origin, new URL(`/x${value}`, base).origin])

const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

// Whole hosts, the tricks before them, and what may follow. Every combination must fall back to `/`.
const LEADS = [
  '//',
  '///',
  '////',
  '/\\',
  '\\\\',
  '\\/',
  '/\\/',
  '\\',
  '/%5c',
  '/%5C',
  '%5c%5c',
  '/%2f',
  '/%2F',
  '%2f%2f',
  '/%09/',
  '/\t/',
  '/\n/',
  '/\r\n/',
  '\t//',
  ' //',
  '\u00a0//',
  '\u0000//',
  '/\u0000/',
  '/%00/',
  '/%0a/',
  '/%0d%0a/',
  '/./\\',
  '/.//',
  '/..//',
  '/a/..//',
  '/a/../\\',
  '/%2e//',
  '/%2e%2e//',
  '/.%2e//',
  '/%252f',
  '/%255c',
  '/%252e%252e//',
  '/;//',
  '/?//\\',
  '/#//',
  '/foo//',
  '/\u2028/',
  '/\u3000/',
  '/\uff0f',
  '/\u2215',
  '/\u29f8',
  'https:',
  'https:/',
  'https://',
  'https:///',
  'https:\\\\',
  'http://',
  'HTTPS://',
  'ht\ntps://',
  'https:%2f%2f',
  '//gate.test@',
  '//gate.test:80@',
  'https://gate.test@',
  'https://gate.test.',
  '//gate.test%00.',
  '/%e2%80%a8/',
  '/%c0%af',
  '/%ff',
  '/%80',
  '.',
  './/',
  '..//',
  '@',
  ':80//',
  '?//',
  '#//',
  '',
] as const
const HOSTS = ['evil.test', 'evil.test/%2e%2e', '[::1]'] as const

const OTHERS = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://evil.test/1',
  'ftp://evil.test',
  'mailto:a@evil.test',
  'about:blank',
  '/ok\r\nSet-Cookie: a=b',
  '/ok%0d%0aSet-Cookie:a=b',
  '/ok\nLocation: //evil.test',
  '/"onload=alert(1)',
  '/<script>',
  '/a b',
  '/a\u0000',
  '/%',
  '/%a',
  '/%zz',
  '/a%',
  '/\u00e9',
  '/a`b',
  '/a|b',
  '/a{b}',
  '/a^b',
  '/a[b]',
  '/a"b',
  '/a\\b',
  '/auth/logout',
  '/auth',
  '/auth/login?returnTo=/',
  '/a/./b',
  '/a/../b',
  '/.',
  '/..',
  '/a/..',
  '/%2e',
  '/a/%2E%2e/b',
  '/a/%2fb',
  '/a%5Cb',
  '/a%25b',
  '/a%7f',
  '/a//b',
  '//',
  `/${'a'.repeat(1024)}`,
  ' /a',
  '/a ',
  '\t/a',
  'a',
  'a/b',
  '',
  '\u0085/a',
  '/a#b',
  '/a?b#c',
  '*',
  '?',
  '#',
  '%2fa',
  '/auth%2flogin',
  '/a%c3',
  '/a?b\\c',
  '/a?b c',
  '/a?<',
  '/a?%0',
  '/a?"x',
] as const

const HOSTILE = [...LEADS.flatMap((lead) => HOSTS.map((host) => lead + host)), ...OTHERS]

test('every hostile value becomes the home page, raw and percent-decoded', () => {
  assert.ok(HOSTILE.length >= 150, `${HOSTILE.length} cases`)
  for (const value of HOSTILE) {
    assert.equal(toReturnTo(value), '/', JSON.stringify(value))
    // Decoded, some turn out harmless: then they must at least stay here.
    for (const origin of origins(toReturnTo(decoded(value)))) assert.equal(origin, OWN, JSON.stringify(value))
  }
  assert.equal(toReturnTo(undefined), '/')
})

test('paths of ours come back unchanged', () => {
  for (const value of [
    '/',
    '/jobs',
    '/jobs/',
    '/jobs/12?phase=EXECUTING&limit=5',
    '/api/manager/folders?u=http://h/p?x=y',
    '/a;v=1/b,c',
    '/~ada/x.y',
    '/a.b/..c',
    '/a...',
    '/a/@b:c',
    '/a?next=//b',
    '/a?b=%2F%5C%00',
    '/a%20b',
    '/gitlab/group%2Fproject',
    '/a%c3%a9',
    '/%ED%95%9C/x',
    '/a%3Fb',
    "/(a)!$&'*+=",
    '/authors',
    '/auth/connect',
    '/auth/return?to=https%3A%2F%2Fgate.test%2Fa',
    '/a?',
    `/${'a'.repeat(1023)}`,
  ]) {
    assert.equal(toReturnTo(value), value)
  }
})

const shard = fc.constantFrom(
  '/',
  '\\',
  '//',
  '%2f',
  '%5c',
  '%2e',
  '.',
  '..',
  '%',
  '%25',
  '%00',
  '@',
  ':',
  ';',
  '?',
  '#',
  'http:',
  'https:',
  'evil.test',
  'gate.test',
  '\t',
  '\n',
  '\r',
  ' ',
  '\u0000',
  '\u00a0',
  '\uff0f',
  'a',
  'javascript:',
  '&',
  '=',
  '[',
  ']',
)

test('whatever is asked for, a browser stays on our origin', () => {
  const value = fc.oneof(
    fc.array(shard, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.array(shard, { maxLength: 12 }).map((parts) => `/${parts.join('')}`),
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
  )
  fc.assert(
    fc.property(value, (raw) => {
      for (const candidate of [raw, decoded(raw), encodeURI(raw)]) {
        const result = toReturnTo(candidate)
        assert.ok(result === candidate || result === '/')
        for (const origin of origins(result)) assert.equal(origin, OWN)
        // Nor after one more decoding, as a careless program behind us might do.
        for (const origin of origins(decoded(result.split('?', 1)[0] ?? ''))) assert.equal(origin, OWN)
      }
    }),
    { numRuns: 5_000 },
  )
})
