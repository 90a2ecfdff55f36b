// An answer that breaks off upstream is broken off for the client too: never a clean, short one.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { type Behaviour, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const sending =
  (bytes: string, then: 'end' | 'reset'): Behaviour =>
  (_request, socket) => {
    socket.write(bytes, 'latin1', () => (then === 'end' ? socket.end() : setImmediate(() => socket.resetAndDestroy())))
  }

const broken: Readonly<Record<string, Behaviour>> = {
  'a length and a close': sending('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort', 'end'),
  'a length and a reset': sending('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort', 'reset'),
  'chunks and a close': sending('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n', 'end'),
  'half a chunk and a reset': sending('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nsho', 'reset'),
  'bad chunks': sending('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\nzz\r\n', 'end'),
  'no length and a reset': sending('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nshort', 'reset'),
}

/** Everything until the end, and how it ended. */
function readAll(port: number, version: string): Promise<{ text: string; isReset: boolean }> {
  return new Promise((resolve) => {
    const client = connect(port, '127.0.0.1')
    let text = ''
    let isReset = false
    client.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
    })
    client.on('error', () => {
      isReset = true
    })
    client.on('close', () => resolve({ text, isReset }))
    client.write(`GET /api/m/ HTTP/${version}\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  })
}

for (const [name, behave] of Object.entries(broken)) {
  test(`${name}: the client sees a broken message`, async () => {
    await using upstream = await startRecordingUpstream(behave)
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    const { text } = await readAll(proxy.port, '1.1')
    const [head = '', body = ''] = text.split(/\r\n\r\n([\s\S]*)/)
    assert.match(head, /^HTTP\/1\.1 200 OK/)
    if (/transfer-encoding: chunked/i.test(head)) assert.equal(body.includes('0\r\n\r\n'), false)
    else assert.match(head, /content-length: 10/i)
    assert.equal(body.includes('problem'), false)
    assert.equal(Object.values(proxy.counts('upstream_failures_total')).join(), '1')
  })

  test(`${name}: so does one that knows the end by the close alone`, async () => {
    await using upstream = await startRecordingUpstream(behave)
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    const { text, isReset } = await readAll(proxy.port, '1.0')
    assert.equal(isReset || /content-length: 10/i.test(text), true)
  })
}

test('an answer without a length that ends as it should is whole', async () => {
  await using upstream = await startRecordingUpstream(
    sending('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nwhole', 'end'),
  )
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  assert.equal(await (await fetch(`${proxy.url}/api/m/`)).text(), 'whole')
})

test('a body that pauses for too long is broken off', async () => {
  await using upstream = await startRecordingUpstream(() => 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort')
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, timeouts: { idle: '50ms' } }] })
  const { text } = await readAll(proxy.port, '1.1')
  assert.match(text, /short$/)
  assert.deepEqual(proxy.counts('upstream_failures_total'), { 'api-m upstream.timeout': 1 })
})
