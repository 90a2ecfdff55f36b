// The wall clock of the machine is wrong, is set while the gateway runs, or runs too fast (security.md 7.2): a minute of
// difference to the login provider is forgiven and more is not; nothing that waits notices; sessions end when they should.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import type { GatewayProcess } from '../gateway/gateway-process.ts'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestClient } from '../support/http-client.ts'
import { createFakeTime, isMissing, startOwnRedis } from '../support/programs.ts'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type Site, startSite } from './site.ts'

const time = await createFakeTime()
const redis = await startOwnRedis()
const skip = (isMissing(time) && time.missing) || (isMissing(redis) && redis.missing)

const FIRST_BYTE_MS = 1_000
const TUNNEL_IDLE_MS = 2_000
const steps = ['+300', '-300', '+50', '-50', '-86400', '+0 x3', '+0']

let upstream: RecordingUpstream
let echo: EchoUpstream
let site: Site
let gateway: GatewayProcess

before(async () => {
  if (isMissing(time) || isMissing(redis)) return
  upstream = await startRecordingUpstream(({ target }) =>
    target === '/silent' ? new Promise(() => {}) : ok('content'),
  )
  echo = await startEchoUpstream()
  const lab = { path: '/api/lab/', to: upstream.url, allow: ['authenticated'] }
  site = await startSite({
    redis,
    env: time.env,
    config: {
      sessions: { idle: '1h', absolute: '12h' },
      upstreams: [
        { ...lab, timeouts: { firstByte: `${FIRST_BYTE_MS}ms` } },
        { path: '/api/echo/', to: echo.url, allow: ['authenticated'], webSockets: { idle: `${TUNNEL_IDLE_MS}ms` } },
      ],
    },
  })
  gateway = site.gateway
})
after(async () => {
  if (isMissing(time) || isMissing(redis)) return
  await site[Symbol.asyncDispose]()
  await upstream.close()
  await echo.close()
  await redis.stop()
})

function setClock(text: string): void {
  assert.ok(!isMissing(time))
  time.set(text)
}

const ask = async (client: TestClient): Promise<number> => (await client.get('/api/lab/x')).status

for (const { clock, isForgiven } of [
  { clock: '-50', isForgiven: true },
  { clock: '-70', isForgiven: false },
  { clock: '-300', isForgiven: false },
  // What the provider says of its tokens' end is in an hour.
  { clock: '+300', isForgiven: true },
  { clock: '+86400', isForgiven: false },
]) {
  test(`a login with the clock at ${clock} s: ${isForgiven ? 'forgiven' : 'refused, and the log says why'}`, {
    skip,
  }, async (t) => {
    setClock(clock)
    const failed = gateway.saysNext('login_failed')
    const { client, answer } = await site.logIn()
    assert.equal(answer.status === 303, isForgiven, `${answer.status}`)
    assert.equal(await ask(client), isForgiven ? 200 : 401)
    if (isForgiven) return
    const { reason } = await failed
    t.diagnostic(`the clock at ${clock} s: ${String(reason)}`)
    assert.match(String(reason), /iat is in the future|expiration is past/)
  })
}

test('the clock is set while people work: they stay, nothing waits longer or shorter, and a day ends sessions', {
  skip,
}, async (t) => {
  setClock('+0')
  const { client } = await site.logIn()
  const waits: number[] = []
  for (const text of steps) {
    const answered = await beginSilent(client)
    setClock(text)
    assert.equal(await ask(client), 200, `at ${text}`)
    const { ms, status } = await answered.answer
    assert.equal(status, 504, `at ${text}`)
    waits.push(ms)
  }
  t.diagnostic(
    `clock ${steps.join(', ')}: 504 after ${waits.map((ms) => Math.round(ms)).join(', ')} ms of ${FIRST_BYTE_MS}`,
  )
  assert.ok(Math.min(...waits) >= FIRST_BYTE_MS * 0.95, 'no wait is shorter')
  assert.ok(Math.max(...waits) <= FIRST_BYTE_MS * 8, 'no wait is longer')

  setClock('+3500')
  assert.equal(await ask(client), 200, 'used within the hour')
  setClock('+86400')
  assert.equal(await ask(client), 401, 'a session lasts half a day at the most')
})

test('a WebSocket ends after the silence that is allowed, whatever the clock is set to meanwhile', {
  skip,
}, async (t) => {
  for (const clock of ['+86400', '-86400', '+0']) {
    setClock('+0')
    const { client } = await site.logIn()
    const url = `${gateway.url.replace('http', 'ws')}/api/echo/socket`
    const socket = new WebSocket(url, { origin: gateway.url, headers: { cookie: client.cookieHeader() } })
    await once(socket, 'open')
    const openedAtMs = performance.now()
    setClock(clock)
    const [code] = await once(socket, 'close', { signal: AbortSignal.timeout(TUNNEL_IDLE_MS * 8) })
    const tookMs = performance.now() - openedAtMs
    t.diagnostic(`the clock at ${clock} s: closed with ${code} after ${Math.round(tookMs)} ms of ${TUNNEL_IDLE_MS}`)
    assert.equal(code, 4408)
    assert.ok(tookMs >= TUNNEL_IDLE_MS * 0.95, `at ${clock} it ended after ${tookMs} ms`)
  }
})

test('a process whose clock was set back a day ends in time', { skip }, async (t) => {
  setClock('+0')
  const { client } = await site.logIn()
  const cut = await beginSilent(client)
  setClock('-86400')
  const toldAtMs = performance.now()
  gateway.signal('SIGTERM')
  const { code, atMs } = await gateway.exited
  await cut.answer.catch(() => {})
  t.diagnostic(`exit ${code} after ${((atMs - toldAtMs) / 1_000).toFixed(1)} s`)
  assert.equal(code, 0)
  assert.ok(atMs - toldAtMs < 10_000)
})

/** Resolves when the request, which is never answered, has come to the service. */
async function beginSilent(client: TestClient): Promise<{ readonly answer: Promise<{ ms: number; status: number }> }> {
  const arrived = upstream.request(upstream.requests.length)
  const startedAtMs = performance.now()
  const answer = client.get('/api/lab/silent').then(({ status }) => ({ status, ms: performance.now() - startedAtMs }))
  answer.catch(() => {})
  await arrived
  return { answer }
}
