// What others could use in somebody's name needs a login of just now, also where people log in at a provider that knows
// them already: the provider's session, hours old, is not one.

import assert from 'node:assert/strict'
import { after, before, mock, test } from 'node:test'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { type OidcBrowser, type OidcLab, startOidcLab } from './oidc-lab.ts'
import { askForToken } from './token-lab.ts'

const MINUTE = 60_000
let lab: OidcLab
let clock: ManualClock

before(async () => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  clock = createManualClock(Date.now())
  lab = await startOidcLab({ clock, config: { access: { recentLogin: '30m' } } })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  mock.timers.reset()
})

/** Here and at the provider. */
function advance(ms: number): void {
  clock.advance(ms)
  mock.timers.setTime(clock.now())
}

const askedAt = async (browser: OidcBrowser) => {
  const answer = await askForToken(browser, new URL(lab.url).origin)
  return answer.status === 201 ? '201' : `${answer.status} ${(answer.json() as { code: string }).code}`
}

const passwords = (): number => [...lab.provider.calls].filter(([call]) => call.startsWith('POST /interaction/')).length

test('a token needs a login of just now: one that the provider renews silently is none, and one that it asks for is', async () => {
  const browser = await lab.logIn('ada')
  assert.equal(await askedAt(browser), '201')
  advance(40 * MINUTE)
  assert.equal(await askedAt(browser), '403 access.loginNotRecent')
  await browser.post('/auth/logout', {})
  const before = passwords()
  assert.equal((await browser.comeBack(await browser.prove(await browser.begin(), 'ada'))).status, 303)
  assert.equal(passwords(), before, 'the provider logged in by itself')
  assert.equal(await askedAt(browser), '403 access.loginNotRecent')

  const page = await browser.get('/auth/login?again=1&returnTo=/settings', { accept: 'text/html' })
  assert.match(page.text, /needs a login of just now/)
  assert.match(page.text, /<input type="hidden" name="again" value="1">/)
  const begun = await browser.post('/auth/login/sso', { again: '1', returnTo: '/settings' })
  const back = await browser.comeBack(await browser.prove(String(begun.headers.location), 'ada'))
  assert.deepEqual([back.status, back.headers.location], [303, '/settings'])
  assert.equal(passwords(), before + 1)
  assert.equal(await askedAt(browser), '201')
})

test('a provider that was not asked leaves the login page with a word of why, and the session as it is', async () => {
  const browser = await lab.logIn('grace')
  advance(40 * MINUTE)
  const begun = await browser.post('/auth/login/sso', { again: '1' })
  const there = new URL(String(begun.headers.location))
  for (const name of ['prompt', 'max_age']) there.searchParams.delete(name)
  const back = await browser.comeBack(await browser.prove(there.href, 'grace'))
  assert.equal(back.status, 401)
  assert.match(back.text, /You have to show once more who you are/)
  assert.match(back.text, /name="again" value="1"/)
  assert.equal(await askedAt(browser), '403 access.loginNotRecent')
  assert.equal((await browser.get('/api/v1/me')).status, 200)
})
