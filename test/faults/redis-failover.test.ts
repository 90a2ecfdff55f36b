// The primary is killed, and a replica that has not heard of the last logouts takes its place (security.md 7.2, "Redis
// failover"): service is back within ten seconds, older sessions live on, and who had logged out stays out.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { isMissing, type OwnRedis, startSentinelRedis, waitUntil } from '../support/programs.ts'
import { startPressure, tally } from './pressure.ts'
import { startRedisNodes } from './redis-nodes.ts'
import { isSoak } from './soak.ts'

const perSecond = isSoak ? 200 : 100
const rounds = isSoak ? 10 : 1
const leavers = isSoak ? 20 : 10

const redis = await startSentinelRedis({ downAfterMs: 1_000 })
const skip = isMissing(redis) && redis.missing
if (!isMissing(redis)) after(redis.stop)

test('the primary is killed just after people have logged out', { skip, timeout: 600_000 }, async (t) => {
  assert.ok(!isMissing(redis))
  await using site = await startRedisNodes({ sentinel: { primary: redis.primaryName, nodes: redis.nodes } })
  const [here, there] = site.nodes
  const stays = await site.lab.logIn('ada')
  const gone: string[] = []

  for (let round = 0; round < rounds; round += 1) {
    const leaving: TestClient[] = []
    for (let n = 0; n < leavers; n += 1) leaving.push(await site.lab.logIn('ada'))
    // Both nodes know them all.
    for (const client of [stays, ...leaving])
      for (const { url } of site.nodes) assert.equal((await client.get(`${url}/api/lab/x`)).status, 200)
    await redis.replicated()

    const questions = site.protectedQuestions(stays)
    await using pressure = startPressure([...questions, ...site.publicQuestions], perSecond)
    await redis.attentive()
    const primary = await redis.primary()
    const replicas = redis.servers.filter((server) => server !== primary)
    for (const replica of replicas) replica.signal('SIGSTOP')
    // What they have received already they would still take in later.
    await primary.ask('CLIENT', 'KILL', 'TYPE', 'replica')
    const cookies = leaving.map((client) => client.cookieHeader())
    for (const client of leaving) assert.equal((await client.post('/auth/logout')).status, 303)
    gone.push(...cookies)
    primary.signal('SIGKILL')
    const killedAtMs = performance.now()
    for (const replica of replicas) replica.signal('SIGCONT')

    await pressure.next(({ what, status }) => what === 'service' && status === 503)
    // Each node finds the new primary by itself.
    for (const { url } of site.nodes) await waitUntil(async () => (await stays.get(`${url}/api/lab/x`)).status === 200)
    await pause(1_000)
    const answers = await pressure.stop()
    const refused = answers.filter(({ status }) => status !== 200)
    const lastMs = Math.round(Math.max(...refused.map(({ askedAtMs }) => askedAtMs)) - killedAtMs)
    t.diagnostic(`refused for ${lastMs} ms after the kill; ${tally(answers)}`)
    assert.ok(lastMs <= 10_000)
    assert.deepEqual([...new Set(refused.map(({ status }) => status))], [503])
    const publicKinds = new Set(site.publicQuestions.map(({ what }) => what))
    assert.ok(refused.every(({ what }) => !publicKinds.has(what)))

    const promoted: OwnRedis = await redis.primary()
    const returned: number = Number(await promoted.ask('EVAL', "return #redis.call('KEYS', 'websession:*')", '0'))
    assert.ok(returned > leavers, 'the new primary has the sessions of those who left')
    for (const cookie of gone) {
      for (const { url } of [here, there]) {
        const status = await clearAnswer(() => site.stranger().get(`${url}/api/lab/x`, { cookie }))
        assert.equal(status, 401, 'logged out stays logged out')
      }
    }
    assert.equal(await clearAnswer(() => stays.get('/api/lab/x')), 200)
    t.diagnostic(`${gone.length} of ${gone.length} who had logged out stay out at both nodes`)
    await primary.restart()
    // The Sentinels make a replica of it, which takes all data anew; with that they end its connections, ours too.
    await waitUntil(() =>
      primary.ask('ROLE').then(
        (role) => String(role).includes(',connected,'),
        () => false,
      ),
    )
  }
})

/** A 503 is neither yes nor no: whoever gets it asks again. @returns the status */
async function clearAnswer(ask: () => Promise<TestAnswer>): Promise<number> {
  for (;;) {
    const { status } = await ask()
    if (status !== 503) return status
    await pause(50)
  }
}
