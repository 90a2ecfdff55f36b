// Tunnels end after an hour of silence, and at shutdown with a code that lets clients come back.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { sendRaw } from '../../test/support/raw-http.ts'
import { accepting, frame, handshakeRequest, openRaw, readClose } from '../../test/support/raw-web-socket.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const HOUR = 3_600_000

test('a tunnel ends with 4408 after an hour without a byte, and a byte begins the hour anew', async () => {
  const clock = createManualClock()
  await using upstream = await startRecordingUpstream(accepting((socket) => void socket.pipe(socket)))
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }], clock })
  const client = await openRaw(proxy.port)
  await proxy.until('tunnels_open', 1)
  const ping = frame(9, '', { mask: true })
  for (const round of [1, 2, 3]) {
    clock.advance(HOUR - 60_001)
    assert.equal(await proxy.reading('tunnels_open'), 1)
    client.socket.write(ping)
    await client.until((bytes) => bytes.length === ping.length * round)
  }
  clock.advance(HOUR + 60_000)
  const heard = await client.whenEnded()
  assert.equal(readClose(heard.subarray(ping.length * 3))?.code, 4408)
})

test('at shutdown, browsers see 1012, services 1001, and nothing new is opened', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const clients = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/m/`)
      await once(client, 'open')
      return client
    }),
  )
  const closedUpstream = upstream.whenClosed()
  const closed = clients.map(async (client) => (await once(client, 'close'))[0])
  await proxy.part.drain?.(AbortSignal.timeout(10_000))
  assert.deepEqual(new Set(await Promise.all(closed)), new Set([1012]))
  assert.equal((await closedUpstream).code, 1001)
  assert.equal(await proxy.reading('tunnels_open'), 0)
  const refused = await sendRaw(proxy.port, handshakeRequest(proxy.port))
  assert.match(refused.text, /^HTTP\/1\.1 503 [\s\S]*"code":"upstream\.stopping"/)
})

test('what does not end by the deadline is cut', async () => {
  const sockets: Socket[] = []
  await using upstream = await startRecordingUpstream(accepting((socket) => void sockets.push(socket)))
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }], clock: createManualClock() })
  const client = await openRaw(proxy.port)
  sockets[0]?.write(frame(1, 'a whole sentence').subarray(0, 5))
  await client.until((bytes) => bytes.length === 5)
  const deadline = new AbortController()
  const drained = proxy.part.drain?.(deadline.signal)
  deadline.abort()
  await drained
  await client.whenEnded()
  assert.equal(await proxy.reading('tunnels_open'), 0)
})

test('a drain without tunnels is over at once, also past its deadline', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  await proxy.part.drain?.(AbortSignal.abort())
})

test('stop cuts what is left', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = await openRaw(proxy.port)
  await proxy.part.stop?.()
  await client.whenEnded()
  await proxy.part.stop?.()
})
