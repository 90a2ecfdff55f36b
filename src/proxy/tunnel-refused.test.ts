// An upstream that does not open the WebSocket: the client gets an answer it can read, and nothing stays open.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { handshakeAnswer, handshakeRequest } from '../../test/support/raw-web-socket.ts'
import { type Behaviour, ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const outcomeOf = async (behave: Behaviour, timeouts = {}) => {
  await using upstream = await startRecordingUpstream(behave)
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, timeouts }] })
  const answer = await sendRaw(proxy.port, handshakeRequest(proxy.port))
  await upstream.whenIdle()
  assert.equal(await proxy.reading('tunnels_open'), 0)
  return `${answer.status} ${/"code":"([^"]+)"/.exec(answer.text)?.[1]}`
}

const odd =
  (change: (answer: string) => string): Behaviour =>
  (request) =>
    change(handshakeAnswer(request))

const refusals: Readonly<Record<string, readonly [Behaviour, string]>> = {
  'an ordinary answer': [() => ok('no'), '502 upstream.webSocketRefused'],
  'a refusal': [() => 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n', '502 upstream.webSocketRefused'],
  'a redirect': [
    () => 'HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n',
    '502 upstream.webSocketRefused',
  ],
  'a hang-up': [(_request, socket) => void socket.end(), '502 upstream.reset'],
  'no HTTP': [() => 'SSH-2.0\r\n\r\n', '502 upstream.badAnswer'],
  'the answer to another handshake': [
    odd((answer) => answer.replace(/Accept: .*/, 'Accept: AAAA')),
    '502 upstream.badAnswer',
  ],
  'another protocol': [odd((answer) => answer.replace('Upgrade: websocket', 'Upgrade: h2c')), '502 upstream.badAnswer'],
  'a subprotocol that nobody offered': [
    odd((answer) => answer.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: x\r\n\r\n')),
    '502 upstream.badAnswer',
  ],
}

for (const [name, [behave, expected]] of Object.entries(refusals)) {
  test(name, async () => assert.equal(await outcomeOf(behave), expected))
}

test('silence', async () => assert.equal(await outcomeOf(() => {}, { firstByte: '50ms' }), '504 upstream.timeout'))

test('nobody there', async () => {
  const upstream = await startRecordingUpstream()
  await upstream.close()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const answer = await sendRaw(proxy.port, handshakeRequest(proxy.port))
  assert.match(answer.text, /^HTTP\/1\.1 502 [\s\S]*"code":"upstream\.refused"/)
})

test('a client that leaves before the answer frees the upstream and its slot', async () => {
  await using upstream = await startRecordingUpstream(() => {})
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, webSockets: { maxPerSession: 1 } }] })
  for (const round of [0, 1, 2]) {
    const client = connect(proxy.port, '127.0.0.1')
    client.write(handshakeRequest(proxy.port))
    await upstream.request(round)
    client.destroy()
    await upstream.whenIdle()
  }
  const client = connect(proxy.port, '127.0.0.1')
  client.write(handshakeRequest(proxy.port))
  await once(client, 'connect')
  await upstream.request(3)
  client.destroy()
})
