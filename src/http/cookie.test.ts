import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cookieName, readCookies, serializeCookie, withoutCookies } from './cookie.ts'

const NAME = '__Host-gatehouse'

test('reads exactly the cookies of a name, as they are', () => {
  const cases: readonly (readonly [string | undefined, readonly string[]])[] = [
    [undefined, []],
    ['', []],
    [`${NAME}=a`, ['a']],
    [`x=1; ${NAME}=a; y=2`, ['a']],
    [`${NAME}=a; ${NAME}=b`, ['a', 'b']],
    [`${NAME}="a"`, ['"a"']],
    [`${NAME}=a=b`, ['a=b']],
    [`${NAME}=`, ['']],
    [`\t${NAME}=a\t`, ['a']],
    [`=${NAME}=a`, []],
    [`\u00a0${NAME}=a`, []],
    [`${NAME.toLowerCase()}=a`, []],
    [`${NAME}x=a`, []],
    [`x${NAME}=a`, []],
    [`${NAME} =a`, []],
    [`${NAME}= a`, [' a']],
    [NAME, []],
    [`x="; ${NAME}=a; "`, ['a']],
  ]
  for (const [header, values] of cases) assert.deepEqual(readCookies(header, NAME), values, String(header))
})

test('reads what splitting at semicolons would read', () => {
  const piece = fc.constantFrom('a', 'b', '=', ';', ' ', '\t', '\u00a0', '"', 'ab', 'x')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const header = pieces.join('')
      const pairs = header.split(';').map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ''))
      const expected = pairs.filter((pair) => pair.startsWith('a=')).map((pair) => pair.slice(2))
      assert.deepEqual(readCookies(header, 'a'), expected)
    }),
    { numRuns: 2000 },
  )
})

test('drops cookies by name and keeps the rest in order', () => {
  const drop = (name: string) => name.startsWith('__Host-gatehouse') || name === ''
  assert.equal(withoutCookies(`a=1; ${NAME}=x; b=2; ${NAME}-login=y`, drop), 'a=1; b=2')
  assert.equal(withoutCookies(`${NAME}=x`, drop), undefined)
  assert.equal(withoutCookies(`=${NAME}=x; c=3`, drop), 'c=3')
  assert.equal(cookieName('sid=x; Path=/'), 'sid')
  assert.equal(cookieName('nameless; Path=/'), '')
})

test('writes cookies that no browser shares with a sibling or a script', () => {
  const line = serializeCookie({ name: NAME, value: 'a.b', sameSite: 'Lax', maxAgeSeconds: 60 })
  assert.equal(line, '__Host-gatehouse=a.b; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60')
  assert.doesNotMatch(serializeCookie({ name: 'plain', value: '', sameSite: 'Strict' }), /Secure|Domain/)
  const secure = serializeCookie({ name: 'plain', value: 'x', sameSite: 'None', isSecure: true })
  assert.equal(secure, 'plain=x; Path=/; HttpOnly; SameSite=None; Secure')
})

test('writes cookies that a page of an old client reads, where that is said', () => {
  const line = serializeCookie({ name: 'error', value: '"not there"', sameSite: 'Strict', isForScripts: true })
  assert.equal(line, 'error="not there"; Path=/; SameSite=Strict')
  const gone = serializeCookie({ name: 'data', value: '', sameSite: 'Strict', path: '/x/api', maxAgeSeconds: 0 })
  assert.equal(gone, 'data=; Path=/x/api; HttpOnly; SameSite=Strict; Max-Age=0')
  for (const value of ['a b', '"a;b"', '"a"b"', '"a\\b"'])
    assert.throws(() => serializeCookie({ name: 'error', value, sameSite: 'Strict', isForScripts: true }), value)
  assert.throws(() => serializeCookie({ name: 'x', value: '"a b"', sameSite: 'Lax' }))
  assert.throws(() => serializeCookie({ name: 'x', value: '', sameSite: 'Lax', path: '/a; Domain=b' }))
})

test('never writes two cookies for one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
      let line: string
      try {
        line = serializeCookie({ name, value, sameSite: 'Lax' })
      } catch {
        return
      }
      assert.doesNotMatch(line, /[\r\n\0]/)
      assert.equal(line.split(';').length, name.startsWith('__Host-') ? 5 : 4)
    }),
  )
})
