// An open tunnel: what each side says reaches the other as it was said, and the upstream chose the terms.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { accepting, frame, handshakeAnswer, handshakeRequest, KEY, openRaw } from '../../test/support/raw-web-socket.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { ada, startProxy } from '../../test/support/start-proxy.ts'

test('text and binary messages go both ways, with the subprotocol and the extensions that the upstream chose', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/m/socket?x=%2F`, ['one', 'two'])
  await once(client, 'open')
  assert.deepEqual([client.protocol, client.extensions], ['two', ''])
  client.send('hello')
  assert.deepEqual((await once(client, 'message')).map(String), ['hello', 'false'])
  client.send(Buffer.alloc(300_000, 7))
  const [data, isBinary] = await once(client, 'message')
  assert.deepEqual([(data as Buffer).equals(Buffer.alloc(300_000, 7)), isBinary], [true, true])
  assert.equal(upstream.handshakes[0]?.url, '/socket?x=%2F')
  assert.equal(await proxy.reading('tunnels_open'), 1)
  client.close()
  await once(client, 'close')
  await proxy.until('tunnels_open', 0)
})

test('the upstream sees a handshake rebuilt and signed like any request', async () => {
  await using upstream = await startRecordingUpstream(accepting(() => {}))
  const upstreams = [{ to: `${upstream.url}/v1`, sign: { type: 'header', headers: { 'X-Remote-User': '{username}' } } }]
  await using proxy = await startProxy({ upstreams, principal: ada })
  const hostile = {
    Origin: proxy.url,
    Cookie: '__Host-gatehouse=secret; theme=dark',
    'X-Remote-User': 'root',
    'X-Forwarded-For': '203.0.113.1',
    'Content-Type': 'text/plain',
    Connection: 'keep-alive, Upgrade, x-custom',
    'X-Custom': '1',
  }
  const { socket } = await openRaw(proxy.port, handshakeRequest(proxy.port, hostile))
  const received = await upstream.request(0)
  assert.deepEqual(received.headers, [
    ['host', `127.0.0.1:${upstream.port}`],
    ['connection', 'Upgrade'],
    ['upgrade', 'websocket'],
    ['sec-websocket-key', KEY],
    ['sec-websocket-version', '13'],
    ['origin', proxy.url],
    ['cookie', 'theme=dark'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-proto', 'http'],
    ['x-forwarded-host', new URL(proxy.url).host],
    ['x-request-id', received.all('x-request-id')[0] ?? ''],
    ['x-remote-user', 'ada'],
  ])
  assert.equal(received.target, '/v1/socket')
  socket.destroy()
})

test('the client hears nothing before the upstream has agreed, then the upstream’s own answer', async () => {
  const agree = Promise.withResolvers<void>()
  await using upstream = await startRecordingUpstream(async (request) => {
    await agree.promise
    return handshakeAnswer(request, 'Set-Cookie: a=1\r\nSet-Cookie: __Host-gatehouse=evil\r\nServer: x\r\nX-Own: 1\r\n')
  })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const opening = openRaw(proxy.port)
  await upstream.request(0)
  assert.equal(await Promise.race([opening, new Promise((resolve) => setImmediate(resolve, 'silence'))]), 'silence')
  agree.resolve()
  const { head, socket } = await opening
  assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
  assert.match(head, /\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/)
  assert.deepEqual(head.match(/set-cookie: .*/g), ['set-cookie: a=1'])
  assert.match(head, /\r\nx-own: 1\r\n[\s\S]*x-request-id: [0-9a-f-]{36}\r\n/)
  assert.equal(/server:/i.test(head), false)
  socket.destroy()
})

test('what comes with the halves of the handshake is not lost', async () => {
  const greeting = frame(1, 'welcome')
  const received = Promise.withResolvers<Buffer>()
  await using upstream = await startRecordingUpstream((request, socket) => {
    socket.removeAllListeners('data')
    socket.once('data', (chunk: Buffer) => received.resolve(chunk))
    socket.write(Buffer.concat([Buffer.from(handshakeAnswer(request)), greeting]))
  })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const eager = frame(1, 'already', { mask: true })
  const client = await openRaw(proxy.port, handshakeRequest(proxy.port) + eager.toString('latin1'))
  assert.deepEqual(await client.until((bytes) => bytes.length >= greeting.length), greeting)
  assert.deepEqual(await received.promise, eager)
  client.socket.destroy()
})

test('any frames, cut in any way, come back as they were sent', async () => {
  await using upstream = await startRecordingUpstream(accepting((socket) => void socket.pipe(socket)))
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = await openRaw(proxy.port)
  const frames = fc.array(
    fc
      .tuple(fc.constantFrom(0, 1, 2, 9, 10), fc.uint8Array({ maxLength: 400 }), fc.boolean())
      .map(([opcode, payload, fin]) => frame(opcode, Buffer.from(payload), { mask: true, fin })),
    { minLength: 1, maxLength: 10 },
  )
  let sent = Buffer.alloc(0)
  await fc.assert(
    fc.asyncProperty(frames, fc.nat(), async (batch, cut) => {
      const bytes = Buffer.concat(batch)
      sent = Buffer.concat([sent, bytes])
      client.socket.write(bytes.subarray(0, cut % bytes.length))
      client.socket.write(bytes.subarray(cut % bytes.length))
      assert.deepEqual(await client.until((received) => received.length >= sent.length), sent)
    }),
    { numRuns: 50 },
  )
  client.socket.destroy()
})

test('neither side is read faster than the other reads', async () => {
  const opened = Promise.withResolvers<import('node:net').Socket>()
  await using upstream = await startRecordingUpstream(accepting(opened.resolve))
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = await openRaw(proxy.port)
  const server = await opened.promise
  for (const [writer, reader] of [
    [client.socket, server],
    [server, client.socket],
  ] as const) {
    reader.pause()
    const chunk = frame(2, Buffer.alloc(60_000), { mask: true })
    let written = 0
    while (written < 256 * 1024 * 1024) {
      written += chunk.length
      if (writer.write(chunk)) continue
      const stuck = new Promise((resolve) => setTimeout(resolve, 300, 'stuck'))
      if ((await Promise.race([once(writer, 'drain'), stuck])) === 'stuck') break
    }
    assert.ok(written < 64 * 1024 * 1024, `${written} bytes were taken`)
    reader.resume()
    await once(writer, 'drain')
  }
  client.socket.destroy()
})
