// Connections that are too many are closed at once and counted; those that are open go on. One connection cannot have
// any number of requests under way, nor stand in a TLS handshake for ever.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import type { Mount } from '#http'
import { sendRaw } from '../support/raw-http.ts'
import { startEdge } from '../support/start-edge.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'

const portOf = ({ url }: TestGateway): number => Number(new URL(url).port)
const hello = (port: number) => `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`

/** A connection from an address of this machine, on which one request has been answered. */
async function openFrom(
  port: number,
  localAddress: string,
): Promise<{ readonly socket: Socket; readonly answer: string }> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.setEncoding('latin1').on('error', () => {})
  socket.write(hello(port))
  const [answer = ''] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])) as string[]
  return { socket, answer: answer.split('\r\n')[0] ?? '' }
}

const metric = async ({ metricsUrl }: TestGateway, name: string): Promise<string | undefined> =>
  (await (await fetch(metricsUrl)).text()).split('\n').find((line) => line.startsWith(`gatehouse_${name}`))

test('an address may hold so many connections, and others have theirs', async () => {
  await using gateway = await startGateway({ config: { server: { limits: { connectionsPerAddress: 2 } } } })
  const port = portOf(gateway)
  const open = [await openFrom(port, '127.0.0.2'), await openFrom(port, '127.0.0.2')]
  assert.deepEqual(
    open.map(({ answer }) => answer),
    ['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK'],
  )
  const refused = await openFrom(port, '127.0.0.2')
  assert.match(refused.answer, /^(?:HTTP\/1\.1 503 Service Unavailable)?$/)
  const other = await openFrom(port, '127.0.0.3')
  assert.equal(other.answer, 'HTTP/1.1 200 OK')
  assert.equal(
    await metric(gateway, 'connections_refused_total'),
    'gatehouse_connections_refused_total{limit="address"} 1',
  )
  assert.equal(await metric(gateway, 'connections_open'), 'gatehouse_connections_open 3')
  for (const { socket } of [...open, other]) socket.destroy()
  while ((await metric(gateway, 'connections_open')) !== 'gatehouse_connections_open 0') {
    // Asking takes its time.
  }
  const again = await openFrom(port, '127.0.0.2')
  assert.equal(again.answer, 'HTTP/1.1 200 OK')
  again.socket.destroy()
})

test('all together may hold so many', async () => {
  await using gateway = await startGateway({ config: { server: { limits: { connections: 2 } } } })
  const port = portOf(gateway)
  const open = [await openFrom(port, '127.0.0.2'), await openFrom(port, '127.0.0.3')]
  assert.match((await openFrom(port, '127.0.0.4')).answer, /^(?:HTTP\/1\.1 503 Service Unavailable)?$/)
  assert.equal(await metric(gateway, 'connections_refused_total'), 'gatehouse_connections_refused_total{limit="all"} 1')
  for (const { socket } of open) socket.destroy()
})

test('a proxy that is trusted brings the connections of many people', async () => {
  const limits = { connectionsPerAddress: 1 }
  await using gateway = await startGateway({ config: { server: { limits, trustedProxies: ['127.0.0.2'] } } })
  const port = portOf(gateway)
  const open = await Promise.all([1, 2, 3].map(() => openFrom(port, '127.0.0.2')))
  assert.deepEqual(new Set(open.map(({ answer }) => answer)), new Set(['HTTP/1.1 200 OK']))
  for (const { socket } of open) socket.destroy()
})

test('on one connection no more than a hundred requests are under way', async () => {
  let begun = 0
  const mount: Mount = {
    id: 'up',
    prefix: '/up/',
    routeClass: 'proxied',
    authorize: () => ({ allow: true, rule: 'test' }),
    serve: async () => {
      begun++
      return new Promise(() => {})
    },
  }
  await using edge = await startEdge({ mounts: [mount] })
  const request = `GET /up/x HTTP/1.1\r\nHost: ${new URL(edge.url).host}\r\n\r\n`
  const { text } = await sendRaw(edge.port, request.repeat(5000)).catch(() => ({ text: '' }))
  assert.equal(text, '')
  assert.equal(begun, 100)
})

test('a TLS handshake that is never made is given up', async () => {
  const certificate = readFileSync('test/fixtures/tls/localhost.pem', 'utf8')
  const key = readFileSync('test/fixtures/tls/localhost-key.pem', 'utf8')
  const tls = { certificate, key }
  await using edge = await startEdge({ tls, host: 'localhost', headTimeoutMs: 200 })
  const socket = connect(edge.port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket.resume(), 'close', { signal: AbortSignal.timeout(5000) })
})
