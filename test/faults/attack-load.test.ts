// Slow clients in great numbers, while other people go on as before (security.md 7.2, "attack load"): the others notice
// nothing, and the slow ones are gone within half a minute. A tenth of the numbers and of the patience by default.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startGatewayProcess } from '../gateway/gateway-process.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { quantile, startPressure, tally } from './pressure.ts'
import { cpuSeconds, readLoopDelay, skipWithoutProc } from './process-figures.ts'
import { startSlowClients } from './slow-clients.ts'
import { isSoak } from './soak.ts'

const heads = isSoak ? 5000 : 500
const bodies = isSoak ? 2000 : 200
const perSecond = isSoak ? 200 : 100
const limits = isSoak ? {} : { headTime: '2s', bodyTime: '3s' }
/** Code that has just been loaded is slow whoever asks. */
const warmUpMs = isSoak ? 5_000 : 500
const goneMs = isSoak ? 30_000 : 8_000

test('slow clients neither stay nor hold up the others', { skip: skipWithoutProc, timeout: 90_000 }, async (t) => {
  await using upstream = await startRecordingUpstream(() => ok('content'))
  await using gateway = await startGatewayProcess({
    config: {
      telemetry: { metrics: { listen: '127.0.0.1:0' } },
      server: { limits },
      identity: [{ id: 'local', type: 'local' }],
      upstreams: [
        { path: '/up/', to: upstream.url, allow: ['public'] },
        { path: '/lab/', to: upstream.url, allow: ['authenticated'] },
      ],
    },
  })
  const { port, url } = gateway
  const host = `Host: 127.0.0.1:${port}\r\n`
  await using pressure = startPressure(
    [
      { what: 'upstream', url: `${url}/up/x` },
      { what: 'page', url: `${url}/auth/login`, headers: { accept: 'text/html' } },
    ],
    perSecond,
  )
  await pause(warmUpMs)
  const quiet = pressure.answers.length
  const [cpuBefore, fromMs] = [cpuSeconds(gateway.pid), performance.now()]
  await readLoopDelay(gateway)

  const post = (target: string) =>
    `POST ${target} HTTP/1.1\r\n${host}Origin: ${url}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n`
  const kinds = [
    { count: heads, start: `GET /up/x HTTP/1.1\r\n${host}`, drip: 'X-A: b\r\n' },
    { count: bodies / 2, start: post('/auth/login/local'), drip: 'a' },
    { count: bodies / 2, start: post('/lab/x'), drip: 'a' },
  ]
  await using slow = await startSlowClients({ port, localAddress: '127.0.0.2', kinds })
  const allAtMs = performance.now()
  await slow.gone
  const tookMs = performance.now() - allAtMs

  const busy = (cpuSeconds(gateway.pid) - cpuBefore) / ((performance.now() - fromMs) / 1_000)
  const loop = await readLoopDelay(gateway)
  const answers = (await pressure.stop()).slice(quiet)
  const p99 = quantile(answers, 0.99)
  t.diagnostic(`${slow.most} slow connections at once, gone after ${(tookMs / 1000).toFixed(1)} s`)
  t.diagnostic(`beside them: ${tally(answers)}; p50 ${quantile(answers, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`)
  t.diagnostic(
    `the gateway: ${Math.round(busy * 100)} % of a processor, loop delay p99 ${loop.p99Ms.toFixed(1)} ms, longest ${loop.maxMs.toFixed(0)} ms`,
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  assert.ok(tookMs <= goneMs, `gone after ${tookMs} ms`)
  if (isSoak) assert.ok(p99 <= 100, `p99 ${p99} ms`)
  assert.equal(
    upstream.requests.every(({ target }) => target === '/x'),
    true,
  )
})
