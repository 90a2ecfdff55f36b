import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { createProviderVisitor } from '../../../test/support/oidc-provider.ts'
import { RawAnswer } from '../../../test/support/tampering-provider.ts'
import { GATE, type TestBrowser, type TestSite } from '../identity.fixture.ts'
import { testProvider } from '../provider.contract.ts'
import type { Callback } from '../provider.ts'
import { type OAuth2Lab, startOAuth2Lab, TOKEN, USER } from './oauth2/oauth2.fixture.ts'
import { oauth2Driver } from './oauth2.ts'

const MINUTE = 60_000
let lab: OAuth2Lab
let site: TestSite

before(async () => {
  lab = await startOAuth2Lab(300)
})
after(() => lab[Symbol.asyncDispose]())
beforeEach(async () => {
  lab.alter({})
  lab.gitlab.insteadOfTokens = () => undefined
  site = await lab.createSite()
})
afterEach(() => site.close())

testProvider('oauth2', () => open())

async function open(extra: object = {}) {
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const config = oauth2Driver.config.parse({ ...lab.config, ...extra })
  const [person = assert.fail()] = lab.gitlab.users
  return {
    provider: oauth2Driver.create(config, {
      clock: site.clock,
      log,
      storage: site.storage,
      urlTo: (path) => `${GATE}${path}`,
    }),
    person: { username: person.username, password: person.password.reveal() },
    visit: async (url: string): Promise<Callback> => ({
      url: await createProviderVisitor(lab.gitlab.url).login(url, person),
      rawHeaders: [],
      peer: '192.0.2.7',
    }),
    namesByIssuer: true as const,
    close: async () => {},
  }
}

test('the server is the same one when it begins to say its name, and when it has moved', async () => {
  const issuer = 'https://gitlab.test'
  const { provider, visit } = await open({ issuer, formerIssuers: ['https://old.test'] })
  assert.ok(provider.kind === 'redirect')
  const { urlFor, data } = await provider.begin({ redirectUri: `${GATE}/auth/callback/sso` })
  const callback = await visit(await urlFor('a-state'))
  callback.url.searchParams.set('iss', issuer)
  const { identity } = await provider.complete(callback, data, 'a-state')
  assert.equal(identity.issuer, issuer)
  assert.deepEqual(identity.formerIssuers, [new URL(String(lab.config.tokenUrl)).origin, 'https://old.test'])
})

const refreshTokenOf = async (browser: TestBrowser): Promise<string | undefined> => {
  const credential = (await browser.session())?.credentials.sso
  return credential?.kind === 'oauth' ? credential.refreshToken?.reveal() : undefined
}

const use = (browser: TestBrowser) => browser.request((ctx) => site.identities.credential(ctx, 'sso'))
const inTeams =
  (...names: readonly string[]) =>
  (body: Record<string, unknown>) => ({ ...body, teams: { names } })

test('nobody says when, so no login is of just now, and none is begun for that', async () => {
  const browser = site.browser()
  const begun = await browser.post('/auth/login/sso', { again: '1' })
  assert.deepEqual([begun.status, begun.data?.mustBeFresh], [409, true])
  assert.match(String(begun.data?.error), /cannot show that you are the one/)
  assert.equal((await lab.logIn(browser)).status, 303)
  const { row } = (await browser.session()) ?? assert.fail()
  assert.equal(row.authenticatedAt, undefined)
})

test('where the operator believes it, each login is of just now, and the provider is asked to ask', async () => {
  const config = { dangerouslyBelieveFreshLogins: true, freshLoginParameters: { prompt: 'login', kind: 'x y' } }
  const believing = await lab.createSite(config)
  const browser = believing.browser()
  const prompts = async (form: Record<string, string>) => {
    const { searchParams } = new URL((await browser.post('/auth/login/sso', form)).location ?? '')
    return [searchParams.get('prompt'), searchParams.get('kind')]
  }
  assert.deepEqual(await prompts({ again: '1' }), ['login', 'x y'])
  assert.deepEqual(await prompts({}), [null, null])
  const { location = '' } = await browser.post('/auth/login/sso', { again: '1', returnTo: '/jobs' })
  const outcome = await browser.get((await lab.visit(location)).href)
  assert.deepEqual(outcome, { status: 303, location: `${GATE}/jobs` })
  assert.equal((await browser.session())?.row.authenticatedAt, believing.clock.now())
  await believing.close()
})

test('parameters of a fresh login are the provider’s own, and of no use if nobody believes them', () => {
  const faultsOf = (extra: object) =>
    oauth2Driver.config.safeParse({ ...lab.config, ...extra }).error?.issues.map(({ message }) => message) ?? []
  const [unheeded = ''] = faultsOf({ freshLoginParameters: { prompt: 'login' } })
  assert.match(unheeded, /set dangerouslyBelieveFreshLogins too/)
  for (const name of ['state', 'redirect_uri', 'code_challenge', 'client_id', 'response_type', 'scope']) {
    const [own = ''] = faultsOf({ freshLoginParameters: { [name]: 'x' }, dangerouslyBelieveFreshLogins: true })
    assert.match(own, /part of every request/, name)
  }
})

test('every authorization request carries PKCE S256 and a fresh state, and asks for no ID token', async () => {
  const browser = site.browser()
  const queries = await Promise.all(
    Array.from(
      { length: 5 },
      async () => new URL((await browser.post('/auth/login/sso', {})).location ?? '').searchParams,
    ),
  )
  for (const name of ['state', 'code_challenge']) assert.equal(new Set(queries.map((query) => query.get(name))).size, 5)
  for (const query of queries) {
    const names = [
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ]
    assert.deepEqual([...query.keys()].sort(), names)
    assert.deepEqual(
      [query.get('response_type'), query.get('code_challenge_method'), query.get('scope')],
      ['code', 'S256', 'read_api'],
    )
  }
})

test('a login brings who the person is by the provider’s API, and tokens that stay on the server', async () => {
  lab.alter({ [USER]: (body) => ({ ...inTeams('lab', 'lab', 'x\u0000')(body), email_verified: true }) })
  const browser = site.browser()
  assert.deepEqual(await lab.logIn(browser), { status: 303, location: `${GATE}/jobs` })
  const session = (await browser.session()) ?? assert.fail()
  const { subject, username, displayName, email, groups, issuer } = session.row
  assert.deepEqual(
    { subject, username, displayName, email, groups, issuer },
    {
      subject: '101',
      username: 'ada',
      displayName: 'Ada Ünal',
      email: 'ada@example.org',
      groups: ['lab'],
      issuer: new URL(String(lab.config.tokenUrl)).origin,
    },
  )
  const credential = session.credentials.sso
  assert.ok(credential?.kind === 'oauth' && credential.refreshToken !== undefined && credential.idToken === undefined)
  assert.equal(credential.expiresAt, site.clock.now() + 300_000)
  const seen = JSON.stringify([site.logged, site.audited, [...browser.cookies]])
  for (const secret of lab.gitlab.oauth.issued) assert.ok(!seen.includes(secret))
  assert.doesNotMatch(seen, /CANARY/)
})

test('an e-mail address that nobody verified is left out', async () => {
  const browser = site.browser()
  await lab.logIn(browser)
  assert.equal((await browser.session())?.row.email, undefined)
})

test('with a refresh the groups are those of now, asked when the new tokens are kept', async () => {
  lab.alter({ [USER]: inTeams('lab', 'old') })
  const browser = site.browser()
  await lab.logIn(browser)
  const before = await refreshTokenOf(browser)
  const kept: Promise<string | undefined>[] = []
  lab.alter({
    [USER]: (body) => {
      kept.push(refreshTokenOf(browser))
      return inTeams('lab', 'new')(body)
    },
  })
  site.clock.advance(5 * MINUTE)
  await use(browser)
  assert.deepEqual((await browser.session())?.row.groups, ['lab', 'new'])
  const [atFirstUse] = await Promise.all(kept)
  assert.ok(atFirstUse !== undefined && atFirstUse !== before)
  assert.equal(atFirstUse, await refreshTokenOf(browser))
  const change = site.audited.find(({ action }) => action === 'session.groups')
  assert.deepEqual(change?.detail, { provider: 'sso', added: 'new', lost: 'old' })
})

test('while the API is away groups stay, and the new tokens are kept', async () => {
  lab.alter({ [USER]: inTeams('lab') })
  const browser = site.browser()
  await lab.logIn(browser)
  const before = await refreshTokenOf(browser)
  lab.alter({ [USER]: () => new RawAnswer(503) })
  site.clock.advance(5 * MINUTE)
  await use(browser)
  assert.deepEqual((await browser.session())?.row.groups, ['lab'])
  assert.notEqual(await refreshTokenOf(browser), before)
})

for (const [name, answer] of Object.entries({
  '429 in words': {
    status: 429,
    headers: { 'content-type': 'text/plain', 'retry-after': '60' },
    body: 'Retry later\n',
  },
  '429 as JSON': { status: 429, headers: { 'retry-after': '60' }, body: { message: 'slow down' } },
  '408 as a page': { status: 408, headers: { 'content-type': 'text/html', 'retry-after': '60' }, body: '<title>408' },
  '503 in words': { status: 503, headers: { 'content-type': 'text/plain', 'retry-after': '60' }, body: 'maintenance' },
})) {
  test(`a provider in trouble logs nobody out and nobody in: ${name}`, async () => {
    const browser = site.browser()
    await lab.logIn(browser)
    site.clock.advance(5 * MINUTE)
    let asked = 0
    lab.gitlab.insteadOfTokens = () => {
      asked += 1
      return answer
    }
    const unavailable = { code: 'credential.unavailable', headers: { 'retry-after': '60' } }
    await assert.rejects(async () => use(browser), unavailable)
    await assert.rejects(async () => use(browser), unavailable)
    assert.equal(asked, 1)
    assert.notEqual(await browser.session(), undefined)
    const other = site.browser()
    assert.equal((await lab.logIn(other)).status, 503)
    assert.equal(await other.session(), undefined)

    lab.gitlab.insteadOfTokens = () => undefined
    site.clock.advance(MINUTE)
    await use(browser)
  })
}

test('an API in trouble is left in peace for as long as it asks', async () => {
  const { provider, visit } = await open()
  assert.ok(provider.kind === 'redirect')
  const { urlFor, data } = await provider.begin({ redirectUri: `${GATE}/auth/callback/sso` })
  const callback = await visit(await urlFor('a-state'))
  lab.alter({ [USER]: () => new RawAnswer(429, { 'retry-after': '120' }, 'slow down') })
  await assert.rejects(async () => provider.complete(callback, data, 'a-state'), {
    code: 'login.providerUnavailable',
    headers: { 'retry-after': '120' },
    internal: { reason: `${USER} answered otherwise than it should (status 429)`, waitMs: 120_000 },
    cause: undefined,
  })
})

for (const [name, alterations] of Object.entries({
  'the new token is somebody else’s': { [USER]: (body: object) => ({ ...body, id: 102 }) },
  'the new token is nobody’s': { [USER]: () => ({}) },
  'the provider says no': {
    [TOKEN]: () => new RawAnswer(400, { 'content-type': 'application/json' }, '{"error":"invalid_grant"}'),
  },
  'the answer is no answer': { [TOKEN]: () => ({}) },
})) {
  test(`a refresh that goes wrong ends the session: ${name}`, async () => {
    const browser = site.browser()
    await lab.logIn(browser)
    lab.alter(alterations)
    site.clock.advance(5 * MINUTE)
    await assert.rejects(async () => use(browser), { code: 'login.refreshRefused' })
    assert.equal(await browser.session(), undefined)
    assert.ok(
      site.audited.some(({ action, detail }) => action === 'session.end' && detail?.reason === 'provider-logout'),
    )
  })
}

test('logout revokes both tokens and lands on our page', async () => {
  const browser = site.browser()
  await lab.logIn(browser)
  const credential = (await browser.session())?.credentials.sso
  assert.ok(credential?.kind === 'oauth')
  const before = lab.gitlab.oauth.revoked.length
  assert.deepEqual(await browser.post('/auth/logout'), { status: 303, location: `${GATE}/auth/logged-out` })
  assert.deepEqual(
    new Set(lab.gitlab.oauth.revoked.slice(before)),
    new Set([credential.refreshToken?.reveal(), credential.accessToken.reveal()]),
  )
})

test('what the configuration may not be', async () => {
  const problems = (extra: Readonly<Record<string, unknown>>): unknown =>
    oauth2Driver.config.safeParse({ ...lab.config, ...extra }).error?.issues.map(({ path }) => path.join('.'))
  assert.equal(problems({}), undefined)
  assert.deepEqual(problems({ scopes: ['openid'] }), ['scopes'])
  assert.deepEqual(problems({ claims: {} }), ['claims.subject'])
  for (const subject of ['email', 'e-mail', ['primary', 'Email']])
    assert.deepEqual(problems({ claims: { subject } }), ['claims.subject'])
  assert.equal(problems({ claims: { subject: 'email' }, dangerouslyAllowEmailAsSubject: true }), undefined)
  for (const name of ['authorizationUrl', 'tokenUrl', 'userinfoUrl', 'revocationUrl']) {
    assert.deepEqual(problems({ [name]: 'http://login.example.org/x' }), [name])
    assert.equal(problems({ [name]: 'http://login.example.org/x', dangerouslyAllowHttp: true }), undefined)
  }
})
