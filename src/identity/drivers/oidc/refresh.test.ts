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
