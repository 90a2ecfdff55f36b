import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Secret } from '#kernel'
import {
  createAccounts,
  createProviderVisitor,
  type OidcProvider,
  startOidcProvider,
} from '../../../test/support/oidc-provider.ts'
import { createTestSite, GATE, type TestSite } from '../identity.fixture.ts'

const accounts = createAccounts()
const [ada] = accounts
let provider: OidcProvider
let site: TestSite

before(async () => {
  const client = {
    clientId: 'gatehouse',
    clientSecret: new Secret('CANARY-client-secret'),
    redirectUris: [`${GATE}/auth/callback/sso`],
    postLogoutRedirectUris: [`${GATE}/auth/logged-out`],
  }
  provider = await startOidcProvider({ accounts, clients: [client] })
  process.env.GATEHOUSE_TEST_OIDC_SECRET = 'CANARY-client-secret'
  site = await createTestSite([
    {
      id: 'sso',
      type: 'oidc',
      issuer: provider.issuer,
      clientId: 'gatehouse',
      clientSecret: { env: 'GATEHOUSE_TEST_OIDC_SECRET' },
      scopes: ['openid', 'profile', 'email', 'groups'],
    },
  ])
})
after(async () => {
  await site.close()
  await provider.close()
})

test('a login', async () => {
  const browser = site.browser()
  const begun = await browser.post('/auth/login/sso', { returnTo: '/jobs?x=1' })
  assert.equal(begun.status, 303)
  const visitor = createProviderVisitor(provider.issuer)
  const callback = await visitor.login(begun.location ?? '', ada!)
  const done = await browser.get(callback.href)
  console.log(callback.href, done, site.logged, site.audited, await browser.session(), site.counted, provider.calls)
})
