import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GatewayError, Secret } from '#kernel'
import { redactInto, redactText } from './redact.ts'

const CANARY = 'CANARY-7f3a9c'

/** Every shape in which a secret has reached a log somewhere. */
const LEAKS: readonly Record<string, unknown>[] = [
  { authorization: `Bearer ${CANARY}` },
  { Authorisation: CANARY },
  { headers: { cookie: `__Host-gatehouse=${CANARY}`, 'set-cookie': [CANARY] } },
  { 'x-api-key': CANARY },
  { password: CANARY },
  { form: { username: 'ada', newPassword: CANARY } },
  { a: { b: { c: { clientSecret: CANARY } } } },
  { refresh_token: CANARY },
  { idToken: { raw: CANARY } },
  { otp: 123_456, note: 'canary', totp: CANARY },
  { key: new Secret(CANARY) },
  { list: [new Secret(CANARY)] },
  { target: `/auth/callback?code=${CANARY}&state=${CANARY}` },
  { target: `/x?a=1&access_token=${CANARY}` },
  { target: `/x?access%5Ftoken=${CANARY}` },
  { target: `/x?%63ode=${CANARY}` },
  { target: `/x#id_token=${CANARY}` },
  { url: new URL(`https://ada:${CANARY}@host.example/x`) },
  { url: `redis://:${CANARY}@127.0.0.1:6379` },
  { reason: `upstream said: Authorization: bearer ${CANARY}` },
  { reason: `it was given Basic ${CANARY}==` },
  { reason: `{"access_token": "${CANARY}", "expires_in": 3600}` },
  { reason: `{"password":"a\\"${CANARY}"}` },
  { reason: `cookie gatehouse-b=${CANARY}; theme=dark` },
  { reason: `SAMLResponse=${CANARY}` },
  { reason: `eyJhbGciOiJIUzI1NiJ9.${CANARY}.c2ln` },
  { err: new Error(`refused: client_secret=${CANARY}`) },
  { err: new Error('outer', { cause: new Error(`code_verifier=${CANARY}`) }) },
  { err: Object.assign(new Error('request failed'), { body: CANARY, response: { body: CANARY }, config: CANARY }) },
  { err: Object.assign(new Error('refused'), { cause: { access_token: CANARY } }) },
  { err: gatewayError({ secretKey: CANARY, reason: `password=${CANARY}` }) },
  { err: new AggregateError([new Error(`token=${CANARY}`)], 'both failed') },
  {
    request: new (class IncomingMessage {
      readonly body = CANARY
    })(),
  },
  { body: Buffer.from(CANARY) },
  { map: new Map([['token', CANARY]]) },
  { call: () => CANARY },
]

for (const fields of LEAKS) {
  test(`no secret is left of ${describe(fields)}`, () => {
    assert.doesNotMatch(JSON.stringify(redacted(fields)), new RegExp(CANARY))
  })
}

test('a token of our own is in no text, a path as well; what shows which it is stays', () => {
  const body = 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2W3x4Y'
  for (const prefix of ['gh_', 'ghs_']) {
    const path = `/api/x/files/${prefix}${body}/raw`
    const text = JSON.stringify(redacted({ path, reason: `x${prefix}${body.slice(0, 20)}`, hint: `${prefix}A1b2` }))
    assert.doesNotMatch(text, /A1b2C3/)
    assert.match(text, new RegExp(`"hint":"${prefix}A1b2"`))
    assert.match(text, /"path":"\/api\/x\/files\/\[redacted\]\/raw"/)
  }
})

test('what identifies an event stays readable', () => {
  const fields = {
    event: 'proxy_request',
    code: 'session.expired',
    state: 'draining',
    status: 401,
    path: '/api/manager/folders;v=1',
    provider: 'sso',
    credential: 'manager',
    plainCookie: true,
    text: 'a plain sentence about nothing',
    at: new Date(0),
    big: 10n,
    nothing: null,
  }
  assert.deepEqual(redacted(fields), { ...fields, at: '1970-01-01T00:00:00.000Z', big: '10' })
})

test('an error keeps what helps: its kind, message, code, frames and causes', () => {
  const cause = Object.assign(new TypeError('no route'), { code: 'EHOSTUNREACH' })
  const { err } = redacted({ err: new Error('upstream\nfailed', { cause }) })
  assert.ok(isRecord(err) && isRecord(err.cause))
  assert.equal(err.type, 'Error')
  assert.equal(err.message, 'upstream\nfailed')
  assert.match(String(err.stack), /^at .*src\/telemetry\/redact\.test\.ts:\d+/)
  assert.deepEqual([err.cause.type, err.cause.message, err.cause.code], ['TypeError', 'no route', 'EHOSTUNREACH'])
})

test('an error of ours brings its facts for the log', () => {
  const { err } = redacted({ err: gatewayError({ upstream: 'manager', attempt: 2 }) })
  assert.ok(isRecord(err))
  assert.deepEqual(
    [err.code, err.status, err.internal],
    ['proxy.unreachable', 502, { upstream: 'manager', attempt: 2 }],
  )
})

test('size is bounded in every direction', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 'end' : { next: deep(depth - 1) })
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 'x'.repeat(10_000)]))
  const text = JSON.stringify(redacted({ deep: deep(50), wide, long: Array(1000).fill('y'.repeat(1000)) }))
  assert.ok(text.length < 40 * 600 + 20 * 600 + 1000, `${text.length} characters`)
  assert.match(redactText('é'.repeat(1_000_000)), /^é{512}… \(1000000 characters\)$/)
})

test('a secret behind a long text is cut off with it', () => {
  assert.doesNotMatch(redactText(`${'x'.repeat(4090)}&access_token=${CANARY}`, 10_000), /CANARY/)
})

test('prototypes are not to be had', () => {
  const result = redacted(JSON.parse('{"__proto__": {"polluted": true}, "a": {"__proto__": {"b": 1}}}'))
  assert.equal(Object.getPrototypeOf(result), Object.prototype)
  assert.equal('polluted' in result, false)
})

test('whatever stands around it, the value of a secret parameter goes', () => {
  const names = fc.constantFrom(
    'access_token',
    'refresh_token',
    'password',
    'client_secret',
    'code',
    'state',
    'otp',
    'sToken',
  )
  const around = fc.string({ unit: 'binary', maxLength: 40 })
  fc.assert(
    fc.property(around, names, around, (before, name, after) => {
      assert.doesNotMatch(redactText(`${before}&${name}=${CANARY}&${after}`), /CANARY/)
    }),
    { numRuns: 5000 },
  )
})

test('text that is made to be slow is not', () => {
  const nasty = ['a=', '"a":"\\', 'eyJ', '://a', 'bearer ', '%25', '"'].map((part) => part.repeat(1_000_000))
  for (const text of nasty) {
    const startedAt = performance.now()
    redactText(text)
    assert.ok(performance.now() - startedAt < 250, text.slice(0, 10))
  }
})

function redacted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const target = {}
  redactInto(target, fields)
  return target
}

function describe(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value instanceof Error ? `error ${value.message}` : JSON.stringify(value)}`)
    .join(', ')
}

function gatewayError(internal: Record<string, unknown>): GatewayError {
  return new GatewayError({ code: 'proxy.unreachable', status: 502, title: 't', detail: 'd', hint: 'h', internal })
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
