// WebSockets over several endpoints: the same choice and the same health as for requests.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { accepting } from '../../test/support/raw-web-socket.ts'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const open = async (port: number): Promise<WebSocket> => {
  const client = new WebSocket(`ws://127.0.0.1:${port}/api/m/socket`)
  await once(client, 'open')
  return client
}

test('where no connection comes about another endpoint is tried, with its own Host', async () => {
  const away = await startRecordingUpstream()
  await away.close()
  await using b = await startRecordingUpstream(accepting(() => {}))
  await using proxy = await startProxy({ upstreams: [{ to: [away.url, b.url], ejection: { failures: 2 } }] })
  for (let each = 0; each < 4; each++) (await open(proxy.port)).terminate()
  for (const request of b.requests) assert.deepEqual(request.all('host'), [`127.0.0.1:${b.port}`])
  assert.equal(b.requests.length, 4)
  assert.deepEqual(proxy.counts('upstream_repeats_total'), { 'api-m': 2 })
  assert.equal(await proxy.reading('upstream_endpoint_ejected'), 1)
})

test('a handshake that was refused is not tried elsewhere', async () => {
  await using a = await startRecordingUpstream(() => 'HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n')
  await using b = await startRecordingUpstream(accepting(() => {}))
  await using proxy = await startProxy({ upstreams: [{ to: [a.url, b.url] }] })
  await assert.rejects(open(proxy.port), /502/)
  assert.deepEqual([a.requests.length, b.requests.length], [1, 0])
})

test('open WebSockets count as load until they are closed', async () => {
  await using a = await startEchoUpstream()
  await using b = await startEchoUpstream()
  await using proxy = await startProxy({ upstreams: [{ to: [a.url, b.url], balance: 'least-connections' }] })
  const atA: WebSocket[] = []
  const atB: WebSocket[] = []
  const openMore = async () => {
    const before = a.handshakes.length
    const client = await open(proxy.port)
    ;(a.handshakes.length > before ? atA : atB).push(client)
  }
  for (let each = 0; each < 4; each++) await openMore()
  assert.deepEqual([atA.length, atB.length], [2, 2])
  assert.equal(await proxy.reading('upstream_endpoint_tunnels_open'), 4)
  for (const client of atA) client.close()
  await proxy.until('upstream_endpoint_tunnels_open', 2)
  await openMore()
  await openMore()
  assert.deepEqual([atA.length, atB.length], [4, 2])
  for (const client of [...atA, ...atB]) client.terminate()
  await proxy.until('upstream_endpoint_tunnels_open', 0)
})
