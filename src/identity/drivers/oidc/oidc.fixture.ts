// For the OIDC tests: a site whose login provider `sso` is a real OpenID provider, with a second one (`other`) that
// differs in nothing but its name, and ada, who logs in.

import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '#kernel'
import {
  createAccounts,
  createProviderVisitor,
  type OidcProviderOptions,
  type ProviderVisitor,
} from '../../../../test/support/oidc-provider.ts'
import { createTestSite, GATE, type Outcome, type TestBrowser, type TestSite } from '../../identity.fixture.ts'

export const CLIENT_SECRET = 'CANARY-client-secret'

/** Where the configuration finds it. */
const secretFile = join(tmpdir(), `gatehouse-test-client-secret-${process.pid}`)
writeFileSync(secretFile, CLIENT_SECRET, { mode: 0o600 })
process.once('exit', () => rmSync(secretFile, { force: true }))

/** What a provider of these tests is started with. */
export const createProviderOptions = (
  extra: Partial<OidcProviderOptions> = {},
): OidcProviderOptions & {
  readonly accounts: ReturnType<typeof createAccounts>
} => ({
  clients: [
    {
      clientId: 'gatehouse',
      clientSecret: new Secret(CLIENT_SECRET),
      redirectUris: [`${GATE}/auth/callback/sso`, `${GATE}/auth/callback/other`],
      postLogoutRedirectUris: [`${GATE}/auth/logged-out`],
    },
  ],
  ...extra,
  accounts: createAccounts(),
})

export const providerConfig = (issuer: string, extra: Readonly<Record<string, unknown>> = {}) => ({
  id: 'sso',
  type: 'oidc',
  issuer,
  clientId: 'gatehouse',
  clientSecret: { file: secretFile },
  scopes: ['openid', 'profile', 'email', 'groups'],
  ...extra,
})

export interface OidcSite extends TestSite {
  /** The browser's other half: what it does at the provider. */
  readonly visitor: ProviderVisitor
  /** Begins a login and comes back from the provider. @returns where the provider sends the browser */
  comeBack(browser: TestBrowser, options?: LoginOptions): Promise<URL>
  /** The whole login. @returns the answer to the callback */
  logIn(browser: TestBrowser, options?: LoginOptions): Promise<Outcome>
}

export interface LoginOptions {
  readonly returnTo?: string
  readonly provider?: string
  readonly purpose?: 'login' | 'connect'
}

export async function createOidcSite(
  { issuer }: { readonly issuer: string },
  accounts: ReturnType<typeof createAccounts>,
  extra?: Readonly<Record<string, unknown>>,
  beside?: TestSite,
): Promise<OidcSite> {
  const providers = [providerConfig(issuer, extra), providerConfig(issuer, { ...extra, id: 'other' })]
  const site = await createTestSite(providers, beside)
  const visitor = createProviderVisitor(issuer)
  const [ada = assert.fail()] = accounts

  const comeBack: OidcSite['comeBack'] = async (browser, options = {}) => {
    const { returnTo = '/jobs', provider = 'sso', purpose = 'login' } = options
    const begun = await browser.post(`/auth/${purpose}/${provider}`, { returnTo })
    assert.equal(begun.status, 303, JSON.stringify(begun))
    return visitor.login(begun.location ?? '', ada)
  }
  return {
    ...site,
    visitor,
    comeBack,
    logIn: async (browser, options) => browser.get((await comeBack(browser, options)).href),
  }
}
