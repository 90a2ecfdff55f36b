// Logins under way in several tabs, and callbacks that come late, twice, or in another browser (security.md L2). Whoever
// is logged in just goes on; whoever is not is told to log in again; nobody becomes somebody else.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { type OidcBrowser, type OidcLab, startOidcLab } from './oidc-lab.ts'

const SESSION = '__Host-gatehouse'
let lab: OidcLab

before(async () => {
  lab = await startOidcLab()
})
after(() => lab[Symbol.asyncDispose]())

const usernameOf = async (client: TestClient): Promise<string | undefined> => {
  const answer = await client.get('/api/v1/me')
  return answer.status === 200 ? (answer.json() as { username: string }).username : undefined
}

const landing = ({ status, headers }: TestAnswer) => [status, headers.location]

/** Logs ada in, and keeps the address that brought her back. */
async function logInKeeping(returnTo: string): Promise<{ readonly browser: OidcBrowser; readonly callback: URL }> {
  const browser = lab.browser()
  const callback = await browser.prove(await browser.begin(returnTo), 'ada')
  assert.deepEqual(landing(await browser.comeBack(callback)), [303, returnTo])
  return { browser, callback }
}

test('three tabs begin, and finish in another order: each lands where it wanted to go', async () => {
  const browser = lab.browser()
  const wanted = ['/account', '/api/x?tab=2', '/docs']
  const begun: string[] = []
  for (const returnTo of wanted) begun.push(await browser.begin(returnTo))
  const callbacks: URL[] = []
  for (const url of begun) callbacks.push(await browser.prove(url, 'ada'))
  const sessions = new Set<string | undefined>()
  for (const tab of [2, 0, 1]) {
    const answer = await browser.comeBack(callbacks[tab] as URL)
    assert.deepEqual(landing(answer), [303, wanted[tab]], `tab ${tab}`)
    assert.equal(await usernameOf(browser), 'ada')
    sessions.add(browser.cookies.get(SESSION))
  }
  assert.equal(sessions.size, 3, 'each login is a session of its own')
})

test('three tabs come back at the same moment', async () => {
  const browser = lab.browser()
  const callbacks: URL[] = []
  for (const returnTo of ['/1', '/2', '/3']) callbacks.push(await browser.prove(await browser.begin(returnTo), 'ada'))
  const answers = await Promise.all(callbacks.map(browser.comeBack))
  assert.deepEqual(answers.map(landing), [
    [303, '/1'],
    [303, '/2'],
    [303, '/3'],
  ])
  assert.equal(await usernameOf(browser), 'ada')
})

test('a callback that was used already, with a live session, just goes on; the session stays', async () => {
  const { browser, callback } = await logInKeeping('/account')
  const session = browser.cookies.get(SESSION)
  const tokensAsked = lab.provider.calls.get('POST /token')
  const again = await browser.comeBack(callback)
  assert.equal(again.status, 303)
  assert.ok(String(again.headers.location).startsWith('/'))
  assert.equal(browser.cookies.get(SESSION), session)
  assert.equal(await usernameOf(browser), 'ada')
  assert.equal(lab.provider.calls.get('POST /token'), tokensAsked, 'the provider is not asked again')
})

test('a callback that was used already, without a session, is refused', async () => {
  const { browser, callback } = await logInKeeping('/account')
  await browser.post('/auth/logout')
  const again = await browser.comeBack(callback)
  assert.equal(again.status, 401)
  assert.match(again.text, /login\.attemptUnknown/)
  assert.equal(browser.cookies.has(SESSION), false)
})

test('a callback in another browser logs nobody in, and does not use up the first one’s', async () => {
  const ada = lab.browser()
  const callback = await ada.prove(await ada.begin('/account'), 'ada')
  for (const other of [lab.browser(), await beginning()]) {
    const stolen = await other.comeBack(callback)
    assert.equal(stolen.status, 401)
    assert.equal(other.cookies.has(SESSION), false)
  }
  assert.deepEqual(landing(await ada.comeBack(callback)), [303, '/account'])
  assert.equal(await usernameOf(ada), 'ada')
})

test('mallory’s callback, sent to grace who is logged in, does not make her mallory', async () => {
  const mallory = lab.browser()
  const callback = await mallory.prove(await mallory.begin(), 'mallory')
  const grace = await lab.logIn('grace')
  await grace.comeBack(callback)
  assert.equal(await usernameOf(grace), 'grace')
})

test('mallory’s answer to ada’s own state logs nobody in', async () => {
  const [ada, mallory] = [lab.browser(), lab.browser()]
  const state = new URL(await ada.begin()).searchParams.get('state') ?? ''
  const injected = await mallory.prove(await mallory.begin(), 'mallory')
  injected.searchParams.set('state', state)
  const answer = await ada.comeBack(injected)
  assert.ok(answer.status >= 400, `${answer.status}`)
  assert.equal(await usernameOf(ada), undefined)
})

/** What may stand in place of the state. */
const states: Readonly<Record<string, (query: URLSearchParams) => void>> = {
  'no state': (query) => query.delete('state'),
  'an empty one': (query) => query.set('state', ''),
  'one that nobody made': (query) => query.set('state', 'A'.repeat(43)),
  'one cut short': (query) => query.set('state', (query.get('state') ?? '').slice(0, -1)),
  'two of them': (query) => query.append('state', query.get('state') ?? ''),
}

for (const [name, change] of Object.entries(states)) {
  test(`a callback with ${name} is refused, and the attempt is still good`, async () => {
    const browser = lab.browser()
    const callback = await browser.prove(await browser.begin('/account'), 'ada')
    const changed = new URL(callback)
    change(changed.searchParams)
    assert.equal((await browser.comeBack(changed)).status, 401)
    assert.equal(browser.cookies.has(SESSION), false)
    assert.deepEqual(landing(await browser.comeBack(callback)), [303, '/account'])
  })
}

test('a person who says no at the provider is back at the login page, with the way to go kept', async () => {
  const browser = lab.browser()
  const state = new URL(await browser.begin('/account')).searchParams.get('state') ?? ''
  const no = new URL(`${lab.url}/auth/callback/sso`)
  no.search = new URLSearchParams({ error: 'access_denied', state, iss: lab.provider.issuer }).toString()
  const answer = await browser.comeBack(no)
  assert.equal(answer.status, 401)
  assert.match(answer.text, /<h1>Log in<\/h1>/)
  assert.match(answer.text, /name="returnTo" value="\/account"/)
})

async function beginning(): Promise<OidcBrowser> {
  const browser = lab.browser()
  await browser.begin('/elsewhere')
  return browser
}
