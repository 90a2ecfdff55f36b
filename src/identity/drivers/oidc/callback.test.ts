import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { type OidcProvider, startOidcProvider } from '../../../../test/support/oidc-provider.ts'
import type { Outcome, TestBrowser } from '../../identity.fixture.ts'
import { createOidcSite, createProviderOptions, type OidcSite } from './oidc.fixture.ts'

const options = createProviderOptions()
let provider: OidcProvider
let site: OidcSite

before(async () => {
  provider = await startOidcProvider(options)
})
after(() => provider.close())
beforeEach(async () => {
  site = await createOidcSite(provider, options.accounts)
})
afterEach(() => site.close())

/** No session, no user, an audit entry, and an answer that says so. */
async function assertDenied(
  browser: TestBrowser,
  outcome: Outcome,
  statuses: readonly number[] = [401],
): Promise<void> {
  assert.ok(statuses.includes(outcome.status), JSON.stringify(outcome))
  assert.equal(await browser.session(), undefined)
  assert.ok(!browser.cookies.has('__Host-gatehouse'))
  assert.deepEqual(site.admitted, [])
  assert.ok(site.audited.some(({ action, outcome: result }) => action === 'login.failed' && result === 'failure'))
}

type Change = (query: URLSearchParams) => void
const HOSTILE: Readonly<Record<string, Change>> = {
  'state missing': (query) => query.delete('state'),
  'state empty': (query) => query.set('state', ''),
  'state wrong': (query) => query.set('state', `${'A'.repeat(42)}E`),
  'state with a letter more': (query) => query.set('state', `${query.get('state')}A`),
  'state twice': (query) => query.append('state', query.get('state') ?? ''),
  'state twice, the second wrong': (query) => query.append('state', 'x'),
  'code missing': (query) => query.delete('code'),
  'code empty': (query) => query.set('code', ''),
  'code wrong': (query) => query.set('code', 'x'.repeat(43)),
  'code twice': (query) => query.append('code', query.get('code') ?? ''),
  'iss missing although it is promised': (query) => query.delete('iss'),
  'iss empty': (query) => query.set('iss', ''),
  'iss of another': (query) => query.set('iss', 'https://evil.test'),
  'iss with a slash more': (query) => query.set('iss', `${query.get('iss')}/`),
  'iss twice': (query) => query.append('iss', query.get('iss') ?? ''),
  'an ID token in the address': (query) => query.set('id_token', 'eyJ.a.b'),
  'an access token in the address': (query) => query.set('token', 'x'),
  'an answer as a JWT': (query) => query.set('response', 'eyJ.a.b'),
  'an error beside the code': (query) => query.set('error', 'access_denied'),
  'an unknown error': (query) => query.set('error', '<script>alert(1)</script>'),
  'nothing but an error': (query) => {
    for (const name of ['code', 'state']) query.delete(name)
    query.set('error', 'access_denied')
  },
}

for (const [name, change] of Object.entries(HOSTILE)) {
  test(`an answer that the browser alters logs nobody in: ${name}`, async () => {
    const browser = site.browser()
    const callback = await site.comeBack(browser)
    change(callback.searchParams)
    await assertDenied(browser, await browser.get(callback.href))
  })
}

test('no query at all is an error page', async () => {
  const browser = site.browser()
  await assertDenied(browser, await browser.get('/auth/callback/sso'))
})

test('another browser cannot complete a login', async () => {
  const callback = await site.comeBack(site.browser())
  const other = site.browser()
  await assertDenied(other, await other.get(callback.href))
})

test('another browser that began a login itself cannot either', async () => {
  const callback = await site.comeBack(site.browser())
  const other = site.browser()
  await other.post('/auth/login/sso', {})
  await assertDenied(other, await other.get(callback.href))
})

test('the code of somebody else’s login is refused by the provider, because of PKCE', async () => {
  const victim = await site.comeBack(site.browser())
  const browser = site.browser()
  const callback = await site.comeBack(browser)
  callback.searchParams.set('code', victim.searchParams.get('code') ?? '')
  await assertDenied(browser, await browser.get(callback.href))
  // By the provider; that the nonce is another would be found only after it has accepted the code.
  assert.match(JSON.stringify(site.audited.at(-1)), /invalid_grant/)
})

test('the answer of one provider is no answer of another', async () => {
  const browser = site.browser()
  const callback = await site.comeBack(browser, { provider: 'other' })
  callback.pathname = '/auth/callback/sso'
  await assertDenied(browser, await browser.get(callback.href))
  assert.match(JSON.stringify(site.audited), /another provider/)
})

test('a person who cancels comes back to the login page and keeps where they were going', async () => {
  const browser = site.browser()
  const begun = await browser.post('/auth/login/sso', { returnTo: '/jobs?x=1' })
  const state = new URL(begun.location ?? '').searchParams.get('state')
  const query = new URLSearchParams({ error: 'access_denied', state: String(state), iss: provider.issuer })
  const outcome = await browser.get(`/auth/callback/sso?${query.toString()}`)
  await assertDenied(browser, outcome)
  assert.equal(outcome.data?.returnTo, '/jobs?x=1')
  assert.match(String(outcome.data?.error), /without telling us who you are/)
  assert.equal(site.counted.get('logins_total sso cancelled'), 1)
})

test('a second callback with a live session goes on, and changes nothing', async () => {
  const browser = site.browser()
  const callback = await site.comeBack(browser, { returnTo: '/jobs?x=1' })
  await browser.get(callback.href)
  const session = await browser.session()
  const again = await browser.get(callback.href)
  assert.equal(again.status, 303)
  assert.equal((await browser.session())?.row.ref, session?.row.ref)
  assert.equal(site.admitted.length, 1)
})

test('a stale callback with a live session goes to where that login was going', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const callback = await site.comeBack(browser, { returnTo: '/jobs?x=2' })
  site.clock.advance(11 * 60_000)
  assert.deepEqual(await browser.get(callback.href), { status: 303, location: 'https://gate.test/jobs?x=2' })
  assert.equal(site.admitted.length, 1)
})

test('a login that took too long is begun anew, once, and then an error page', async () => {
  const browser = site.browser()
  const callback = await site.comeBack(browser, { returnTo: '/jobs?x=3' })
  site.clock.advance(11 * 60_000)
  const again = await browser.get(callback.href)
  assert.equal(again.status, 303)
  assert.equal(new URL(again.location ?? '').origin, provider.issuer)
  assert.equal(await browser.session(), undefined)

  const second = await site.visitor.login(again.location ?? '', options.accounts[0] ?? assert.fail())
  site.clock.advance(11 * 60_000)
  await assertDenied(browser, await browser.get(second.href))
})

test('the login that was begun anew lands where the first was going', async () => {
  const browser = site.browser()
  const callback = await site.comeBack(browser, { returnTo: '/jobs?x=4' })
  site.clock.advance(11 * 60_000)
  const again = await browser.get(callback.href)
  const second = await site.visitor.login(again.location ?? '', options.accounts[0] ?? assert.fail())
  assert.deepEqual(await browser.get(second.href), { status: 303, location: 'https://gate.test/jobs?x=4' })
})

test('the callback of the login that one has just left logs nobody in', async () => {
  const browser = site.browser()
  const callback = await site.comeBack(browser)
  await browser.get(callback.href)
  await browser.post('/auth/logout')
  site.admitted.length = 0
  const replay = await browser.get(callback.href)
  assert.equal(replay.status, 401)
  assert.equal(await browser.session(), undefined)
})
