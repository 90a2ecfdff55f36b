import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { expectedSignature, parseAuthorization, type SignedParts, stringToSign } from './hmac.ts'

const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const v1: SignedParts = {
  method: 'GET',
  target: '/folders?group_id=abc&limit=10',
  date: '2026-03-12T04:05:06.789012+00:00',
  host: '127.0.0.1:8091',
  contentType: 'text/plain',
  version: 'v9.20250722',
}

interface Vector {
  readonly name: string
  readonly parts: SignedParts
  readonly hash?: 'sha1'
  readonly stringSha256?: string
  readonly signature: string
}

const vectors: readonly Vector[] = [
  {
    name: 'V1 GET, no body',
    parts: v1,
    stringSha256: '84c192228eb7f37dee5c886670ad2e26254cc858885a95c06d5618dae3a958e0',
    signature: '792271238d694a01a30f023c8bd6adebae24e03b0d78c7d6a048ee41573f0f56',
  },
  {
    name: 'V2 POST GraphQL, no microseconds, default https port',
    parts: {
      ...v1,
      method: 'POST',
      target: '/admin/gql',
      date: '2026-03-12T04:05:06+00:00',
      host: 'api.example.com',
      contentType: 'application/json',
    },
    stringSha256: '7ee40e201f4bbe54a234d85e8a5c540e60c0670ad37132e29bcadb3306dcced1',
    signature: '8597e49d3671798b7b89e8d1607d0c51f629b75705de5ac2bd79ee5a9f680e35',
  },
  {
    name: 'V3 multipart upload below a path prefix, non-ASCII',
    parts: {
      ...v1,
      method: 'POST',
      target: '/mgr/folders/%ED%95%9C/upload?a=x+y&b=%26',
      host: 'api.example.com:8443',
      contentType: 'multipart/form-data; boundary=xyz',
      version: 'v8.20240915',
    },
    stringSha256: 'c8106d6410512eac785d85b60b8544b085e515bdb13222572f4c6083c8dd9bc1',
    signature: '4f7cbf43b4c15b8222a38ba2befb95dcf18f4ee88e18dbda2cfd9864e0113a95',
  },
  {
    name: 'V4 WebSocket, which has no Content-Type',
    parts: { ...v1, target: '/stream/session/abc/pty?app=ttyd', contentType: undefined },
    stringSha256: '7d9c5dbc10255cf8ccb1457b9f709e196e8cf1dd9341dfd9e425f1d78ce302e5',
    signature: '0a39c45af0aa348a2f3b1918fba3282f8f9b19872570ddafa32519ce1ef20d7c',
  },
  {
    name: 'V5 SHA-1, lower-case method and mixed-case type',
    parts: { ...v1, method: 'get', target: '/', contentType: 'Application/JSON' },
    hash: 'sha1',
    signature: 'd8638f00909377d04d457c758c4111e309af6f88',
  },
]

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

describe('the string that is signed, and its signature', () => {
  for (const { name, parts, hash, stringSha256, signature } of vectors) {
    test(name, () => {
      if (stringSha256 !== undefined) {
        assert.equal(createHash('sha256').update(stringToSign(parts)).digest('hex'), stringSha256)
      }
      assert.equal(expectedSignature(parts, secretKey, hash), signature)
    })
  }

  test('the day in the key is the day of the date’s own offset', () => {
    const late = { ...v1, date: '2026-03-12T23:30:00-05:00' }
    const hostKey = hmac(hmac(secretKey, '20260312'), late.host)
    assert.equal(expectedSignature(late, secretKey), hmac(hostKey, stringToSign(late)).toString('hex'))
  })

  for (const malformed of ['', 'text', 'text/html/extra', ' / ', ';charset=utf-8']) {
    test(`Content-Type ${JSON.stringify(malformed)} is signed as unknown bytes`, () => {
      assert.match(stringToSign({ ...v1, contentType: malformed }), /\ncontent-type:application\/octet-stream\n/)
    })
  }
})

describe('the Authorization header', () => {
  const signature = 'a'.repeat(64)
  test('is read', () => {
    const header = `BackendAI signMethod=HMAC-SHA256, credential=AKIA1:${signature}`
    assert.deepEqual(parseAuthorization(header), { accessKey: 'AKIA1', signature })
  })

  for (const header of [
    `Bearer ${signature}`,
    `BackendAI signMethod=HMAC-SHA1, credential=AKIA1:${signature}`,
    `BackendAI signMethod=HMAC-SHA256, credential=AKIA1:${signature.slice(1)}`,
    `BackendAI signMethod=HMAC-SHA256, credential=AKIA1:${signature.toUpperCase()}`,
    `BackendAI signMethod=HMAC-SHA256, credential=:${signature}`,
    `BackendAI signMethod=HMAC-SHA256, credential=AKIA1:${signature}, x`,
  ]) {
    test(`is not read: ${header.slice(0, 60)}`, () => assert.equal(parseAuthorization(header), undefined))
  }
})
