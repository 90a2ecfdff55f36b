// Nothing that takes long runs on the event loop (security.md 7.2): under the normal load of a site it is never late for
// long, and neither the hashing of passwords nor a big body of JSON keeps others waiting.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GatewayProcess, startGatewayProcess } from '../gateway/gateway-process.ts'
import { createClient } from '../support/http-client.ts'
import { startEchoThread } from './echo-thread.ts'
import { quantile, quantileOf, startPressure } from './pressure.ts'
import { readLoopDelay } from './process-figures.ts'
import { isSoak } from './soak.ts'

const perSecond = isSoak ? 200 : 100
const requests = isSoak ? 12_000 : 300
const rounds = isSoak ? 20 : 4
const LOGINS_AT_ONCE = 4

const startGateway = (upstreamUrl = 'http://127.0.0.1:9'): Promise<GatewayProcess> =>
  startGatewayProcess({
    config: {
      // Guessing is limited elsewhere; here it is the work of it that counts.
      server: { limits: { logins: { failures: '100000/1m', failuresPerAddress: '100000/1m' } } },
      telemetry: { metrics: { listen: '127.0.0.1:0' } },
      identity: [{ id: 'local', type: 'local' }],
      upstreams: [{ path: '/api/', to: upstreamUrl, allow: ['public'] }],
    },
  })

test('under normal load the loop is on time', async (t) => {
  await using upstream = await startEchoThread()
  await using gateway = await startGateway(upstream.url)
  const { url } = gateway
  await using pressure = startPressure(
    [
      { what: 'service', url: `${url}/api/x` },
      { what: 'page', url: `${url}/auth/login`, headers: { accept: 'text/html' } },
    ],
    perSecond,
  )
  // The first hundred are answered by code that is not compiled yet.
  await pressure.next(() => pressure.answers.length >= 100)
  await readLoopDelay(gateway)
  await pressure.next(() => pressure.answers.length >= 100 + requests)
  const loop = await readLoopDelay(gateway)
  const answers = await pressure.stop()
  t.diagnostic(
    `loop delay p99 ${loop.p99Ms.toFixed(1)} ms, longest ${loop.maxMs.toFixed(1)} ms; answers p99 ${quantile(answers, 0.99)} ms`,
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  if (!isSoak) return
  assert.ok(loop.p99Ms <= 30, `${loop.p99Ms} ms`)
  assert.ok(loop.maxMs <= 200, `${loop.maxMs} ms`)
})

test('passwords are hashed beside the loop', async (t) => {
  await using gateway = await startGateway()
  await using pressure = startPressure([{ what: 'live', url: `${gateway.url}/healthz` }], 100)
  const logIn = async (): Promise<number> => {
    const startedAtMs = performance.now()
    const { status } = await createClient(gateway.url).post('/auth/login/local', {
      username: 'ada',
      password: 'a guess',
    })
    assert.equal(status, 401)
    return performance.now() - startedAtMs
  }
  await logIn()
  await readLoopDelay(gateway)
  const from = pressure.answers.length
  const logins: number[] = []
  for (let round = 0; round < rounds; round++) {
    logins.push(...(await Promise.all(Array.from({ length: LOGINS_AT_ONCE }, logIn))))
  }
  const loop = await readLoopDelay(gateway)
  const beside = (await pressure.stop()).slice(from).map(({ ms }) => ms)
  const [hash, other] = [quantileOf(logins, 0.5), quantileOf(beside, 0.5)]
  t.diagnostic(
    `${logins.length} logins of ${hash.toFixed(0)} ms, others meanwhile ${other.toFixed(1)} ms; ` +
      `loop delay p99 ${loop.p99Ms.toFixed(1)} ms, longest ${loop.maxMs.toFixed(1)} ms`,
  )
  assert.ok(other < hash / 2, `others waited ${other} ms, as long as a login of ${hash} ms`)
})

test('a big body of JSON keeps nobody waiting', async (t) => {
  await using gateway = await startGateway()
  // As much as is taken, and as deep as it goes: what a stranger can send.
  const body = `{"username":${'['.repeat(500_000)}${']'.repeat(500_000)}}`
  const send = () =>
    createClient(gateway.url).send('/auth/login/local', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', origin: gateway.url },
    })
  await send()
  await readLoopDelay(gateway)
  const statuses = new Set<number>()
  for (let round = 0; round < rounds; round++) statuses.add((await send()).status)
  const loop = await readLoopDelay(gateway)
  t.diagnostic(
    `${rounds} bodies of ${body.length} bytes, answered ${[...statuses].join()}: loop delay longest ${loop.maxMs.toFixed(1)} ms`,
  )
  assert.ok(
    [...statuses].every((status) => [400, 413, 422].includes(status)),
    [...statuses].join(),
  )
  assert.ok(loop.maxMs <= (isSoak ? 200 : 2_000), `${loop.maxMs} ms`)
})
