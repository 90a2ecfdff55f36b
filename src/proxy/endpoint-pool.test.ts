// The endpoints of an upstream may come and go: the new are used at once, the gone get nothing more.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countingMetrics } from '../../test/support/counting-metrics.ts'
import { silentLog } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { upstreamsConfig } from './config.ts'
import { createEndpointPool } from './endpoint-pool.ts'

const member = (url: string, weight = 1) => ({ url, weight })

function start(upstream: object) {
  const [config] = upstreamsConfig.parse([{ path: '/api/m/', ...upstream }])
  if (config === undefined) throw new Error('no upstream')
  const clock = createManualClock()
  const failures = countingMetrics(new Map()).counter({ name: 'failures', help: '' })
  const pool = createEndpointPool({ upstream: 'm', config, clock, log: silentLog, failures })
  const picked = (count: number) => Array.from({ length: count }, () => pool.pick().url.label).join()
  return { clock, pool, picked }
}

test('those that stay keep what they are, others take the place of those that go', () => {
  const { pool, picked } = start({ to: ['http://a:1', 'http://b:1'] })
  const [a, b] = pool.endpoints
  pool.setMembers([member('http://b:1'), member('http://c:1', 2)])
  assert.equal(pool.endpoints[0], b)
  assert.equal(picked(6), 'c:1,b:1,c:1,c:1,b:1,c:1')
  assert.deepEqual([a?.hasLeft, b?.hasLeft], [true, false])
  pool.setMembers([member('http://b:1', 3), member('http://c:1')])
  assert.equal(pool.endpoints[0], b, 'another weight makes no other endpoint')
  assert.equal(picked(4).split('b:1').length - 1, 3)
})

test('without any, there is nowhere to go; what failed at the last one has failed there', () => {
  const { pool, picked } = start({ to: 'http://a:1' })
  const [a] = pool.endpoints
  pool.setMembers([])
  assert.throws(() => pool.pick(), { code: 'upstream.nowhere', status: 503 })
  assert.equal(pool.pick(a), a)
  pool.setMembers([member('http://b:1')])
  assert.equal(picked(2), 'b:1,b:1')
  assert.equal(pool.pick(a).url.label, 'b:1')
})

test('what is heard of one that has gone concerns nobody', () => {
  const { pool, picked } = start({ to: ['http://a:1', 'http://b:1'], ejection: { failures: 1 } })
  const [a] = pool.endpoints
  assert.ok(a)
  pool.setMembers([member('http://b:1'), member('http://c:1')])
  pool.answered(a, 502)
  pool.answered(a, 200)
  assert.equal(pool.isEjected(a), false)
  assert.equal(picked(2), 'b:1,c:1')
})

test('one that comes is asked how it is at once, and one that has gone no more', async () => {
  await using a = await startRecordingUpstream(() => ok())
  await using b = await startRecordingUpstream(() => ok())
  const { clock, pool } = start({ to: a.url, healthCheck: { path: '/health', interval: '10s' } })
  pool.start()
  await a.request(0)
  pool.setMembers([member(b.url)])
  assert.equal((await b.request(0)).target, '/health')
  await b.whenIdle()
  clock.advance(10_000)
  await b.request(1)
  assert.equal(a.requests.length, 1)
  await pool.close()
})
