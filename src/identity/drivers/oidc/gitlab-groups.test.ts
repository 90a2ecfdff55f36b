// Groups from GitLab's API: page by page from the address that is configured, and nobody is logged in by an answer that is
// not the list.

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { Secret } from '#kernel'
import type { GitLabAnswer } from '../../../../test/support/gitlab/answers.ts'
import { type GitLab, startGitLab } from '../../../../test/support/gitlab/gitlab.ts'
import { createProviderVisitor, type ListeningServer, listen } from '../../../../test/support/oidc-provider.ts'
import { createTestSite, GATE, type Outcome, type TestBrowser } from '../../identity.fixture.ts'
import { CLIENT_SECRET, providerConfig } from './oidc.fixture.ts'

let gitlab: GitLab
let trap: ListeningServer
let trapped = 0

before(async () => {
  const redirectUris = [`${GATE}/auth/callback/sso`]
  const application = { clientId: 'gatehouse', clientSecret: new Secret(CLIENT_SECRET), redirectUris }
  gitlab = await startGitLab({ accessTokenSeconds: 100, applications: [application] })
  trap = await listen()
  trap.serve((_request, response) => {
    trapped += 1
    response.end('[]')
  })
})
after(async () => {
  await gitlab.close()
  await trap.close()
  assert.equal(trapped, 0, 'the trap was called')
})
beforeEach(() => {
  gitlab.requests.length = 0
})

const createSite = () =>
  createTestSite([
    providerConfig(gitlab.url, {
      profile: 'gitlab',
      groupsFrom: 'api',
      groupsPrefix: 'gl:',
      scopes: ['openid', 'profile', 'read_api'],
    }),
  ])

async function logIn(browser: TestBrowser): Promise<Outcome> {
  const { location = '' } = await browser.post('/auth/login/sso', {})
  const [ada = assert.fail()] = gitlab.users
  return browser.get((await createProviderVisitor(gitlab.url).login(location, ada)).href)
}

/** Answers with as many groups as there are pages for. */
const groupsUpTo =
  (count: number): GitLab['instead'] =>
  ({ target }) => {
    const { searchParams } = new URL(target, gitlab.url)
    const start = (Number(searchParams.get('page')) - 1) * 100
    const body = Array.from({ length: count }, (_, index) => ({ id: index, full_path: `g${index}` }))
    const headers = { link: `<${trap.url}/next>; rel="next"`, 'x-next-page': '7' }
    return { status: 200, headers, body: body.slice(start, start + 100) }
  }

for (const [count, pages, kept] of [
  [0, 1, 0],
  [99, 1, 99],
  [100, 2, 100],
  [250, 3, 250],
  [5000, 10, 1000],
] as const) {
  test(`${count} groups are ${pages} pages, and no address of an answer’s is followed`, async () => {
    gitlab.instead = groupsUpTo(count)
    const site = await createSite()
    const browser = site.browser()
    assert.equal((await logIn(browser)).status, 303)
    const groups = (await browser.session())?.row.groups ?? []
    assert.equal(groups.length, kept)
    if (kept > 0) assert.deepEqual([groups[0], groups.at(-1)], ['gl:g0', `gl:g${kept - 1}`])
    assert.equal(gitlab.requests.length, pages)
    assert.match(gitlab.requests[0]?.headers.authorization ?? '', /^Bearer \S+$/)
    await site.close()
  })
}

const hostile: Readonly<Record<string, GitLabAnswer>> = {
  'an object': { status: 200, body: {} },
  'groups without a path': { status: 200, body: [{ id: 1, name: 'plants' }] },
  'a path that is no text': { status: 200, body: [{ full_path: ['plants'] }] },
  HTML: { status: 200, headers: { 'content-type': 'text/html' }, body: '<title>Sign in</title>' },
  'no content': { status: 204 },
  'status 403': { status: 403, body: { error: 'insufficient_scope' } },
  'status 500': { status: 500, body: [] },
  '10 MB': { status: 200, headers: { 'content-type': 'application/json' }, body: `[]${' '.repeat(10 * 1024 * 1024)}` },
}

for (const [name, answer] of Object.entries(hostile)) {
  test(`nobody is logged in by ${name}`, async () => {
    gitlab.instead = () => answer
    const site = await createSite()
    const browser = site.browser()
    assert.ok([401, 503].includes((await logIn(browser)).status))
    assert.equal(await browser.session(), undefined)
    assert.deepEqual(site.admitted, [])
    assert.doesNotMatch(JSON.stringify([site.logged, site.audited]), /CANARY|Sign in/)
    await site.close()
  })
}

test('a redirect is not followed with the token', async () => {
  gitlab.instead = () => ({ status: 302, headers: { location: `${trap.url}/groups` } })
  const site = await createSite()
  assert.equal((await logIn(site.browser())).status, 401)
  await site.close()
})

test('after a refresh the list is asked again, with the new token; while it is away groups stay', async () => {
  gitlab.instead = groupsUpTo(1)
  const site = await createSite()
  const browser = site.browser()
  await logIn(browser)
  const use = () => browser.request((ctx) => site.identities.credential(ctx, 'sso'))
  gitlab.instead = groupsUpTo(2)
  site.clock.advance(50_000)
  await use()
  assert.deepEqual((await browser.session())?.row.groups, ['gl:g0', 'gl:g1'])
  const tokens = gitlab.requests.map(({ headers }) => headers.authorization)
  assert.equal(new Set(tokens).size, 2)
  gitlab.instead = () => ({ status: 503 })
  site.clock.advance(50_000)
  await use()
  assert.deepEqual((await browser.session())?.row.groups, ['gl:g0', 'gl:g1'])
  await site.close()
})
