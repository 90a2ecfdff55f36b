// What the upstream is told, on the wire.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const hostile = [
  'Connection: x-request-id, authorization, x-forwarded-for, host, content-length, x-forwarded-proto, Keep-Alive',
  'Keep-Alive: timeout=5',
  'X-Forwarded-For: 203.0.113.1',
  'X_Forwarded_For: 203.0.113.1',
  'x.forwarded.host: evil.test',
  'Forwarded: for=203.0.113.1',
  'X-Real-IP: 203.0.113.1',
  'Remote-User: root',
  'X-Remote-User: root',
  'X-Gatehouse-User: root',
  'X-Request-Id: mine',
  'Authorization: Bearer mine',
  'Proxy-Authorization: Basic x',
  'TE: trailers',
  'Cookie: __Host-gatehouse=secret; theme=dark',
  'Accept: a',
  'X-Repeated: 1',
  'Accept: b',
  'X-Repeated: 2',
].join('\r\n')

test('the upstream sees the gateway’s headers, the client’s own, and nothing that poses as either', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }], url: 'https://gate.example.org/x' })
  const request = `GET /api/m/ HTTP/1.1\r\nHost: gate.example.org\r\n${hostile}\r\n\r\n`
  const answer = await sendRaw(proxy.port, request, /ok$/)
  assert.equal(answer.status, 200)
  const [{ headers, all } = assert.fail()] = upstream.requests
  const [requestId = ''] = all('x-request-id')
  assert.match(requestId, /^[0-9a-f-]{36}$/)
  assert.deepEqual(headers, [
    ['host', `127.0.0.1:${upstream.port}`],
    ['connection', 'keep-alive'],
    ['cookie', 'theme=dark'],
    ['accept', 'a'],
    ['x-repeated', '1'],
    ['accept', 'b'],
    ['x-repeated', '2'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-proto', 'http'],
    ['x-forwarded-host', 'gate.example.org'],
    ['x-request-id', requestId],
  ])
})

test('Authorization passes where the upstream says so', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, forwardAuthorization: true }] })
  await fetch(`${proxy.url}/api/m/`, { headers: { authorization: 'Bearer mine' } })
  assert.deepEqual(upstream.requests[0]?.all('authorization'), ['Bearer mine'])
})

test('answers keep repeated headers, lose hop-by-hop ones, and cannot set our cookies', async () => {
  const headers = [
    'Set-Cookie: a=1',
    'Set-Cookie: __Host-gatehouse=evil',
    'Set-Cookie: b=2',
    'Connection: X-Internal, x-request-id',
    'X-Internal: 1',
    'Server: secret/1.0',
    'Trailer: x-later',
    'ETag: W/"\xe9"',
    '',
  ].join('\r\n')
  await using upstream = await startRecordingUpstream(() => ok('ok', headers))
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const { text } = await sendRaw(proxy.port, `GET /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`, /ok$/)
  const names = text
    .split('\r\n\r\n')[0]
    ?.split('\r\n')
    .slice(1)
    .map((line) => line.split(':')[0]?.toLowerCase())
  assert.deepEqual(text.match(/set-cookie: .*/gi), ['set-cookie: a=1', 'set-cookie: b=2'])
  assert.match(text, /\r\netag: W\/"\xe9"\r\n/)
  assert.match(text, /\r\nx-request-id: [0-9a-f-]{36}\r\n/)
  for (const name of ['x-internal', 'server', 'trailer']) assert.equal(names?.includes(name), false, name)
})

test('the upstream’s status and reason are relayed', async () => {
  for (const line of [
    '207 Multi-Status',
    '299 Nearly There',
    '418 Short And Stout',
    '500 Internal Server Error',
    '204 Gone Quiet',
  ]) {
    await using upstream = await startRecordingUpstream(() => `HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`)
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    const { text } = await sendRaw(
      proxy.port,
      `GET /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`,
      /\r\n\r\n/,
    )
    assert.equal(text.split('\r\n')[0], `HTTP/1.1 ${line}`)
  }
})
