import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { createDemoAccounts, type DemoAccount } from './accounts.ts'
import type { LoopbackServer } from './loopback-server.ts'
import { signatureOf } from './manager/hmac.ts'
import { startManager } from './manager.ts'

const clock = createManualClock(Date.UTC(2026, 2, 12, 4, 5, 6))
const accounts = createDemoAccounts()
const member = accounts[0] as DemoAccount
let manager: LoopbackServer

interface Keypair {
  readonly access_key: string
  readonly secret_key: string
}
let keypair: Keypair

const authorize = (body: unknown): Promise<Response> =>
  fetch(`${manager.url}/auth/authorize`, { method: 'POST', body: JSON.stringify(body) })

before(async () => {
  manager = await startManager({ accounts, clock })
  const response = await authorize(credentialsOf(member))
  keypair = ((await response.json()) as { data: Keypair }).data
})
after(() => manager.close())

const credentialsOf = (account: DemoAccount) => ({
  type: 'keypair',
  domain: 'default',
  username: account.username,
  password: account.password.reveal(),
})

describe('authorize', () => {
  test('gives the person’s keypair, the same each time', async () => {
    const response = await authorize({ ...credentialsOf(member), extra: 1 })
    assert.equal(response.status, 200)
    const role = { response_type: 'success', role: 'user', status: 'active', type: 'keypair' }
    assert.deepEqual(await response.json(), { data: { ...role, ...keypair } })
  })

  test('answers a wrong password as the protocol says', async () => {
    const response = await authorize({ ...credentialsOf(member), password: 'wrong' })
    assert.equal(response.status, 401)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.deepEqual(await response.json(), {
      type: 'https://api.backend.ai/probs/auth-failed',
      title: 'Credential/signature mismatch.',
      msg: 'User credential mismatch.',
    })
  })

  const incomplete: Readonly<Record<string, () => unknown>> = {
    'an empty object': () => ({}),
    'a list': () => [],
    'another domain': () => ({ ...credentialsOf(member), domain: 'other' }),
    'another type': () => ({ ...credentialsOf(member), type: 'jwt' }),
  }
  for (const [name, build] of Object.entries(incomplete)) {
    test(`refuses ${name}`, async () => assert.equal((await authorize(build())).status, 400))
  }

  test('different people have different keypairs', async () => {
    const other = await authorize(credentialsOf(accounts[1] as DemoAccount))
    const { data } = (await other.json()) as { data: Keypair }
    assert.notEqual(data.access_key, keypair.access_key)
    assert.notEqual(data.secret_key, keypair.secret_key)
  })
})

test('anybody may ask for the version', async () => {
  assert.deepEqual(await (await fetch(manager.url)).json(), { version: 'v9.20250722', manager: '26.2.5' })
})

const version = 'v9.20250722'
const isoNow = (): string => new Date(clock.now()).toISOString()

interface Signing {
  readonly method?: string
  readonly target?: string
  readonly date?: string
  readonly contentType?: string
  readonly version?: string
  readonly secretKey?: string
}

function signedHeaders(signing: Signing = {}): Record<string, string> {
  const parts = {
    method: signing.method ?? 'GET',
    target: signing.target ?? '/folders',
    date: signing.date ?? isoNow(),
    host: new URL(manager.url).host,
    contentType: signing.contentType,
    version: signing.version ?? version,
  }
  const signature = signatureOf(parts, signing.secretKey ?? keypair.secret_key)
  return {
    Date: parts.date,
    'X-BackendAI-Version': parts.version,
    Authorization: `BackendAI signMethod=HMAC-SHA256, credential=${keypair.access_key}:${signature}`,
    ...(signing.contentType !== undefined && { 'Content-Type': signing.contentType }),
  }
}

interface Sent {
  readonly method?: string
  readonly target?: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string
}

/** Sends exactly this target and these headers, which fetch would not. */
async function send(sent: Sent): Promise<{ status: number; type: string; body: string }> {
  const { hostname, port } = new URL(manager.url)
  const { method = 'GET', target = '/folders', headers = {} } = sent
  const outgoing = request({ hostname, port, method, path: target, headers })
  outgoing.end(sent.body)
  const [response] = await once(outgoing, 'response')
  return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) }
}

describe('a signed request', () => {
  test('is shown back as it arrived', async () => {
    const target = '/folders/%ED%95%9C%2Fx?a=1&a=2'
    const contentType = 'application/json; charset=utf-8'
    const headers = { ...signedHeaders({ method: 'PUT', target, contentType }), 'X-Twice': ['1', '2'] }
    const { status, body } = await send({ method: 'PUT', target, headers, body: '{"x":1}' })
    assert.equal(status, 200)
    const record = JSON.parse(body)
    assert.equal(record.method, 'PUT')
    assert.equal(record.target, target)
    assert.deepEqual(record.headers.slice(3, 6), [
      ['Content-Type', contentType],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
    ])
    assert.deepEqual(record.body, {
      bytes: 7,
      sha256: '5041bf1f713df204784353e82f6a4a535931cb64f1f4b4a5aeaffcb720918b22',
    })
    const { signedString, ...verification } = record.verification
    assert.deepEqual(verification, {
      verified: true,
      by: 'hmac',
      accessKey: keypair.access_key,
      username: 'member',
    })
    assert.equal(signedString.split('\n')[1], target)
  })

  test('is shown as a page to a browser, with nothing of the sender’s as markup', async () => {
    const target = '/x?<script>alert(1)</script>'
    const headers = { ...signedHeaders({ target }), Accept: 'text/html', 'X-Name': '<img src=x onerror=alert(1)>' }
    const { type, body } = await send({ target, headers })
    assert.match(type, /^text\/html/)
    assert.match(body, /Signed as member/)
    assert.doesNotMatch(body, /<script|<img/)
  })

  test('is shown at / too, where an unsigned one gets the version', async () => {
    const { body } = await send({ target: '/', headers: signedHeaders({ target: '/' }) })
    assert.equal(JSON.parse(body).verification.username, 'member')
  })

  for (const minutes of [-15, 0, 15]) {
    test(`passes ${minutes} minutes from now`, async () => {
      const date = new Date(clock.now() + minutes * 60_000).toISOString()
      assert.equal((await send({ headers: signedHeaders({ date }) })).status, 200)
    })
  }

  test('may carry its time in X-BackendAI-Date where there is no Date', async () => {
    const { Date: date, ...headers } = signedHeaders()
    assert.equal((await send({ headers: { ...headers, 'X-BackendAI-Date': date ?? '' } })).status, 200)
  })
})

describe('a request that is not proved', () => {
  const refused: Readonly<Record<string, () => [status: number, sent: Sent]>> = {
    'without any proof': () => [401, {}],
    'signed with another secret': () => [401, { headers: signedHeaders({ secretKey: 'other' }) }],
    'with another target': () => [401, { target: '/folders?x', headers: signedHeaders() }],
    'with another method': () => [401, { method: 'DELETE', headers: signedHeaders() }],
    'with another content type': () => [401, { headers: { ...signedHeaders(), 'Content-Type': 'text/plain' } }],
    'with another version': () => [401, { headers: { ...signedHeaders(), 'X-BackendAI-Version': 'v8.20240915' } }],
    'sent to another host': () => [401, { headers: { ...signedHeaders(), Host: 'elsewhere' } }],
    'by nobody’s access key': () => [
      401,
      {
        headers: { ...signedHeaders(), Authorization: signedHeaders().Authorization?.replace(/AKIA./, 'AKIAx') ?? '' },
      },
    ],
    'more than 15 minutes old': () => [
      401,
      { headers: signedHeaders({ date: new Date(clock.now() - 15 * 60_000 - 1).toISOString() }) },
    ],
    'more than 15 minutes ahead': () => [
      401,
      { headers: signedHeaders({ date: new Date(clock.now() + 15 * 60_000 + 1).toISOString() }) },
    ],
    'with a date of HTTP’s own form': () => [400, { headers: signedHeaders({ date: new Date(0).toUTCString() }) }],
    'of an unknown version': () => [400, { headers: signedHeaders({ version: 'v9.20990101' }) }],
    'with Bearer': () => [400, { headers: { ...signedHeaders(), Authorization: 'Bearer x' } }],
    'with a bad token beside a good signature': () => [
      401,
      { headers: { ...signedHeaders(), 'X-BackendAI-Token': 'a.b.c' } },
    ],
    'with its version twice': () => [
      400,
      { headers: { ...signedHeaders(), 'X-BackendAI-Version': [version, version] } },
    ],
  }
  for (const [name, build] of Object.entries(refused)) {
    test(name, async () => {
      const [status, sent] = build()
      const answer = await send(sent)
      assert.equal(answer.status, status)
      assert.equal(answer.type, 'application/problem+json')
      const type = status === 401 ? 'auth-failed' : 'invalid-auth-params'
      assert.equal(JSON.parse(answer.body).type, `https://api.backend.ai/probs/${type}`)
      assert.doesNotMatch(answer.body, new RegExp(keypair.secret_key))
    })
  }
})

describe('a stream', () => {
  const target = '/stream/session/abc/pty?app=ttyd'
  const open = (headers: Record<string, string>, protocols: string[] = []): WebSocket =>
    new WebSocket(`${manager.url.replace('http', 'ws')}${target}`, protocols, { headers })

  test('greets with what reached it, then echoes text and bytes', async () => {
    const socket = open(signedHeaders({ target }), ['chat', 'other'])
    const [greeting] = await once(socket, 'message')
    assert.equal(JSON.parse(String(greeting)).verification.username, 'member')
    assert.equal(socket.protocol, 'chat')
    socket.send('hello')
    assert.deepEqual(await once(socket, 'message'), [Buffer.from('hello'), false])
    socket.send(Buffer.from([0, 255]))
    assert.deepEqual(await once(socket, 'message'), [Buffer.from([0, 255]), true])
    socket.send('/close 4001 enough')
    assert.deepEqual(await once(socket, 'close'), [4001, Buffer.from('enough')])
  })

  test('is refused before the handshake if it is not signed', { timeout: 10_000 }, async () => {
    const socket = open({})
    const [, response] = await once(socket, 'unexpected-response')
    assert.equal(response.statusCode, 401)
    assert.equal(response.headers['content-type'], 'application/problem+json')
    socket.on('error', () => {})
    socket.terminate()
  })
})

describe('events', () => {
  test('come one at once and one each second', async () => {
    const target = '/events?count=2'
    const response = await fetch(manager.url + target, { headers: signedHeaders({ target }) })
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    const events = (response.body as ReadableStream<Uint8Array>).getReader()
    const next = async () => Buffer.from((await events.read()).value ?? []).toString()
    assert.match(await next(), /^id: 1\n/)
    clock.advance(1000)
    assert.match(await next(), /^id: 2\n/)
    assert.equal((await events.read()).done, true)
  })

  test('are refused unsigned', async () => {
    assert.equal((await fetch(`${manager.url}/events`)).status, 401)
  })
})
