// Handshakes that are none, or that a page of another site made, end before anything is opened upstream.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '#kernel'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { sendRaw } from '../../test/support/raw-http.ts'
import { accepting, handshakeRequest } from '../../test/support/raw-web-socket.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'
import { parseHandshake } from './handshake.ts'

const good = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
}

const outcomeOf = (
  headers: Record<string, string | undefined>,
  request: { method?: string; httpVersion?: string } = {},
) => {
  const ctx = createFakeContext({ request: { method: 'GET', headers: { ...good, ...headers }, ...request } })
  try {
    return parseHandshake(ctx.request, (origin) => origin === 'https://gate.test').protocols
  } catch (error) {
    return error instanceof GatewayError ? `${error.status} ${error.code}` : assert.fail(String(error))
  }
}

test('a handshake that follows the rules passes, with its subprotocols', () => {
  assert.deepEqual(outcomeOf({}), [])
  assert.deepEqual(outcomeOf({ upgrade: 'WebSocket', connection: 'keep-alive, upgrade' }), [])
  assert.deepEqual(outcomeOf({ 'sec-websocket-protocol': 'a, b' }), ['a', 'b'])
  assert.deepEqual(outcomeOf({ 'content-length': '0' }), [])
})

test('anything else does not', () => {
  const malformed: readonly (readonly [object, object?])[] = [
    [{}, { method: 'POST' }],
    [{}, { httpVersion: '1.0' }],
    [{ upgrade: undefined }],
    [{ upgrade: 'h2c' }],
    [{ upgrade: 'websocket, h2c' }],
    [{ connection: 'keep-alive' }],
    [{ connection: undefined }],
    [{ 'sec-websocket-key': undefined }],
    [{ 'sec-websocket-key': '' }],
    [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ' }],
    [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZR==' }],
    [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==' }],
    [{ 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    [{ 'content-length': '5' }],
    [{ 'transfer-encoding': 'chunked' }],
  ]
  for (const [headers, request] of malformed) {
    assert.equal(outcomeOf({ ...headers }, request), '400 webSocket.malformed', JSON.stringify([headers, request]))
  }
  for (const version of ['8', '14', '13, 8', '013', '', undefined]) {
    assert.equal(outcomeOf({ 'sec-websocket-version': version }), '426 webSocket.version', String(version))
  }
})

test('only pages of ours open a WebSocket with the person’s cookie', () => {
  const cookie = '__Host-gatehouse=x'
  assert.deepEqual(outcomeOf({ cookie, origin: 'https://gate.test' }), [])
  assert.deepEqual(outcomeOf({}), [], 'a program without a cookie says nothing of where it comes from')
  const hostile = [
    'https://evil.test',
    'https://gate.test.evil.test',
    'https://sub.gate.test',
    'https://gate.test:8443',
    'http://gate.test',
    'https://GATE.test',
    'https://gate.test/',
    'https://gate.test, https://evil.test',
    'null',
    '',
  ]
  for (const origin of hostile) {
    assert.equal(outcomeOf({ cookie, origin }), '403 webSocket.origin', origin)
    assert.equal(outcomeOf({ origin }), '403 webSocket.origin', origin)
  }
  assert.equal(outcomeOf({ cookie }), '403 webSocket.origin')
})

test('on the wire: refused with a reason, and nothing opened upstream', async () => {
  await using upstream = await startRecordingUpstream(accepting(() => {}))
  const upstreams = [{ to: upstream.url, webSockets: { origins: ['https://lab.example.org'] } }]
  await using proxy = await startProxy({ upstreams })
  const cases: readonly (readonly [Record<string, string | undefined>, number])[] = [
    [{ 'Sec-WebSocket-Key': 'short' }, 400],
    [{ 'Sec-WebSocket-Version': '8' }, 426],
    [{ Origin: 'https://evil.test' }, 403],
    [{ Cookie: 'a=1' }, 403],
  ]
  for (const [changes, status] of cases) {
    const answer = await sendRaw(proxy.port, handshakeRequest(proxy.port, changes))
    assert.equal(answer.status, status, JSON.stringify(changes))
    assert.match(answer.text, /connection: close/i)
  }
  assert.match(
    (await sendRaw(proxy.port, handshakeRequest(proxy.port, { 'Sec-WebSocket-Version': '8' }))).text,
    /sec-websocket-version: 13/i,
  )
  assert.equal(upstream.accepted(), 0)
  for (const Origin of [proxy.url, 'https://lab.example.org']) {
    const answer = await sendRaw(proxy.port, handshakeRequest(proxy.port, { Origin, Cookie: 'a=1' }), /\r\n\r\n/)
    assert.equal(answer.status, 101, Origin)
  }
})
