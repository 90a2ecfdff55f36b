// Interim answers (RFC 9110 §15.2): early hints reach the client, and the final answer is the final one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload; as=style\r\n\r\n'

const askWith = async (version: string, interim: string, until = /ok$/) => {
  await using upstream = await startRecordingUpstream(() => interim + ok())
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  return (await sendRaw(proxy.port, `GET /api/m/ HTTP/${version}\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`, until)).text
}

test('early hints are relayed', async () => {
  const text = await askWith('1.1', hints)
  assert.match(text, /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>; rel=preload; as=style\r\n\r\nHTTP\/1\.1 200 OK/i)
})

test('a client of HTTP/1.0 is spared them', async () => {
  assert.match(await askWith('1.0', hints), /^HTTP\/1\.1 200 OK/)
})

test('hints that say nothing usable, and other interim answers, are dropped', async () => {
  const odd = [
    'HTTP/1.1 103 Early Hints\r\nlink: ;;;\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\n\r\n',
    'HTTP/1.1 102 Processing\r\n\r\n',
  ]
  assert.match(await askWith('1.1', odd.join('')), /^HTTP\/1\.1 200 OK/)
})

test('of hints without end few are kept for a client that does not read, and the answer is given up on', async () => {
  const flood = `HTTP/1.1 103 Early Hints\r\nlink: </${'x'.repeat(8_000)}.css>; rel=preload\r\n\r\n`.repeat(1_001)
  const text = await askWith('1.1', flood, /\r\n\r\n\{.*\}$/s)
  assert.equal(text.split('103 Early Hints').length - 1, 10)
  assert.match(text, /HTTP\/1\.1 502 /)
})

test('a service may say for long that it is still at it', async () => {
  assert.match(await askWith('1.1', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1_000)), /^HTTP\/1\.1 200 OK/)
})
