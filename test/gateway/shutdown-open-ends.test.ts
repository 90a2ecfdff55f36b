// What is open when the gateway stops: tunnels are told why, a request in work is answered, an endless stream ends with
// the time that the operator gave (security.md 7.2).

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGatewayProcess } from './gateway-process.ts'

test('at SIGTERM tunnels close with 1012, what is in work is answered, streams end', { timeout: 30_000 }, async () => {
  await using echo = await startEchoUpstream()
  const answering = Promise.withResolvers<string>()
  await using slow = await startRecordingUpstream(() => answering.promise)
  await using gateway = await startGatewayProcess({
    config: {
      server: { shutdown: { drain: '1s' } },
      upstreams: [
        { path: '/api/echo/', to: echo.url, allow: ['public'] },
        { path: '/api/slow/', to: slow.url, allow: ['public'] },
      ],
    },
  })
  const sockets = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/api/echo/socket`)
      await once(socket, 'open')
      return socket
    }),
  )
  const [events] = (await once(get(`${gateway.url}/api/echo/events`), 'response')) as [IncomingMessage]
  const slowAnswer = once(get(`${gateway.url}/api/slow/report`, { agent: false }), 'response')
  await slow.request(0)
  const upstreamSaw = echo.whenClosed()

  const closed = sockets.map(async (socket) => {
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
    return `${code} ${reason.toString()}`
  })
  const streamEnded = new Promise<void>((resolve) => {
    events.resume().once('error', () => {})
    events.once('close', resolve)
  })
  const toldAtMs = performance.now()
  gateway.signal('SIGTERM')

  assert.deepEqual(new Set(await Promise.all(closed)), new Set(['1012 the gateway is restarting']))
  assert.equal((await upstreamSaw).code, 1001)
  answering.resolve(ok('the report'))
  const [report] = (await slowAnswer) as [IncomingMessage]
  assert.equal(report.statusCode, 200)
  assert.equal(Buffer.concat(await report.toArray()).toString(), 'the report')
  await streamEnded
  const { code, signal, atMs } = await gateway.exited
  assert.deepEqual({ code, signal }, { code: 0, signal: null })
  assert.ok(atMs - toldAtMs < 5_000, `${atMs - toldAtMs} ms`)
})
