// The pages under /account/ that users of the original know, and what another site can do with their addresses.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestAnswer } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { findFreePort } from '../support/programs.ts'
import { type AccountLab, bearer, claimsOf, startAccountLab } from './account-lab.ts'

const CREATE = '/account/token/create'
const WHOAMI = '/api/v1/account/whoami'
const BROWSER = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

const clock = createManualClock()
let lab: AccountLab

before(async () => {
  const access = { admins: ['group:admins'], recentLogin: '30m' }
  lab = await startAccountLab({ clock, config: { access } })
})
after(() => lab[Symbol.asyncDispose]())

const locationOf = ({ headers }: TestAnswer): string => String(headers.location)
const tokenOn = ({ text }: TestAnswer): string => />(eyJ[\w.-]+)<\/textarea>/.exec(text)?.[1] ?? ''

test('the account page leads to the page for tokens, which makes one and shows it once', async () => {
  const ada = await lab.logIn('ada')
  assert.match((await ada.get('/account', BROWSER)).text, /<a href="\/account\/token">Tokens for scripts<\/a>/)
  const page = await ada.get('/account/token', BROWSER)
  assert.equal(page.status, 200)
  assert.match(page.text, /<form [^>]*method="post" action="\/account\/token">/)
  const created = await ada.post('/account/token')
  assert.equal(created.status, 200)
  assert.equal(created.headers['cache-control'], 'no-store')
  assert.equal((await lab.ask(WHOAMI, bearer(tokenOn(created)))).status, 200)
  assert.equal(tokenOn(await ada.get('/account/token', BROWSER)), '')
})

test('who is not logged in is sent to log in, and comes back to the token', async () => {
  const stranger = lab.stranger()
  const sent = await stranger.get(CREATE)
  assert.deepEqual([sent.status, locationOf(sent)], [302, '/account/login?next=%2Faccount%2Ftoken%2Fcreate'])
  const login = await stranger.get(locationOf(sent))
  assert.deepEqual([login.status, locationOf(login)], [302, '/auth/login?returnTo=%2Faccount%2Ftoken%2Fcreate'])
  const browser = await lab.stranger().get(CREATE, BROWSER)
  assert.deepEqual([browser.status, locationOf(browser)], [303, '/auth/login?returnTo=%2Faccount%2Ftoken%2Fcreate'])

  const form = {
    ...(await lab.account('ada')),
    returnTo: new URL(locationOf(login), lab.url).searchParams.get('returnTo') ?? '',
  }
  const back = await stranger.post('/auth/login/local', form)
  assert.equal(locationOf(back), CREATE)
  assert.equal(((await stranger.follow(back)).json() as { status: string }).status, 'ok')
})

test('the login leads to no other place than one of ours (R1)', async () => {
  const hostile = [
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    '/%09/evil.test',
    '/a//evil.test',
    '/%2F%2Fevil.test',
    '',
  ]
  for (const next of [...hostile, '/auth/logout', `/${'a'.repeat(2_000)}`]) {
    const answer = await lab.stranger().get(`/account/login?next=${encodeURIComponent(next)}`)
    assert.deepEqual([answer.status, locationOf(answer)], [302, '/auth/login?returnTo=%2F'], next)
  }
  const twice = await lab.stranger().get('/account/login?next=/a&next=//evil.test')
  assert.equal(twice.status, 400)
  const bare = await lab.stranger().get('/account/login')
  assert.equal(locationOf(bare), '/auth/login?returnTo=%2Faccount')
  const code = await lab.stranger().get('/account/login?code=CANARY-code&state=x')
  assert.equal(
    locationOf(code),
    '/auth/login?returnTo=%2Faccount',
    'a provider’s answer belongs elsewhere, and goes nowhere',
  )
})

test('a link logs nobody out: it shows a form, and that does', async () => {
  const ada = await lab.logIn('ada')
  const page = await ada.get('/account/logout', BROWSER)
  assert.equal(page.status, 200)
  assert.match(page.text, /<form method="post" action="\/account\/logout">/)
  assert.equal((await ada.get('/api/v1/me')).status, 200)
  const foreign = await ada.post('/account/logout', {}, { origin: 'https://evil.test' })
  assert.equal(foreign.status, 403)
  assert.equal((await ada.get('/api/v1/me')).status, 200)
  const out = await ada.post('/account/logout')
  assert.deepEqual([out.status, locationOf(out)], [303, '/auth/logged-out'])
  assert.equal((await ada.get('/api/v1/me')).status, 401)
  assert.match((await ada.get('/account/logout', BROWSER)).text, /Nobody is logged in here/)
})

test('another site makes no token appear: whoever is sent there gets a page that warns of it', async () => {
  const ada = await lab.logIn('ada')
  for (const site of ['cross-site', 'same-site']) {
    const answer = await ada.get(CREATE, { ...BROWSER, 'sec-fetch-site': site })
    assert.deepEqual([answer.status, locationOf(answer)], [303, '/account/token'], site)
  }
  for (const site of ['none', 'same-origin']) {
    const answer = await ada.get(CREATE, { ...BROWSER, 'sec-fetch-site': site })
    assert.equal(answer.status, 200, site)
    assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin')
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  }
  assert.equal((await ada.post('/account/token', {}, { origin: 'https://evil.test' })).status, 403)
  assert.equal((await ada.post('/account/token/revoke-all', {}, { origin: 'https://evil.test' })).status, 403)
})

test('a token is for who has logged in lately, and who has not is told what to do', async () => {
  const ada = await lab.logIn('ada')
  clock.stepWallClock(30 * 60_000)
  assert.equal((await ada.get(CREATE)).status, 200, 'within access.recentLogin')
  clock.stepWallClock(1)
  const refused = await ada.get(CREATE)
  const { status, message, code } = refused.json() as Record<string, unknown>
  assert.deepEqual([refused.status, status, code], [403, 'error', 'access.loginNotRecent'])
  assert.match(String(message), /\/auth\/login\?again=1/)
  assert.equal((await ada.post('/account/token')).status, 403)
  assert.match((await ada.get(CREATE, BROWSER)).text, /\/auth\/login\?again=1/)
})

test('what a person may not have is said on the page, and is no token', async () => {
  await using other = await startAccountLab({ account: { allow: ['group:admins'], realm: 'other' } })
  const ada = await other.logIn('ada')
  assert.match((await ada.get('/account/token', BROWSER)).text, /Not open to you:/)
  const refused = await ada.get(CREATE)
  assert.equal(refused.status, 403)
  assert.match(
    String(refused.headers['www-authenticate']),
    /^Bearer realm="other", error="insufficient_scope", error_description="[^"]+"$/,
  )
  assert.equal((await ada.get(WHOAMI)).status, 403)
  const grace = await other.tokenOf('grace')
  assert.equal((await other.ask(WHOAMI, bearer(grace))).status, 200)
})

test('below a base path all of it is below that path', async () => {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}/x`
  await using other = await startAccountLab({ config: { server: { url, listen: `127.0.0.1:${port}` } } })
  const asked = await other.stranger().get(CREATE)
  assert.equal(locationOf(asked), '/x/account/login?next=%2Fx%2Faccount%2Ftoken%2Fcreate')
  const loginFor = async (next: string): Promise<string> =>
    locationOf(await other.stranger().get(`/account/login?next=${encodeURIComponent(next)}`))
  for (const next of ['/x/account', '/account']) {
    assert.equal(await loginFor(next), '/x/auth/login?returnTo=%2Faccount', next)
  }
  for (const next of ['/x//evil.test', '/x/\\evil.test', '//evil.test']) {
    assert.equal(await loginFor(next), '/x/auth/login?returnTo=%2F', next)
  }
  const token = await other.tokenOf('ada')
  assert.equal(claimsOf(token).iss, url)
  assert.equal((await other.ask(WHOAMI, bearer(token))).status, 200)
  const page = await (await other.logIn('ada')).get('/account/token', BROWSER)
  assert.match(page.text, /action="\/x\/account\/token"/)
})
