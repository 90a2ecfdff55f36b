// An upstream that answers before it has read the whole body: the answer gets through, and the client's connection
// ends with it, because what the client still sends must not be taken for its next request.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

test('the answer is relayed, then the connection closed, and nothing of the rest is a request', async () => {
  await using upstream = await startRecordingUpstream(undefined, {
    onConnection: (socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nno!')),
  })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = connect(proxy.port, '127.0.0.1')
  const host = `Host: 127.0.0.1:${proxy.port}\r\n`
  client.setEncoding('latin1').write(`POST /api/m/ HTTP/1.1\r\n${host}Content-Length: 100000\r\n\r\npart`)
  let answer = ''
  client.on('data', (chunk) => {
    answer += chunk
    if (answer.endsWith('no!')) client.write(`GET /api/m/smuggled HTTP/1.1\r\n${host}\r\n`)
  })
  client.on('error', () => {})
  await once(client, 'close')
  assert.match(answer, /^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*no!$/i)
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    [],
  )
  await upstream.whenIdle()
})
