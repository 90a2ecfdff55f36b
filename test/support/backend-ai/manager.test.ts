import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { createManualClock } from '../manual-clock.ts'
import { sendRaw } from '../raw-http.ts'
import { isSignatureOf, parseAuthorization, startManager } from './index.ts'
import { ask, type Sent, signedHeaders } from './signed-client.ts'

const clock = createManualClock(Date.UTC(2026, 2, 12, 4, 5, 6))
const nowMs = clock.now()

async function startWithAda() {
  const manager = await startManager({ clock })
  return { manager, ada: manager.accounts.get('ada@example.org') }
}

test('anybody may ask for version and health', async () => {
  for (const [version, release] of [
    ['26.2', '26.2.5'],
    ['26.4', '26.4.10'],
    ['26.8', '26.8.0'],
  ] as const) {
    await using manager = await startManager({ version })
    const answer = await ask(`${manager.url}/`)
    assert.deepEqual(answer.json(), { version: 'v9.20250722', manager: release })
    assert.equal((await ask(`${manager.url}/health/readyz`)).status, 200)
    assert.deepEqual(
      [...manager.counts.byRoute],
      [
        ['GET /', 1],
        ['GET /health/readyz', 1],
      ],
    )
  }
})

describe('a signed request', () => {
  test('is shown back as it arrived, and kept so that its signature can be worked out anew', async () => {
    const { manager, ada } = await startWithAda()
    await using _ = manager
    const target = '/folders/%ED%95%9C%2Fx//;y?a=1&a=2&z'
    const headers = { 'Content-Type': 'application/json; charset=utf-8', 'X-Twice': ['1', '2'] }
    const answer = await ask(manager.url + target, { method: 'PUT', headers, body: '{"x":1}', as: ada, nowMs })
    assert.equal(answer.status, 200)
    const echo = answer.echo()
    assert.equal(echo.target, target)
    assert.deepEqual(
      echo.headers.filter(([name]) => name === 'X-Twice'),
      [
        ['X-Twice', '1'],
        ['X-Twice', '2'],
      ],
    )
    assert.deepEqual(echo.body, { bytes: 7, sha256: createHash('sha256').update('{"x":1}').digest('hex') })
    assert.equal(echo.accessKey, ada.accessKey)

    const [request] = manager.requests
    assert.ok(request?.verified)
    assert.equal((await request.body.whole()).toString(), '{"x":1}')
    const first = (name: string) => request.all(name)[0] ?? ''
    const parts = {
      method: request.method,
      target: request.target,
      date: first('date'),
      host: first('host'),
      contentType: first('content-type'),
      version: first('x-backendai-version'),
    }
    const signature = parseAuthorization(first('authorization'))?.signature ?? ''
    assert.ok(isSignatureOf(signature, parts, ada.secretKey))
  })

  test('may be chunked, and of several parts', async () => {
    const { manager, ada } = await startWithAda()
    await using _ = manager
    const form = new FormData()
    form.set('note', 'hello')
    form.set('src', new Blob(['x'.repeat(200_000)]), 'data.bin')
    const packed = new Response(form)
    const headers = { 'Content-Type': packed.headers.get('content-type') ?? '', 'Transfer-Encoding': 'chunked' }
    const body = Buffer.from(await packed.arrayBuffer())
    const answer = await ask(`${manager.url}/folders/a/upload`, { method: 'POST', headers, body, as: ada, nowMs })
    assert.deepEqual(answer.echo().parts, [
      { name: 'note', bytes: 5 },
      { name: 'src', fileName: 'data.bin', bytes: 200_000 },
    ])
    assert.deepEqual(manager.requests[0]?.all('content-length'), [])
  })

  for (const minutes of [-15, 15]) {
    test(`passes ${minutes} minutes from now`, async () => {
      const { manager, ada } = await startWithAda()
      await using _ = manager
      const answer = await ask(`${manager.url}/x`, { as: ada, nowMs: nowMs + minutes * 60_000 })
      assert.equal(answer.status, 200)
    })
  }

  test('may be below a prefix, which is signed with it; nothing is beside the prefix', async () => {
    await using manager = await startManager({ clock, pathPrefix: '/mgr' })
    const ada = manager.accounts.get('ada@example.org')
    assert.equal((await ask(`${manager.url}/folders`, { as: ada, nowMs })).echo().target, '/mgr/folders')
    assert.equal((await ask(`${manager.url.replace('/mgr', '/abc')}/health/readyz`)).status, 404)
    assert.equal((await ask(manager.url)).status, 200)
  })

  test('of a proxy that changed host and path is judged by what they were', async () => {
    const { manager, ada } = await startWithAda()
    await using _ = manager
    const headers = { 'X-Forwarded-URL': 'https://api.example.com/outside?a=1' }
    const signInstead = { host: 'api.example.com', target: '/outside?a=1' }
    assert.equal((await ask(`${manager.url}/in`, { headers, signInstead, as: ada, nowMs })).status, 200)
    assert.equal((await ask(`${manager.url}/in`, { headers, as: ada, nowMs })).status, 401)
  })

  test('may carry its time in X-BackendAI-Date', async () => {
    const { manager, ada } = await startWithAda()
    await using _ = manager
    const { host } = new URL(manager.url)
    const { Date: date = '', ...headers } = signedHeaders(ada, host, '/x', { nowMs })
    assert.equal((await ask(`${manager.url}/x`, { headers: { ...headers, 'X-BackendAI-Date': date } })).status, 200)
  })
})

describe('a request that is not proved is refused in the Manager’s words', () => {
  const cases: Readonly<Record<string, readonly [status: number, counted: 'anonymous' | 'disproved', sent: Sent]>> = {
    'without any proof': [401, 'anonymous', {}],
    'signed for another target': [401, 'disproved', { signInstead: { target: '/x?' } }],
    'signed for another method': [401, 'disproved', { signInstead: { method: 'DELETE' } }],
    'signed for another host': [401, 'disproved', { signInstead: { host: 'elsewhere' } }],
    'signed for another type': [401, 'disproved', { signInstead: { contentType: 'text/html' } }],
    'signed too long ago': [401, 'disproved', { nowMs: nowMs - 15 * 60_000 - 1 }],
    'signed too far ahead': [401, 'disproved', { nowMs: nowMs + 15 * 60_000 + 1 }],
    'dated as HTTP dates': [400, 'disproved', { headers: { Date: new Date(nowMs).toUTCString() } }],
    'dated without an offset': [400, 'disproved', { headers: { Date: '2026-03-12T04:05:06' } }],
    'with its version twice': [
      400,
      'disproved',
      { headers: { 'X-BackendAI-Version': ['v9.20250722', 'v9.20250722'] } },
    ],
    'with Bearer': [400, 'disproved', { headers: { Authorization: 'Bearer x' } }],
    'with a bad token beside a good signature': [401, 'disproved', { headers: { 'X-BackendAI-Token': 'a.b.c' } }],
  }
  for (const [name, [status, counted, sent]] of Object.entries(cases)) {
    test(name, async () => {
      const { manager, ada } = await startWithAda()
      await using _ = manager
      const answer = await ask(`${manager.url}/x`, { nowMs, ...(Object.keys(sent).length > 0 && { as: ada }), ...sent })
      assert.equal(answer.status, status)
      assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
      const problem = answer.json()
      assert.deepEqual(Object.keys(problem), ['type', 'title', 'msg'])
      assert.ok(!answer.bytes.includes(ada.secretKey))
      assert.equal(manager.requests[0]?.verified, false)
      assert.equal(manager.counts[counted], 1)
    })
  }
})

test('an unknown version of the API is refused, however well signed', async () => {
  const { manager, ada } = await startWithAda()
  await using _ = manager
  const answer = await ask(`${manager.url}/x`, { headers: { 'X-BackendAI-Version': 'v9.20990101' }, as: ada, nowMs })
  assert.equal(answer.status, 400)
  assert.equal(manager.requests[0]?.verified, true)
})

test('a head that only a raw client sends is refused too: two Dates', async () => {
  const { manager, ada } = await startWithAda()
  await using _ = manager
  const host = `127.0.0.1:${manager.port}`
  const lines = Object.entries(signedHeaders(ada, host, '/x', { nowMs })).map(([name, value]) => `${name}: ${value}`)
  const head = ['GET /x HTTP/1.1', `Host: ${host}`, 'Connection: close', 'Date: x', ...lines]
  assert.equal((await sendRaw(manager.port, `${head.join('\r\n')}\r\n\r\n`)).status, 400)
})

test('the record keeps as much as it is told, and counts all', async () => {
  await using manager = await startManager({ keepRequests: 2, keepBodyBytes: 4 })
  for (const name of ['1', '2', '3']) {
    await ask(`${manager.url}/cloud/${name}`, { method: 'POST', body: 'eight...' })
  }
  assert.deepEqual(
    manager.requests.map(({ target }) => target),
    ['/cloud/2', '/cloud/3'],
  )
  const { body } = manager.requests[1] ?? {}
  assert.equal(body?.content.toString(), 'eigh')
  assert.equal(body?.sha256, createHash('sha256').update('eight...').digest('hex'))
  await assert.rejects(async () => body?.whole(), /has 8 bytes, of which 4 were kept/)
  assert.equal(manager.counts.all, 3)
  manager.forgetRequests()
  assert.deepEqual([manager.requests.length, manager.counts.anonymous], [0, 3])
})
