import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import {
  createRsaKey,
  signToken,
  startTamperingProvider,
  type TamperingProvider,
} from '../../../../test/support/tampering-provider.ts'
import { createOidcSite, createProviderOptions, type OidcSite } from './oidc.fixture.ts'

const options = createProviderOptions()
let provider: TamperingProvider
let site: OidcSite

before(async () => {
  provider = await startTamperingProvider(options)
})
after(() => provider.close())
beforeEach(async () => {
  provider.tamper({})
  provider.calls.clear()
  site = await createOidcSite(provider, options.accounts)
})
afterEach(() => site.close())

const keyFetches = (): number => provider.calls.get('GET /jwks') ?? 0

test('keys are fetched once for many logins', async () => {
  for (let login = 0; login < 5; login += 1) assert.equal((await site.logIn(site.browser())).status, 303)
  assert.equal(keyFetches(), 1)
})

test('a key that is new just before it signs is fetched, once', async () => {
  assert.equal((await site.logIn(site.browser())).status, 303)
  provider.rotate(createRsaKey('second'))
  assert.equal((await site.logIn(site.browser())).status, 303)
  assert.equal((await site.logIn(site.browser())).status, 303)
  assert.equal(keyFetches(), 2)
})

test('after five minutes keys are fetched again, so a withdrawn one stops counting', async () => {
  assert.equal((await site.logIn(site.browser())).status, 303)
  const withdrawn = provider.key
  provider.rotate(createRsaKey('third'))
  provider.tamper({
    idToken: (parts) => signToken({ ...parts, header: { ...parts.header, kid: withdrawn.kid } }, withdrawn),
  })
  site.clock.advance(300_000)
  assert.equal((await site.logIn(site.browser())).status, 401)
})

test('a hundred logins with keys that nobody knows cause two fetches at most', async () => {
  provider.tamper({
    idToken: (parts) => signToken({ ...parts, header: { ...parts.header, kid: 'unknown' } }, provider.key),
  })
  // The first login at the provider: from then on it asks for no password.
  assert.equal((await site.logIn(site.browser())).status, 401)
  for (let batch = 0; batch < 10; batch += 1) {
    const logins = Array.from({ length: 10 }, () => site.logIn(site.browser()))
    for (const outcome of await Promise.all(logins)) assert.equal(outcome.status, 401)
  }
  assert.ok(keyFetches() <= 2, `${keyFetches()} fetches`)
  provider.tamper({})
  assert.equal((await site.logIn(site.browser())).status, 303, 'good logins go on meanwhile')
})

test('twenty logins at once share one fetch', async () => {
  await site.comeBack(site.browser())
  const callbacks = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const browser = site.browser()
      return { browser, callback: await site.comeBack(browser) }
    }),
  )
  const outcomes = await Promise.all(callbacks.map(({ browser, callback }) => browser.get(callback.href)))
  assert.deepEqual([...new Set(outcomes.map(({ status }) => status))], [303])
  assert.equal(keyFetches(), 1)
})
