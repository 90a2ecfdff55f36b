// Redis is far away: every answer takes 200 ms more (security.md 7.2, "Redis slow"). Nothing fails, sessions that a node
// knows cost nothing, and a request for one that it does not know goes there twice at most.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { isMissing, startOwnRedis } from '../support/programs.ts'
import { startFaultProxyThread } from './fault-proxy-thread.ts'
import { quantile, quantileOf, startPressure, tally } from './pressure.ts'
import { startRedisNodes } from './redis-nodes.ts'
import { isSoak } from './soak.ts'

const perSecond = isSoak ? 200 : 100
const slowMs = isSoak ? 30_000 : 3_000
const browsers = isSoak ? 40 : 8

const redis = await startOwnRedis()
const skip = isMissing(redis) && redis.missing
if (!isMissing(redis)) after(redis.stop)

test('Redis is 200 ms away', { skip }, async (t) => {
  assert.ok(!isMissing(redis))
  await using proxy = await startFaultProxyThread(redis.port)
  await using site = await startRedisNodes({ url: `redis://127.0.0.1:${proxy.port}` })
  const people = []
  for (let n = 0; n < browsers; n += 1) people.push(await site.lab.logIn('ada'))
  const [ada] = people
  assert.ok(ada)
  await using pressure = startPressure([...site.protectedQuestions(ada), ...site.publicQuestions], perSecond)
  // A process accepts one connection at a turn: where everything shares a busy machine, that is what would be measured.
  await pressure.connect(60)
  await pause(500)

  proxy.injectBothWays({ latencyMs: 100 })
  const slowAtMs = performance.now()
  await pause(slowMs)
  // The second node has not seen these.
  const firstTimes: number[] = []
  for (const client of people.slice(1)) {
    const askedAtMs = performance.now()
    const answer = await client.get(`${site.nodes[1].url}/api/lab/x`)
    firstTimes.push(performance.now() - askedAtMs)
    assert.equal(answer.status, 200)
  }
  const loginAtMs = performance.now()
  await site.lab.logIn('ada')
  const loginMs = Math.round(performance.now() - loginAtMs)
  const answers = (await pressure.stop()).filter(({ askedAtMs }) => askedAtMs > slowAtMs)

  // What a third way would cost, it would cost everybody; a busy machine holds up one or the other.
  const middle = Math.round(quantileOf(firstTimes, 0.5))
  const slowest = Math.round(Math.max(...firstTimes))
  t.diagnostic(`known sessions: p50 ${quantile(answers, 0.5)} ms, p99 ${quantile(answers, 0.99)} ms; ${tally(answers)}`)
  t.diagnostic(`sessions met for the first time: ${middle} ms, at most ${slowest} ms; a login: ${loginMs} ms`)
  assert.ok(answers.every(({ status }) => status === 200))
  assert.ok(quantile(answers, 0.99) <= 1_000)
  assert.ok(quantile(answers, 0.5) < 200, 'what is remembered is believed although Redis is slow')
  assert.ok(middle < 600, 'no third way to Redis')
  // At full figures the machine is this suite's alone, and nobody may wait longer.
  if (isSoak) assert.ok(slowest < 600, 'no third way to Redis for anybody')
})
