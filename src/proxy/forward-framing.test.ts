// The gateway writes its own framing: exactly one length, or chunks, or neither.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

interface Case {
  readonly name: string
  readonly request: string
  readonly length?: string
  readonly isChunked?: boolean
  readonly body?: string
}

const cases: readonly Case[] = [
  { name: 'GET without a body', request: 'GET /api/m/ HTTP/1.1\r\n\r\n' },
  { name: 'HEAD', request: 'HEAD /api/m/ HTTP/1.1\r\n\r\n' },
  { name: 'GET with an empty body', request: 'GET /api/m/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n' },
  { name: 'OPTIONS', request: 'OPTIONS /api/m/ HTTP/1.1\r\n\r\n' },
  { name: 'DELETE without a body', request: 'DELETE /api/m/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n' },
  { name: 'POST without a body', request: 'POST /api/m/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n', length: '0' },
  {
    name: 'POST of a length',
    request: 'POST /api/m/ HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello',
    length: '5',
    body: 'hello',
  },
  {
    name: 'GET with a body',
    request: 'GET /api/m/ HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello',
    length: '5',
    body: 'hello',
  },
  {
    name: 'DELETE with a body',
    request: 'DELETE /api/m/ HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi',
    length: '2',
    body: 'hi',
  },
  {
    name: 'chunks with extensions and trailers',
    request:
      'POST /api/m/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: x-remote-user\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Remote-User: root\r\n\r\n',
    body: 'hello!',
  },
]

for (const { name, request, length, body = '' } of cases) {
  test(name, async () => {
    await using upstream = await startRecordingUpstream()
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    const withHost = request.replace('\r\n', `\r\nHost: 127.0.0.1:${proxy.port}\r\nConnection: close\r\n`)
    const answer = await sendRaw(proxy.port, withHost)
    assert.equal(answer.status, 200, answer.text)
    const [{ all, body: received, rawBody } = assert.fail()] = upstream.requests
    assert.equal(received, body)
    assert.equal(rawBody.toLowerCase().includes('remote'), false)
    const framing = [...all('content-length'), ...all('transfer-encoding')]
    if (length !== undefined) assert.deepEqual(framing, [length])
    else if (body === '') assert.deepEqual(framing, [])
    else assert.equal(framing.length === 1 && /^(?:chunked|\d+)$/.test(framing[0] ?? ''), true, framing.join())
  })
}

test('chunks that arrive one by one leave as chunks', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(Buffer.from('hello'))
      // Only when the head is upstream may the rest come.
      await new Promise((resolve) => setImmediate(resolve))
      controller.close()
    },
  })
  const options = { method: 'POST', body, duplex: 'half' } as const
  const answer = await fetch(`${proxy.url}/api/m/`, options)
  assert.equal(answer.status, 200)
  assert.equal(upstream.requests[0]?.body, 'hello')
})

test('a length that was declared is kept when the body comes in pieces', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = connect(proxy.port, '127.0.0.1')
  client.write(`POST /api/m/ HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nContent-Length: 5\r\n\r\nhe`)
  await upstream.whenBytes()
  client.write('llo')
  const { all, body } = await upstream.request(0)
  assert.deepEqual([all('content-length'), all('transfer-encoding'), body], [['5'], [], 'hello'])
  client.destroy()
})

test('what is left of one request is never part of the next', async () => {
  await using upstream = await startRecordingUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const host = `Host: 127.0.0.1:${proxy.port}\r\n`
  const first = `POST /api/m/one HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`
  const second = `GET /api/m/two HTTP/1.1\r\n${host}Connection: close\r\n\r\n`
  await sendRaw(proxy.port, first + second)
  assert.deepEqual(
    upstream.requests.map(({ target, body }) => [target, body]),
    [
      ['/one', 'hello'],
      ['/two', ''],
    ],
  )
})
