import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret, type UserId } from '#kernel'
import { createSealer, generateRingKey } from '#storage'
import { credentialsFromText, credentialsToText } from './credential-codec.ts'
import type { ActiveSession, Credentials, SessionRow } from './session.ts'
import { openSession, readSessionRow, sealSession, sessionKey } from './session-record.ts'
import { createSessionToken, parseSessionToken, type SessionToken } from './session-token.ts'

const sealer = createSealer({ keys: [generateRingKey(0)] })

const credentials: Credentials = {
  lab: { kind: 'oauth', accessToken: new Secret('CANARY-a'), refreshToken: new Secret('CANARY-r'), expiresAt: 5 },
  manager: { kind: 'keypair', accessKey: 'CANARY-k', secretKey: new Secret('CANARY-s'), role: 'user' },
  old: { kind: 'password', username: 'ada', password: new Secret('CANARY-p') },
}

const sessionFor = (token: SessionToken, overrides: Partial<SessionRow> = {}): ActiveSession => ({
  row: {
    ref: token.ref,
    userId: 'u-1' as UserId,
    provider: 'lab',
    issuer: 'https://sso.test',
    subject: 'ada',
    username: 'ada',
    displayName: 'Ada\n"Ł"',
    groups: ['a', 'b:c'],
    createdAt: 1,
    authenticatedAt: 1,
    lastSeenAt: 1,
    idleEndsAt: 2,
    endsAt: 3,
    address: '192.0.2.1',
    userAgent: 'x',
    version: 1,
    ...overrides,
  },
  credentials,
})

test('a session comes back as it was kept', () => {
  const token = createSessionToken()
  const session = sessionFor(token, { sid: 's', email: 'a@b.test' })
  const opened = openSession(sealer, token, sealSession(sealer, token, session))
  assert.deepEqual(opened?.row, session.row)
  assert.equal(credentialsToText(opened?.credentials ?? {}), credentialsToText(credentials))
  const { manager } = opened?.credentials ?? {}
  assert.ok(manager?.kind === 'keypair' && manager.secretKey.reveal() === 'CANARY-s')
})

test('a row with the extension of a fixed end comes back, and one without it is as it always was', () => {
  const token = createSessionToken()
  const session = sessionFor(token, { extensionMs: 5 })
  assert.deepEqual(openSession(sealer, token, sealSession(sealer, token, session))?.row, session.row)
  const usual = sealSession(sealer, token, sessionFor(token))
  assert.ok(!usual.includes('extensionMs'), 'an older release, which knows no such field, opens it')
  assert.ok(openSession(sealer, token, usual))
})

test('the row is readable without the cookie; no credential is', () => {
  const token = createSessionToken()
  const stored = sealSession(sealer, token, sessionFor(token))
  assert.deepEqual(readSessionRow(stored), sessionFor(token).row)
  assert.doesNotMatch(stored, /CANARY|accessToken/)
  assert.ok(!stored.includes(token.secret) && !stored.includes(token.value.slice(0, 22)))
})

test('10,000 flipped bits: not one value opens', () => {
  const token = createSessionToken()
  const stored = Buffer.from(sealSession(sealer, token, sessionFor(token)))
  let accepted = 0
  for (let i = 0; i < 10_000; i += 1) {
    const flipped = Buffer.from(stored)
    const at = randomInt(flipped.length)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << randomInt(8))
    if (openSession(sealer, token, flipped.toString('utf8')) !== undefined) accepted += 1
  }
  assert.equal(accepted, 0)
})

test('cut, lengthened and invented values do not open', () => {
  const token = createSessionToken()
  const stored = sealSession(sealer, token, sessionFor(token))
  for (let length = 0; length < stored.length; length += 1) {
    assert.equal(openSession(sealer, token, stored.slice(0, length)), undefined)
  }
  for (const value of [`${stored}A`, `${stored}\n`, `\n${stored}`, '', '\n', '{}\n', 'null\nv1.x.y', '[]']) {
    assert.equal(openSession(sealer, token, value), undefined, value)
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      assert.equal(openSession(sealer, token, value), undefined)
      assert.equal(readSessionRow(value), undefined)
    }),
  )
})

test("another session's value does not open, under its own name or with its secret", () => {
  const ada = createSessionToken()
  const mallory = createSessionToken()
  const stored = sealSession(sealer, ada, sessionFor(ada))
  assert.equal(openSession(sealer, mallory, stored), undefined)
  const mixed = parseSessionToken(`${mallory.value.slice(0, 22)}.${ada.secret}`)
  assert.ok(mixed)
  assert.equal(openSession(sealer, mixed, stored), undefined, 'the same secret under another key name')
  const guessed = parseSessionToken(`${ada.value.slice(0, 22)}.${mallory.secret}`)
  assert.ok(guessed)
  assert.equal(openSession(sealer, guessed, stored), undefined, 'the right id with another secret')
})

test('the row and the seal of two states of one session cannot be mixed', () => {
  const token = createSessionToken()
  const [rowLine] = sealSession(sealer, token, sessionFor(token, { endsAt: 999 })).split('\n')
  const [, seal] = sealSession(sealer, token, sessionFor(token)).split('\n')
  assert.equal(openSession(sealer, token, `${rowLine}\n${seal}`), undefined)
})

test('an edited row does not open even where its JSON means the same', () => {
  const token = createSessionToken()
  const stored = sealSession(sealer, token, sessionFor(token))
  assert.equal(openSession(sealer, token, stored.replace('"version":1', '"version": 1')), undefined)
  assert.equal(openSession(sealer, token, stored.replace('"version":1', '"version":1,"groups":["admin"]')), undefined)
})

test('a row of another version is no session', () => {
  const token = createSessionToken()
  const line = JSON.stringify({ ...sessionFor(token).row, version: 2 })
  const seal = sealer.seal(credentialsToText(credentials), {
    purpose: 'session',
    boundTo: `${sessionKey(token.ref)}\n${line}`,
    secret: token.secret,
  })
  assert.equal(openSession(sealer, token, `${line}\n${seal}`), undefined)
})

test('values sealed under an older key open while it is in the ring, and die with it', () => {
  const token = createSessionToken()
  const [older, newer] = [generateRingKey(0), generateRingKey(1)]
  const stored = sealSession(createSealer({ keys: [older] }), token, sessionFor(token))
  assert.ok(openSession(createSealer({ keys: [newer, older] }), token, stored))
  assert.equal(openSession(createSealer({ keys: [newer] }), token, stored), undefined)
})

test('credentials keep every kind and every field, and are secrets again', () => {
  const text = fc.string({ unit: 'binary' })
  const secret = text.map((value) => new Secret(value))
  const credential = fc.oneof(
    fc.record({ kind: fc.constant('keypair'), accessKey: text, secretKey: secret, role: text }),
    fc.record({ kind: fc.constant('password'), username: text, password: secret }),
    fc.record(
      {
        kind: fc.constant('oauth'),
        accessToken: secret,
        refreshToken: secret,
        idToken: secret,
        expiresAt: fc.nat(),
        scope: text,
      },
      { requiredKeys: ['kind', 'accessToken'] },
    ),
  )
  const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
  fc.assert(
    fc.property(fc.dictionary(names, credential, { noNullPrototype: true }), (generated) => {
      const plain = credentialsToText(generated)
      const back = credentialsFromText(plain)
      assert.ok(back)
      assert.equal(credentialsToText(back), plain)
      for (const each of Object.values(back)) {
        const values: readonly unknown[] = Object.values(each)
        assert.ok(values.some((value) => value instanceof Secret))
      }
    }),
  )
})

test('credentials of an unknown kind or shape are refused', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '{"a":1}',
    '{"a":{"kind":"new"}}',
    '{"a":{"kind":"keypair"}}',
    randomBytes(9).toString('latin1'),
  ]) {
    assert.equal(credentialsFromText(text), undefined, text)
  }
})
