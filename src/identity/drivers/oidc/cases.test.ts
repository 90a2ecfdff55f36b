import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Secret } from '#kernel'
import {
  createAccounts,
  createProviderVisitor,
  type ListeningServer,
  listen,
} from '../../../../test/support/oidc-provider.ts'
import { startTamperingProvider, type TamperingProvider } from '../../../../test/support/tampering-provider.ts'
import { cilogon } from '../../../../test/support/vendors/cilogon.ts'
import { gitlab } from '../../../../test/support/vendors/gitlab.ts'
import { keycloak } from '../../../../test/support/vendors/keycloak.ts'
import { plain, type Vendor } from '../../../../test/support/vendors/vendor.ts'
import { createTestSite, GATE, type Outcome, type TestBrowser, type TestSite } from '../../identity.fixture.ts'
import { type Case, type CaseKit, createAccessTokenCases, createCases, createDiscoveryCases } from './cases.fixture.ts'
import { CLIENT_SECRET, providerConfig } from './oidc.fixture.ts'

const accounts = createAccounts()
const [ada] = accounts
assert.ok(ada)

for (const vendor of [plain, keycloak, gitlab, cilogon]) {
  describe(`profile ${vendor.profile}`, () => testVendor(vendor))
}

function testVendor(vendor: Vendor): void {
  let provider: TamperingProvider
  let trap: ListeningServer
  let trapped = 0
  let kit: CaseKit

  before(async () => {
    const clients = [
      { clientId: 'gatehouse', clientSecret: new Secret(CLIENT_SECRET), redirectUris: [`${GATE}/auth/callback/sso`] },
    ]
    provider = await startTamperingProvider({ accounts, clients, vendor })
    trap = await listen()
    trap.serve((_request, response) => {
      trapped += 1
      response.end('{}')
    })
    kit = { key: provider.key, trap: trap.url, issuer: provider.issuer, clientSecret: CLIENT_SECRET }
  })
  after(async () => {
    await provider.close()
    await trap.close()
  })

  /** A site that has not met the provider yet. */
  const createSite = (): Promise<TestSite> =>
    createTestSite([providerConfig(provider.issuer, { profile: vendor.profile })])

  /** One visitor for all: the provider knows ada after the first login. */
  let visitor: ReturnType<typeof createProviderVisitor> | undefined

  const logIn = async (browser: TestBrowser): Promise<Outcome> => {
    const begun = await browser.post('/auth/login/sso', {})
    if (begun.status !== 303) return begun
    visitor ??= createProviderVisitor(provider.issuer)
    return browser.get((await visitor.login(begun.location ?? '', ada ?? assert.fail())).href)
  }

  const check = async ({ expect, tampering, because }: Case): Promise<void> => {
    provider.tamper(tampering)
    const site = await createSite()
    try {
      const browser = site.browser()
      const outcome = await logIn(browser)
      const session = await browser.session()
      if (expect === 'accept') {
        assert.deepEqual([outcome.status, session?.row.subject], [303, vendor.subjectOf('ada')])
        return
      }
      assert.equal(session, undefined, 'a session was begun')
      assert.ok([401, 503].includes(outcome.status), `answered ${outcome.status}`)
      assert.deepEqual(site.admitted, [])
      assert.ok(![...browser.cookies.keys()].includes('__Host-gatehouse'), 'a session cookie was set')
      assert.deepEqual(
        site.audited.map(({ action, outcome: result }) => [action, result]),
        [['login.failed', 'failure']],
      )
      const reasons = site.logged.filter(({ event }) => event === 'login_failed').map(({ reason }) => String(reason))
      assert.equal(reasons.length, 1)
      if (because !== undefined) assert.match(reasons[0] ?? '', because)
      // Not a word of what the provider sent, nor of what we hold.
      assert.doesNotMatch(JSON.stringify([site.logged, site.audited, outcome]), /CANARY|eyJ|evil/)
    } finally {
      provider.tamper({})
      await site.close()
      assert.equal(trapped, 0, 'the trap was called')
    }
  }

  test('what a provider sends decides whether somebody is logged in, case by case', async (t) => {
    const ownCases = vendor.accessToken === undefined ? [] : createAccessTokenCases(kit)
    const cases = [...createCases(kit), ...createDiscoveryCases(kit), ...ownCases]
    assert.ok(cases.length >= 150, `${cases.length} cases`)
    for (const each of cases) await t.test(`${each.expect}: ${each.name}`, () => check(each))
  })
}
