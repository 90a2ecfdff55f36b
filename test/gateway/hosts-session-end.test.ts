// The session of a host is the portal's: it ends with it, on every node and within a second, and what is open there closes.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, before, test } from 'node:test'
import { setImmediate as tick } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type HostLab, hostNames, startHostLab, type Visitor } from './host-lab.ts'

let service: EchoUpstream
let stores: TestStores
let here: HostLab
let there: HostLab

before(async () => {
  service = await startEchoUpstream()
  stores = await openTestStores()
  const at = { to: service.url, path: '/', allow: ['authenticated'], webSockets: { maxPerSession: 3 } }
  const settings = {
    stores,
    upstreams: [
      { ...at, host: hostNames.notes, trust: 'none' },
      { ...at, host: hostNames.plots },
    ],
  }
  here = await startHostLab(settings)
  there = await startHostLab(settings)
})
after(async () => {
  await here[Symbol.asyncDispose]()
  await there[Symbol.asyncDispose]()
  await stores[Symbol.asyncDispose]()
  await service.close()
})

async function arrive(lab: HostLab): Promise<Visitor> {
  const visitor = lab.visitor()
  await visitor.logIn(lab.origins.gate, await lab.account('ada'))
  assert.equal((await visitor.travel(`${lab.origins.notes}/`)).status, 200)
  return visitor
}

/** The same browser, as the other node meets it. */
const statusAt = async (lab: HostLab, cookie: string): Promise<number> =>
  (await lab.visitor().send(`${lab.origins.notes}/`, { headers: { cookie } })).status

interface Handshake {
  readonly origin?: string
  readonly cookie?: string
}

const begin = (
  lab: HostLab,
  host: 'notes' | 'plots',
  { origin = lab.origins[host], cookie = '' }: Handshake,
): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${lab.port}/socket`, {
    origin,
    headers: { host: new URL(lab.origins[host]).host, ...(cookie !== '' && { cookie }) },
  })

async function open(lab: HostLab, visitor: Visitor): Promise<WebSocket> {
  const socket = begin(lab, 'notes', { cookie: visitor.cookieHeader(lab.origins.notes) })
  await once(socket, 'open')
  return socket
}

const closeOf = async (socket: WebSocket): Promise<readonly [code: number, reason: string]> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return [code, reason.toString()]
}

/** @returns the status that refuses it, or 101 */
async function refusalOf(socket: WebSocket): Promise<number> {
  socket.on('error', () => {})
  const refused = once(socket, 'unexpected-response').then(([, answer]) => Number(answer.statusCode))
  const status = await Promise.race([refused, once(socket, 'open').then(() => 101)])
  socket.terminate()
  return status
}

test('a logout at the portal ends the session of the host on every node, and closes its sockets', {
  timeout: 60_000,
}, async () => {
  const visitor = await arrive(here)
  const cookie = visitor.cookieHeader(here.origins.notes)
  assert.equal(await statusAt(there, cookie), 200)
  const sockets = [await open(here, visitor), begin(there, 'notes', { cookie })]
  await once(sockets[1] as WebSocket, 'open')
  const closed = sockets.map(closeOf)
  const startedAt = performance.now()
  const { gate } = here.origins
  await visitor.send(`${gate}/auth/logout`, { method: 'POST', headers: { origin: gate } })
  for (const each of closed) assert.deepEqual(await each, [4401, 'the session has ended: logout'])
  // It takes a tenth of a second; the bound leaves room for a busy machine.
  assert.ok(performance.now() - startedAt < 5000, 'at once')
  assert.deepEqual([await statusAt(here, cookie), await statusAt(there, cookie)], [401, 401])
})

test('an event stream of a host ends with the session too', { timeout: 60_000 }, async () => {
  const visitor = await arrive(here)
  const { notes, gate } = here.origins
  const stream = request({
    port: here.port,
    path: '/events',
    headers: { host: new URL(notes).host, cookie: visitor.cookieHeader(notes) },
  }).end()
  const [answer] = (await once(stream, 'response')) as [IncomingMessage]
  assert.equal(answer.statusCode, 200)
  const cut = once(answer, 'error')
  answer.resume()
  await visitor.send(`${gate}/auth/logout`, { method: 'POST', headers: { origin: gate } })
  assert.match(String(await cut), /aborted/)
})

test('a session that is revoked from elsewhere is over there too', { timeout: 60_000 }, async () => {
  const visitor = await arrive(here)
  const socket = await open(here, visitor)
  const closed = closeOf(socket)
  const { gate } = there.origins
  const elsewhere = there.visitor()
  await elsewhere.logIn(gate, await here.account('ada'))
  const listed = (await elsewhere.send(`${gate}/api/v1/sessions`)).text
  const { sessions } = JSON.parse(listed) as { sessions: readonly { ref: string; current: boolean }[] }
  for (const { ref, current } of sessions.toReversed()) {
    if (current) continue
    const revoke = { method: 'DELETE', headers: { origin: gate } }
    assert.equal((await elsewhere.send(`${gate}/api/v1/sessions/${ref}`, revoke)).status, 204)
  }
  assert.deepEqual(await closed, [4401, 'the session has ended: revoked'])
  assert.equal(await statusAt(here, visitor.cookieHeader(here.origins.notes)), 401)
})

test('a new login at the portal ends what the old one had there, and the browser finds its way back', async () => {
  const visitor = await arrive(here)
  const old = visitor.cookieHeader(here.origins.notes)
  await visitor.logIn(here.origins.gate, await here.account('grace'))
  assert.equal(await statusAt(here, old), 401)
  const back = await visitor.travel(`${here.origins.notes}/who`)
  assert.equal(back.status, 200)
  assert.equal(back.way.length, 4)
})

test('use of a host keeps the portal’s session alive, and silence ends both', { timeout: 60_000 }, async () => {
  const clock = createManualClock()
  await using lab = await startHostLab({
    clock,
    config: { sessions: { idle: '10m', absolute: '1h' } },
    upstreams: [{ to: service.url, path: '/', host: hostNames.notes, allow: ['authenticated'] }],
  })
  const visitor = await arrive(lab)
  const cookie = visitor.cookieHeader(lab.origins.notes)
  const me = () => visitor.send(`${lab.origins.gate}/api/v1/me`)
  const [{ id: userId } = assert.fail()] = await lab.gateway.apis.access.users.list()
  for (let minutes = 0; minutes < 40; minutes += 8) {
    assert.equal(await statusAt(lab, cookie), 200)
    while ((await lab.gateway.apis.sessions.list(userId))[0]?.lastSeenAt !== clock.now()) await tick()
    clock.advance(8 * 60_000)
  }
  assert.equal((await me()).status, 200)
  clock.advance(10 * 60_000)
  assert.deepEqual([await statusAt(lab, cookie), (await me()).status], [401, 401])
})

test('a WebSocket of a host goes through the same checks', async () => {
  const visitor = await arrive(here)
  const cookie = visitor.cookieHeader(here.origins.notes)
  const { gate, notes, plots } = here.origins
  const refused: readonly (readonly [host: 'notes' | 'plots', handshake: Handshake, status: number])[] = [
    ['notes', {}, 401],
    ['notes', { origin: gate, cookie }, 403],
    ['notes', { origin: plots, cookie }, 403],
    ['notes', { origin: 'null', cookie }, 403],
    ['notes', { cookie: visitor.cookieHeader(gate) }, 401],
    ['plots', { cookie }, 401],
  ]
  for (const [host, handshake, status] of refused) {
    assert.equal(await refusalOf(begin(here, host, handshake)), status, JSON.stringify([host, handshake]))
  }
  const count = service.handshakes.length
  const socket = begin(here, 'notes', { origin: notes, cookie })
  await once(socket, 'open')
  const handshake = service.handshakes.at(-1)
  assert.deepEqual(
    [service.handshakes.length, handshake?.url, handshake?.headers.cookie],
    [count + 1, '/socket', undefined],
  )
  socket.terminate()
})

test('a page of a host opens no WebSocket at the portal', async () => {
  await using lab = await startHostLab({
    upstreams: [
      { to: service.url, path: '/', host: hostNames.notes, trust: 'none', allow: ['authenticated'] },
      { to: service.url, path: '/up/', allow: ['authenticated'] },
    ],
  })
  const visitor = await arrive(lab)
  const { gate, notes } = lab.origins
  const at = (origin: string, path: string): WebSocket =>
    new WebSocket(`ws://127.0.0.1:${lab.port}${path}`, {
      origin,
      headers: { host: new URL(gate).host, cookie: visitor.cookieHeader(gate) },
    })
  assert.equal(await refusalOf(at(notes, '/up/socket')), 403)
  const own = at(gate, '/up/socket')
  await once(own, 'open')
  own.terminate()
})

test('the arrival address takes no WebSocket and no other method', async () => {
  const visitor = await arrive(here)
  const { notes } = here.origins
  for (const method of ['POST', 'HEAD', 'DELETE']) {
    const headers = { origin: notes }
    assert.equal((await visitor.send(`${notes}/auth/arrive?ticket=x`, { method, headers })).status, 405, method)
  }
  const socket = new WebSocket(`ws://127.0.0.1:${here.port}/auth/arrive`, {
    origin: notes,
    headers: { host: new URL(notes).host, cookie: visitor.cookieHeader(notes) },
  })
  assert.equal(await refusalOf(socket), 404)
})
