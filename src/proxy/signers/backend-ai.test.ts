// Known answers, computed with the service's own client library.

import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret } from '#kernel'
import { createFakeContext } from '../../../test/support/fake-context.ts'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { sendRaw } from '../../../test/support/raw-http.ts'
import { type RecordedRequest, startRecordingUpstream } from '../../../test/support/recording-upstream.ts'
import { ada, startProxy } from '../../../test/support/start-proxy.ts'
import type { HeaderList } from '../header-list.ts'
import { signerContract } from '../signer.contract.ts'
import { createDayKeys, type SignedFacts, signatureOf, stringToSign } from './backend-ai-hmac.ts'
import { createToken } from './backend-ai-jwt.ts'
import { createKeypairSigner } from './backend-ai-keypair.ts'
import { createSigner, type SignerConfig, signerConfig } from './drivers.ts'

const ACCESS_KEY = 'AKIAIOSFODNN7EXAMPLE'
const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const keypair = { kind: 'keypair', accessKey: ACCESS_KEY, secretKey: new Secret(SECRET_KEY), role: 'admin' } as const
const EXACT = '2026-03-12T04:05:06.789012+00:00'

interface Vector {
  readonly request: { readonly method: string; readonly target: string; readonly host: string }
  readonly facts: SignedFacts
  readonly stringHash: string
  readonly k2?: string
  readonly signature: string
}

const vectors: Readonly<Record<string, Vector>> = {
  'V1 GET, no body': {
    request: { method: 'GET', target: '/folders?group_id=abc&limit=10', host: '127.0.0.1:8091' },
    facts: { date: EXACT, type: 'text/plain', version: 'v9.20250722' },
    stringHash: '84c192228eb7f37dee5c886670ad2e26254cc858885a95c06d5618dae3a958e0',
    k2: '7067f9b86fddb2e71bfa3120d785e94b9e2f014577cc5545f93feb75fba5675a',
    signature: '792271238d694a01a30f023c8bd6adebae24e03b0d78c7d6a048ee41573f0f56',
  },
  'V2 POST GraphQL JSON, microsecond 0, default https port': {
    request: { method: 'POST', target: '/admin/gql', host: 'api.example.com' },
    facts: { date: '2026-03-12T04:05:06+00:00', type: 'application/json', version: 'v9.20250722' },
    stringHash: '7ee40e201f4bbe54a234d85e8a5c540e60c0670ad37132e29bcadb3306dcced1',
    k2: 'c88eecf692e73b06f4969f1c14eeb9ffd56ee3da64c2ac9fe9317be42f8ebbd6',
    signature: '8597e49d3671798b7b89e8d1607d0c51f629b75705de5ac2bd79ee5a9f680e35',
  },
  'V3 multipart upload, endpoint with path prefix, non-ASCII': {
    request: { method: 'POST', target: '/mgr/folders/%ED%95%9C/upload?a=x+y&b=%26', host: 'api.example.com:8443' },
    facts: { date: EXACT, type: 'multipart/form-data; boundary=x', version: 'v8.20240915' },
    stringHash: 'c8106d6410512eac785d85b60b8544b085e515bdb13222572f4c6083c8dd9bc1',
    k2: 'a1c87129999d70c80598c35e268492f2acf411dfed72115d51836c2faf55346f',
    signature: '4f7cbf43b4c15b8222a38ba2befb95dcf18f4ee88e18dbda2cfd9864e0113a95',
  },
  'V4 WebSocket': {
    request: { method: 'GET', target: '/stream/session/abc/pty?app=ttyd', host: '127.0.0.1:8091' },
    facts: { date: EXACT, type: 'application/octet-stream', version: 'v9.20250722' },
    stringHash: '7d9c5dbc10255cf8ccb1457b9f709e196e8cf1dd9341dfd9e425f1d78ce302e5',
    signature: '0a39c45af0aa348a2f3b1918fba3282f8f9b19872570ddafa32519ce1ef20d7c',
  },
}

for (const [name, { request, facts, stringHash, k2, signature }] of Object.entries(vectors)) {
  test(name, () => {
    const key = createDayKeys()(new Secret(SECRET_KEY), '20260312', request.host)
    assert.equal(createHash('sha256').update(stringToSign(request, facts)).digest('hex'), stringHash)
    if (k2 !== undefined) assert.equal(key.export().toString('hex'), k2)
    assert.equal(signatureOf(key, request, facts), signature)
  })
}

test('V5 the method is capitalised, the type in small letters (in SHA-1, which shows the same text)', () => {
  const facts = { date: EXACT, type: 'Application/JSON', version: 'v9.20250722' }
  const text = stringToSign({ method: 'get', target: '/', host: '127.0.0.1:8091' }, facts)
  const inSha1 = text.replace(/[0-9a-f]{64}$/, createHash('sha1').digest('hex'))
  const hmac = (key: string | Buffer, data: string) => createHmac('sha1', key).update(data).digest()
  const signature = hmac(hmac(hmac(SECRET_KEY, '20260312'), '127.0.0.1:8091'), inSha1).toString('hex')
  assert.equal(signature, 'd8638f00909377d04d457c758c4111e309af6f88')
})

test('the text of V1, for reading', () => {
  const { request, facts } = vectors['V1 GET, no body'] ?? assert.fail()
  assert.equal(
    stringToSign(request, facts),
    'GET\n/folders?group_id=abc&limit=10\n2026-03-12T04:05:06.789012+00:00\nhost:127.0.0.1:8091\ncontent-type:text/plain\nx-backendai-version:v9.20250722\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
})

test('both JWTs of the contract', () => {
  const now = 1_773_288_306_000
  assert.equal(
    createToken({ ...keypair, role: 'user' }, now, 900_000),
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NzMyODkyMDYsImlhdCI6MTc3MzI4ODMwNiwiYWNjZXNzX2tleSI6IkFLSUFJT1NGT0ROTjdFWEFNUExFIiwicm9sZSI6InVzZXIifQ.6UorKhGJFJWzvoEnkuIVK6jJ-nLU1ToPog9FTWjqrFg',
  )
  assert.equal(
    createToken({ kind: 'keypair', accessKey: 'AK', secretKey: new Secret('short'), role: 'odd' }, now, 60_000),
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NzMyODgzNjYsImlhdCI6MTc3MzI4ODMwNiwiYWNjZXNzX2tleSI6IkFLIiwicm9sZSI6InVzZXIifQ.-wQAFoyR_hgw7u3oMKYiMQar5l3uf3NfSwyAu8PZ0Zw',
  )
})

/** What the Manager does with what it received: everything from the wire, nothing from the sender. */
function verifyHmac(received: RecordedRequest): void {
  const header = (name: string) => received.all(name)[0] ?? assert.fail(`no ${name}`)
  const [, accessKey, signature] =
    /^BackendAI signMethod=HMAC-SHA256, credential=([^:]+):([0-9a-f]{64})$/.exec(header('authorization')) ??
    assert.fail()
  const [type = ''] = header('content-type').toLowerCase().split(';')
  const text = [
    received.method,
    received.target,
    header('date'),
    `host:${header('host')}`,
    `content-type:${type.split('/').length === 2 ? type.trim() : 'application/octet-stream'}`,
    `x-backendai-version:${header('x-backendai-version')}`,
    createHash('sha256').digest('hex'),
  ].join('\n')
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data, 'latin1').digest()
  const day = header('date').slice(0, 10).replaceAll('-', '')
  assert.equal(signature, hmac(hmac(hmac(SECRET_KEY, day), header('host')), text).toString('hex'))
  assert.equal(accessKey, ACCESS_KEY)
  assert.ok(Math.abs(Date.parse(header('date')) - Date.now()) < 60_000)
}

function verifyJwt(received: RecordedRequest): void {
  const [head = '', claims = '', signature] = (received.all('x-backendai-token')[0] ?? '').split('.')
  assert.equal(signature, createHmac('sha256', SECRET_KEY).update(`${head}.${claims}`).digest('base64url'))
  const { exp, iat, ...rest } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  assert.deepEqual([exp - iat, rest], [60, { access_key: ACCESS_KEY, role: 'admin' }])
}

const owned = ['authorization', 'date', 'x-backendai-date', 'x-backendai-token', 'x-backendai-domain']
const settings = { credentials: { manager: keypair } }
const common = { owned, settings, needsCredential: true }
const base = { type: 'backend-ai', credential: 'manager' }

signerContract({ ...common, name: 'backend-ai hmac', sign: { ...base, domain: 'default' }, verify: verifyHmac })
signerContract({ ...common, name: 'backend-ai jwt', sign: { ...base, mode: 'jwt' }, verify: verifyJwt })
signerContract({
  ...common,
  name: 'backend-ai both',
  sign: { ...base, mode: 'both' },
  verify: (received) => {
    verifyHmac(received)
    verifyJwt(received)
  },
})

signerContract({
  name: 'backend-ai anonymous',
  owned: owned.filter((name) => name !== 'authorization'),
  sign: { type: 'backend-ai', mode: 'anonymous', domain: 'default' },
  needsCredential: false,
  verify(received) {
    const sent = (name: string) => received.all(name)
    assert.deepEqual([sent('authorization'), sent('x-backendai-token'), sent('x-backendai-date')], [[], [], []])
    assert.deepEqual([sent('x-backendai-version'), sent('x-backendai-domain')], [['v9.20250722'], ['default']])
    assert.ok(Math.abs(Date.parse(sent('date').join()) - Date.now()) < 60_000)
    assert.equal(sent('content-type').length, 1)
  },
})

test('what a client says of the type goes out as it came, and what it does not say is said', async () => {
  await using upstream = await startRecordingUpstream()
  const modes = { '/hmac/': { ...base }, '/anonymous/': { type: 'backend-ai', mode: 'anonymous' } }
  const upstreams = Object.entries(modes).map(([path, sign]) => ({ path, to: upstream.url, sign }))
  await using proxy = await startProxy({ ...settings, principal: ada, upstreams })
  for (const path of Object.keys(modes)) {
    const typeOf = async (lines: string) => {
      const head = `POST ${path}x HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n${lines}\r\n`
      await sendRaw(proxy.port, /length: 2/i.test(lines) ? `${head}hi` : head, /ok$/)
      const received = upstream.requests.at(-1) ?? assert.fail('nothing came')
      if (path === '/hmac/') verifyHmac(received)
      return received.all('content-type')
    }
    for (const type of ['nonsense', 'a/b/c', 'Multipart/Form-Data; boundary="a b"', 'text/plain ; charset=x']) {
      assert.deepEqual(await typeOf(`Content-Type: ${type}\r\nContent-Length: 2\r\n`), [type], path)
    }
    assert.deepEqual(await typeOf('Content-Type:\r\nContent-Length: 2\r\n'), [''], path)
    assert.deepEqual(await typeOf('Content-Length: 2\r\n'), ['application/octet-stream'], path)
    assert.deepEqual(await typeOf(''), ['text/plain'], path)
  }
})

test('a handshake of nobody says no type either, and the client may name the version', () => {
  const sent = signed({ isUpgrade: true, version: 'v8.20240915' }, { mode: 'anonymous', domain: 'default' })
  assert.deepEqual(sent, {
    date: '2026-03-12T04:05:06+00:00',
    'x-backendai-version': 'v8.20240915',
    'x-backendai-domain': 'default',
  })
})

test('a credential is named unless nobody is to be proved', () => {
  const faultsOf = (mode: string) =>
    signerConfig.safeParse({ type: 'backend-ai', mode }).error?.issues.map(({ path }) => path.join())
  for (const mode of ['hmac', 'jwt', 'both']) assert.deepEqual(faultsOf(mode), ['credential'], mode)
  assert.equal(faultsOf('anonymous'), undefined)
  const unnamed = { ...signerConfig.parse({ type: 'backend-ai', mode: 'anonymous' }), mode: 'hmac' } as SignerConfig
  assert.throws(() => createSigner(unnamed, {} as never, { id: 'm' }), /no credential to sign with/)
})

const signed = (
  init: { headers?: HeaderList; hasBody?: boolean; isUpgrade?: boolean; version?: string },
  config = {},
) => {
  const clock = createManualClock(Date.UTC(2026, 2, 12, 4, 5, 6, 789))
  const signer = createSigner(
    signerConfig.parse({ ...base, ...config }),
    { clock, identity: { credential: () => keypair } } as never,
    { id: 'm' },
  )
  const request = {
    method: 'POST',
    target: '/admin/gql',
    host: 'api.example.com',
    headers: [],
    hasBody: false,
    isUpgrade: false,
    ...init,
  }
  const headers = init.version === undefined ? {} : { 'x-backendai-version': init.version }
  const list = signer.sign(request, createFakeContext({ request: { headers } })) as HeaderList
  return Object.fromEntries(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]]] : [])))
}

test('the signature of V2, made by the signer itself', () => {
  const { date, authorization } = signed({ headers: ['content-type', 'application/json; charset=utf-8'] })
  assert.equal(date, '2026-03-12T04:05:06+00:00')
  const signature = vectors['V2 POST GraphQL JSON, microsecond 0, default https port']?.signature
  assert.equal(authorization, `BackendAI signMethod=HMAC-SHA256, credential=${ACCESS_KEY}:${signature}`)
})

test('the same for a request of the gateway’s own', () => {
  const sign = createKeypairSigner(createManualClock(Date.UTC(2026, 2, 12, 4, 5, 6, 789)))
  const { request, facts, signature } =
    vectors['V2 POST GraphQL JSON, microsecond 0, default https port'] ?? assert.fail()
  assert.deepEqual(sign(keypair, request, { version: facts.version, type: facts.type }), {
    date: '2026-03-12T04:05:06+00:00',
    'x-backendai-version': 'v9.20250722',
    authorization: `BackendAI signMethod=HMAC-SHA256, credential=${ACCESS_KEY}:${signature}`,
  })
})

test('a malformed type is signed as the Manager reads it: with one slash as it stands, else as bytes', () => {
  const signedAs = (type: string) => signed({ headers: ['content-type', type] }).authorization
  for (const type of ['a/', '/', 'a b/c', 'A/B'])
    assert.equal(signedAs(`${type}; x=y`), signedAs(type.toLowerCase()), type)
  assert.notEqual(signedAs('a/'), signedAs('application/octet-stream'))
  for (const type of ['', 'nonsense', 'a/b/c']) assert.equal(signedAs(type), signedAs('application/octet-stream'), type)
})

test('a type is sent where the client sent none, except in a handshake', () => {
  assert.equal(signed({})['content-type'], 'text/plain')
  assert.equal(signed({ hasBody: true })['content-type'], 'application/octet-stream')
  assert.equal(signed({ isUpgrade: true })['content-type'], undefined)
  assert.equal(signed({ headers: ['content-type', 'nonsense'] })['content-type'], undefined)
})

test('the client may name a version that looks like one', () => {
  assert.equal(signed({ version: 'v8.20240915' })['x-backendai-version'], 'v8.20240915')
  for (const version of ['', '9', 'v8.20240915, v9.20250722', 'v9.20250722 ']) {
    assert.equal(signed({ version })['x-backendai-version'], 'v9.20250722')
  }
})

test('no two requests give the same text to sign', () => {
  const word = fc.stringMatching(/^[\x21-\x7e]{1,12}$/)
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    target: word.map((each) => `/${each}`),
    host: word,
    date: word,
    version: word,
    type: fc.constantFrom('a/b', 'a/bc', 'application/json', 'text/plain'),
  })
  const textOf = ({ method, target, host, ...facts }: typeof request extends fc.Arbitrary<infer T> ? T : never) =>
    stringToSign({ method, target, host }, facts)
  fc.assert(
    fc.property(request, request, fc.nat(), (one, other, shift) => {
      assert.equal(textOf(one) === textOf(other), JSON.stringify(one) === JSON.stringify(other))
      // The same characters, divided otherwise.
      const moved = one.target.length > 2 ? 1 + (shift % (one.target.length - 1)) : 1
      const divided = { ...one, target: one.target.slice(0, moved), date: one.target.slice(moved) + one.date }
      assert.equal(textOf(divided) === textOf(one), JSON.stringify(divided) === JSON.stringify(one))
    }),
  )
})

test('the key of the day changes with day, host and secret', () => {
  const keyFor = createDayKeys()
  const secret = new Secret('s')
  const key = keyFor(secret, '20260312', 'h')
  assert.equal(keyFor(secret, '20260312', 'h'), key)
  const others = [
    keyFor(secret, '20260313', 'h'),
    keyFor(secret, '20260312', 'i'),
    keyFor(new Secret('t'), '20260312', 'h'),
  ]
  for (const other of others) assert.equal(other.equals(key), false)
})
