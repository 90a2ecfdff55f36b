// An open WebSocket through the whole gateway: both sides hear each other's messages, subprotocol and close as if nothing
// were between them; the gateway itself ends it with the session, and bounds how many there are.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { type ClientOptions, WebSocket } from 'ws'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestClient } from '../support/http-client.ts'
import { type Lab, startLab } from './lab.ts'

let upstream: EchoUpstream
let lab: Lab
let ada: TestClient

before(async () => {
  upstream = await startEchoUpstream()
  const at = { to: upstream.url, allow: ['group:lab'] }
  lab = await startLab({
    config: {
      upstreams: [
        { ...at, path: '/api/' },
        { ...at, path: '/api/few/', webSockets: { maxPerSession: 2 } },
      ],
    },
  })
  ada = await lab.logIn('ada')
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

const begin = (
  client: TestClient,
  path = '/api/socket',
  protocols: string[] = [],
  options: ClientOptions = {},
): WebSocket =>
  new WebSocket(`${lab.url.replace('http', 'ws')}${path}`, protocols, {
    origin: lab.url,
    headers: { cookie: client.cookieHeader() },
    ...options,
  })

async function open(...args: Parameters<typeof begin>): Promise<WebSocket> {
  const socket = begin(...args)
  await once(socket, 'open')
  return socket
}

const closeOf = async (socket: WebSocket): Promise<readonly [code: number, reason: string]> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return [code, reason.toString()]
}

/** The service's side of the socket that was opened last. */
const newestThere = (): WebSocket => [...upstream.webSockets].at(-1) ?? assert.fail('nothing is open there')

test('the subprotocol is the one that the service chooses', async () => {
  const socket = await open(ada, '/api/socket', ['a.v1', 'b.v2', 'c.v3'])
  assert.equal(socket.protocol, 'c.v3')
  socket.terminate()
  const without = await open(ada)
  assert.equal(without.protocol, '')
  without.terminate()
})

for (const withCompression of [false, true]) {
  test(`messages of any size and kind come back as they were, ${withCompression ? 'compressed' : 'plain'}`, async () => {
    const socket = await open(ada, '/api/socket', [], { perMessageDeflate: withCompression })
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
      const sent = Buffer.alloc(size, 'gatehouse')
      socket.send(sent)
      const [binary, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
      assert.ok(isBinary && binary.equals(sent), `${size} bytes`)
    }
    socket.send('grüße ☃')
    const [text, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
    assert.deepEqual([text.toString(), isBinary], ['grüße ☃', false])
    socket.terminate()
  })
}

for (const [code, reason] of [
  [1000, 'done'],
  [1001, ''],
  [1011, 'out of memory'],
  [3000, 'registered'],
  [4000, 'of the application'],
  [4401, 'of the application too'],
] as const) {
  test(`a close ${code} reaches the other side, in both directions`, async () => {
    const byService = await open(ada)
    byService.send(`close:${code}:${reason}`)
    assert.deepEqual(await closeOf(byService), [code, reason])

    const byClient = await open(ada)
    const there = closeOf(newestThere())
    const here = closeOf(byClient)
    byClient.close(code, reason)
    assert.deepEqual(
      [await there, await here],
      [
        [code, reason],
        [code, reason],
      ],
    )
  })
}

test('a service that hangs up without a close is 1011, a client that does so is gone there too', async () => {
  const socket = await open(ada)
  newestThere().terminate()
  assert.deepEqual(await closeOf(socket), [1011, 'the service hung up'])

  const leaving = await open(ada)
  const there = closeOf(newestThere())
  leaving.terminate()
  assert.deepEqual(await there, [1006, ''])
})

test('one session may hold so many, another session has its own, and one that closes makes room', {
  timeout: 30_000,
}, async () => {
  const tryOpen = async (client: TestClient): Promise<WebSocket | number> => {
    const socket = begin(client, '/api/few/socket').on('error', () => {})
    const opened = once(socket, 'open').then(() => socket)
    const refused = once(socket, 'unexpected-response').then(([, answer]) => Number(answer.statusCode))
    return Promise.race([opened, refused])
  }
  const [first, second] = [await tryOpen(ada), await tryOpen(ada)]
  assert.ok(first instanceof WebSocket && second instanceof WebSocket)
  assert.equal(await tryOpen(ada), 429)
  const another = await tryOpen(await lab.logIn('ada'))
  assert.ok(another instanceof WebSocket)
  first.terminate()
  let next = await tryOpen(ada)
  while (next === 429) next = await tryOpen(ada)
  assert.ok(next instanceof WebSocket)
  for (const socket of [second, another, next]) socket.terminate()
})

test('all sockets of a session close with 4401 at its logout, those of others stay', { timeout: 30_000 }, async () => {
  const leaving = await lab.logIn('ada')
  const sockets = await Promise.all([1, 2, 3].map(() => open(leaving)))
  const staying = await open(ada)
  const closed = sockets.map(closeOf)
  await leaving.post('/auth/logout')
  for (const each of closed) assert.deepEqual(await each, [4401, 'the session has ended: logout'])
  staying.send('still here')
  assert.equal(String((await once(staying, 'message'))[0]), 'still here')
  staying.terminate()
})
