// The vectors of the protocol's description, and what nobody encoded.

import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodePayload, readEncodedFlag } from './encoded-payload.ts'

const IV = 'ABCDEFGHIJKLMNOP'

const vectors = [
  {
    endpoint: 'https://console.example.com',
    text: '{"username":"user@example.com","password":"päss"}',
    body: `${IV}:VBYQ3zn/6jBMq7fhevGu7VoEqGwLj/Qfak2axrKxvx96WI3ojgEgleZvFspCIGm13nfuLNFrTWDap8YOkQXAlA==`,
  },
  { endpoint: 'http://a', text: '{"a":1}', body: `${IV}:/Wft/J1VX9za6ocD9yRrPQ==` },
  {
    endpoint: 'http://127.0.0.1:8090',
    text: '{"username":"admin@lablup.com","password":"wJalrXUt"}',
    body: `${IV}:VuoFsg8XR+t+5Yokb+RNQLhQ5RGEJovcvngDE1V5t+9zTfYW8BYVBFeajG8BmdUeIm7RUuWE9wGoKlJyc9bfOw==`,
  },
] as const

for (const { endpoint, text, body } of vectors) {
  test(`the vector of ${endpoint}`, () => {
    assert.equal(decodePayload(Buffer.from(body), endpoint)?.toString(), text)
  })
}

/** What the Web UI does, with the keys of the vectors written down. */
const encode = (key: string, iv: string, plain: Buffer): Buffer => {
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  return Buffer.from(`${iv}:${Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64')}`)
}

test('the key is cut to 32 characters of the address, or filled up with the vector', () => {
  const plain = Buffer.from('plain')
  const long = encode('aHR0cHM6Ly9jb25zb2xlLmV4YW1wbGUu', IV, plain)
  assert.deepEqual(decodePayload(long, 'https://console.example.com'), plain)
  assert.deepEqual(decodePayload(encode('aHR0cDovL2E=ABCDEFGHIJKLMNOPABCD', IV, plain), 'http://a'), plain)
})

test('whatever was encoded is decoded', () => {
  const iv = fc.stringMatching(/^[A-Za-z0-9]{16}$/)
  fc.assert(
    fc.property(fc.webUrl(), iv, fc.uint8Array({ maxLength: 200 }), (endpoint, vector, bytes) => {
      const key = (Buffer.from(endpoint).toString('base64') + vector.repeat(2)).slice(0, 32)
      const plain = Buffer.from(bytes)
      assert.deepEqual(decodePayload(encode(key, vector, plain), endpoint), plain)
    }),
  )
})

const good = vectors[1].body

for (const [name, body] of [
  ['nothing', ''],
  ['plain JSON', '{"username":"ada@example.org"}'],
  ['no colon', good.replace(':', '')],
  ['two colons', good.replace(':', '::')],
  ['an empty vector', good.slice(IV.length)],
  ['a vector that is too short', good.slice(1)],
  ['a vector that is too long', `A${good}`],
  ['a vector of other characters', `${'-'.repeat(16)}${good.slice(16)}`],
  ['no ciphertext', `${IV}:`],
  ['another alphabet', good.replace('/', '_')],
  ['no padding', good.replace('==', '')],
  ['spare bits', good.replace('Q==', 'R==')],
  ['half a block', `${IV}:${Buffer.alloc(8).toString('base64')}`],
  ['blocks that nobody encoded', `${IV}:${Buffer.alloc(32).toString('base64')}`],
  ['a line break behind', `${good}\n`],
  ['a space before', ` ${good}`],
  ['a NUL', `${good}\0`],
] as const) {
  test(`is not decoded: ${name}`, () => assert.equal(decodePayload(Buffer.from(body), 'http://a'), undefined))
}

test('what was encoded for another address is not decoded', () => {
  assert.equal(decodePayload(Buffer.from(good), 'http://b'), undefined)
})

test('no bytes make it throw, and a mebibyte of them takes no time worth mentioning', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodePayload(Buffer.from(bytes), 'http://a')),
  )
  for (const filler of ['A', ':', '=', ' ', '\x80']) {
    const startedMs = performance.now()
    decodePayload(Buffer.from(IV + filler.repeat(1024 * 1024), 'latin1'), 'http://a')
    assert.ok(performance.now() - startedMs < 2000, filler)
  }
})

test('the flag is one of twelve words in any case, absent, or unreadable', () => {
  for (const word of ['1', 't', 'true', 'y', 'yes', 'on', 'TRUE', 'Yes', 'ON'])
    assert.equal(readEncodedFlag(word), true)
  for (const word of ['0', 'f', 'false', 'n', 'no', 'off', 'FALSE', 'No']) assert.equal(readEncodedFlag(word), false)
  assert.equal(readEncodedFlag(undefined), false)
  for (const word of ['maybe', '', ' ', '2', 'true ', 'true, true', 'constructor', '__proto__']) {
    assert.equal(readEncodedFlag(word), undefined, word)
  }
})
