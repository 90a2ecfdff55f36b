// A tunnel lives no longer than the session, and a session holds no more than its share.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { sendRaw } from '../../test/support/raw-http.ts'
import {
  accepting,
  frame,
  handshakeAnswer,
  handshakeRequest,
  openRaw,
  readClose,
  watch,
} from '../../test/support/raw-web-socket.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { ada, startProxy } from '../../test/support/start-proxy.ts'

async function openBoth() {
  const clock = createManualClock()
  const opened = Promise.withResolvers<Socket>()
  const upstream = await startRecordingUpstream(accepting(opened.resolve))
  const proxy = await startProxy({ upstreams: [{ to: upstream.url }], clock, principal: ada })
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

test('when the session ends, a browser sees 4401 with the reason', async () => {
  await using upstream = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }], principal: ada })
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/m/`)
  await once(client, 'open')
  const closedUpstream = upstream.whenClosed()
  proxy.endSession('logout')
  const [code, reason] = await once(client, 'close')
  assert.deepEqual([code, String(reason)], [4401, 'the session has ended: logout'])
  assert.equal((await closedUpstream).code, 1001)
  await proxy.until('tunnels_open', 0)
})

test('the frame on its way is finished first, and nothing after it gets through', async () => {
  await using both = await openBoth()
  const sentence = frame(1, 'a whole sentence')
  both.server.write(sentence.subarray(0, 5))
  await both.client.until((bytes) => bytes.length === 5)
  both.proxy.endSession('revoked')
  both.server.write(Buffer.concat([sentence.subarray(5), frame(1, 'too late')]))
  const heard = await both.client.whenEnded()
  assert.deepEqual(heard.subarray(0, sentence.length), sentence)
  assert.deepEqual(readClose(heard.subarray(sentence.length)), { code: 4401, reason: 'the session has ended: revoked' })
})

test('what the client still says does not reach the upstream', async () => {
  await using both = await openBoth()
  both.proxy.endSession('disabled')
  await both.client.whenEnded()
  both.client.socket.write(frame(1, 'too late', { mask: true }))
  const heard = await both.heard.whenEnded()
  assert.equal(readClose(heard)?.code, 1001)
  assert.equal(heard.includes('too late'), false)
})

test('a frame that never ends, and a side that never answers, are cut', async () => {
  await using both = await openBoth()
  both.server.write(frame(1, 'a whole sentence').subarray(0, 5))
  await both.client.until((bytes) => bytes.length === 5)
  both.proxy.endSession('expired')
  both.clock.advance(2000)
  await both.client.whenEnded()
  await both.heard.whenEnded()
  await both.proxy.until('tunnels_open', 0)
})

test('a session that ends during the handshake opens nothing that stays', async () => {
  const asked = Promise.withResolvers<void>()
  await using upstream = await startRecordingUpstream(async (request) => {
    await asked.promise
    return handshakeAnswer(request)
  })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }], principal: ada })
  const opening = openRaw(proxy.port)
  await upstream.request(0)
  proxy.endSession('logout')
  asked.resolve()
  const { whenEnded } = await opening
  assert.equal(readClose(await whenEnded())?.code, 4401)
})

test('messages of the client keep the session alive; pongs, and what the upstream says, do not', async () => {
  await using both = await openBoth()
  const step = async (from: Socket, bytes: Buffer, to: () => Promise<unknown>) => {
    from.write(bytes)
    await to()
    return both.proxy.used()
  }
  let sent = 0
  const heardAll = (bytes: Buffer) => {
    sent += bytes.length
    return () => both.heard.until((all) => all.length >= sent)
  }
  const pong = frame(10, 'x', { mask: true })
  assert.equal(await step(both.client.socket, pong, heardAll(pong)), 0)
  const news = frame(1, 'news')
  assert.equal(await step(both.server, news, () => both.client.until((all) => all.length >= news.length)), 0)
  const message = frame(1, 'hello', { mask: true })
  assert.equal(await step(both.client.socket, message, heardAll(message)), 1)
})

test('a session may hold so many open, and gets a slot back with each that closes', async () => {
  await using upstream = await startEchoUpstream()
  const upstreams = [{ to: upstream.url, webSockets: { maxPerSession: 2 } }]
  await using proxy = await startProxy({ upstreams, principal: ada })
  const [first] = [await openRaw(proxy.port), await openRaw(proxy.port)]
  const refused = await sendRaw(proxy.port, handshakeRequest(proxy.port))
  assert.match(refused.text, /^HTTP\/1\.1 429 [\s\S]*"code":"webSocket\.tooMany"/)
  first.socket.destroy()
  await proxy.until('tunnels_open', 1)
  assert.match((await openRaw(proxy.port)).head, /^HTTP\/1\.1 101 /)
})

test('a person may hold so many open in all sessions, and gets a slot back with each that closes', async () => {
  await using upstream = await startEchoUpstream()
  const upstreams = [{ to: upstream.url, webSockets: { maxPerSession: 2, maxPerUser: 1 } }]
  await using proxy = await startProxy({ upstreams, principal: ada })
  const first = await openRaw(proxy.port)
  const refused = await sendRaw(proxy.port, handshakeRequest(proxy.port))
  assert.match(refused.text, /^HTTP\/1\.1 429 [\s\S]*No more than 1 WebSockets/)
  first.socket.destroy()
  await proxy.until('tunnels_open', 0)
  assert.match((await openRaw(proxy.port)).head, /^HTTP\/1\.1 101 /)
})
