// Addresses that the router of our own routes cannot read get no answer past the steps: they are checked, logged and
// forwarded like any other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendRaw } from '../support/raw-http.ts'
import { startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGateway } from '../support/start-gateway.ts'

const long = 'a'.repeat(600)

test('an address that is not UTF-8 takes the same steps as any other', async () => {
  await using upstream = await startRecordingUpstream()
  const upstreams = [
    { path: '/open/', to: upstream.url, allow: ['public'] },
    { path: '/closed/', to: upstream.url, allow: ['authenticated'] },
  ]
  await using gateway = await startGateway({ config: { upstreams } })
  const port = Number(new URL(gateway.url).port)
  const send = (line: string, host = `127.0.0.1:${port}`) =>
    sendRaw(port, `${line} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${gateway.url}\r\nConnection: close\r\n\r\n`)

  assert.equal((await send('GET /open/%FF%E4.dat')).status, 200)
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/%FF%E4.dat'],
    'byte for byte',
  )

  const refusals = [
    ['GET /closed/%ff', 401],
    ['GET /elsewhere/%ff', 404],
    ['GET /auth/%ff', 404],
    ['DELETE /api/v1/sessions/%ff', 404],
    [`POST /auth/login/${long}`, 404],
    [`GET /auth/callback/${long}`, 404],
  ] as const
  for (const [line, status] of refusals) {
    const answer = await send(line)
    assert.equal(answer.status, status, line)
    assert.match(answer.text, /\r\nx-request-id: /i, line)
    assert.match(answer.text, /\r\ncontent-security-policy: /i, line)
    assert.doesNotMatch(answer.text, /FST_/, line)
  }
  assert.equal((await send('GET /open/%ff', 'evil.test')).status, 421)
  assert.equal(upstream.requests.length, 1)
})
