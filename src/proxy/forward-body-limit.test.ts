// An upstream that takes bodies up to a length gets none that is longer, however the client sends it.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const LIMIT = { bodyBytes: '1KiB' }

const chunked = (port: number, sizes: readonly number[]): string =>
  `POST /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\n${sizes
    .map((size) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`)
    .join('')}0\r\n\r\n`

test('a body of exactly that length passes, declared or in chunks', async () => {
  await using upstream = await startRecordingUpstream(({ body }) => ok(String(body.length)))
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, ...LIMIT }] })
  const declared = await fetch(`${proxy.url}/api/m/`, { method: 'POST', body: 'x'.repeat(1024) })
  assert.equal(await declared.text(), '1024')
  const { text } = await sendRaw(proxy.port, chunked(proxy.port, [1000, 24]), /1024$/)
  assert.match(text, /^HTTP\/1\.1 200 /)
})

test('a declared length beyond it is refused before anything is sent', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, ...LIMIT }] })
  const answer = await fetch(`${proxy.url}/api/m/`, { method: 'POST', body: 'x'.repeat(1025) })
  const { code, detail } = (await answer.json()) as { code: string; detail: string }
  assert.deepEqual([answer.status, code], [413, 'upstream.bodyTooLong'])
  assert.match(detail, /at most 1KiB/)
  assert.equal(upstream.accepted(), 0)
})

test('a body in chunks is broken off where it becomes too long, and the service sees no whole request', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, ...LIMIT }] })
  const { status, text } = await sendRaw(proxy.port, chunked(proxy.port, [1000, 25]).slice(0, -5))
  assert.equal(status, 413)
  assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, 'and the connection is over')
  await upstream.whenIdle()
  assert.equal(upstream.requests.length, 0)
  assert.deepEqual(proxy.counts('upstream_endpoint_failures_total'), {}, 'the endpoint did nothing wrong')
})

test('a body in chunks that goes to another endpoint is whole', async () => {
  const away = await startRecordingUpstream()
  await away.close()
  await using upstream = await startRecordingUpstream(({ body }) => ok(String(body.length)))
  await using proxy = await startProxy({ upstreams: [{ to: [away.url, upstream.url], bodyBytes: '1MiB' }] })
  for (let each = 0; each < 4; each++) {
    const { text } = await sendRaw(proxy.port, chunked(proxy.port, [1, 70_000, 20_000]), /90001$/)
    assert.match(text, /^HTTP\/1\.1 200 /)
  }
  assert.deepEqual(proxy.counts('upstream_repeats_total'), { 'api-m': 2 })
})

test('a client that leaves in the middle frees the service', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, ...LIMIT }] })
  const client = connect(proxy.port, '127.0.0.1')
  client.write(chunked(proxy.port, [100]).slice(0, -5))
  await upstream.whenBytes()
  client.destroy()
  await upstream.whenIdle()
  assert.equal(await proxy.reading('upstream_requests_in_flight'), 0)
})

test('without a limit there is none', async () => {
  await using upstream = await startRecordingUpstream(({ body }) => ok(String(body.length)))
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const { text } = await sendRaw(proxy.port, chunked(proxy.port, [70_000, 70_000]), /140000$/)
  assert.match(text, /^HTTP\/1\.1 200 /)
})
