// For the tests of `oauth2`: a site whose login provider `sso` is GitLab without its OpenID side: its OAuth, and its API
// that says who a token is of. What these two answer can be altered.

import assert from 'node:assert/strict'
import { Secret } from '#kernel'
import { type Alterations, startAlteringFront } from '../../../../test/support/altering-front.ts'
import { type GitLab, startGitLab } from '../../../../test/support/gitlab/gitlab.ts'
import { createProviderVisitor } from '../../../../test/support/oidc-provider.ts'
import { createTestSite, GATE, type Outcome, type TestBrowser, type TestSite } from '../../identity.fixture.ts'
import { CLIENT_SECRET, providerConfig } from '../oidc/oidc.fixture.ts'

export interface OAuth2Lab extends AsyncDisposable {
  readonly gitlab: GitLab
  readonly config: Readonly<Record<string, unknown>>
  alter(alterations: Alterations): void
  createSite(extra?: Readonly<Record<string, unknown>>): Promise<TestSite>
  /** Goes there and comes back, as ada. @returns where the provider sends the browser */
  visit(authorizationUrl: string): Promise<URL>
  logIn(browser: TestBrowser, change?: (callback: URL) => void): Promise<Outcome>
}

/** The addresses that can be altered. */
export const TOKEN = '/oauth/token'
export const USER = '/api/v4/user'

export async function startOAuth2Lab(accessTokenSeconds?: number): Promise<OAuth2Lab> {
  const application = {
    clientId: 'gatehouse',
    clientSecret: new Secret(CLIENT_SECRET),
    redirectUris: [`${GATE}/auth/callback/sso`],
  }
  const gitlab = await startGitLab({
    applications: [application],
    ...(accessTokenSeconds !== undefined && { accessTokenSeconds }),
  })
  const front = await startAlteringFront(gitlab.url)
  const [ada = assert.fail()] = gitlab.users
  const { clientSecret } = providerConfig(gitlab.url)
  const config = {
    id: 'sso',
    type: 'oauth2',
    authorizationUrl: `${gitlab.url}/oauth/authorize`,
    tokenUrl: `${front.url}${TOKEN}`,
    userinfoUrl: `${front.url}${USER}`,
    revocationUrl: `${front.url}/oauth/revoke`,
    clientId: 'gatehouse',
    clientSecret,
    scopes: ['read_api'],
    claims: { subject: 'id', username: 'username', displayName: 'name', email: 'email', groups: ['teams', 'names'] },
  }
  const visitor = createProviderVisitor(gitlab.url)
  const visit = (authorizationUrl: string) => visitor.login(authorizationUrl, ada)
  return {
    gitlab,
    config,
    alter: front.alter,
    createSite: (extra = {}) => createTestSite([{ ...config, ...extra }]),
    visit,
    async logIn(browser, change = () => {}) {
      const begun = await browser.post('/auth/login/sso', { returnTo: '/jobs' })
      if (begun.status !== 303) return begun
      const callback = await visit(begun.location ?? '')
      change(callback)
      return browser.get(callback.href)
    },
    async [Symbol.asyncDispose]() {
      await front.close()
      await gitlab.close()
    },
  }
}
