// Expect: 100-continue is answered only when the checks have passed and the upstream is there to read the body.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const head = (port: number) =>
  `POST /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`

test('the body is asked for, then forwarded; the expectation itself stays here', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const socket = connect(proxy.port, '127.0.0.1')
  socket.setEncoding('latin1').write(head(proxy.port))
  const [interim] = await once(socket, 'data')
  assert.equal(interim, 'HTTP/1.1 100 Continue\r\n\r\n')
  socket.write('hello')
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 200 OK/)
  assert.equal(upstream.requests[0]?.body, 'hello')
  assert.deepEqual(upstream.requests[0]?.all('expect'), [])
  socket.destroy()
})

test('no body is asked for if nobody can read it, and the connection ends', async () => {
  const upstream = await startRecordingUpstream()
  await upstream.close()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const answer = await sendRaw(proxy.port, head(proxy.port))
  assert.equal(answer.status, 502)
  assert.equal(answer.text.includes('100 Continue'), false)
  assert.match(answer.text, /connection: close/i)
})
