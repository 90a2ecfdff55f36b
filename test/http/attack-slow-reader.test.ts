// A client that asks again and again and never reads: what waits for it is bounded in time, not only in
// size, or strangers could keep any number of connections for ever.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { type Answer, createAnswerWriter } from '#http'
import { createFakeContext } from '../support/fake-context.ts'

const never = (): never => assert.fail('nothing is rendered here')

async function startServer(answer: () => Answer) {
  const writer = createAnswerWriter({
    pages: { start: async () => {}, render: never, asset: never },
    pathTo: (path) => path,
    urlTo: (path) => path,
    securityHeaders: () => ({}),
    clientIdleMs: 100,
  })
  const stuck = Promise.withResolvers<void>()
  const server = createServer((request, response: ServerResponse) => {
    writer.answer(createFakeContext({ request }), response, answer()).catch(() => {})
    request.socket.once('close', stuck.resolve)
  }).listen(0, '127.0.0.1')
  server.keepAliveTimeout = 0
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, closed: stuck.promise, [Symbol.asyncDispose]: async () => void server.close() }
}

const body = 'x'.repeat(256 * 1024)
const forms: Readonly<Record<string, () => Answer>> = {
  'a text': () => ({ kind: 'bytes', status: 200, contentType: 'text/plain', body }),
  'a stream': () => ({
    kind: 'bytes',
    status: 200,
    contentType: 'text/plain',
    body: Readable.from(Array(64).fill(body)),
  }),
}

for (const [name, answer] of Object.entries(forms)) {
  test(`who asks for ${name} and does not read it is let go`, { timeout: 10_000 }, async () => {
    await using server = await startServer(answer)
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(64))
    await server.closed
    socket.destroy()
  })
}

test('who reads slowly, but reads, gets everything', { timeout: 10_000 }, async () => {
  await using server = await startServer(forms['a text'] ?? never)
  const socket = connect(server.port, '127.0.0.1')
  const count = 32
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count))
  let received = 0
  for await (const chunk of socket) {
    received += chunk.length
    if (received >= count * body.length) break
  }
  assert.ok(received >= count * body.length)
})
