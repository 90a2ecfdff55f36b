// Several processes on one port: one that dies is replaced while the others answer, and all can be exchanged one by one,
// with another configuration, without a request that fails.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { waitUntil } from '../support/programs.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'
import { startLoad } from './processes.ts'

let upstream: EchoUpstream
before(async () => {
  upstream = await startEchoUpstream()
})
after(() => upstream.close())

/** So many that each of two processes gets some. */
const UNDER_WAY = 24

const start = (processes: number, to = upstream.url): Promise<GatewayProcess> =>
  startGatewayProcess({
    config: {
      server: { processes, shutdown: { drain: '30s' } },
      telemetry: { metrics: { listen: '127.0.0.1:0' } },
      upstreams: [{ path: '/api/', to, allow: ['public'] }],
    },
  })

function rewrite({ configFile }: GatewayProcess, change: Readonly<Record<string, unknown>>): void {
  writeFileSync(`${configFile}.new`, stringify({ ...(parse(readFileSync(configFile, 'utf8')) as object), ...change }))
  renameSync(`${configFile}.new`, configFile)
}

/** Of those that answer now. */
function workersOf({ logs }: GatewayProcess): readonly number[] {
  const started = logs.filter(({ event }) => event === 'worker_ready').map(({ worker }) => Number(worker))
  const ended = logs.flatMap(({ event, worker }) => (event === 'stopped' || event === 'worker_exited' ? [worker] : []))
  return started.filter((number) => !ended.includes(number))
}

const pidsOf = ({ pid }: GatewayProcess): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** Asks on a connection of its own. @throws if that is closed */
async function askOnce({ url }: GatewayProcess, path = '/api/x'): Promise<number> {
  const answer = await fetch(`${url}${path}`, { headers: { connection: 'close' } })
  await answer.text()
  return answer.status
}

test('all of them are exchanged under load, and no request fails; what needed a restart is in effect', async () => {
  await using gateway = await start(2)
  // Each process gathers its lines by itself: one may come after the word that all are ready.
  await waitUntil(async () => workersOf(gateway).length === 2)
  const before = workersOf(gateway)
  const load = startLoad(`${gateway.url}/api/load`)
  await load.goesOnFor(200)
  const restartNeeded = gateway.saysNext('config_restart_needed')
  rewrite(gateway, { sessions: { idle: '30m' } })
  await restartNeeded
  const renewed = gateway.saysNext('config_reloaded')
  gateway.signal('SIGUSR2')
  assert.equal((await renewed).cause, 'renewal')
  await load.goesOnFor(200)
  const { answered, failures } = await load.stop()
  assert.deepEqual(failures, [], `of ${answered}`)
  await waitUntil(async () => workersOf(gateway).length === 2)
  const now = workersOf(gateway)
  assert.ok(
    now.every((number) => !before.includes(number)),
    `${before.join()} became ${now.join()}`,
  )
})

test('one that is killed is replaced, and the others answer meanwhile', async () => {
  await using gateway = await start(2)
  const [first] = pidsOf(gateway)
  const load = startLoad(`${gateway.url}/api/load`)
  await load.goesOnFor(100)
  const [exited, replaced] = [gateway.saysNext('worker_exited'), gateway.saysNext('worker_ready')]
  process.kill(first ?? 0, 'SIGKILL')
  assert.equal((await exited).signal, 'SIGKILL')
  await load.goesOnFor(100)
  await replaced
  await load.goesOnFor(100)
  const { failures } = await load.stop()
  // Only what was on the connections of the one that died.
  assert.ok(failures.length <= 8, failures.join('\n'))
  assert.equal(pidsOf(gateway).length, 2)
})

test('a connection that was dealt to one that ends before it takes it is answered by another', async () => {
  await using gateway = await start(2)
  const [first = 0] = pidsOf(gateway)
  process.kill(first, 'SIGSTOP')
  let answered = 0
  // One of them is the stopped one's; the other one has the rest.
  const asked = Array.from({ length: 4 }, async () => {
    const status = await askOnce(gateway)
    answered++
    return status
  })
  await waitUntil(async () => answered === 3)
  process.kill(first, 'SIGKILL')
  assert.deepEqual(await Promise.all(asked), [200, 200, 200, 200])
})

test('when all have ended, what they had not taken is closed, not left waiting', async () => {
  await using gateway = await start(2)
  const children = pidsOf(gateway)
  for (const pid of children) process.kill(pid, 'SIGSTOP')
  const open = () => readdirSync(`/proc/${gateway.pid}/fd`).length
  const before = open()
  const outcomes = Promise.allSettled([askOnce(gateway), askOnce(gateway)])
  await waitUntil(async () => open() === before + 2)
  for (const pid of children) process.kill(pid, 'SIGKILL')
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
})

test('a reload reaches all of them, and a mistake none', async () => {
  await using gateway = await start(2)
  const statuses = async (path: string): Promise<ReadonlySet<number>> =>
    new Set(await Promise.all(Array.from({ length: 8 }, () => askOnce(gateway, path))))
  const reloaded = gateway.saysNext('config_reloaded')
  rewrite(gateway, { upstreams: [{ path: '/other/', to: upstream.url, allow: ['public'] }] })
  await reloaded
  assert.deepEqual([await statuses('/api/x'), await statuses('/other/x')], [new Set([404]), new Set([200])])

  const failed = gateway.saysNext('config_reload_failed')
  rewrite(gateway, { sites: [{ id: 'ui', path: '/ui/', directory: '/nowhere', allow: ['public'] }] })
  await failed
  assert.deepEqual(await statuses('/other/x'), new Set([200]))
})

test('SIGTERM ends all of them in order, with 0, and what is under way in each is answered', async () => {
  const answering = Promise.withResolvers<string>()
  await using slow = await startRecordingUpstream(() => answering.promise)
  await using gateway = await start(2, slow.url)
  const children = pidsOf(gateway)
  const asked = Array.from({ length: UNDER_WAY }, () => askOnce(gateway))
  await slow.request(UNDER_WAY - 1)
  gateway.signal('SIGTERM')
  const stopping = () => gateway.logs.filter(({ event, in_flight }) => event === 'stopping' && in_flight !== undefined)
  await waitUntil(async () => stopping().length === children.length)
  const underWay = stopping().map(({ in_flight }) => Number(in_flight))
  assert.ok(underWay.reduce((sum, each) => sum + each) === UNDER_WAY && !underWay.includes(0), underWay.join())
  answering.resolve(ok())
  assert.deepEqual(new Set(await Promise.all(asked)), new Set([200]))
  const { code, signal } = await gateway.exited
  assert.deepEqual({ code, signal }, { code: 0, signal: null })
  for (const pid of children) assert.throws(() => process.kill(pid, 0), /ESRCH/)
})

test('metrics are those of all, and go on when one has been replaced', async () => {
  await using gateway = await start(2)
  const { metrics } = await gateway.said('ready')
  const count = async (): Promise<number> => {
    const text = await (await fetch(String(metrics))).text()
    return Number(/^gatehouse_api_request_count_total\{[^}]*endpoint="\/api\/\*"[^}]*\} (\d+)$/m.exec(text)?.[1])
  }
  const ask = () => askOnce(gateway)
  await Promise.all(Array.from({ length: 10 }, ask))
  assert.equal(await count(), 10)
  const renewed = gateway.saysNext('config_reloaded')
  gateway.signal('SIGUSR2')
  await renewed
  await Promise.all(Array.from({ length: 10 }, ask))
  assert.equal(await count(), 20)
})
