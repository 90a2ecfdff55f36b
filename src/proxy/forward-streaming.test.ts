// Bodies stream both ways, as fast as the slower side, and nothing is kept.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

test('an event is there as soon as the upstream sends it, and so is the head before the first', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const [response] = await once(get(`${proxy.url}/api/m/events`), 'response')
  assert.equal(response.headers['content-type'], 'text/event-stream')
  for (const data of ['one', 'two']) {
    upstream.emit(data)
    assert.equal(String((await once(response, 'data'))[0]), `data: ${data}\n\n`)
  }
  response.destroy()
})

test('what a client sends is there while it goes on sending, and the answer comes while it does', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const upload = request(`${proxy.url}/api/m/stream`, { method: 'POST' })
  upload.write('first')
  const [response] = await once(upload, 'response')
  assert.equal(String((await once(response, 'data'))[0]), 'first')
  upload.write('second')
  assert.equal(String((await once(response, 'data'))[0]), 'second')
  upload.end()
  await once(response, 'end')
})

for (const length of [0, 1, 256, 8 * 1024, 8 * 1024 + 1]) {
  test(`${length} bytes of any value arrive as they were sent`, async () => {
    const content = Buffer.from(Array.from({ length }, (_, index) => index % 256))
    await using upstream = await startRecordingUpstream((_request, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`)
      socket.write(content)
    })
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    const answer = await fetch(`${proxy.url}/api/m/bytes`)
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), content)
  })
}

/** Writes until the other side takes no more for a while; the kernel's buffers bound what that can be. */
async function pushUntilStuck(socket: Socket, chunk: Buffer, limitBytes: number): Promise<number> {
  let sent = 0
  while (sent < limitBytes) {
    sent += chunk.length
    if (socket.write(chunk)) continue
    const drained = await Promise.race([once(socket, 'drain').then(() => true), settle()])
    if (drained !== true) return sent
  }
  return sent
}

/** Long enough for any byte that can still move between three sockets of this machine. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 300))

const LIMIT = 256 * 1024 * 1024
const CHUNK = Buffer.alloc(64 * 1024, 'x')

test('an upstream is not read faster than the client reads', async () => {
  const sent = Promise.withResolvers<number>()
  await using upstream = await startRecordingUpstream(async (_request, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${LIMIT}\r\n\r\n`)
    sent.resolve(await pushUntilStuck(socket, CHUNK, LIMIT))
  })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = connect(proxy.port, '127.0.0.1')
  client.pause().write(`GET /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`)
  assert.ok((await sent.promise) < 32 * 1024 * 1024)
  client.destroy()
  await upstream.whenIdle()
})

test('a client is not read faster than the upstream reads', async () => {
  await using upstream = await startRecordingUpstream(() => {}, { onConnection: (socket) => void socket.pause() })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = connect(proxy.port, '127.0.0.1')
  client.write(`POST /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nContent-Length: ${LIMIT}\r\n\r\n`)
  assert.ok((await pushUntilStuck(client, CHUNK, LIMIT)) < 32 * 1024 * 1024)
  client.destroy()
})

/** Reads with pauses, so that some of it waits in every buffer on the way. */
async function readSlowly(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) {
    chunks.push(chunk)
    if (chunks.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return Buffer.concat(chunks)
}

for (const framing of ['a length', 'chunks'] as const) {
  test(`many downloads at different speeds arrive as they were sent (${framing})`, async () => {
    const bodies = new Map([1, 2, 3, 4].map((number) => [`/${number}`, randomBytes(8 * 1024 * 1024)]))
    const upstream = createServer(({ url = '' }, response) => {
      const body = bodies.get(url) ?? assert.fail()
      if (framing === 'a length') response.setHeader('content-length', body.length)
      // Pieces that end in the middle of what is read at once.
      for (let at = 0; at < body.length; at += 20_000) response.write(body.subarray(at, at + 20_000))
      response.end()
    }).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const { port } = upstream.address() as AddressInfo
    await using proxy = await startProxy({ upstreams: [{ to: `http://127.0.0.1:${port}` }] })
    await Promise.all(
      [...bodies, ...bodies].map(async ([path, body], index) => {
        const [response] = (await once(get(`${proxy.url}/api/m${path}`), 'response')) as [IncomingMessage]
        const received = index % 2 === 0 ? await readSlowly(response) : Buffer.concat(await response.toArray())
        assert.equal(received.equals(body), true)
      }),
    )
    upstream.close().closeAllConnections()
  })
}

const fixture = (name: string): Buffer => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url))
const serverTls = { cert: fixture('localhost.pem'), key: fixture('localhost-key.pem') }

for (const framing of ['a length', 'chunks'] as const) {
  for (const scheme of ['http', 'https'] as const) {
    test(`many uploads at different speeds arrive as they were sent (${framing}, ${scheme})`, async () => {
      const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
        const isSlow = incoming.url?.endsWith('slow') === true
        const received = isSlow ? await readSlowly(incoming) : Buffer.concat(await incoming.toArray())
        response.end(createHash('sha256').update(received).digest('hex'))
      }
      const receive = (...exchange: Parameters<typeof answer>): void => void answer(...exchange)
      const upstream = scheme === 'http' ? createServer(receive) : createTlsServer(serverTls, receive)
      await once(upstream.listen(0, '127.0.0.1'), 'listening')
      const { port } = upstream.address() as AddressInfo
      const tls = scheme === 'https' && { tls: { dangerouslyAcceptAnyCertificate: true } }
      await using proxy = await startProxy({ upstreams: [{ to: `${scheme}://127.0.0.1:${port}`, ...tls }] })
      await Promise.all(
        ['slow', 'fast', 'slow', 'fast', 'slow'].map(async (speed) => {
          const body = randomBytes(8 * 1024 * 1024)
          const upload = request(`${proxy.url}/api/m/${speed}`, {
            method: 'POST',
            headers: framing === 'a length' ? { 'content-length': body.length } : {},
          })
          for (let at = 0; at < body.length; at += 50_000) upload.write(body.subarray(at, at + 50_000))
          upload.end()
          const [response] = (await once(upload, 'response')) as [IncomingMessage]
          assert.equal(String(Buffer.concat(await response.toArray())), createHash('sha256').update(body).digest('hex'))
        }),
      )
      upstream.close().closeAllConnections()
    })
  }
}
