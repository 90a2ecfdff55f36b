import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { createProviderVisitor, type OidcProvider, startOidcProvider } from '../../test/support/oidc-provider.ts'
import { createOidcSite, createProviderOptions, type OidcSite, providerConfig } from './drivers/oidc/oidc.fixture.ts'
import { createTestSite } from './identity.fixture.ts'
import type { PageProvider } from './login-page.ts'

const options = createProviderOptions()
const HOSTILE = [
  '//evil.test',
  '/\\evil.test',
  'https://evil.test',
  '/%5cevil.test',
  '/a\r\nSet-Cookie: x=y',
  '/auth/logout',
]
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

const shownIds = (data: Readonly<Record<string, unknown>> | undefined): readonly string[] =>
  ((data?.providers ?? []) as readonly PageProvider[]).map(({ id }) => id)

test('the login page shows every way in, the one that this browser used last first', async () => {
  const browser = site.browser()
  assert.deepEqual(shownIds((await browser.get('/auth/login')).data), ['sso', 'other'])
  await site.logIn(browser, { provider: 'other' })
  await browser.post('/auth/logout')
  assert.deepEqual(shownIds((await browser.get('/auth/login')).data), ['other', 'sso'])
  assert.deepEqual(shownIds((await site.browser().get('/auth/login')).data), ['sso', 'other'])
})

test('a cookie that somebody made up changes nothing but the order', async () => {
  for (const value of ['', 'x', '{}', 'W10', Buffer.from('{"provider":1}').toString('base64url'), 'A'.repeat(5000)]) {
    const browser = site.browser()
    browser.cookies.set('__Host-gatehouse-last', value)
    assert.deepEqual(shownIds((await browser.get('/auth/login')).data), ['sso', 'other'])
  }
})

test('who is logged in goes straight to where they wanted', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  assert.deepEqual(await browser.get('/auth/login?returnTo=/jobs%3Fx=1'), {
    status: 303,
    location: 'https://gate.test/jobs?x=1',
  })
  assert.deepEqual(await browser.get('/auth/login'), { status: 303, location: 'https://gate.test/' })
})

test('no way to log in and no way back leads off the site', async () => {
  for (const returnTo of HOSTILE) {
    const browser = site.browser()
    const page = await browser.get(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`)
    assert.equal(page.data?.returnTo, '/', returnTo)
    assert.deepEqual(await site.logIn(browser, { returnTo }), { status: 303, location: 'https://gate.test/' })
    const again = await browser.get(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`)
    assert.deepEqual(again, { status: 303, location: 'https://gate.test/' })
  }
})

test('a returnTo in the memory cookie is checked like any other', async () => {
  const browser = site.browser()
  const callback = await site.comeBack(browser)
  await site.logIn(browser)
  const memory = { provider: 'sso', attempt: 'x', returnTo: '//evil.test' }
  browser.cookies.set('__Host-gatehouse-last', Buffer.from(JSON.stringify(memory)).toString('base64url'))
  await browser.get(callback.href)
  assert.deepEqual(await browser.get(callback.href), { status: 303, location: 'https://gate.test/' })
})

test('an unknown provider is not found, whatever the verb', async () => {
  const browser = site.browser()
  for (const outcome of [
    await browser.post('/auth/login/nope', {}),
    await browser.get('/auth/callback/nope?code=a&state=b'),
    await browser.post('/auth/login/__proto__', {}),
    await browser.post('/auth/login/constructor', {}),
  ]) {
    assert.deepEqual(outcome, { status: 404, error: 'login.unknownProvider' })
  }
})

test('a form without name or password says so, and asks nobody', async () => {
  const local = await createTestSite([{ id: 'lab', type: 'local' }])
  for (const form of [{}, { username: 'ada' }, { password: 'x' }]) {
    const outcome = await local.browser().post('/auth/login/lab', { ...form, returnTo: '/jobs' })
    assert.deepEqual([outcome.status, outcome.data?.returnTo], [400, '/jobs'])
  }
  assert.deepEqual(local.audited, [])
  await local.close()
})

test('a password provider has no callback', async () => {
  const local = await createTestSite([{ id: 'lab', type: 'local' }])
  assert.deepEqual(await local.browser().get('/auth/callback/lab?state=x'), {
    status: 404,
    error: 'login.unknownProvider',
  })
  await local.close()
})

test('a person whom an administrator disabled is told, and gets no session', async () => {
  site.disabled.add('ada')
  const browser = site.browser()
  assert.deepEqual(await site.logIn(browser), { status: 403, error: 'access.userDisabled' })
  assert.equal(await browser.session(), undefined)
  assert.equal(site.counted.get('logins_total sso refused'), 1)
})

test('logging out without a session lands on the same page', async () => {
  const outcome = await site.browser().post('/auth/logout')
  assert.deepEqual(outcome, { status: 303, location: 'https://gate.test/auth/logged-out' })
})

test('a second account is connected to the session and dropped again', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const session = (await browser.session()) ?? assert.fail()
  const accountsOf = async () => (await browser.get('/auth/connect')).data?.accounts
  const sso = { id: 'sso', label: 'sso', isPrincipal: true, isConnected: true }
  const other = { id: 'other', label: 'other', isPrincipal: false, isConnected: false }
  assert.deepEqual(await accountsOf(), [sso, other])

  const connected = await site.logIn(browser, { provider: 'other', purpose: 'connect', returnTo: '/auth/connect' })
  assert.deepEqual(connected, { status: 303, location: 'https://gate.test/auth/connect' })
  const after = (await browser.session()) ?? assert.fail()
  assert.equal(after.row.ref, session.row.ref, 'it is the same session')
  assert.equal(after.row.provider, 'sso')
  assert.deepEqual(Object.keys(after.credentials).toSorted(), ['other', 'sso'])
  assert.deepEqual(await accountsOf(), [sso, { ...other, isConnected: true }])
  assert.equal(site.admitted.length, 1, 'nobody else was let in')

  assert.equal((await browser.post('/auth/disconnect/other')).status, 303)
  assert.deepEqual(Object.keys((await browser.session())?.credentials ?? {}), ['sso'])
  assert.deepEqual(
    site.audited.map(({ action }) => action).filter((action) => action.startsWith('credential.')),
    ['credential.connect', 'credential.disconnect'],
  )
})

test('the account of the login itself cannot be dropped, nor a stranger connect anything', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  assert.deepEqual(await browser.post('/auth/disconnect/sso'), { status: 409, error: 'login.cannotConnect' })
  const stranger = site.browser()
  assert.deepEqual(await stranger.post('/auth/connect/other'), { status: 401, error: 'login.sessionRequired' })
  assert.deepEqual(await stranger.post('/auth/disconnect/other'), { status: 401, error: 'login.sessionRequired' })
})

test('an account is connected only to the session that asked for it', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const callback = await site.comeBack(browser, { provider: 'other', purpose: 'connect' })
  await site.logIn(browser)
  assert.deepEqual(await browser.get(callback.href), { status: 409, error: 'login.cannotConnect' })
  assert.deepEqual(Object.keys((await browser.session())?.credentials ?? {}), ['sso'])
})

test('what was begun to connect does not log anybody in', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const callback = await site.comeBack(browser, { provider: 'other', purpose: 'connect' })
  await browser.post('/auth/logout')
  const outcome = await browser.get(callback.href)
  assert.deepEqual(outcome, { status: 401, error: 'login.sessionRequired' })
  assert.equal(await browser.session(), undefined)
})

test('another person’s account at one’s own provider is refused', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const begun = await browser.post('/auth/connect/sso', {})
  const grace = options.accounts[1] ?? assert.fail()
  const callback = await createProviderVisitor(provider.issuer).login(begun.location ?? '', grace)
  assert.deepEqual(await browser.get(callback.href), { status: 409, error: 'login.cannotConnect' })
  assert.equal((await browser.session())?.row.subject, 'ada')
})

test('two providers may know two people by the same name', async () => {
  const first = site.browser()
  const second = site.browser()
  await site.logIn(first)
  await site.logIn(second, { provider: 'other' })
  const ids = [(await first.session())?.row.userId, (await second.session())?.row.userId]
  assert.deepEqual(ids, ['user-sso-ada', 'user-other-ada'])
})

test('the configuration refuses what cannot work', async () => {
  const refused = async (...entries: readonly Readonly<Record<string, unknown>>[]): Promise<void> => {
    await assert.rejects(createTestSite(entries), JSON.stringify(entries))
  }
  const local = { id: 'lab', type: 'local' }
  await refused(local, { ...local, type: 'oidc' })
  await refused(local, { ...local, id: 'lab2' })
  await refused({ ...local, id: 'Lab' })
  await refused({ ...local, id: 'a/b' })
  await refused({ ...local, extra: 1 })
  await refused({ ...local, type: 'ldap' })
  await refused(local, { ...providerConfig('http://127.0.0.1:1'), id: 'lab' })
  await refused(providerConfig('http://sso.example.org'))
  await refused(providerConfig('https://sso.example.org/?x=1'))
  await refused({ ...providerConfig('https://sso.example.org'), scopes: ['profile'] })
  await refused({ ...providerConfig('https://sso.example.org'), algorithms: ['none'] })
  await refused({ ...providerConfig('https://sso.example.org'), algorithms: ['HS256'] })
  await refused({ ...providerConfig('https://sso.example.org'), algorithms: [] })
  await refused({ ...providerConfig('https://sso.example.org'), clientSecret: 'written here' })
})
