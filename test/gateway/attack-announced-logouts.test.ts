// Anybody may post to where providers announce logouts. What is not believed is counted, each time, and fills neither the
// log nor the audit; who is logged in notices nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { startOidcLab } from './oidc-lab.ts'

test('announcements that are not believed fill neither the log nor the audit', async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startOidcLab({ clock, config: { server: { trustedProxies: ['127.0.0.1'] } } })
  const ada = await lab.logIn('ada')
  const announce = (address: string, n: number) =>
    lab.stranger().post('/auth/backchannel/sso', { logout_token: `made.up.${n}` }, { 'x-forwarded-for': address })

  for (let n = 0; n < 200; n++) assert.equal((await announce('192.0.2.1', n)).status, 400)
  const refused = () => lab.gateway.logs.filter(({ event }) => event === 'logout_refused')
  const audited = () => lab.gateway.apis.storage.audit.list({ limit: 1000, action: 'logout.announced' })
  assert.deepEqual([refused().length, (await audited()).length], [20, 20])

  await announce('192.0.2.2', 0)
  assert.deepEqual([refused().length, (await audited()).length], [21, 21], 'those of another address are seen')
  clock.advance(60_000)
  await announce('192.0.2.1', 0)
  assert.deepEqual([refused().at(-1)?.leftOut, (await audited())[0]?.detail?.leftOut], [180, 180])

  const metrics = await (await fetch(lab.gateway.metricsUrl)).text()
  assert.match(metrics, /logouts_announced_total\{provider="sso",result="refused"\} 202\n/)
  assert.equal((await ada.get('/api/v1/me')).status, 200)
})
