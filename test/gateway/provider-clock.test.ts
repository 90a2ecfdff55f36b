// A login provider whose clock is not ours (security.md 7.2): before its logins are refused, the log and the metrics say why.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { startOidcLab } from './oidc-lab.ts'

const AHEAD = /^gatehouse_login_provider_clock_ahead_seconds\{provider="(\w+)"\} (\S+)$/gm

test('a difference that still lets people in is warned of and measured, and so is one that does not', async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startOidcLab({ clock })
  /** The provider's clock is that of the machine. @returns whether the login worked */
  const logInAhead = async (seconds: number): Promise<boolean> => {
    clock.advance(10_000)
    clock.stepWallClock(Date.now() - seconds * 1_000 - clock.now())
    const browser = lab.browser()
    const { status } = await browser.comeBack(await browser.prove(await browser.begin(), 'ada'))
    return status === 303
  }
  const measured = async (): Promise<readonly (readonly [provider: unknown, seconds: number])[]> => {
    const text = await (await fetch(lab.gateway.metricsUrl)).text()
    return [...text.matchAll(AHEAD)].map(([, provider, value]) => [provider, Number(value)])
  }
  for (const { seconds, isForgiven } of [
    { seconds: 0, isForgiven: true },
    { seconds: 50, isForgiven: true },
    { seconds: 600, isForgiven: false },
    { seconds: 0, isForgiven: true },
  ]) {
    assert.equal(await logInAhead(seconds), isForgiven, `${seconds} s`)
    const [[provider, ahead] = [undefined, Number.NaN], ...others] = await measured()
    assert.deepEqual([provider, others], ['sso', []])
    assert.ok(Math.abs(ahead - seconds) < 2, `${ahead} instead of ${seconds} s`)
  }
  const said = lab.gateway.logs.filter(({ event }) => event.startsWith('provider_clock_'))
  assert.deepEqual(
    said.map(({ event, level, provider, leeway_s }) => [event, level, provider, leeway_s]),
    [
      ['provider_clock_differs', 'warn', 'sso', 60],
      ['provider_clock_agrees', 'info', 'sso', undefined],
    ],
  )
})
