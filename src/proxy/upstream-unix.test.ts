// An upstream behind a unix socket.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { accepting } from '../../test/support/raw-web-socket.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'))
after(() => rmSync(folder, { recursive: true }))

test('requests, bodies, WebSockets and health checks go through the socket, with the Host localhost', async () => {
  await using upstream = await startRecordingUpstream(
    (request, socket) => (request.target === '/v1/socket' ? accepting(() => {})(request, socket) : ok(request.body)),
    { socketPath: join(folder, 'service.sock') },
  )
  const healthCheck = { path: '/health', interval: '1h' }
  await using proxy = await startProxy({ upstreams: [{ to: `${upstream.url}:/v1`, healthCheck }] })
  await upstream.request(0)
  const answer = await fetch(`${proxy.url}/api/m/jobs`, { method: 'POST', body: 'hello' })
  assert.equal(await answer.text(), 'hello')
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/m/socket`)
  await once(client, 'open')
  client.terminate()
  assert.deepEqual(
    upstream.requests.map((request) => [request.target, ...request.all('host')]),
    [
      ['/health', 'localhost'],
      ['/v1/jobs', 'localhost'],
      ['/v1/socket', 'localhost'],
    ],
  )
})

test('a socket that is not there, or that nobody listens on, is a 502', async () => {
  await using proxy = await startProxy({ upstreams: [{ to: `unix:${join(folder, 'none.sock')}` }] })
  const answer = await fetch(`${proxy.url}/api/m/`)
  assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [502, 'upstream.refused'])
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/api/m/socket`)
  const [error] = await once(client, 'error')
  assert.match(String(error), /502/)
})
