// Whatever bytes a service answers with, to a request or to a handshake, the client gets an answer that is no fault of
// ours, and the next request gets its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sendRaw } from '../../test/support/raw-http.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

// biome-ignore format: a list
const pieces = [
  'HTTP/1.1 ', 'HTTP/1.0 ', '200 OK', '101 Switching Protocols', '100 Continue', '103 Early Hints', '204 No Content',
  '304 Not Modified', '999 X', '000 ', '\r\n', '\r\n', '\r\n\r\n', '\n', 'content-length: 5', 'content-length: -1',
  'transfer-encoding: chunked', 'connection: upgrade', 'upgrade: websocket', 'upgrade: h2c', 'location: ', '//evil',
  'set-cookie: a=b', 'set-cookie: ', 'link: <x>', 'hello', '5\r\nhello\r\n0\r\n\r\n', '0\r\n\r\n', 'x: \0', 'x-\u00ff: y',
  'connection: content-length', 'trailer: x', 'keep-alive: timeout=-1', 'sec-websocket-accept: x', '__proto__: x',
  'constructor: x', 'content-encoding: gzip',
]
const answers = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''))
const heads = fc.constantFrom('', 'HTTP/1.1 200 OK\r\n')

const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

test('whatever a service answers, it is no fault of ours, and the next request gets its own answer', async () => {
  let answer = ''
  await using upstream = await startRecordingUpstream(({ target }, socket) => {
    if (target.endsWith('/good')) return ok('good')
    socket.end(Buffer.from(answer, 'latin1'))
    return undefined
  })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, timeouts: { firstByte: '1s', idle: '1s' } }] })
  const get = (path: string, more = 'Connection: close\r\n') =>
    sendRaw(proxy.port, `GET /api/m/${path} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n${more}\r\n`)
  await fc.assert(
    fc.asyncProperty(heads, answers, fc.boolean(), async (head, rest, isHandshake) => {
      answer = head + rest
      const bad = await (isHandshake ? get('bad', HANDSHAKE) : get('bad'))
      assert.notEqual(bad.status, 500, bad.text)
      assert.match((await get('good')).text, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\ngood$/s)
    }),
    { numRuns: 200, examples: [['', 'HTTP/1.1 101 Switching Protocols\r\n\r\n999 and more', false]] },
  )
})
