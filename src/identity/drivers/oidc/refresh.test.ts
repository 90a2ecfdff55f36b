import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { GatewayError } from '#kernel'
import type { Credential } from '#sessions'
import {
  encodeJson,
  type Json,
  RawAnswer,
  signToken,
  startTamperingProvider,
  type TamperingProvider,
} from '../../../../test/support/tampering-provider.ts'
import type { TestBrowser } from '../../identity.fixture.ts'
import { createOidcSite, createProviderOptions, type OidcSite } from './oidc.fixture.ts'

const MINUTE = 60_000
let options: ReturnType<typeof createProviderOptions>
let provider: TamperingProvider
let site: OidcSite

before(async () => {
  options = createProviderOptions({ accessTokenSeconds: 300 })
  provider = await startTamperingProvider(options)
})
after(() => provider.close())
beforeEach(async () => {
  provider.tamper({})
  site = await createOidcSite(provider, options.accounts)
})
afterEach(() => site.close())

/** How often the provider's token endpoint is asked while `work` runs. */
async function countRefreshes(work: () => Promise<void>): Promise<number> {
  const before = provider.calls.get('POST /token') ?? 0
  await work()
  return (provider.calls.get('POST /token') ?? 0) - before
}

const use = (browser: TestBrowser, name = 'sso'): Promise<Credential> =>
  browser.request((ctx) => site.identities.credential(ctx, name))

/** The access token that a request would carry, or the code of what refuses it. */
const tokenOf = async (browser: TestBrowser, name = 'sso'): Promise<string> => {
  try {
    const credential = await use(browser, name)
    return credential.kind === 'oauth' ? credential.accessToken.reveal() : credential.kind
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error)
  }
}

const allTokens = async (browser: TestBrowser, count: number, name = 'sso'): Promise<readonly string[]> => [
  ...new Set(await Promise.all(Array.from({ length: count }, () => tokenOf(browser, name)))),
]

test('a fresh token is used as it is, without waiting for anything', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const refreshes = await countRefreshes(async () => {
    site.clock.advance(3 * MINUTE)
    const credential = await browser.request((ctx) => ({ given: site.identities.credential(ctx, 'sso') }))
    assert.ok(!(credential.given instanceof Promise))
  })
  assert.equal(refreshes, 0)
})

test('fifty requests with a token that is about to end refresh it once, and all go on with the new one', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const old = await tokenOf(browser)
  const refreshes = await countRefreshes(async () => {
    site.clock.advance(4 * MINUTE + 1)
    const tokens = await allTokens(browser, 50)
    assert.equal(tokens.length, 1)
    assert.notEqual(tokens[0], old)
    assert.equal(await tokenOf(browser), tokens[0])
  })
  assert.equal(refreshes, 1)
})

test('fifty requests on two nodes refresh once, also a token that never lives a minute', async (t) => {
  const brief = createProviderOptions({ accessTokenSeconds: 20 })
  const shortLived = await startTamperingProvider(brief)
  const one = await createOidcSite(shortLived, brief.accounts)
  const two = await createOidcSite(shortLived, brief.accounts, {}, one)
  t.after(async () => {
    await two.close()
    await one.close()
    await shortLived.close()
  })
  const browser = one.browser()
  await one.logIn(browser)
  const calls = () => shortLived.calls.get('POST /token') ?? 0
  assert.equal(calls(), 1)
  for (let round = 0; round < 3; round += 1) await browser.request((ctx) => one.identities.credential(ctx, 'sso'))
  assert.equal(calls(), 1, 'what is fresh for its kind is left alone')

  one.clock.advance(15_000)
  const uses = [one, two].flatMap((node) => {
    const half = node.browser(browser.cookies)
    return Array.from({ length: 25 }, () => half.request((ctx) => node.identities.credential(ctx, 'sso')))
  })
  const tokens = (await Promise.all(uses)).map(
    (credential) => credential.kind === 'oauth' && credential.accessToken.reveal(),
  )
  assert.equal(new Set(tokens).size, 1)
  assert.equal(calls(), 2)
})

test('a refresh token that rotates is used once each, for as long as the session lives', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const seen = new Set<string>()
  for (let round = 0; round < 5; round += 1) {
    site.clock.advance(5 * MINUTE)
    seen.add(await tokenOf(browser))
  }
  assert.equal(seen.size, 5)
  const credential = (await browser.session())?.credentials.sso
  assert.ok(credential?.kind === 'oauth' && credential.idToken !== undefined, 'the ID token is kept for the logout')
})

test('when the provider refuses for good the session ends, without further calls', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  provider.tamper({
    token: () => new RawAnswer(400, { 'content-type': 'application/json' }, '{"error":"invalid_grant"}'),
  })
  const refreshes = await countRefreshes(async () => {
    site.clock.advance(5 * MINUTE)
    for (const code of await allTokens(browser, 50))
      assert.match(code, /^(login.refreshRefused|session.expired|credential.missing)$/)
    for (const code of await allTokens(browser, 50)) assert.equal(code, 'credential.missing')
  })
  assert.ok(refreshes <= 2, `${refreshes} calls`)
  assert.equal(await browser.session(), undefined)
})

test('a person who is gone at the provider is gone here at the next refresh', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const [ada = assert.fail()] = options.accounts.splice(0, 1)
  try {
    site.clock.advance(5 * MINUTE)
    assert.equal(await tokenOf(browser), 'login.refreshRefused')
    assert.equal(await browser.session(), undefined)
  } finally {
    options.accounts.unshift(ada)
  }
})

/** The groups of ada's session after a refresh at which the provider knows these. */
async function groupsAfter(browser: TestBrowser, groups: readonly string[]): Promise<readonly string[] | undefined> {
  const [ada = assert.fail()] = options.accounts
  options.accounts[0] = { ...ada, groups }
  try {
    site.clock.advance(5 * MINUTE)
    await use(browser)
    return (await browser.session())?.row.groups
  } finally {
    options.accounts[0] = ada
  }
}

test('with a refresh the groups are those of now: one more, another one, none', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  assert.deepEqual((await browser.session())?.row.groups, ['lab'])
  assert.deepEqual(await groupsAfter(browser, ['lab', 'more']), ['lab', 'more'])
  assert.deepEqual(await groupsAfter(browser, ['other']), ['other'])
  assert.deepEqual(await groupsAfter(browser, []), [])
  const changes = site.audited.filter(({ action }) => action === 'session.groups').map(({ detail }) => detail)
  assert.deepEqual(changes, [
    { provider: 'sso', added: 'more', lost: '' },
    { provider: 'sso', added: 'other', lost: 'lab more' },
    { provider: 'sso', added: '', lost: 'other' },
  ])
})

test('groups that are missing in a new ID token are looked for at the userinfo endpoint, else there are none', async () => {
  const withoutGroups = ({ groups: _dropped, ...rest }: Json): Json => rest
  const idToken = ({ header, payload }: { header: Json; payload: Json }) =>
    signToken({ header, payload: withoutGroups(payload) }, provider.key)
  const browser = site.browser()
  await site.logIn(browser)
  provider.tamper({ idToken, userinfo: (body) => ({ ...body, groups: ['staff'] }) })
  assert.deepEqual(await groupsAfter(browser, ['lab']), ['staff'])
  provider.tamper({ idToken, instead: (path) => (path === '/me' ? new RawAnswer(503) : undefined) })
  assert.deepEqual(await groupsAfter(browser, ['lab']), ['staff'], 'nobody could be asked')
  provider.tamper({
    idToken,
    instead: (path) => (path === '/me' ? new RawAnswer(429, plain, 'Retry later') : undefined),
  })
  assert.deepEqual(await groupsAfter(browser, ['lab']), ['staff'], 'nobody would say')
  provider.tamper({ idToken, userinfo: withoutGroups })
  assert.deepEqual(await groupsAfter(browser, ['lab']), [])
})

test('new tokens are kept before anybody is asked with them', async () => {
  const withoutGroups = ({ groups: _dropped, ...rest }: Json): Json => rest
  const refreshTokenNow = async (): Promise<string | undefined> => {
    const credential = (await browser.session())?.credentials.sso
    return credential?.kind === 'oauth' ? credential.refreshToken?.reveal() : undefined
  }
  const browser = site.browser()
  await site.logIn(browser)
  const before = await refreshTokenNow()
  const atFirstUse: Promise<string | undefined>[] = []
  provider.tamper({
    idToken: ({ header, payload }) => signToken({ header, payload: withoutGroups(payload) }, provider.key),
    userinfo: (body) => {
      atFirstUse.push(refreshTokenNow())
      return { ...body, groups: ['staff'] }
    },
  })
  assert.deepEqual(await groupsAfter(browser, ['lab']), ['staff'])
  const [kept, ...others] = await Promise.all(atFirstUse)
  assert.deepEqual([kept, others], [await refreshTokenNow(), []])
  assert.notEqual(kept, before)
})

test('a userinfo endpoint that speaks of somebody else after a refresh ends the session', async () => {
  const withoutGroups = ({ groups: _dropped, ...rest }: Json): Json => rest
  const browser = site.browser()
  await site.logIn(browser)
  provider.tamper({
    idToken: ({ header, payload }) => signToken({ header, payload: withoutGroups(payload) }, provider.key),
    userinfo: (body) => ({ ...body, sub: 'grace' }),
  })
  site.clock.advance(5 * MINUTE)
  assert.equal(await tokenOf(browser), 'login.refreshRefused')
  assert.equal(await browser.session(), undefined)
})

test('a connected account that is refreshed changes nobody’s groups', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  await site.logIn(browser, { provider: 'other', purpose: 'connect' })
  provider.tamper({
    idToken: ({ header, payload }) => signToken({ header, payload: { ...payload, groups: ['admins'] } }, provider.key),
  })
  site.clock.advance(5 * MINUTE)
  await use(browser, 'other')
  assert.deepEqual((await browser.session())?.row.groups, ['lab'])
})

test('while the provider is away a token serves to its end, then requests are told to come back', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const old = await tokenOf(browser)
  provider.tamper({ instead: () => new RawAnswer(503) })
  const refreshes = await countRefreshes(async () => {
    site.clock.advance(4 * MINUTE + 30_000)
    assert.deepEqual(await allTokens(browser, 50), [old])
    assert.deepEqual(await allTokens(browser, 50), [old], 'and is left in peace for a while')
  })
  assert.equal(refreshes, 1)
  site.clock.advance(MINUTE)
  assert.equal(await tokenOf(browser), 'credential.unavailable')
  assert.notEqual(await browser.session(), undefined)

  provider.tamper({})
  site.clock.advance(6000)
  assert.match(await tokenOf(browser), /^[\w-]{20,}$/)
})

const plain = { 'content-type': 'text/plain' }
const json = { 'content-type': 'application/json' }

/** Nothing of this is about the person, whatever it is written in. */
const TROUBLES: Readonly<Record<string, RawAnswer>> = {
  '429 in words, as GitLab has it': new RawAnswer(429, plain, 'Retry later\n'),
  '429 as JSON': new RawAnswer(429, json, '{"message":"429 Too Many Requests"}'),
  '429 as JSON with an error': new RawAnswer(429, json, '{"error":"too_many_requests"}'),
  '429 as cut JSON': new RawAnswer(429, json, '{"error":'),
  '429 with a challenge': new RawAnswer(429, { ...json, 'www-authenticate': 'Bearer error="slow_down"' }, '{}'),
  '429 and no more': new RawAnswer(429),
  '408 as a page': new RawAnswer(408, { 'content-type': 'text/html' }, '<title>408</title>'),
  '503 in words': new RawAnswer(503, plain, 'Service Unavailable'),
  '503 with a challenge': new RawAnswer(503, { ...plain, 'www-authenticate': 'Basic realm="x"' }, 'no'),
  '500 with an error that would be a refusal': new RawAnswer(500, json, '{"error":"invalid_grant"}'),
}

const atTokens = (answer: RawAnswer) => (path: string) => (path === '/token' ? answer : undefined)

for (const [name, answer] of Object.entries(TROUBLES)) {
  test(`a provider in trouble logs nobody out and nobody in: ${name}`, async () => {
    const browser = site.browser()
    await site.logIn(browser)
    const before = await tokenOf(browser)
    site.clock.advance(5 * MINUTE)
    provider.tamper({ instead: atTokens(answer) })
    const refreshes = await countRefreshes(async () => {
      assert.deepEqual(await allTokens(browser, 20), ['credential.unavailable'])
      assert.equal(await tokenOf(browser), 'credential.unavailable')
    })
    assert.equal(refreshes, 1)
    assert.notEqual(await browser.session(), undefined)
    const other = site.browser()
    assert.equal((await site.logIn(other)).status, 503)
    assert.equal(await other.session(), undefined)

    provider.tamper({})
    site.clock.advance(5000)
    const after = await tokenOf(browser)
    assert.match(after, /^[\w-]{20,}$/)
    assert.notEqual(after, before)
  })
}

const REFUSALS: Readonly<Record<string, RawAnswer>> = {
  'invalid_grant, as often as it was asked': new RawAnswer(429, json, '{"error":"invalid_grant"}'),
  'invalid_grant with status 401': new RawAnswer(401, json, '{"error":"invalid_grant"}'),
  '403 as a page': new RawAnswer(403, { 'content-type': 'text/html' }, '<title>403</title>'),
  '200 that is no JSON': new RawAnswer(200, plain, 'Retry later'),
}

for (const [name, answer] of Object.entries(REFUSALS)) {
  test(`an answer that is no trouble of the provider's ends the session: ${name}`, async () => {
    const browser = site.browser()
    await site.logIn(browser)
    site.clock.advance(5 * MINUTE)
    provider.tamper({ instead: atTokens(answer) })
    assert.equal(await tokenOf(browser), 'login.refreshRefused')
    assert.equal(await browser.session(), undefined)
  })
}

const PAUSES: Readonly<Record<string, { readonly retryAfter: () => string; readonly seconds: number }>> = {
  'of a minute': { retryAfter: () => '60', seconds: 60 },
  'until a time': {
    // Such dates have whole seconds.
    retryAfter: () => new Date(site.clock.now() + 91_000).toUTCString(),
    seconds: 91,
  },
  'of a second less than ours': { retryAfter: () => '4', seconds: 4 },
  'of nothing is one of a second': { retryAfter: () => '0', seconds: 1 },
  'of a day is one of five minutes': { retryAfter: () => '86400', seconds: 300 },
  'that is none of these is ours': { retryAfter: () => 'soon', seconds: 5 },
}

for (const [name, { retryAfter, seconds }] of Object.entries(PAUSES)) {
  test(`a provider is left in peace for as long as it asks: a pause ${name}`, async () => {
    const browser = site.browser()
    await site.logIn(browser)
    site.clock.advance(5 * MINUTE)
    const headers = { ...plain, 'retry-after': retryAfter() }
    provider.tamper({ instead: atTokens(new RawAnswer(429, headers, 'Retry later\n')) })
    const told = async () => {
      const error = await use(browser).catch((reason: unknown) => reason)
      return error instanceof GatewayError && error.headers['retry-after']
    }
    const refreshes = await countRefreshes(async () => {
      assert.equal(await told(), String(seconds))
      site.clock.advance((seconds - 1) * 1000)
      assert.equal(await told(), '1')
    })
    assert.equal(refreshes, 1)
    provider.tamper({})
    site.clock.advance(1000)
    assert.match(await tokenOf(browser), /^[\w-]{20,}$/)
  })
}

test('what fails beside it makes no pause shorter', async () => {
  const [one, two] = [site.browser(), site.browser()]
  await site.logIn(one)
  await site.logIn(two)
  site.clock.advance(5 * MINUTE)
  let asked = 0
  const answers = [new RawAnswer(429, { ...plain, 'retry-after': '60' }), new RawAnswer(503)]
  provider.tamper({ instead: (path) => (path === '/token' ? answers[asked++] : undefined) })
  assert.deepEqual(await Promise.all([tokenOf(one), tokenOf(two)]), [
    'credential.unavailable',
    'credential.unavailable',
  ])
  assert.equal(asked, 2)
  site.clock.advance(59_000)
  assert.deepEqual([await tokenOf(one), await tokenOf(two)], ['credential.unavailable', 'credential.unavailable'])
  assert.equal(asked, 2)
})

const HOSTILE: Readonly<Record<string, (payload: Json) => unknown>> = {
  'iss of another': (payload) => ({ ...payload, iss: 'https://evil.test' }),
  'sub of another': (payload) => ({ ...payload, sub: 'grace' }),
  'aud of another': (payload) => ({ ...payload, aud: 'other' }),
  'nonce of another login': (payload) => ({ ...payload, nonce: 'other' }),
  'exp long ago': (payload) => ({ ...payload, exp: 1 }),
  'iat far ahead': (payload) => ({ ...payload, iat: 4e9 }),
}

for (const [name, change] of Object.entries(HOSTILE)) {
  test(`a refreshed ID token that is wrong ends the session: ${name}`, async () => {
    const browser = site.browser()
    await site.logIn(browser)
    provider.tamper({
      idToken: ({ header, payload }) => signToken({ header, payload: change(payload) as Json }, provider.key),
    })
    site.clock.advance(5 * MINUTE)
    assert.equal(await tokenOf(browser), 'login.refreshRefused')
    assert.equal(await browser.session(), undefined)
  })
}

test('a refreshed ID token without a signature ends the session', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  provider.tamper({ idToken: ({ payload }) => `${encodeJson({ alg: 'none' })}.${encodeJson(payload)}.` })
  site.clock.advance(5 * MINUTE)
  assert.equal(await tokenOf(browser), 'login.refreshRefused')
  assert.equal(await browser.session(), undefined)
})

test('a refresh that brings no ID token is fine', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  provider.tamper({ token: ({ id_token: _dropped, ...rest }) => rest })
  site.clock.advance(5 * MINUTE)
  await use(browser)
  const credential = (await browser.session())?.credentials.sso
  assert.ok(credential?.kind === 'oauth' && credential.idToken !== undefined)
})

test('a connected account that is refused is dropped; the session goes on', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const connected = await site.logIn(browser, { provider: 'other', purpose: 'connect' })
  assert.equal(connected.status, 303)
  assert.equal((await browser.session())?.row.provider, 'sso')
  await use(browser, 'other')

  site.clock.advance(5 * MINUTE)
  await use(browser)
  provider.tamper({
    token: () => new RawAnswer(400, { 'content-type': 'application/json' }, '{"error":"invalid_grant"}'),
  })
  const refreshes = await countRefreshes(async () => {
    const codes = await allTokens(browser, 20, 'other')
    for (const code of codes) assert.match(code, /^(login.refreshRefused|credential.missing)$/)
  })
  assert.equal(refreshes, 1)
  assert.equal(await tokenOf(browser, 'other'), 'credential.missing')
  assert.notEqual(await browser.session(), undefined)
  await use(browser)
})

test('a token without a refresh token serves to its end and is then expired', async () => {
  const browser = site.browser()
  provider.tamper({ token: ({ refresh_token: _dropped, ...rest }) => rest })
  await site.logIn(browser)
  site.clock.advance(4 * MINUTE + 30_000)
  await use(browser)
  site.clock.advance(MINUTE)
  assert.equal(await tokenOf(browser), 'credential.expired')
  assert.notEqual(await browser.session(), undefined)
})
