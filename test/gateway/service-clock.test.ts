// A service whose clock is not ours (security.md G3): before all that is signed for it is refused, the log and the metrics
// say why.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startLab } from './lab.ts'

const MINUTE_MS = 60_000
const AHEAD = /^gatehouse_upstream_endpoint_clock_ahead_seconds\{upstream="(\w+)",endpoint="[^"]+"\} (\S+)$/gm

test('a clock that is ten minutes off is warned of and measured, where it matters', async () => {
  // A Date names whole seconds; a quarter of one leaves no doubt about how a difference is rounded.
  const clock = createManualClock(Math.floor(Date.now() / 1_000) * 1_000 + 250)
  let aheadMs = 0
  await using service = await startRecordingUpstream(() =>
    ok('ok', `Date: ${new Date(clock.now() + aheadMs).toUTCString()}\r\n`),
  )
  const upstreams = [
    { id: 'signed', path: '/api/signed/', to: service.url, allow: ['authenticated'], sign: { type: 'identity-jwt' } },
    { id: 'plain', path: '/api/plain/', to: service.url, allow: ['authenticated'] },
  ]
  await using lab = await startLab({ clock, config: { upstreams } })
  const ada = await lab.logIn('ada')
  const ask = async (minutes: number): Promise<void> => {
    clock.advance(10_000)
    aheadMs = minutes * MINUTE_MS
    for (const { path } of upstreams) assert.equal((await ada.get(`${path}x`)).status, 200)
  }
  const readings = async (): Promise<Readonly<Record<string, number>>> => {
    const text = await (await fetch(lab.gateway.metricsUrl)).text()
    return Object.fromEntries([...text.matchAll(AHEAD)].map(([, upstream, value]) => [upstream, Number(value)]))
  }
  const said = () => lab.gateway.logs.filter(({ event }) => event.startsWith('service_clock_'))

  await ask(0)
  assert.ok(Math.abs((await readings()).signed ?? Number.NaN) < 1)
  assert.deepEqual(said(), [])

  for (const minutes of [10, -10]) {
    await ask(minutes)
    const { signed = Number.NaN, ...others } = await readings()
    assert.ok(Math.abs(signed - minutes * 60) < 1, `${signed} s`)
    assert.deepEqual(others, {})
    await ask(0)
  }
  assert.deepEqual(
    said().map(({ event, level, upstream, ahead_s }) => [event, level, upstream, ahead_s]),
    [
      ['service_clock_differs', 'warn', 'signed', 600],
      ['service_clock_agrees', 'info', 'signed', 0],
      ['service_clock_differs', 'warn', 'signed', -600],
      ['service_clock_agrees', 'info', 'signed', 0],
    ],
  )
})
