import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GatewayError } from '#kernel'
import { readPresented, takeOff } from './presented-credentials.ts'

const requestWith = (...values: readonly string[]) => ({
  headers: { accept: '*/*', ...(values[0] !== undefined && { authorization: values[0] }) },
  rawHeaders: ['Accept', '*/*', ...values.flatMap((value) => ['Authorization', value])],
})

function shown(...values: readonly string[]): unknown {
  const presented = readPresented(requestWith(...values))
  if (presented?.scheme === 'bearer') return presented.token.reveal()
  return presented && [presented.username, presented.password.reveal()]
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

test('Bearer and Basic are read in any letter case; nothing else is', () => {
  assert.equal(shown(), undefined)
  assert.equal(shown('Bearer gh_abc'), 'gh_abc')
  assert.equal(shown('bEaReR   gh_abc '), 'gh_abc')
  assert.deepEqual(shown(`basic ${base64('ada:a:b')}`), ['ada', 'a:b'])
  for (const other of ['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'gh_abc', 'Digest x', `Basic ${base64('ada')}`])
    assert.equal(shown(other), undefined, other)
})

test('any name without a colon and any password come out of Basic as they went in', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((each) => each.isWellFormed())
  fc.assert(
    fc.property(text, text, (name, password) => {
      fc.pre(!name.includes(':'))
      assert.deepEqual(shown(`Basic ${base64(`${name}:${password}`)}`), [name, password])
    }),
  )
})

test('whatever the header holds, it is read or it is not: nothing is thrown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `Bearer ${text}`),
      ),
      (value) => {
        const read = shown(value)
        if (typeof read === 'string') assert.ok(value.trimEnd().endsWith(read) && !/\s/.test(read))
      },
    ),
  )
})

test('two Authorization headers are refused: two readers could each believe another one', () => {
  assert.throws(
    () => shown('Bearer a', 'Bearer b'),
    (error) => error instanceof GatewayError && error.code === 'http.malformedRequest',
  )
})

test('what is taken off is in neither form of the headers', () => {
  const request = { ...requestWith('Bearer a'), headers: { accept: '*/*', authorization: 'Bearer a' } }
  takeOff(request)
  assert.deepEqual(request, { headers: { accept: '*/*' }, rawHeaders: ['Accept', '*/*'] })
})
