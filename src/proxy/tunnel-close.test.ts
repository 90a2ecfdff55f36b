// How a tunnel ends when one of its sides ends it: with the code it gave, and never half open for long.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { accepting, frame, openRaw, readClose, watch } from '../../test/support/raw-web-socket.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

/** A tunnel with a test at both ends. */
async function openBoth(clock = createManualClock()) {
  const opened = Promise.withResolvers<Socket>()
  const upstream = await startRecordingUpstream(accepting(opened.resolve), { allowHalfOpen: true })
  const proxy = await startProxy({ upstreams: [{ to: upstream.url }], clock })
  const client = await openRaw(proxy.port)
  const server = await opened.promise
  const heard = watch(server)
  return {
    upstream,
    proxy,
    client,
    server,
    heard,
    clock,
    async [Symbol.asyncDispose]() {
      client.socket.destroy()
      server.destroy()
      await proxy[Symbol.asyncDispose]()
      await upstream.close()
    },
  }
}

const closing = (code: number, mask = false) => {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return frame(8, payload, { mask })
}

test('the client’s code and reason reach the upstream', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/m/`)
  await once(client, 'open')
  const closed = upstream.whenClosed()
  const ended = once(client, 'close')
  client.close(4001, 'done here')
  assert.deepEqual(await closed, { code: 4001, reason: 'done here' })
  assert.equal((await ended)[0], 4001)
  await proxy.until('tunnels_open', 0)
})

test('the upstream’s code and reason reach the client', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/m/`)
  await once(client, 'open')
  client.send('close:4002:enough')
  const [code, reason] = await once(client, 'close')
  assert.deepEqual([code, String(reason)], [4002, 'enough'])
  await proxy.until('tunnels_open', 0)
})

test('an upstream that hangs up without a word: the client is told 1011', async () => {
  await using both = await openBoth()
  both.server.write(frame(1, 'last words'))
  both.server.end()
  const heard = await both.client.whenEnded()
  assert.deepEqual(heard.subarray(0, 12), frame(1, 'last words'))
  assert.equal(readClose(heard.subarray(12))?.code, 1011)
})

test('an upstream that is reset: the client is told 1011', async () => {
  await using both = await openBoth()
  both.server.resetAndDestroy()
  assert.equal(readClose(await both.client.whenEnded())?.code, 1011)
})

test('an upstream that breaks off in the middle of a frame: the client’s connection breaks off too', async () => {
  await using both = await openBoth()
  const half = frame(1, 'a whole sentence').subarray(0, 7)
  both.server.write(half)
  await both.client.until((bytes) => bytes.length === half.length)
  both.server.destroy()
  assert.deepEqual(await both.client.whenEnded(), half)
  await both.proxy.until('tunnels_open', 0)
})

test('a client that vanishes leaves nothing open upstream', async () => {
  await using both = await openBoth()
  both.client.socket.resetAndDestroy()
  await both.heard.whenEnded()
  await both.proxy.until('tunnels_open', 0)
})

test('a side that has said all may still listen', async () => {
  await using both = await openBoth()
  both.client.socket.end(closing(1000, true))
  await both.heard.whenEnded()
  both.server.write(frame(1, 'but wait'))
  both.server.end(closing(1000))
  const heard = await both.client.whenEnded()
  assert.deepEqual(heard, Buffer.concat([frame(1, 'but wait'), closing(1000)]))
  await both.proxy.until('tunnels_open', 0)
})

test('nothing is added behind an upstream’s own Close', async () => {
  await using both = await openBoth()
  both.server.end(closing(4003))
  assert.deepEqual(await both.client.whenEnded(), closing(4003))
})

test('a side that does not end is cut, but not before it had time to', async () => {
  await using both = await openBoth()
  both.server.end(closing(1000))
  await both.client.whenEnded()
  both.clock.advance(29_999)
  both.client.socket.write(closing(1000, true))
  await both.heard.until((bytes) => bytes.length === closing(1000, true).length)
  assert.equal(await both.proxy.reading('tunnels_open'), 1)
  both.clock.advance(1)
  await both.proxy.until('tunnels_open', 0)
})
