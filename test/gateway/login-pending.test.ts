// Logins that are begun and never completed: what strangers can make the gateway keep and write down is bounded, and
// does not stop people who log in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

const startBounded = (
  logins: Readonly<Record<string, string>>,
  clock = createManualClock(Date.now()),
): Promise<OidcLab> =>
  startOidcLab({ clock, config: { server: { trustedProxies: ['127.0.0.1'], limits: { logins } } } })

const begin = (lab: OidcLab, address: string, client = lab.stranger()) =>
  client.post('/auth/login/sso', {}, { 'x-forwarded-for': address })

const beginMany = async (lab: OidcLab, addresses: readonly string[]): Promise<readonly number[]> => {
  const statuses: number[] = []
  for (const address of addresses) statuses.push((await begin(lab, address)).status)
  return statuses
}

test('an address may begin so many that do not come back, and is told when to begin the next', async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startBounded({ pendingPerAddress: '3/10m' }, clock)
  assert.deepEqual(await beginMany(lab, Array(5).fill('192.0.2.1')), [303, 303, 303, 429, 429])
  const answer = await begin(lab, '192.0.2.1')
  assert.match(answer.text, /Too many logins were begun from your address/)
  assert.equal((await begin(lab, '192.0.2.2')).status, 303)
  clock.advance(Number(answer.headers['retry-after']) * 1000)
  assert.equal((await begin(lab, '192.0.2.1')).status, 303)
})

test('logins that are completed do not count', async () => {
  await using lab = await startBounded({ pendingPerAddress: '2/10m', pending: '2/10m' })
  for (let n = 0; n < 5; n++) {
    const browser = lab.browser()
    const landed = await browser.comeBack(await browser.prove(await browser.begin(), 'ada'))
    assert.equal(landed.status, 303, `round ${n}`)
  }
})

test('all addresses together are bounded, but who has logged in before gets in', async () => {
  await using lab = await startBounded({ pending: '10/10m' })
  const ada = await lab.logIn('ada')
  await ada.post('/auth/logout')
  const statuses = await beginMany(
    lab,
    Array.from({ length: 15 }, (_, n) => `198.51.100.${n}`),
  )
  assert.deepEqual(statuses.slice(8), [303, 303, 503, 503, 503, 503, 503])
  const again = await ada.comeBack(await ada.prove(await ada.begin(), 'ada'))
  assert.equal(again.status, 303)
})

test('callbacks that belong to no login fill neither the log nor the audit', async () => {
  await using lab = await startBounded({})
  for (let n = 0; n < 200; n++) {
    const answer = await lab.stranger().get(`/auth/callback/sso?state=${'A'.repeat(43)}&code=${n}`)
    assert.equal(answer.status, 401)
  }
  const audited = await lab.gateway.apis.storage.audit.list({ limit: 1000, action: 'login.failed' })
  assert.equal(audited.length, 20)
  assert.equal(lab.gateway.logs.filter(({ event }) => event === 'login_failed').length, 20)
})
