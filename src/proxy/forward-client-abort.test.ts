// A client that leaves frees what it held upstream, at any point, and no request of it is sent late.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const head = (port: number, line: string, more = '') => `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`

test('while the upstream thinks', async () => {
  await using upstream = await startRecordingUpstream(() => {})
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = connect(proxy.port, '127.0.0.1')
  client.write(head(proxy.port, 'GET /api/m/'))
  await upstream.request(0)
  client.destroy()
  await upstream.whenIdle()
  assert.equal(proxy.counted.size, 0, 'no failure of the upstream')
})

test('in the middle of an answer', async () => {
  await using upstream = await startRecordingUpstream(() => 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart')
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = connect(proxy.port, '127.0.0.1')
  client.write(head(proxy.port, 'GET /api/m/'))
  await once(client, 'data')
  client.destroy()
  await upstream.whenIdle()
  assert.equal(proxy.counted.size, 0)
})

test('in the middle of its own body, which then never ends cleanly', async () => {
  await using upstream = await startRecordingUpstream(() => {})
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = connect(proxy.port, '127.0.0.1')
  client.write(`${head(proxy.port, 'POST /api/m/', 'Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n`)
  await upstream.whenBytes()
  client.destroy()
  await upstream.whenIdle()
  assert.equal(upstream.requests.length, 0)
  assert.equal(proxy.counted.size, 0)
})

test('while it waits for a connection: nothing is sent for it', async () => {
  const answer = Promise.withResolvers<string>()
  await using upstream = await startRecordingUpstream(({ target }) =>
    target === '/one' ? answer.promise : 'HTTP/1.1 204 No Content\r\n\r\n',
  )
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, connections: 1 }] })
  const first = fetch(`${proxy.url}/api/m/one`)
  await upstream.request(0)
  const second = connect(proxy.port, '127.0.0.1')
  second.write(head(proxy.port, 'GET /api/m/two'))
  await proxy.until('upstream_requests_in_flight', 2)
  second.destroy()
  await proxy.until('upstream_requests_in_flight', 1)
  answer.resolve('HTTP/1.1 204 No Content\r\n\r\n')
  assert.equal((await first).status, 204)
  assert.equal((await fetch(`${proxy.url}/api/m/four`)).status, 204)
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/one', '/four'],
  )
  assert.equal(upstream.accepted(), 1, 'the connection stayed good')
})

test('while its second request waits for the answer to the first', async () => {
  const answer = Promise.withResolvers<string>()
  await using upstream = await startRecordingUpstream(({ target }) =>
    target === '/one' ? answer.promise : `HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n${'x'.repeat(1000)}`,
  )
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const client = connect(proxy.port, '127.0.0.1')
  client.write(head(proxy.port, 'GET /api/m/one') + head(proxy.port, 'GET /api/m/two'))
  await upstream.request(1)
  client.destroy()
  await upstream.whenIdle()
})
