// Every request that reaches the Manager in somebody's name is recomputed from what stood on the wire, whatever the client
// made it of; and it is the request that the client sent.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { isRefusal, parseTarget } from '#http'
import { startBackendAiLab } from './backend-ai-lab.ts'

const labs = [
  await startBackendAiLab({ hasRouter: true, hasPipeline: true }),
  await startBackendAiLab({ manager: { pathPrefix: '/mgr' } }),
]
after(() => Promise.all(labs.map((lab) => lab[Symbol.asyncDispose]())))
const [plain, prefixed] = labs
assert.ok(plain !== undefined && prefixed !== undefined)

const segment = fc.oneof(
  fc.constantFrom(
    'folders',
    'a;b=c',
    'p:q@r',
    'x%3Fy',
    'a%25b',
    'a%2Fb',
    'a%2Bb',
    'tr',
    '%ED%95%9C%20x',
    '~',
    "!$&'()*+,=",
    '-._',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).map(encodeURIComponent),
)
const path = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  // The front door refuses what has two readings: dots alone, a backslash; and the routes an escaped slash beside another.
  .filter((each) => !isRefusal(parseTarget(`/${each}`)) && !/(?:^|\/|%2F)%2F|%2F(?:\/|$)/i.test(each))
const query = fc.oneof(
  fc.constantFrom('', '?', '?a=1', '?b=x%20y&c=%2F+z', '?x=a%26b&y=a%2Bb&x=2&z', '?u=http://h/p?x=y', '?a=[1]&b={x}'),
  fc.webQueryParameters().map((text) => `?${text}`),
)
const type = fc.constantFrom(
  undefined,
  'application/json',
  'Application/JSON; charset=utf-8',
  'text/plain;charset="utf-8"',
  'multipart/form-data; boundary=x',
  'application/offset+octet-stream',
  '',
  'nonsense',
  'a/b/c',
  'a/',
  '/',
  'a b/c; d',
  ', ,',
)
const form = '--x\r\ncontent-disposition: form-data; name="file"; filename="한.bin"\r\n\r\nbytes\r\n--x--\r\n'
const body = fc.oneof(
  fc.constant(undefined),
  fc.constant(Buffer.alloc(0)),
  fc.constant(Buffer.from(form)),
  fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
)
const request = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE'),
  path,
  query,
  type,
  body,
  isChunked: fc.boolean(),
  version: fc.constantFrom(
    undefined,
    'v9.20250722',
    'v8.20240915',
    'v4.20181215',
    'nonsense',
    'v9.20250722, v9.20250722',
  ),
})

for (const [name, lab] of Object.entries({ plain, prefixed })) {
  test(`the Manager takes all of them for whom they are of: ${name}`, async () => {
    const ada = await lab.logIn()
    const { accessKey } = lab.manager.accounts.get('ada@example.org')
    const prefix = name === 'plain' ? '' : '/mgr'
    await fc.assert(
      fc.asyncProperty(request, async (sent) => {
        lab.manager.forgetRequests()
        const suffix = sent.path + sent.query
        const answer = await ada.ask(`/func/${suffix}`, {
          method: sent.method,
          ...(sent.body && { body: sent.body }),
          headers: {
            'content-type': sent.type,
            'x-backendai-version': sent.version,
            ...(sent.body && sent.isChunked && { 'transfer-encoding': 'chunked' }),
            ...(sent.body && !sent.isChunked && { 'content-length': String(sent.body.length) }),
          },
        })
        const [received, ...others] = lab.manager.requests
        assert.ok(received !== undefined && others.length === 0, `${answer.status} ${answer.bytes.toString()}`)
        assert.ok(received.verified, JSON.stringify(received.verification))
        assert.equal(received.verification.hmac?.isValid && received.verification.hmac.accessKey, accessKey)
        assert.equal(received.method, sent.method)
        assert.equal(received.target, `${prefix}/${suffix}`)
        assert.equal(received.body.sha256, sha256(sent.body ?? ''))
        const hasBody = sent.body !== undefined && (sent.isChunked || sent.body.length > 0)
        assert.deepEqual(received.all('content-type'), [
          sent.type ?? (hasBody ? 'application/octet-stream' : 'text/plain'),
        ])
        const isVersion = /^v\d+\.\d{8}$/.test(sent.version ?? '')
        assert.deepEqual(received.all('x-backendai-version'), [isVersion ? sent.version : 'v9.20250722'])
        assert.deepEqual(received.all('x-backendai-domain'), ['default'])
      }),
      { numRuns: 150 },
    )
    // The one that proved who ada is came unsigned.
    const { disproved } = lab.manager.counts
    assert.equal(disproved, 0)
  })
}

test('a multipart body arrives with its boundary, and its parts can be read', async () => {
  const ada = await plain.logIn()
  const upload = new FormData()
  upload.append('folder', '한')
  upload.append('src', new Blob(['0123456789']), 'notes.txt')
  const encoded = new Response(upload)
  const answer = await ada.ask('/func/folders/f/upload', {
    method: 'POST',
    body: Buffer.from(await encoded.arrayBuffer()),
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
  })
  assert.deepEqual(answer.echo().parts, [
    { name: 'folder', bytes: 3 },
    { name: 'src', fileName: 'notes.txt', bytes: 10 },
  ])
  assert.equal(answer.echo().verified, true)
})

test('GraphQL router and pipeline get signatures that are theirs', async () => {
  const ada = await plain.logIn()
  const query = JSON.stringify({ query: 'query { keypair { user_id } }' })
  const json = { 'content-type': 'application/json; charset=utf-8' }
  assert.equal((await ada.ask('/func/admin/gql', { method: 'POST', body: query, headers: json })).status, 200)
  assert.equal((await ada.ask('/func/admin/gql?query=%7Bx%7D')).status, 200)
  assert.equal(
    (await ada.ask('/pipeline/api/login/?next=%2Fx', { method: 'POST', body: '{}', headers: json })).status,
    200,
  )
  const signed = [...plain.router.requests, ...plain.pipeline.requests]
  assert.equal(signed.length, 3)
  for (const { verified, verification } of signed) assert.ok(verified, JSON.stringify(verification))
})

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')
