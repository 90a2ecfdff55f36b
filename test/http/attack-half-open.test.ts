// A client that is told to go and does not: after a refusal of ours the connection is closed on both
// sides, or a slow or malformed message would hold it for ever.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Mount } from '#http'
import { startEdge } from '../support/start-edge.ts'

const mount: Mount = {
  id: 'up',
  prefix: '/up/',
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async (_ctx, response) => void response.writeHead(204).end(),
}

const handshake = 'GET /up/socket HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

const cases: Readonly<Record<string, string>> = {
  'a malformed message': '\x01garbage\r\n\r\n',
  'a head that never ends': 'GET / HTTP/1.1\r\n',
  'no byte at all': '',
  'a refused upgrade': handshake,
}

for (const [name, message] of Object.entries(cases)) {
  test(`the connection is gone after ${name}, whatever the client does`, { timeout: 15_000 }, async () => {
    await using edge = await startEdge({ mounts: [mount], headTimeoutMs: 200 })
    const { port } = edge
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(message.replace('HOST', new URL(edge.url).host))
    socket.resume()
    socket.once('end', () => {
      // Still here, and silent for longer than the gateway waits. Only a closed connection answers with a reset.
      const again = setInterval(() => socket.write('x'), 2500)
      socket.once('close', () => clearInterval(again))
    })
    const code = await new Promise((resolve) =>
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code)),
    )
    assert.match(String(code), /^(?:EPIPE|ECONNRESET)$/)
  })
}
