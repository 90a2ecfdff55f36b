import assert from 'node:assert/strict'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createCompactName, createSessionToken, parseCompactName, parseSessionToken } from './session-token.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

test('a token is 128 bits of id and 256 bits of secret, and the ref is the hash of the id', () => {
  const { value, ref, secret } = createSessionToken()
  const [id = '', half = ''] = value.split('.')
  assert.equal(Buffer.from(id, 'base64url').length, 16)
  assert.equal(Buffer.from(half, 'base64url').length, 32)
  assert.equal(secret, half)
  assert.equal(ref, createHash('sha256').update(Buffer.from(id, 'base64url')).digest('hex'))
})

test('a token reads back as itself', () => {
  const token = createSessionToken()
  assert.deepEqual(parseSessionToken(token.value), token)
})

test('10,000 tokens are unique and their bytes are evenly spread', () => {
  const ids = new Set<string>()
  const counts = Array.from({ length: 256 }, () => 0)
  for (let i = 0; i < 10_000; i += 1) {
    const { value } = createSessionToken()
    ids.add(value.slice(0, 22))
    for (const byte of Buffer.from(value.slice(0, 22), 'base64url')) counts[byte] = (counts[byte] ?? 0) + 1
  }
  assert.equal(ids.size, 10_000)
  const expected = (10_000 * 16) / 256
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  // 255 degrees of freedom: beyond these once in some hundred million runs.
  assert.ok(chiSquare > 140 && chiSquare < 400, String(chiSquare))
})

test('one session has one spelling: spare bits, other alphabets, padding and decoration are refused', () => {
  const { value } = createSessionToken()
  const [id = '', secret = ''] = value.split('.')
  const respelt = (text: string): string => `${text.slice(0, -1)}${alphabet[alphabet.indexOf(text.at(-1) ?? '') + 1]}`
  const others = [
    '',
    '.',
    id,
    `${id}.`,
    `.${secret}`,
    `${respelt(id)}.${secret}`,
    `${id}.${respelt(secret)}`,
    `${value}=`,
    `"${value}"`,
    ` ${value}`,
    `${value} `,
    `${value}\n`,
    `${value}.`,
    `${value}.${secret}`,
    `${id}${secret}`,
    `${id}..${secret}`,
    `\u00a0${value}`,
    `${id}.${secret.slice(1)}`,
    `${id}.${secret}A`,
    value.replace('.', '%2E'),
    `${'+'.repeat(21)}A.${secret}`,
    `${'/'.repeat(21)}A.${secret}`,
  ]
  for (const other of others) assert.equal(parseSessionToken(other), undefined, JSON.stringify(other))
})

test('whatever parses is canonical, and whatever else does not throw', () => {
  const near = fc
    .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
    .map(([id, secret]) => `${Buffer.from(id).toString('base64url')}.${Buffer.from(secret).toString('base64url')}`)
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), near), (text) => {
      const token = parseSessionToken(text)
      if (token === undefined) return
      const [id = '', secret = ''] = text.split('.')
      assert.equal(Buffer.from(id, 'base64url').toString('base64url'), id)
      assert.equal(Buffer.from(secret, 'base64url').toString('base64url'), secret)
      assert.equal(token.value, text)
    }),
    { numRuns: 2_000 },
  )
})

test('no changed character of a cookie gives the same session', () => {
  for (let i = 0; i < 10_000; i += 1) {
    const token = createSessionToken()
    const bytes = Buffer.from(token.value)
    const at = randomInt(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << randomInt(8))
    const other = parseSessionToken(bytes.toString('latin1'))
    assert.ok(other === undefined || other.ref !== token.ref || other.secret !== token.secret)
  }
})

test('random bytes are no token', () => {
  for (let i = 0; i < 1_000; i += 1) assert.equal(parseSessionToken(randomBytes(49).toString('latin1')), undefined)
})

test('of a compact name come a ref and a secret that do not tell of each other or of it', () => {
  const name = createCompactName()
  const token = parseCompactName(name)
  assert.deepEqual(parseCompactName(name), token)
  assert.equal(token?.value, name)
  assert.match(token.ref, /^[0-9a-f]{64}$/)
  assert.match(token.secret, /^[A-Za-z0-9_-]{43}$/)
  assert.notEqual(Buffer.from(token.ref, 'hex').toString('base64url'), token.secret)
  const bytes = Buffer.from(name, 'hex')
  for (const plain of [name, bytes]) assert.notEqual(token.ref, createHash('sha256').update(plain).digest('hex'))
})

test('a compact name and a cookie value are never taken for each other', () => {
  assert.equal(parseSessionToken(createCompactName()), undefined)
  assert.equal(parseCompactName(createSessionToken().value), undefined)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(parseCompactName(text), undefined)
    }),
  )
  const name = createCompactName()
  for (const other of [` ${name}`, `${name}\n`, `${name}0`, name.slice(1), `${name.slice(1)}G`, `${name.slice(1)}A`]) {
    assert.equal(parseCompactName(other), undefined, other)
  }
})
