// Upstreams that refuse, swallow or stall (security.md 7.2): each is answered for in its time, and the others do not feel
// it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startBlackHole } from '../support/black-hole.ts'
import { startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGateway } from '../support/start-gateway.ts'
import { type Answered, quantile, startPressure, tally } from './pressure.ts'
import { isSoak } from './soak.ts'

const connectMs = isSoak ? 5_000 : 1_500
const firstByteMs = isSoak ? 10_000 : 1_500
const perSecond = isSoak ? 200 : 60
const seconds = isSoak ? 60 : 4

test('refused, black hole, slow head: each in its time, and the others are as fast as ever', async (t) => {
  const gone = await startRecordingUpstream()
  await gone.close()
  await using hole = await startBlackHole()
  await using stuck = await startRecordingUpstream(() => {})
  await using well = await startRecordingUpstream()
  const timeouts = { connect: `${connectMs}ms`, firstByte: `${firstByteMs}ms` }
  const upstreams = Object.entries({ gone: gone.url, hole: hole.url, stuck: stuck.url, well: well.url })
  await using gateway = await startGateway({
    config: { upstreams: upstreams.map(([id, to]) => ({ id, path: `/${id}/`, to, timeouts, allow: ['public'] })) },
  })
  const question = (what: string) => ({ what, url: `${gateway.url}/${what}/x` })
  const ask = async (what: readonly string[], rate: number): Promise<readonly Answered[]> => {
    const pressure = startPressure(what.map(question), rate)
    await pause(seconds * 1_000)
    return pressure.stop()
  }

  await ask(['well'], perSecond)
  const alone = await ask(['well'], perSecond)
  const trouble = ask(['gone', 'hole', 'stuck'], perSecond / 2)
  const beside = await ask(['well'], perSecond)
  const failed = await trouble

  const of = (kind: string) => failed.filter(({ what }) => what === kind)
  t.diagnostic(tally(failed))
  for (const kind of ['gone', 'hole', 'stuck']) {
    t.diagnostic(`${kind}: p50 ${quantile(of(kind), 0.5)} ms, p99 ${quantile(of(kind), 0.99)} ms`)
  }
  t.diagnostic(`well: p99 ${quantile(alone, 0.99)} ms alone, ${quantile(beside, 0.99)} ms beside them`)

  assert.deepEqual(
    ['gone', 'hole', 'stuck'].map((kind) => [...new Set(of(kind).map(({ status }) => status))]),
    [[502], [504], [504]],
  )
  assert.ok(quantile(of('gone'), 0.95) <= 100, 'refused within 100 ms')
  assert.ok(quantile(of('hole'), 0.95) <= connectMs + 250, 'a connection has its limit')
  assert.ok(quantile(of('stuck'), 0.99) <= firstByteMs + 1_000, 'a head has its limit')
  assert.ok([...alone, ...beside].every(({ status }) => status === 200))
  // The machine itself is no clock: a tenth more, and what a busy scheduler adds.
  assert.ok(quantile(beside, 0.99) <= quantile(alone, 0.99) * 1.1 + 50)
})
