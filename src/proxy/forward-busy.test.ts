// No upstream is given more than its share: what is too much waits for a while, and what is far too much is refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

test('requests beyond the connections wait their turn; as many again are refused', async () => {
  const gate = Promise.withResolvers<void>()
  await using upstream = await startRecordingUpstream(async () => gate.promise.then(() => ok()))
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, connections: 2 }] })
  const answers = [1, 2, 3, 4].map((number) => fetch(`${proxy.url}/api/m/${number}`))
  await proxy.until('upstream_requests_in_flight', 4)
  const refused = await fetch(`${proxy.url}/api/m/5`)
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '2'])
  assert.equal(((await refused.json()) as { code: string }).code, 'upstream.busy')
  gate.resolve()
  assert.deepEqual(
    (await Promise.all(answers)).map(({ status }) => status),
    [200, 200, 200, 200],
  )
  assert.equal(upstream.accepted(), 2)
})

test('a request does not wait for ever', async () => {
  const clock = createManualClock()
  await using upstream = await startRecordingUpstream(() => 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegun')
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, connections: 1 }], clock })
  const leave = new AbortController()
  const first = await fetch(`${proxy.url}/api/m/1`, { signal: leave.signal })
  const second = fetch(`${proxy.url}/api/m/2`)
  await proxy.until('upstream_requests_in_flight', 2)
  clock.advance(60_000)
  assert.equal((await second).status, 503)
  assert.equal(upstream.requests.length, 1)
  leave.abort()
  await assert.rejects(first.text())
})
