// A great many sessions in Redis (security.md 7.2): each takes little, no request notices how many there are, and nobody
// searches them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from 'redis'
import { isMissing, type OwnRedis, startOwnRedis } from '../support/programs.ts'
import { startEchoThread } from './echo-thread.ts'
import { type Answered, type Question, quantileOf, startPressure } from './pressure.ts'
import { startSite } from './site.ts'
import { isSoak } from './soak.ts'

const sessions = isSoak ? 100_000 : 2_000
const perSecond = isSoak ? 1_000 : 200
const requests = isSoak ? 30_000 : 400
const people = 20
const KIB_EACH = 4

const redis = await startOwnRedis()
const skip = isMissing(redis) && redis.missing

test('so many sessions are small, and no request notices them', { skip, timeout: 300_000 }, async (t) => {
  assert.ok(!isMissing(redis))
  await using upstream = await startEchoThread()
  await using site = await startSite({
    redis,
    config: { upstreams: [{ path: '/api/lab/', to: upstream.url, allow: ['authenticated'] }] },
  })
  const asked: Question[] = []
  const url = `${site.gateway.url}/api/lab/x`
  for (let person = 0; person < people; person++) {
    const { client } = await site.logIn()
    asked.push({ what: 'session', url, headers: { cookie: client.cookieHeader() } })
  }
  await using store = await connect(redis)
  const few = await measure(asked, upstream.url, requests / 4)
  const { bytesEach, count } = await fill(store)
  await store.send('CONFIG', 'RESETSTAT')
  const many = await measure(asked, upstream.url, requests)
  const calls = await store.send('INFO', 'commandstats')
  await redis.stop()

  t.diagnostic(`${count} sessions, ${(bytesEach / 1_024).toFixed(2)} KiB of Redis each`)
  for (const [when, { direct, through, rate }] of Object.entries({ 'with a few': few, 'with all': many })) {
    const [p50, p99] = [0.5, 0.99].map((share) => quantileOf(through, share) - quantileOf(direct, share))
    t.diagnostic(
      `${when}: ${Math.round(rate)} a second; the gateway adds p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms`,
    )
  }
  assert.ok(count >= sessions, `${count}`)
  assert.ok(bytesEach <= KIB_EACH * 1_024, `${bytesEach} bytes`)
  assert.doesNotMatch(String(calls), /^cmdstat_(keys|[shz]?scan)\b/m)
  // The same within what a busy machine makes of it.
  const [p50Few, p50Many] = [quantileOf(few.through, 0.5), quantileOf(many.through, 0.5)]
  assert.ok(p50Many <= 5 * p50Few + 20, `p50 ${p50Many} ms, with a few sessions ${p50Few} ms`)
})

interface Measured {
  readonly direct: readonly number[]
  readonly through: readonly number[]
  /** Requests a second that really were sent through the gateway. */
  readonly rate: number
}

/** The same questions to the service itself at the same time, to tell what the gateway adds. */
async function measure(questions: readonly Question[], upstreamUrl: string, count: number): Promise<Measured> {
  await using direct = startPressure([{ what: 'direct', url: `${upstreamUrl}/x` }], perSecond / 5)
  await using through = startPressure(questions, perSecond)
  const startedAtMs = performance.now()
  await through.next(() => through.answers.length >= count)
  const rate = through.answers.length / ((performance.now() - startedAtMs) / 1_000)
  const timesOf = (answers: readonly Answered[]): readonly number[] => {
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    return answers.map(({ ms }) => ms)
  }
  return { direct: timesOf(await direct.stop()), through: timesOf(await through.stop()), rate }
}

type Store = Awaited<ReturnType<typeof connect>>

async function connect({ url }: OwnRedis) {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  return {
    send: (...command: string[]): Promise<unknown> => client.sendCommand(command),
    [Symbol.asyncDispose]: async () => client.destroy(),
  }
}

/** Copies what the logins have stored, lists included, until there are as many as wanted. */
async function fill(store: Store): Promise<{ readonly bytesEach: number; readonly count: number }> {
  const used = async (): Promise<number> =>
    Number(/^used_memory:(\d+)/m.exec(String(await store.send('INFO', 'memory')))?.[1])
  const keysOf = (pattern: string): Promise<string[]> => store.send('KEYS', pattern) as Promise<string[]>
  const originals = await keysOf('*websession*')
  const rounds = Math.ceil(sessions / people)
  const before = await used()
  const script = `
    for round = 1, tonumber(ARGV[1]) do
      for _, key in ipairs(KEYS) do redis.call('COPY', key, key .. round) end
    end`
  await store.send('EVAL', script, String(originals.length), ...originals, String(rounds))
  const copies = rounds * people
  return { bytesEach: ((await used()) - before) / copies, count: (await keysOf('*websession:*')).length }
}
