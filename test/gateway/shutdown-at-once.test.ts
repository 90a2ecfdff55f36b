// How long stopping takes where nothing holds it up, and how to insist (security.md 7.2).

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGatewayProcess } from './gateway-process.ts'

test('connections on which nothing is asked hold nothing up: the exit comes within two seconds', async () => {
  const answering = Promise.withResolvers<string>()
  await using upstream = await startRecordingUpstream(() => answering.promise)
  await using gateway = await startGatewayProcess({
    config: { upstreams: [{ path: '/api/', to: upstream.url, allow: ['public'] }] },
  })
  const agent = new Agent({ keepAlive: true })
  const ask = async (path: string): Promise<void> => {
    const [answer] = await once(get(gateway.url + path, { agent }), 'response')
    await once(answer.resume(), 'end')
  }
  await Promise.all([ask('/healthz'), ask('/healthz'), ask('/readyz')])
  // As browsers open them in advance.
  const silent = connect(gateway.port, '127.0.0.1').on('error', () => {})
  await once(silent, 'connect')
  // As slow or hostile clients do: a request that never becomes one.
  const halfSaid = connect(gateway.port, '127.0.0.1').on('error', () => {})
  halfSaid.write('GET /healthz HTTP/1.1\r\nHost: ')
  const answered = ask('/api/report')
  await upstream.request(0)

  gateway.signal('SIGTERM')
  await gateway.said('stopping')
  answering.resolve(ok())
  await answered
  const answeredAtMs = performance.now()
  const { code, atMs } = await gateway.exited
  assert.equal(code, 0)
  assert.ok(atMs - answeredAtMs < 2_000, `${atMs - answeredAtMs} ms`)
})

test('a second signal does not wait for what is open', async () => {
  await using upstream = await startRecordingUpstream(() => new Promise<undefined>(() => {}))
  await using gateway = await startGatewayProcess({
    config: { upstreams: [{ path: '/api/', to: upstream.url, allow: ['public'] }] },
  })
  get(`${gateway.url}/api/for-ever`).on('error', () => {})
  await upstream.request(0)
  gateway.signal('SIGTERM')
  await gateway.said('stopping')
  const insistedAtMs = performance.now()
  gateway.signal('SIGTERM')
  const { code, atMs } = await gateway.exited
  assert.equal(code, 130)
  assert.ok(atMs - insistedAtMs < 1_000, `${atMs - insistedAtMs} ms`)
})
