import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  isSignatureOf,
  parseAuthorization,
  type SignatureHash,
  type SignedParts,
  signatureOf,
  signingKeys,
  stringToSign,
} from './hmac.ts'

const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

interface Vector {
  readonly parts: SignedParts
  readonly hash?: SignatureHash
  readonly stringSha256?: string
  readonly dayKey?: string
  readonly hostKey?: string
  readonly signature: string
}

const v1: SignedParts = {
  method: 'GET',
  target: '/folders?group_id=abc&limit=10',
  date: '2026-03-12T04:05:06.789012+00:00',
  host: '127.0.0.1:8091',
  contentType: 'text/plain',
  version: 'v9.20250722',
}

const vectors: Readonly<Record<string, Vector>> = {
  'V1 GET, no body': {
    parts: v1,
    stringSha256: '84c192228eb7f37dee5c886670ad2e26254cc858885a95c06d5618dae3a958e0',
    dayKey: '3301b4cd474912c3c9cb7cbf7d2429eeda750e3ba842d12c345f87c31ee62abd',
    hostKey: '7067f9b86fddb2e71bfa3120d785e94b9e2f014577cc5545f93feb75fba5675a',
    signature: '792271238d694a01a30f023c8bd6adebae24e03b0d78c7d6a048ee41573f0f56',
  },
  'V2 POST GraphQL, no microseconds, default https port': {
    parts: {
      method: 'POST',
      target: '/admin/gql',
      date: '2026-03-12T04:05:06+00:00',
      host: 'api.example.com',
      contentType: 'application/json',
      version: 'v9.20250722',
    },
    stringSha256: '7ee40e201f4bbe54a234d85e8a5c540e60c0670ad37132e29bcadb3306dcced1',
    hostKey: 'c88eecf692e73b06f4969f1c14eeb9ffd56ee3da64c2ac9fe9317be42f8ebbd6',
    signature: '8597e49d3671798b7b89e8d1607d0c51f629b75705de5ac2bd79ee5a9f680e35',
  },
  'V3 multipart upload below a prefix, non-ASCII': {
    parts: {
      method: 'POST',
      target: '/mgr/folders/%ED%95%9C/upload?a=x+y&b=%26',
      date: '2026-03-12T04:05:06.789012+00:00',
      host: 'api.example.com:8443',
      contentType: 'multipart/form-data; boundary=xyz',
      version: 'v8.20240915',
    },
    stringSha256: 'c8106d6410512eac785d85b60b8544b085e515bdb13222572f4c6083c8dd9bc1',
    hostKey: 'a1c87129999d70c80598c35e268492f2acf411dfed72115d51836c2faf55346f',
    signature: '4f7cbf43b4c15b8222a38ba2befb95dcf18f4ee88e18dbda2cfd9864e0113a95',
  },
  'V4 WebSocket, without Content-Type': {
    parts: { ...v1, target: '/stream/session/abc/pty?app=ttyd', contentType: undefined },
    stringSha256: '7d9c5dbc10255cf8ccb1457b9f709e196e8cf1dd9341dfd9e425f1d78ce302e5',
    signature: '0a39c45af0aa348a2f3b1918fba3282f8f9b19872570ddafa32519ce1ef20d7c',
  },
  'V5 SHA-1, lower-case method, mixed-case type': {
    parts: { ...v1, method: 'get', target: '/', contentType: 'Application/JSON' },
    hash: 'sha1',
    signature: 'd8638f00909377d04d457c758c4111e309af6f88',
  },
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

for (const [name, vector] of Object.entries(vectors)) {
  const { parts, hash = 'sha256', signature } = vector
  test(name, () => {
    assert.equal(signatureOf(parts, secretKey, hash), signature)
    assert.ok(isSignatureOf(signature, parts, secretKey, hash))
    const keys = signingKeys(parts, secretKey, hash)
    if (vector.stringSha256 !== undefined) assert.equal(sha256(stringToSign(parts, hash)), vector.stringSha256)
    if (vector.dayKey !== undefined) assert.equal(keys.dayKey.toString('hex'), vector.dayKey)
    if (vector.hostKey !== undefined) assert.equal(keys.hostKey.toString('hex'), vector.hostKey)
  })

  test(`${name}: any bit flipped, in any part, spoils it`, () => {
    for (const part of ['method', 'target', 'date', 'host', 'contentType', 'version'] as const) {
      const text = parts[part] ?? ''
      for (const flipped of flips(text)) {
        if (isSameBySpecification(part, text, flipped)) continue
        assert.ok(!isSignatureOf(signature, { ...parts, [part]: flipped }, secretKey, hash), `${part} ${flipped}`)
      }
    }
    for (const flipped of flips(signature)) assert.ok(!isSignatureOf(flipped, parts, secretKey, hash), flipped)
    for (const flipped of flips(secretKey)) assert.ok(!isSignatureOf(signature, parts, flipped, hash), flipped)
  })
}

/** The text with each of its bits turned over in turn. */
function* flips(text: string): Generator<string> {
  const bytes = Buffer.from(text, 'latin1')
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const copy = Buffer.from(bytes)
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    yield copy.toString('latin1')
  }
}

/** Case of method and type, and the type's parameters, are not signed. */
function isSameBySpecification(part: keyof SignedParts, text: string, flipped: string): boolean {
  if (part === 'method') return text.toUpperCase() === flipped.toUpperCase()
  if (part !== 'contentType') return false
  const type = (value: string) =>
    value
      .split(';')[0]
      ?.replace(/^[ \t]+|[ \t]+$/g, '')
      .toLowerCase()
  return type(text) === type(flipped)
}

test('signatures of different requests differ', () => {
  const parts = fc.record({ target: fc.string({ unit: 'binary-ascii' }), host: fc.webAuthority() })
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const areSame = one.target === other.target && one.host === other.host
      const [a, b] = [one, other].map((each) => signatureOf({ ...v1, ...each }, secretKey))
      assert.equal(a === b, areSame)
    }),
  )
})

test('the day is that of the date’s own offset', () => {
  const { dayKey } = signingKeys({ ...v1, date: '2026-03-12T23:30:00-05:00' }, secretKey)
  assert.equal(dayKey.toString('hex'), vectors['V1 GET, no body']?.dayKey)
})

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')
const mediaTypes: Readonly<Record<string, string>> = {
  '': 'application/octet-stream',
  text: 'application/octet-stream',
  'a/b/c': 'application/octet-stream',
  ';charset=utf-8': 'application/octet-stream',
  'text/plain, text/html': 'application/octet-stream',
  ' Text/PLAIN ; charset=UTF-8': 'text/plain',
  ' / ': '/',
  'a/': 'a/',
  'A b/C': 'a b/c',
  [bytesOf('a/Ü')]: bytesOf('a/ü'),
}
for (const [contentType, signed] of Object.entries(mediaTypes)) {
  test(`Content-Type ${JSON.stringify(contentType)} is signed as ${signed}`, () => {
    assert.ok(stringToSign({ ...v1, contentType }).includes(`\ncontent-type:${signed}\n`))
  })
}

describe('the Authorization', () => {
  const signature = 'a'.repeat(64)
  test('is read', () => {
    const header = `BackendAI signMethod=HMAC-SHA256, credential=AK:${signature}`
    assert.deepEqual(parseAuthorization(header), { accessKey: 'AK', signature })
  })
  for (const header of [
    `Bearer ${signature}`,
    `BackendAI signMethod=HMAC-SHA1, credential=AK:${signature}`,
    `BackendAI signMethod=HMAC-SHA256, credential=AK:${signature.toUpperCase()}`,
    `BackendAI signMethod=HMAC-SHA256, credential=AK:${signature.slice(1)}`,
    `BackendAI signMethod=HMAC-SHA256, credential=:${signature}`,
    `BackendAI signMethod=HMAC-SHA256, credential=AK:${signature}, more`,
  ]) {
    test(`is not read: ${header.slice(0, 52)}`, () => assert.equal(parseAuthorization(header), undefined))
  }
})
