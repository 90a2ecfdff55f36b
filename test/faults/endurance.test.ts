// Hours of work leave nothing behind (security.md 7.2, soak): steady requests by people who are logged in, tunnels that
// come and go, clients that go away in the middle. Heap after a forced collection, descriptors, timers and keys of Redis
// stay what they were, and the last answers are as quick as the first.
//
// GATEHOUSE_SOAK_MINUTES sets the length of the full run, 30 by default.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { askRedis } from '../support/programs/redis.ts'
import { isMissing, type OwnRedis, startOwnRedis, waitUntil } from '../support/programs.ts'
import type { RawSocket } from '../support/raw-web-socket.ts'
import { startEchoThread } from './echo-thread.ts'
import { type Inspected, reserveInspectorPort } from './inspected.ts'
import { type Answered, type Question, quantile, startPressure, tally } from './pressure.ts'
import { MIB, openDescriptors, residentBytes, skipWithoutProc } from './process-figures.ts'
import { startSite } from './site.ts'
import { isSoak } from './soak.ts'
import { closeAll, openTunnels } from './tunnels.ts'

const perSecond = isSoak ? 200 : 100
const tunnelCount = isSoak ? 500 : 50
const periods = isSoak ? 6 : 3
const seconds = isSoak ? Number(process.env.GATEHOUSE_SOAK_MINUTES ?? 30) * 60 : 9
const periodRequests = (perSecond * seconds) / periods
/** A short run still has to fill what is remembered: lists of recent things, compiled code. */
const allowedGrowth = isSoak ? 0.02 : 0.1

const redis = await startOwnRedis()
const skip = skipWithoutProc || (isMissing(redis) && redis.missing)

test('work leaves nothing behind', { skip, timeout: 45 * 60_000 }, async (t) => {
  assert.ok(!isMissing(redis))
  await using upstream = await startEchoThread()
  const inspector = await reserveInspectorPort()
  await using site = await startSite({
    redis,
    env: inspector.env,
    config: {
      upstreams: [
        { path: '/api/lab/', to: upstream.url, allow: ['authenticated'] },
        { path: '/api/open/', to: upstream.url, allow: ['public'], webSockets: { maxPerSession: 10_000 } },
      ],
    },
  })
  await using inside = await inspector.connect()
  const { url, pid, port } = site.gateway
  const questions: Question[] = []
  for (let person = 0; person < 10; person++) {
    const { client } = await site.logIn()
    questions.push({ what: 'service', url: `${url}/api/lab/x`, headers: { cookie: client.cookieHeader() } })
  }
  let tunnels: RawSocket[] = []
  const quiet = openDescriptors(pid)
  /** When nothing is under way: connections to the service are kept for a while, those of clients and tunnels are not. */
  const look = async (): Promise<State> => {
    await closeAll(tunnels)
    tunnels = []
    await waitUntil(async () => openDescriptors(pid) <= quiet + 10)
    return readState(pid, inside, redis)
  }

  const states: State[] = []
  const answers: (readonly Answered[])[] = []
  for (let period = 0; period <= periods; period++) {
    tunnels = await openTunnels(port, tunnelCount, { path: '/api/open/socket' })
    await using pressure = startPressure(questions, perSecond)
    const goal = Math.ceil(period === 0 ? periodRequests / 2 : periodRequests)
    while (pressure.answers.length < goal) {
      await pressure.next(() => true)
      // Every twentieth answer a client goes away in the middle, or a tunnel without a word.
      if (pressure.answers.length % 20 === 0) await leave(url, port, tunnels)
    }
    const came = await pressure.stop()
    const state = await look()
    t.diagnostic(
      `${period === 0 ? 'warm' : period}: ${tally(came)}, p99 ${quantile(came, 0.99)} ms; ${describe(state)}`,
    )
    assert.deepEqual([...new Set(came.map(({ status }) => status))], [200])
    states.push(state)
    answers.push(came)
  }
  await redis.stop()

  const [, first = assert.fail()] = states
  const last = states.at(-1) ?? assert.fail()
  const growth = last.heapBytes / first.heapBytes - 1
  const [p99First, p99Last] = [answers[1], answers.at(-1)].map((came) => quantile(came ?? [], 0.99))
  t.diagnostic(`heap ${(growth * 100).toFixed(2)} %, p99 ${p99First} → ${p99Last} ms`)
  assert.ok(growth <= allowedGrowth, `heap ${growth * 100} %`)
  assert.ok(last.descriptors <= first.descriptors + 15, `descriptors ${first.descriptors} → ${last.descriptors}`)
  assert.ok(last.timers <= first.timers + 10, `timers ${first.timers} → ${last.timers}`)
  assert.ok(last.keys <= first.keys + 5, `keys ${first.keys} → ${last.keys}`)
})

interface State {
  readonly heapBytes: number
  readonly residentBytes: number
  readonly descriptors: number
  readonly timers: number
  readonly keys: number
}

async function readState(pid: number, inside: Inspected, { port }: OwnRedis): Promise<State> {
  return {
    heapBytes: await inside.heapBytes(),
    residentBytes: residentBytes(pid),
    descriptors: openDescriptors(pid),
    timers: await inside.timers(),
    keys: Number(await askRedis(port, ['DBSIZE'])),
  }
}

const describe = ({ heapBytes, residentBytes, descriptors, timers, keys }: State): string =>
  `heap ${(heapBytes / MIB).toFixed(2)} MiB, resident ${(residentBytes / MIB).toFixed(0)} MiB, ` +
  `${descriptors} descriptors, ${timers} timers, ${keys} keys`

/** Somebody goes away while a stream comes, and somebody closes a tunnel and opens another. */
async function leave(url: string, port: number, tunnels: RawSocket[]): Promise<void> {
  const [stream] = (await once(get(`${url}/api/open/events`, { agent: false }), 'response')) as [IncomingMessage]
  stream.on('error', () => {}).destroy()
  await closeAll(tunnels.splice(0, 1))
  tunnels.push(...(await openTunnels(port, 1, { path: '/api/open/socket' })))
}
