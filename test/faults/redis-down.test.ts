// Redis is killed under load (security.md 7.2, "Redis down"): whoever has to be known gets 503 and when to come back,
// never a pass, never the login page; what needs no session goes on; and all of it is back soon after Redis.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { isMissing, startOwnRedis } from '../support/programs.ts'
import { quantile, startPressure, tally } from './pressure.ts'
import { startRedisNodes } from './redis-nodes.ts'
import { isSoak } from './soak.ts'

const perSecond = isSoak ? 200 : 100
const rounds = isSoak ? 20 : 1
const downMs = isSoak ? 10_000 : 2_500

const redis = await startOwnRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
const skip = isMissing(redis) && redis.missing
if (!isMissing(redis)) after(redis.stop)

test('Redis is killed, and comes back with what it had', { skip }, async (t) => {
  assert.ok(!isMissing(redis))
  await using site = await startRedisNodes({ url: redis.url })
  const ada = await site.lab.logIn('ada')
  const questions = site.protectedQuestions(ada)
  await using pressure = startPressure([...questions, ...site.publicQuestions], perSecond)
  const kinds = new Set(questions.map(({ what }) => what))

  for (let round = 0; round < rounds; round += 1) {
    const from = pressure.answers.length
    await pause(500)
    redis.signal('SIGKILL')
    const killedAtMs = performance.now()
    await pressure.next(({ what, status }) => kinds.has(what) && status === 503)
    const firstMs = performance.now() - killedAtMs
    await pause(downMs)
    assert.equal((await site.stranger().get('/api/lab/x')).status, 401, 'a stranger is a stranger')

    await redis.restart()
    const backAtMs = performance.now()
    await Promise.all([...kinds].map((kind) => pressure.next(({ what, status }) => what === kind && status === 200)))
    await pause(500)
    const answers = pressure.answers.slice(from)
    const down = answers.filter(({ askedAtMs }) => askedAtMs > killedAtMs + 1_000 && askedAtMs < backAtMs - 50)
    const refused = answers.filter(({ what, status }) => kinds.has(what) && status !== 200)
    const lastRefusedMs = Math.max(...refused.map(({ askedAtMs }) => askedAtMs)) - backAtMs
    t.diagnostic(
      `first 503 after ${Math.round(firstMs)} ms, p99 of the 503s ${quantile(refused, 0.99)} ms, ` +
        `all service back ${Math.max(0, Math.round(lastRefusedMs))} ms after Redis`,
    )
    t.diagnostic(`while it was down: ${tally(down)}`)

    assert.ok(firstMs <= 1_100, `${firstMs} ms`)
    assert.ok(lastRefusedMs <= 3_000, `${lastRefusedMs} ms`)
    assert.ok(quantile(refused, 0.99) <= 500)
    assert.deepEqual([...new Set(refused.map(({ status }) => status))], [503])
    assert.ok(refused.every(({ headers }) => Number(headers['retry-after']) > 0))
    const passed = down.filter(({ what, status }) => kinds.has(what) && status !== 503)
    assert.deepEqual(passed, [], 'nothing passes')
    assert.ok(
      answers.every(({ what, status }) => kinds.has(what) || status === 200),
      tally(answers),
    )
  }
  const all = await pressure.stop()
  t.diagnostic(`in all: ${tally(all)}`)
  assert.equal((await ada.get('/api/lab/x')).status, 200, 'the session is the same')
  assert.equal((await ada.get('/readyz')).status, 200)
})
