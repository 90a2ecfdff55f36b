// Redis is there and says nothing (security.md 7.2, "Redis frozen / black-holed"): the process is stopped, or the network
// swallows everything. Nobody waits for it longer than a second, nothing piles up, and it is soon as before.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { isMissing, startOwnRedis } from '../support/programs.ts'
import { quantile, startPressure, tally } from './pressure.ts'
import { startRedisNodes } from './redis-nodes.ts'
import { isSoak } from './soak.ts'

const perSecond = isSoak ? 200 : 100
const frozenMs = isSoak ? 10_000 : 3_000

const redis = await startOwnRedis()
const skip = isMissing(redis) && redis.missing
if (!isMissing(redis)) after(redis.stop)

const kinds = ['is stopped', 'is in a black hole'] as const
for (const kind of kinds) {
  test(`Redis ${kind}`, { skip }, async (t) => {
    assert.ok(!isMissing(redis))
    await using proxy = await startFaultProxy({ port: redis.port })
    const url = `redis://127.0.0.1:${proxy.port}`
    await using site = await startRedisNodes({ url, prefix: `${kind}:` })
    const ada = await site.lab.logIn('ada')
    const questions = site.protectedQuestions(ada)
    const protectedKinds = new Set(questions.map(({ what }) => what))
    await using pressure = startPressure([...questions, ...site.publicQuestions], perSecond)
    await pause(500)

    const freeze = (isFrozen: boolean): void => {
      if (kind === 'is stopped') redis.signal(isFrozen ? 'SIGSTOP' : 'SIGCONT')
      else proxy.injectBothWays({ isSilent: isFrozen })
    }
    const rssBefore = process.memoryUsage.rss()
    freeze(true)
    const frozenAtMs = performance.now()
    await pause(frozenMs)
    const rssGrowth = (process.memoryUsage.rss() - rssBefore) / 2 ** 20
    freeze(false)
    const freedAtMs = performance.now()
    await Promise.all(
      [...protectedKinds].map((name) => pressure.next(({ what, status }) => what === name && status === 200)),
    )
    await pause(500)
    const answers = await pressure.stop()

    const during = answers.filter(({ askedAtMs }) => askedAtMs > frozenAtMs && askedAtMs < freedAtMs)
    const refused = answers.filter(({ what, status }) => protectedKinds.has(what) && status !== 200)
    const backMs = Math.max(...refused.map(({ askedAtMs }) => askedAtMs)) - freedAtMs
    t.diagnostic(
      `longest wait ${quantile(during, 1)} ms, p99 ${quantile(during, 0.99)} ms, ` +
        `all service back after ${Math.max(0, Math.round(backMs))} ms, RSS +${Math.round(rssGrowth)} MB`,
    )
    t.diagnostic(`meanwhile: ${tally(during)}`)
    assert.ok(quantile(during, 1) <= 1_000)
    assert.ok(backMs <= 2_000)
    assert.ok(rssGrowth < 50)
    assert.deepEqual([...new Set(refused.map(({ status }) => status))], [503])
    const others = answers.filter(({ what }) => !protectedKinds.has(what))
    assert.ok(
      others.every(({ status }) => status === 200),
      tally(others),
    )
    const late = during.filter(({ askedAtMs }) => askedAtMs > frozenAtMs + 1_000)
    assert.deepEqual(
      new Set(late.map(({ what, status }) => protectedKinds.has(what) === (status === 503))),
      new Set([true]),
    )
    assert.equal((await ada.get('/api/lab/x')).status, 200)
  })
}
