// A session that began before its provider was called otherwise: it is still that person's, and still ends with theirs.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { randomToken, type UserId } from '#kernel'
import {
  signToken,
  startTamperingProvider,
  type TamperingProvider,
} from '../../../../test/support/tampering-provider.ts'
import type { TestBrowser } from '../../identity.fixture.ts'
import { createOidcSite, createProviderOptions, type OidcSite } from './oidc.fixture.ts'

const FORMER = 'https://old.test'
const options = createProviderOptions()
let provider: TamperingProvider

before(async () => {
  provider = await startTamperingProvider(options)
})
after(() => provider.close())

const openSite = (formerIssuers: readonly string[]): Promise<OidcSite> =>
  createOidcSite(provider, options.accounts, { formerIssuers })

/** A browser that ada has been logged in with since before. */
async function browserFromBefore(site: OidcSite): Promise<TestBrowser> {
  const browser = site.browser()
  const ada = { userId: 'user-sso-ada' as UserId, subject: 'ada', username: 'ada', displayName: 'Ada', groups: [] }
  const login = { ...ada, provider: 'sso', issuer: FORMER, sid: 'sid-ada', credentials: {} }
  await browser.request((ctx) => site.sessions.begin(ctx, login))
  return browser
}

function announce(site: OidcSite, named: object): Promise<{ readonly status: number }> {
  const iat = Math.floor(site.clock.now() / 1000)
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const payload = {
    iss: provider.issuer,
    aud: 'gatehouse',
    iat,
    exp: iat + 120,
    jti: randomToken(16),
    events,
    ...named,
  }
  const logoutToken = signToken(
    { header: { alg: 'RS256', typ: 'logout+jwt', kid: provider.key.kid }, payload },
    provider.key,
  )
  return site.browser().post('/auth/backchannel/sso', { logout_token: logoutToken })
}

test('a logout that is announced by the new name ends it, where the former one is known', async () => {
  for (const named of [{ sub: 'ada' }, { sid: 'sid-ada' }])
    for (const formerIssuers of [[FORMER], []]) {
      const site = await openSite(formerIssuers)
      const browser = await browserFromBefore(site)
      assert.equal((await announce(site, named)).status, 200)
      assert.equal((await browser.session()) === undefined, formerIssuers.length > 0, JSON.stringify(named))
      await site.close()
    }
})

test('its own account is connected anew, where the former name is known', async () => {
  for (const [formerIssuers, expected] of [
    [[FORMER], { status: 303, location: 'https://gate.test/jobs' }],
    [[], { status: 409, error: 'login.cannotConnect' }],
  ] as const) {
    const site = await openSite(formerIssuers)
    const browser = await browserFromBefore(site)
    assert.deepEqual(await site.logIn(browser, { purpose: 'connect' }), expected)
    await site.close()
  }
})
