// Bodies stream both ways, as fast as the slower side, and nothing is kept.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, request } from 'node:http'
import { connect, type Socket } from 'node:net'
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

test('a paused download goes on where it stopped, and arrives whole', async () => {
  const size = 8 * 1024 * 1024
  const body = Buffer.alloc(size, 'abcdefgh')
  await using upstream = await startRecordingUpstream((_request, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
    socket.write(body)
  })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const [response] = await once(get(`${proxy.url}/api/m/`), 'response')
  await settle()
  const received = Buffer.concat(await response.toArray())
  assert.equal(received.equals(body), true)
})
