import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRecord, readRecord, withEnd } from './record.ts'

const NOW = Date.UTC(2026, 10, 21)
const login = { accessKey: 'AKIAX', secretKey: 'CANARY-x', role: 'user', status: 'active' }
const token = { type: 'keypair', access_key: 'AKIAX', secret_key: 'CANARY-x', role: 'user', status: 'active' }
const session = { authenticated: true, token }
const created = NOW / 1000 - 60
const read = (value: unknown) => readRecord(typeof value === 'string' ? value : JSON.stringify(value), NOW)

test('a record as the Manager writes it is a login until it ends', () => {
  const expiration_dt = NOW / 1000 + 60
  assert.deepEqual(read({ created, session, expiration_dt }), { login, endsAt: NOW + 60_000 })
  assert.deepEqual(read({ created, session: { ...session, api_endpoints: { ttyd: 'http://m' } }, expiration_dt }), {
    login,
    endsAt: NOW + 60_000,
  })
  const user_id = '2de2b969-1d04-48a6-af16-0bc8adb3c831'
  assert.deepEqual(read({ created, session: { authenticated: true, token: { ...token, user_id } }, expiration_dt }), {
    login: { ...login, userId: user_id },
    endsAt: NOW + 60_000,
  })
})

test('a record without an end is a login', () => {
  assert.deepEqual(read({ created, session }), { login })
})

for (const [name, value] of [
  ['one that has ended', { created, session, expiration_dt: NOW / 1000 - 1 }],
  ['one that began after its end', { created: NOW / 1000, session, expiration_dt: NOW / 1000 - 1 }],
  ['a logout', {}],
  ['nothing', ''],
  ['no JSON', 'gAAAAB'],
  ['null', null],
  ['a list', [session]],
  ['a stranger', { created, session: { authenticated: false } }],
  ['a login that is only said to be one', { created, session: { authenticated: true } }],
  ['an empty session', { created, session: {} }],
  ['authenticated as text', { created, session: { authenticated: 'true', token } }],
  ['another kind of token', { created, session: { authenticated: true, token: { ...token, type: 'jwt' } } }],
  ['no secret', { created, session: { authenticated: true, token: { ...token, secret_key: undefined } } }],
  ['a key with a line break', { created, session: { authenticated: true, token: { ...token, access_key: 'A\r\nB' } } }],
  ['an end that is text', { created, session, expiration_dt: '9999999999' }],
  ['an end that is null', { created, session, expiration_dt: null }],
  ['an end beyond all times', { created, session, expiration_dt: 1e300 }],
  ['an end before all times', { created, session, expiration_dt: -1 }],
] as const) {
  test(`is no login: ${name}`, () => assert.equal(read(value), undefined))
}

test('what is written can be read', () => {
  const text = createRecord(login, { begunAt: NOW, endsAt: NOW + 5000 })
  assert.deepEqual(read(text), { login, endsAt: NOW + 5000 })
  assert.deepEqual(JSON.parse(text), { created: NOW / 1000, session, expiration_dt: NOW / 1000 + 5 })
})

test('another end changes nothing else', () => {
  const before = { created, session: { ...session, api_endpoints: { x: 'y' } }, expiration_dt: 1, extra: [1] }
  assert.deepEqual(JSON.parse(withEnd(JSON.stringify(before), NOW) ?? ''), { ...before, expiration_dt: NOW / 1000 })
  for (const text of ['', '{}', '[]', 'null', '"x"']) assert.equal(withEnd(text, NOW), undefined)
})

test('whatever stands there is read without a fault', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => assert.equal(readRecord(text, NOW), undefined)))
})
