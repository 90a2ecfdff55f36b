// Every answer that a Manager gives, and those that it should not give.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { profiles } from '../profile.ts'
import { readAuthorization } from './authorization.ts'

const json = (status: number, body: unknown, contentType = 'application/json; charset=utf-8') => ({
  status,
  contentType,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

const TOKEN = '0123456789abcdef0123456789abcdef'
const USER_ID = '2de2b969-1d04-48a6-af16-0bc8adb3c831'
const keypair = { access_key: 'AKIAX', secret_key: 'CANARY-x', role: 'user', status: 'active' }
const login = { accessKey: 'AKIAX', secretKey: 'CANARY-x', role: 'user', status: 'active' }
const good = { response_type: 'success', type: 'keypair', ...keypair, session_token: TOKEN, user_id: USER_ID }

test('a success has what its release promises, and no more of it is read', () => {
  const { session_token: _, ...nameless } = good
  const read = (data: object, profile: keyof typeof profiles) =>
    readAuthorization(json(200, { data }), profiles[profile])
  assert.deepEqual(read({ ...keypair, response_type: 'success' }, '26.2'), { kind: 'success', login })
  assert.deepEqual(read(nameless, '26.2'), { kind: 'success', login: { ...login, userId: USER_ID } })
  assert.deepEqual(read(good, '26.2'), { kind: 'success', login: { ...login, userId: USER_ID } })
  for (const profile of ['26.4', '26.8'] as const) {
    const named = { ...login, sessionToken: TOKEN, userId: USER_ID }
    assert.deepEqual(read(good, profile), { kind: 'success', login: named })
  }
  assert.deepEqual(read({ ...good, user_id: 'ada' }, '26.2'), { kind: 'success', login })
})

const kindOf = (answer: ReturnType<typeof json>, profile: keyof typeof profiles = '26.2') =>
  readAuthorization(answer, profiles[profile]).kind

test('a success without the name of its session is none where the Manager names them', () => {
  const { session_token: _, ...nameless } = good
  assert.equal(kindOf(json(200, { data: nameless }), '26.2'), 'success')
  assert.equal(kindOf(json(200, { data: nameless }), '26.4'), 'unusable')
  for (const session_token of ['', TOKEN.toUpperCase(), `${TOKEN}0`, `${TOKEN}\n`, null, 7, [TOKEN]]) {
    assert.equal(kindOf(json(200, { data: { ...good, session_token } }), '26.4'), 'unusable', String(session_token))
  }
})

test('a second factor is asked for, or its registration', () => {
  assert.deepEqual(
    readAuthorization(
      json(200, { data: { response_type: 'REQUIRE_TWO_FACTOR_AUTH', type: 'TOTP' } }),
      profiles['26.2'],
    ),
    { kind: 'otpRequired' },
  )
  const registration = { response_type: 'REQUIRE_TWO_FACTOR_REGISTRATION', token: 't', type: 'TOTP' }
  assert.deepEqual(readAuthorization(json(200, { data: registration }), profiles['26.2']), {
    kind: 'otpRegistrationRequired',
    token: 't',
  })
  assert.equal(kindOf(json(200, { data: { ...registration, token: 7 } })), 'unusable')
})

test('an error keeps its status and its words, and nothing else', () => {
  const body = { type: 'T', title: 'T2', msg: 'M', traceback: 'inside', data: good }
  for (const status of [400, 401, 409, 429, 500]) {
    assert.deepEqual(readAuthorization(json(status, body, 'application/problem+json'), profiles['26.2']), {
      kind: 'refused',
      status,
      problem: { type: 'T', title: 'T2', msg: 'M' },
    })
  }
  for (const odd of [{}, { type: 1, title: [], msg: {} }, [], '"text"', null, { constructor: 1 }]) {
    const { problem } = readAuthorization(json(401, odd), profiles['26.2']) as { readonly problem: unknown }
    assert.deepEqual(problem, { type: null, title: null, msg: null })
  }
})

for (const [name, answer] of [
  ['markup for a status', json(200, { data: { ...good, status: '<script>\u202e' } })],
  ['a status that HTTP does not have', json(999, { title: 'x' })],
  ['no JSON by its type', json(200, { data: good }, 'text/html')],
  ['no type', json(200, { data: good }, '')],
  ['a type that begins like one', json(200, { data: good }, 'application/jsonp')],
  ['no JSON in itself', json(200, '{"data":')],
  ['nothing', json(200, '')],
  ['204', json(204, { data: good })],
  ['201', json(201, { data: good })],
  ['a redirect', json(302, { data: good })],
  ['no response_type', json(200, { data: keypair })],
  ['another response_type', json(200, { data: { ...good, response_type: 'SUCCESS' } })],
  ['another type', json(200, { data: { ...good, type: 'jwt' } })],
  ['no data', json(200, good)],
  ['data in a list', json(200, { data: [good] })],
  ['no secret', json(200, { data: { ...good, secret_key: undefined } })],
  ['an empty key', json(200, { data: { ...good, access_key: '' } })],
  ['a key with a line break', json(200, { data: { ...good, access_key: 'AK\r\nX: y' } })],
  ['a role that is none', json(200, { data: { ...good, role: 'admin,superadmin' } })],
  ['no status', json(200, { data: { ...good, status: undefined } })],
  ['null', json(200, null)],
  ['a list', json(200, [])],
] as const) {
  test(`is no login: ${name}`, () => assert.equal(kindOf(answer), 'unusable'))
}

test('whatever JSON comes is read without a fault', () => {
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 200, max: 599 }), (text, status) => {
      assert.notEqual(kindOf(json(status, text)), 'success')
    }),
  )
})
