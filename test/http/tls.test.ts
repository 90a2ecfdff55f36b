// TLS at our own listener: https with the given certificate, nothing older than TLS 1.2, and `https` as the client's protocol.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { connect } from 'node:tls'
import type { Mount } from '#http'
import { startEdge } from '../support/start-edge.ts'

const certificate = readFileSync('test/fixtures/tls/localhost.pem', 'utf8')
const key = readFileSync('test/fixtures/tls/localhost-key.pem', 'utf8')

const protocolMount: Mount = {
  id: 'up',
  prefix: '/',
  routeClass: 'public',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async (ctx, response) => void response.end(`protocol=${ctx.client.protocol}`),
}

const speak = (port: number, maxVersion: 'TLSv1.1' | 'TLSv1.3'): Promise<string> =>
  new Promise((resolve, reject) => {
    const versions =
      maxVersion === 'TLSv1.1' ? ({ minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' } as const) : {}
    const socket = connect({ host: 'localhost', port, ca: certificate, ...versions }, () => {
      socket.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`)
    })
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    socket.once('end', () => resolve(text))
    socket.once('error', reject)
  })

test('https with the given certificate', async () => {
  await using edge = await startEdge({ mounts: [protocolMount], tls: { certificate, key }, host: 'localhost' })
  assert.match(edge.url, /^https:/)
  assert.match(await speak(edge.port, 'TLSv1.3'), /200 OK[\s\S]*protocol=https$/)
  await assert.rejects(speak(edge.port, 'TLSv1.1'))
})
