import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import {
  createProviderVisitor,
  listen,
  type OidcProvider,
  startOidcProvider,
} from '../../../test/support/oidc-provider.ts'
import {
  RawAnswer,
  signToken,
  startTamperingProvider,
  type TamperingProvider,
} from '../../../test/support/tampering-provider.ts'
import { createTestSite, GATE } from '../identity.fixture.ts'
import { testProvider } from '../provider.contract.ts'
import { createOidcSite, createProviderOptions, type OidcSite, providerConfig } from './oidc/oidc.fixture.ts'
import { oidcDriver } from './oidc.ts'

const options = createProviderOptions()
let provider: OidcProvider
let tampering: TamperingProvider
let site: OidcSite

before(async () => {
  provider = await startOidcProvider(options)
  tampering = await startTamperingProvider(options)
})
after(async () => {
  await provider.close()
  await tampering.close()
})
beforeEach(async () => {
  tampering.tamper({})
  site = await createOidcSite(provider, options.accounts)
})
afterEach(() => site.close())

testProvider('oidc', async () => {
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const config = oidcDriver.config.parse(providerConfig(provider.issuer))
  const [person = assert.fail()] = options.accounts
  return {
    provider: oidcDriver.create(config, {
      clock: site.clock,
      log,
      storage: site.storage,
      urlTo: (path) => `${GATE}${path}`,
    }),
    person: { username: person.username, password: person.password.reveal() },
    visit: async (url) => ({
      url: await createProviderVisitor(provider.issuer).login(url, person),
      rawHeaders: [],
      peer: '192.0.2.7',
    }),
    namesByIssuer: true,
    close: async () => {},
  }
})

const callsOf = (call: string): number => provider.calls.get(call) ?? 0

test('every authorization request carries PKCE S256, a fresh state and nonce, and exactly our redirect URI', async () => {
  const browser = site.browser()
  const requests = await Promise.all(
    Array.from(
      { length: 5 },
      async () => new URL((await browser.post('/auth/login/sso', {})).location ?? '').searchParams,
    ),
  )
  for (const name of ['state', 'nonce', 'code_challenge']) {
    assert.equal(new Set(requests.map((query) => query.get(name))).size, requests.length, name)
  }
  for (const query of requests) {
    assert.deepEqual([...query.keys()].sort(), [
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'nonce',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ])
    assert.equal(query.get('response_type'), 'code')
    assert.equal(query.get('code_challenge_method'), 'S256')
    assert.equal(query.get('redirect_uri'), `${GATE}/auth/callback/sso`)
    assert.equal(query.get('scope'), 'openid profile email groups')
  }
})

test('a login brings who the person is, their groups, and tokens that stay on the server', async () => {
  const browser = site.browser()
  const outcome = await site.logIn(browser, { returnTo: '/jobs?x=1' })
  assert.deepEqual(outcome, { status: 303, location: `${GATE}/jobs?x=1` })
  const session = (await browser.session()) ?? assert.fail()
  const { provider: from, issuer, subject, username, displayName, email, groups } = session.row
  assert.deepEqual(
    { from, issuer, subject, username, displayName, email, groups },
    {
      from: 'sso',
      issuer: provider.issuer,
      subject: 'ada',
      username: 'ada',
      displayName: 'Ada',
      email: 'ada@example.org',
      groups: ['lab'],
    },
  )
  const credential = session.credentials.sso
  assert.ok(credential?.kind === 'oauth' && credential.refreshToken !== undefined)
  assert.equal(credential.expiresAt, site.clock.now() + 300_000)
  assert.equal(site.counted.get('logins_total sso success'), 1)
  assert.ok(site.audited.some(({ action, subject: who }) => action === 'login.success' && who === 'sso/ada'))
  assert.equal(site.logged.filter(({ event }) => event === 'login_success').length, 1)
})

test('no secret of a login is in a log, the audit or a cookie', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const session = (await browser.session()) ?? assert.fail()
  const credential = session.credentials.sso
  assert.ok(credential?.kind === 'oauth')
  await browser.post('/auth/logout')
  const seen = JSON.stringify([site.logged, site.audited, [...browser.cookies]])
  for (const secret of [credential.accessToken, credential.refreshToken, credential.idToken]) {
    assert.ok(!seen.includes(secret?.reveal() ?? assert.fail()))
  }
  assert.doesNotMatch(seen, /CANARY/)
})

test('a login replaces the session that the browser had', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const first = browser.cookies.get('__Host-gatehouse')
  await site.logIn(browser)
  assert.notEqual(browser.cookies.get('__Host-gatehouse'), first)
  const thief = site.browser()
  thief.cookies.set('__Host-gatehouse', first ?? '')
  assert.equal(await thief.session(), undefined)
})

test('the client proves itself in a header, and the access token travels in one', async () => {
  const client = await startTamperingProvider(options)
  const seen: (string | undefined)[] = []
  client.tamper({
    userinfo: (body, request) => {
      seen.push(request.headers.authorization, request.url)
      return body
    },
  })
  const other = await createOidcSite(client, options.accounts)
  await other.logIn(other.browser())
  assert.match(seen[0] ?? '', /^Bearer \S+$/)
  assert.equal(seen[1], '/me')
  await other.close()
  await client.close()
})

test('claims that only the userinfo endpoint gives are used', async () => {
  const other = await createOidcSite(tampering, options.accounts, {
    claims: { groups: ['realm_access', 'roles'] },
    groupsPrefix: 'kc:',
  })
  tampering.tamper({ userinfo: (body) => ({ ...body, realm_access: { roles: ['a', 'b', 'a', 1, null, 'x\u0000y'] } }) })
  const browser = other.browser()
  await other.logIn(browser)
  assert.deepEqual((await browser.session())?.row.groups, ['kc:a', 'kc:b'])
  await other.close()
})

test('an e-mail address that nobody verified is left out', async () => {
  const other = await createOidcSite(tampering, options.accounts, { userinfo: false })
  for (const [email, verified] of [
    ['a@b.test', false],
    ['a@evil@b.test', true],
    ['a@b.test', 'true'],
    ['nobody', true],
  ]) {
    tampering.tamper({
      idToken: ({ header, payload }) =>
        signToken({ header, payload: { ...payload, email, email_verified: verified } }, tampering.key),
    })
    const browser = other.browser()
    await other.logIn(browser)
    assert.equal((await browser.session())?.row.email, undefined)
  }
  await other.close()
})

test('logout ends our session, then the provider’s', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const cookie = browser.cookies.get('__Host-gatehouse')
  const { location = '' } = await browser.post('/auth/logout')
  const url = new URL(location)
  assert.equal(`${url.origin}${url.pathname}`, `${provider.issuer}/session/end`)
  assert.equal(url.searchParams.get('client_id'), 'gatehouse')
  assert.equal(url.searchParams.get('post_logout_redirect_uri'), `${GATE}/auth/logged-out`)
  assert.match(url.searchParams.get('id_token_hint') ?? '', /^eyJ/)
  assert.equal((await fetch(url)).status, 200, 'the provider takes it')

  const thief = site.browser()
  thief.cookies.set('__Host-gatehouse', cookie ?? '')
  assert.equal(await thief.session(), undefined)
  assert.ok(site.audited.some(({ action, outcome }) => action === 'logout' && outcome === 'success'))
})

test('logout revokes the refresh token', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const credential = (await browser.session())?.credentials.sso
  assert.ok(credential?.kind === 'oauth')
  const before = callsOf('POST /token/revocation')
  await browser.post('/auth/logout')
  assert.equal(callsOf('POST /token/revocation'), before + 2)
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: credential.refreshToken?.reveal() ?? '',
  })
  const headers = { authorization: `Basic ${Buffer.from('gatehouse:CANARY-client-secret').toString('base64')}` }
  const answer = await fetch(`${provider.issuer}/token`, { method: 'POST', body, headers })
  assert.equal(answer.status, 400)
})

test('whatever state comes back from a logout, the page is the same and nothing happens', async () => {
  const browser = site.browser()
  for (const target of ['/auth/logged-out', '/auth/logged-out?state=other', '/auth/logged-out?state=a&state=b']) {
    assert.equal((await browser.get(target)).status, 200)
  }
})

test('with the provider away a logout still ends our session and lands on our page', async () => {
  const other = await createOidcSite(tampering, options.accounts)
  const browser = other.browser()
  await other.logIn(browser)
  tampering.tamper({ instead: () => new RawAnswer(503) })
  // The logout page of the provider is known; that its revocation fails is only logged.
  assert.equal((await browser.post('/auth/logout')).status, 303)
  assert.equal(await browser.session(), undefined)
  assert.ok(other.logged.some(({ event }) => event === 'revoke_failed'))
  await other.close()
})

test('the gateway starts without the provider; a login says 503 until it is there', async () => {
  const server = await listen()
  let asked = 0
  server.serve((_request, response) => {
    asked += 1
    response.destroy()
  })
  const other = await createTestSite([providerConfig(server.url)])
  const browser = other.browser()
  const first = await browser.post('/auth/login/sso', { returnTo: '/jobs' })
  assert.equal(first.status, 503)
  assert.match(String(first.data?.error), /could not be reached/)
  assert.equal(first.data?.returnTo, '/jobs')
  assert.equal(other.counted.get('logins_total sso unavailable'), 1)
  const before = asked
  assert.equal((await browser.post('/auth/login/sso', {})).status, 503)
  assert.equal(asked, before, 'a failure is remembered for a moment')
  await other.close()
  await server.close()
})

test('a provider that comes back is found again', async () => {
  tampering.tamper({ instead: () => new RawAnswer(502) })
  const other = await createOidcSite(tampering, options.accounts)
  const browser = other.browser()
  assert.equal((await browser.post('/auth/login/sso', {})).status, 503)
  tampering.tamper({})
  other.clock.advance(3001)
  assert.equal((await other.logIn(browser)).status, 303)
  // And what is known of it serves while it is away again.
  tampering.tamper({ instead: (path) => (path.startsWith('/.well-known') ? new RawAnswer(502) : undefined) })
  other.clock.advance(3_600_000)
  other.clock.stepWallClock(-3_600_000)
  assert.equal((await other.logIn(other.browser())).status, 303)
  await other.close()
})

test('a provider that hangs is given up on within ten seconds', async () => {
  const other = await createOidcSite(tampering, options.accounts)
  const browser = other.browser()
  const callback = await other.comeBack(browser)
  tampering.tamper({ instead: () => new RawAnswer(200, {}, '', true) })
  const startedAt = performance.now()
  assert.equal((await browser.get(callback.href)).status, 503)
  assert.ok(performance.now() - startedAt < 10_000)
  assert.equal(await browser.session(), undefined)
  await other.close()
})
