// Whatever a session has open ends with it (security.md S3, S5, W4), on the node where it is open, within a second,
// wherever and however the session was ended: never as if it had been complete.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { parse } from 'yaml'
import { createClient, type TestClient } from '../support/http-client.ts'
import { runCommand } from '../support/run-command.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type Lab, startLab } from './lab.ts'

const SOON_MS = 1_000

let stores: TestStores
let lab: Lab
let other: TestGateway
let service: Awaited<ReturnType<typeof startService>>

before(async () => {
  stores = await openTestStores()
  service = await startService()
  lab = await startLab({
    stores,
    config: { upstreams: [{ path: '/api/', to: service.url, allow: ['authenticated'] }] },
  })
  const layers = lab.gateway.configFiles.map((file) => parse(readFileSync(file, 'utf8')))
  other = await startGateway({ config: [...layers, { server: { url: lab.url, listen: '127.0.0.1:0' } }], stores })
})
after(async () => {
  await other.close()
  await lab[Symbol.asyncDispose]()
  await service.close()
  await stores[Symbol.asyncDispose]()
})

/** Begins what never ends by itself: `/events`, `/part` of a known length, `/chunks`, `/upload`, and WebSockets. */
async function startService() {
  const uploads: { readonly ended: boolean; readonly done: Promise<unknown> }[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path.startsWith('/upload')) {
      const upload = { ended: false, done: new Promise((resolve) => void request.once('close', resolve)) }
      request.on('error', () => {})
      request.on('end', () => Object.assign(upload, { ended: true })).resume()
      uploads.push(upload)
    } else if (path.startsWith('/events')) begin(response, { 'content-type': 'text/event-stream' })
    else if (path.startsWith('/part')) begin(response, { 'content-length': '1000000' })
    else if (path.startsWith('/chunks')) begin(response, {})
    else if (path.startsWith('/silent')) request.resume()
    else response.end('ok')
  })
  new WebSocketServer({ server }).on('connection', (socket) => socket.on('error', () => socket.terminate()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uploads,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function begin(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, headers)
  response.write('data: begun\n\n')
}

/** Something open on one of the nodes, and what came of it. */
interface Open {
  readonly closed: Promise<{ readonly text: string; readonly error?: string; readonly code?: number }>
}

const portOf = (node: TestGateway): number => Number(new URL(node.listening[0] ?? '').port)
const host = (): string => new URL(lab.url).host

/** Sends a request as it is, and resolves when as much of the answer is there. */
async function openRaw(node: TestGateway, head: string, until: string): Promise<Open> {
  const socket: Socket = connect(portOf(node), '127.0.0.1')
  socket.setEncoding('latin1')
  let text = ''
  let error: string | undefined
  const begun = Promise.withResolvers<void>()
  socket.on('data', (chunk: string) => {
    text += chunk
    if (text.includes(until)) begun.resolve()
  })
  socket.once('error', (failure: NodeJS.ErrnoException) => {
    error = failure.code ?? 'unknown'
  })
  const closed = new Promise<Awaited<Open['closed']>>((resolve) => {
    socket.once('close', () => resolve({ text, ...(error !== undefined && { error }) }))
  })
  socket.write(head)
  if (until !== '') await Promise.race([begun.promise, closed])
  return { closed }
}

const get = (cookie: string, path: string, version = '1.1'): string =>
  `GET ${path} HTTP/${version}\r\nhost: ${host()}\r\ncookie: ${cookie}\r\n\r\n`

const upload = (cookie: string): string =>
  `POST /api/upload HTTP/1.1\r\nhost: ${host()}\r\ncookie: ${cookie}\r\norigin: ${lab.url}\r\ncontent-length: 1000\r\n\r\nhalf`

async function openSocket(node: TestGateway, cookie: string): Promise<Open> {
  const url = `ws://127.0.0.1:${portOf(node)}/api/socket`
  const socket = new WebSocket(url, { origin: lab.url, headers: { cookie, host: host() } })
  await once(socket, 'open')
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: Number(code), text: String(reason) }))
  return { closed }
}

/** Opens one of each; resolves when all of them have been open for longer than most requests take. */
async function openAll(node: TestGateway, cookie: string): Promise<Readonly<Record<string, Open>>> {
  const expected = service.uploads.length + 1
  const opened = {
    events: await openRaw(node, get(cookie, '/api/events'), 'begun'),
    download: await openRaw(node, get(cookie, '/api/part'), 'begun'),
    chunks: await openRaw(node, get(cookie, '/api/chunks'), 'begun'),
    oldClient: await openRaw(node, get(cookie, '/api/chunks', '1.0'), 'begun'),
    waiting: await openRaw(node, get(cookie, '/api/silent'), ''),
    upload: await openRaw(node, upload(cookie), ''),
    tunnel: await openSocket(node, cookie),
  }
  while (service.uploads.length < expected) await new Promise(setImmediate)
  return opened
}

const ways: Readonly<Record<string, { readonly reason: string; end(person: TestClient): Promise<unknown> }>> = {
  'a logout': { reason: 'logout', end: (person) => person.post('/auth/logout') },
  'a revocation by the person': {
    reason: 'revoked',
    end: async (person) => {
      const { sessions } = (await person.get('/api/v1/sessions')).json() as {
        sessions: { ref: string; current: boolean }[]
      }
      const ref = sessions.find(({ current }) => current)?.ref
      return person.send(`/api/v1/sessions/${ref}`, { method: 'DELETE', headers: { origin: lab.url } })
    },
  },
  'an administrator who ends one': {
    reason: 'revoked',
    end: async (person) => {
      const grace = await lab.logIn('grace')
      const userId = await idOf(person)
      const path = '/api/v1/admin/sessions'
      const { sessions } = (await grace.get(`${path}?user=${userId}`)).json() as { sessions: { ref: string }[] }
      const headers = { origin: lab.url }
      for (const { ref } of sessions) {
        assert.equal((await grace.send(`${path}/${ref}`, { method: 'DELETE', headers })).status, 204)
      }
    },
  },
  'an administrator who ends all': {
    reason: 'revoked',
    end: async (person) => {
      const grace = await lab.logIn('grace')
      const answer = await grace.post(`/api/v1/admin/users/${await idOf(person)}/end-sessions`)
      assert.equal(answer.status, 200)
    },
  },
  'an administrator who disables the user': {
    reason: 'disabled',
    end: async (person) => {
      const grace = await lab.logIn('grace')
      const id = await idOf(person)
      assert.equal((await grace.post(`/api/v1/admin/users/${id}/disable`)).status, 200)
      assert.equal((await grace.post(`/api/v1/admin/users/${id}/enable`)).status, 200)
    },
  },
  'the command line': {
    reason: 'revoked',
    end: () => command('session', 'revoke', '--user', 'local/ada'),
  },
}

const idOf = async (person: TestClient): Promise<string> =>
  ((await person.get('/api/v1/me')).json() as { userId: string }).userId

async function command(...args: readonly string[]): Promise<void> {
  const config = lab.gateway.configFiles.flatMap((file) => ['--config', file])
  const { exitCode, errors } = await runCommand([...args, ...config])
  assert.equal(exitCode, 0, errors)
}

describe('what a session has open', { timeout: 120_000 }, () => {
  for (const [name, { reason, end }] of Object.entries(ways)) {
    for (const where of ['here', 'on the other node']) {
      test(`ends within a second of ${name}, ${where}`, async () => {
        const person = await lab.logIn('ada')
        const bystander = await lab.logIn('mallory')
        const node = where === 'here' ? lab.gateway : other
        const opened = await openAll(node, person.cookieHeader())
        const stays = await openRaw(node, get(bystander.cookieHeader(), '/api/events'), 'begun')

        await end(person)
        const endedAtMs = performance.now()
        const results = new Map<string, Awaited<Open['closed']>>()
        for (const [what, { closed }] of Object.entries(opened)) {
          results.set(what, await within(closed, endedAtMs, what))
        }
        const code = { code: 4401, text: `the session has ended: ${reason}` }
        assert.deepEqual(results.get('tunnel'), code)
        assert.doesNotMatch(results.get('chunks')?.text ?? '', /\r\n0\r\n\r\n$/)
        assert.doesNotMatch(results.get('events')?.text ?? '', /\r\n0\r\n\r\n$/)
        assert.equal(results.get('oldClient')?.error, 'ECONNRESET', 'where the close is the end, it is a reset')
        assert.equal(results.get('waiting')?.text, '')
        const last = service.uploads.at(-1) ?? assert.fail('there was an upload')
        await within(last.done, endedAtMs, 'the upload at the service')
        assert.equal(last.ended, false, 'half an upload is no upload')

        const still = await Promise.race([stays.closed, Promise.resolve('open')])
        assert.equal(still, 'open', 'somebody else goes on')
        const again = createClient(lab.url)
        const { status } = await again.get('/api/x', { cookie: person.cookieHeader() || 'none=1' })
        assert.equal(status, 401)
        await bystander.post('/auth/logout')
      })
    }
  }
})

async function within<T>(work: Promise<T>, sinceMs: number, what: string): Promise<T> {
  const result = await work
  const tookMs = performance.now() - sinceMs
  assert.ok(tookMs < SOON_MS, `${what} took ${Math.round(tookMs)} ms`)
  return result
}
