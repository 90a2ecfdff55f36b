// Groups and roles of a provider that puts them into its access tokens: which token says what, at login and at a refresh.
// (What makes an access token count is among `cases.test.ts`.)

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import {
  type Json,
  RawAnswer,
  signToken,
  startTamperingProvider,
  type Tampering,
  type TamperingProvider,
  type TokenParts,
} from '../../../../test/support/tampering-provider.ts'
import { keycloak } from '../../../../test/support/vendors/keycloak.ts'
import type { TestBrowser } from '../../identity.fixture.ts'
import { createOidcSite, createProviderOptions, type OidcSite } from './oidc.fixture.ts'

const MINUTE = 60_000
const options = createProviderOptions({ accessTokenSeconds: 300 })
let provider: TamperingProvider
let site: OidcSite

before(async () => {
  provider = await startTamperingProvider({ ...options, vendor: keycloak })
})
after(() => provider.close())
beforeEach(async () => {
  provider.tamper({})
  site = await createOidcSite(provider, options.accounts, { profile: 'keycloak' })
})
afterEach(() => site.close())

const claims =
  (change: Json) =>
  ({ header, payload }: TokenParts): string =>
    signToken({ header, payload: { ...payload, ...change } }, provider.key)

/** Every source of groups with nothing but these. */
const saying = (idToken: Json, accessToken: Json, userinfo: Json): Tampering => {
  const nothing = { groups: undefined, realm_access: undefined, resource_access: undefined }
  return {
    idToken: claims({ ...nothing, ...idToken }),
    accessToken: claims({ ...nothing, ...accessToken }),
    userinfo: (body) => ({ ...body, ...userinfo }),
  }
}

const groupsOf = async (browser: TestBrowser) => (await browser.session())?.row.groups
const refresh = async (browser: TestBrowser): Promise<void> => {
  site.clock.advance(5 * MINUTE)
  await browser.request((ctx) => site.identities.credential(ctx, 'sso'))
}

const sources: Readonly<Record<string, readonly [Tampering: () => Tampering, groups: readonly string[]]>> = {
  'the ID token first': [() => saying({ groups: ['/id'] }, { groups: ['/access'] }, { groups: ['/userinfo'] }), ['id']],
  'then the access token': [() => saying({}, { groups: ['/access'] }, { groups: ['/userinfo'] }), ['access']],
  'then the userinfo endpoint': [() => saying({}, {}, { groups: ['/userinfo'] }), ['userinfo']],
  'each claim by itself': [
    () =>
      saying({ groups: ['/id'] }, { realm_access: { roles: ['staff'] } }, { resource_access: { a: { roles: ['b'] } } }),
    ['id', 'realm-role:staff', 'client-role:a:b'],
  ],
  'none says none': [() => saying({}, {}, {}), []],
}

for (const [name, [tampering, groups]] of Object.entries(sources)) {
  test(`groups are read in an order: ${name}, at login and at a refresh`, async () => {
    const browser = site.browser()
    provider.tamper(tampering())
    await site.logIn(browser)
    assert.deepEqual(await groupsOf(browser), groups)

    const other = site.browser()
    provider.tamper(saying({ groups: ['/before'] }, {}, {}))
    await site.logIn(other)
    provider.tamper(tampering())
    await refresh(other)
    assert.deepEqual(await groupsOf(other), groups)
  })
}

test('an access token says nothing about who somebody is', async () => {
  const browser = site.browser()
  provider.tamper({ accessToken: claims({ preferred_username: 'root', name: 'Root', email: 'root@x.test' }) })
  await site.logIn(browser)
  const { username, displayName, email } = (await browser.session())?.row ?? assert.fail()
  assert.deepEqual([username, displayName, email], ['ada', 'Ada', 'ada@example.org'])
})

test('a refreshed access token that is somebody else’s ends the session', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  provider.tamper({ accessToken: claims({ sub: keycloak.subjectOf('grace') }) })
  await assert.rejects(refresh(browser), { code: 'login.refreshRefused' })
  assert.equal(await browser.session(), undefined)
})

test('while the keys cannot be had groups stay, and the new tokens are kept', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const before = await groupsOf(browser)
  provider.tamper({
    jwks: () => new RawAnswer(500),
    token: ({ id_token: _dropped, ...body }) => body,
    accessToken: claims({ groups: ['/other'] }),
  })
  await refresh(browser)
  assert.deepEqual(await groupsOf(browser), before)
  provider.tamper({ accessToken: claims({ realm_access: { roles: ['late'] } }) })
  await refresh(browser)
  assert.ok((await groupsOf(browser))?.includes('realm-role:late'), 'the new refresh token was good')
})
