// One of several endpoints goes away, stands still, or is restarted under load: people notice as little as can be, and
// nothing that must not be is sent twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { type Answered, quantile, startPressure, tally } from './pressure.ts'
import { isSoak } from './soak.ts'

const perSecond = isSoak ? 200 : 80
const phaseMs = isSoak ? 5_000 : 1_500
const rounds = isSoak ? 10 : 2

interface Site extends AsyncDisposable {
  readonly gateway: TestGateway
  readonly doors: readonly FaultProxy[]
  /** How many requests have come to each endpoint. */
  readonly received: () => readonly number[]
  /** Asks for a while. @returns what came back */
  ask(): Promise<readonly Answered[]>
}

async function startSite(more: object): Promise<Site> {
  await using stack = new AsyncDisposableStack()
  const upstreams = [0, 1, 2].map(async (index) => stack.use(await startRecordingUpstream(() => ok(String(index)))))
  const endpoints = await Promise.all(upstreams)
  const doors = await Promise.all(endpoints.map(async ({ port }) => stack.use(await startFaultProxy({ port }))))
  const to = doors.map(({ port }) => `http://127.0.0.1:${port}`)
  const gateway = stack.use(
    await startGateway({ config: { upstreams: [{ id: 'api', path: '/api/', to, allow: ['public'], ...more }] } }),
  )
  const all = stack.move()
  return {
    gateway,
    doors,
    received: () => endpoints.map(({ requests }) => requests.length),
    async ask() {
      const pressure = startPressure([{ what: 'api', url: `${gateway.url}/api/x` }], perSecond)
      await pause(phaseMs)
      return pressure.stop()
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const events = ({ logs }: TestGateway, event: string) => logs.filter((entry) => entry.event === event)

test('endpoints that go away and come back, one after the other: nobody gets an error', async (t) => {
  await using site = await startSite({ ejection: { failures: 3, time: '500ms', maxTime: '1s' } })
  const [, second] = site.doors as [FaultProxy, FaultProxy, FaultProxy]
  for (let round = 0; round < rounds; round++) {
    await site.ask()
    const before = site.received()
    const asked = site.ask()
    await second.refuse()
    const down = await asked
    const during = site.received()
    await second.accept()
    const up = await site.ask()
    t.diagnostic(
      `away: ${tally(down)}, p99 ${quantile(down, 0.99)} ms; back: ${tally(up)}, p99 ${quantile(up, 0.99)} ms`,
    )
    assert.ok([...down, ...up].every(({ status }) => status === 200))
    assert.ok((during[0] ?? 0) > (before[0] ?? 0) && (during[2] ?? 0) > (before[2] ?? 0))
    assert.ok((site.received()[1] ?? 0) > (during[1] ?? 0), 'it is asked again')
  }
  assert.ok(events(site.gateway, 'endpoint_ejected').length >= rounds)
  assert.ok(events(site.gateway, 'endpoint_returned').length >= rounds)
})

test('an endpoint that stands still costs the patience of few', async (t) => {
  const firstByteMs = 500
  await using site = await startSite({
    timeouts: { firstByte: `${firstByteMs}ms` },
    ejection: { failures: 3, time: '1h', maxTime: '1h' },
  })
  const [, second] = site.doors as [FaultProxy, FaultProxy, FaultProxy]
  await site.ask()
  second.injectBothWays({ isSilent: true })
  const still = await site.ask()
  const late = still.filter(({ status }) => status === 504)
  t.diagnostic(`while one of three stood still: ${tally(still)}`)
  assert.ok(still.every(({ status }) => status === 200 || status === 504))
  // Those that were already with it when it was left out: as many as come in its patience, and undici's second.
  assert.ok(late.length <= (perSecond / 3) * ((firstByteMs + 1_000) / 1_000) + 3, `${late.length}`)
  const after = await site.ask()
  assert.deepEqual([...new Set(after.map(({ status }) => status))], [200])
  assert.ok(quantile(after, 0.99) < firstByteMs)
})

test('health checks find an endpoint that stands still before people do', async (t) => {
  await using site = await startSite({
    timeouts: { firstByte: '30s' },
    healthCheck: { path: '/health', interval: '100ms', timeout: '200ms', failures: 2 },
  })
  const [, second] = site.doors as [FaultProxy, FaultProxy, FaultProxy]
  second.injectBothWays({ isSilent: true })
  while (events(site.gateway, 'endpoint_down').length === 0) await pause(10)
  const answers = await site.ask()
  t.diagnostic(`one of three is silent: ${tally(answers)}, p99 ${quantile(answers, 0.99)} ms`)
  assert.ok(answers.every(({ status }) => status === 200))
  second.injectBothWays({})
  while (events(site.gateway, 'endpoint_up').length === 0) await pause(10)
})

test('with every endpoint away it is a 502, the node stays ready, and all is well as soon as one is back', async (t) => {
  await using site = await startSite({
    ejection: { failures: 1, time: '1h', maxTime: '1h' },
    healthCheck: { path: '/health', interval: '100ms', timeout: '200ms', failures: 1 },
  })
  const statusOf = async (path: string): Promise<number> => (await fetch(`${site.gateway.url}${path}`)).status
  await Promise.all(site.doors.map((door) => door.refuse()))
  const away = await site.ask()
  assert.deepEqual([...new Set(away.map(({ status }) => status))], [502])
  assert.equal(await statusOf('/readyz'), 200)
  const text = await (await fetch(site.gateway.metricsUrl)).text()
  const label = `127.0.0.1:${site.doors[0]?.port}`
  assert.match(text, new RegExp(`gatehouse_upstream_endpoint_up\\{upstream="api",endpoint="${label}"\\} 0`))

  await site.doors[0]?.accept()
  while ((await statusOf('/api/x')) !== 200) await pause(10)
  while (events(site.gateway, 'endpoint_up').length === 0) await pause(10)
  const back = await site.ask()
  t.diagnostic(`all away: ${tally(away)}; one back: ${tally(back)}`)
  assert.ok(back.every(({ status }) => status === 200))
})
