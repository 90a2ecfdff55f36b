// What is sent behind a request that has no answer yet must never be answered in its place: no
// upgrade overtakes it, no refusal of garbage is taken for its answer, nothing of it lands in a tunnel.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { sendRaw } from '../support/raw-http.ts'
import { handshakeAnswer, handshakeRequest } from '../support/raw-web-socket.ts'
import { ok, type RecordedRequest, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGateway } from '../support/start-gateway.ts'

async function startLab() {
  const answered = Promise.withResolvers<void>()
  const upstream = await startRecordingUpstream(async (request: RecordedRequest) => {
    if (request.target === '/slow') await answered.promise
    return request.target === '/socket' ? handshakeAnswer(request) : ok(`content of ${request.target}`)
  })
  const gateway = await startGateway({ config: { upstreams: [{ path: '/up/', to: upstream.url, allow: ['public'] }] } })
  const port = Number(new URL(gateway.url).port)
  const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
  return {
    port,
    get,
    upstream,
    answerSlow: () => answered.resolve(),
    upgrade: handshakeRequest(port, { Origin: gateway.url }, 'GET /up/socket HTTP/1.1'),
    async [Symbol.asyncDispose]() {
      answered.resolve()
      await gateway.close()
      await upstream.close()
    },
  }
}

test('an upgrade behind an unanswered request is not a tunnel', async () => {
  await using lab = await startLab()
  const socket = connect(lab.port, '127.0.0.1')
  socket.setEncoding('latin1')
  socket.write(lab.get('/up/slow'))
  await lab.upstream.request(0)
  socket.write(lab.upgrade)
  let text = ''
  for await (const chunk of socket) {
    text += chunk
    lab.answerSlow()
    if (/content of/.test(text)) break
  }
  assert.doesNotMatch(text, /101 Switching/)
  assert.deepEqual(
    lab.upstream.requests.map(({ target }) => target),
    ['/slow'],
  )
})

test('an upgrade behind a refused request is not a tunnel', async () => {
  await using lab = await startLab()
  const { text } = await sendRaw(lab.port, lab.get('/up/a/%2e%2e/b') + lab.upgrade, /101 Switching/)
  assert.match(text, /^HTTP\/1\.1 400 /)
  assert.doesNotMatch(text, /101 Switching/)
  assert.deepEqual(lab.upstream.requests, [])
})

test('an upgrade on a connection whose requests are answered is a tunnel', async () => {
  await using lab = await startLab()
  const socket = connect(lab.port, '127.0.0.1')
  socket.setEncoding('latin1')
  const until = async (pattern: RegExp) => {
    let text = ''
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      text += chunk
      if (pattern.test(text)) return
    }
    assert.fail(`closed after ${text}`)
  }
  for (let round = 0; round < 20; round++) {
    socket.write(lab.get('/up/quick'))
    await until(/content of \/quick/)
  }
  socket.write(lab.upgrade)
  await until(/101 Switching/)
  socket.destroy()
})

test('garbage behind an unanswered request is not answered in its place', async () => {
  await using lab = await startLab()
  const { text } = await sendRaw(lab.port, `${lab.get('/up/slow')}\x01garbage\r\n\r\n`)
  assert.equal(text, '', 'the connection ends without a word')
})

test('garbage alone, or in the body of the request itself, is still told what it is', async () => {
  await using lab = await startLab()
  assert.equal((await sendRaw(lab.port, '\x01garbage\r\n\r\n')).status, 400)
  const head = `POST /up/x HTTP/1.1\r\nHost: 127.0.0.1:${lab.port}\r\nTransfer-Encoding: chunked\r\n\r\n`
  assert.equal((await sendRaw(lab.port, `${head}zz\r\n`)).status, 400)
})
