// Logins at the addresses of the ARCmanager backend (`/api/v1/auth/login`, `callback`): what its web app needs of them, and
// none of what was wrong with them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestAnswer } from '../support/http-client.ts'
import { findFreePort } from '../support/programs.ts'
import { APP, FROM_APP, type HubBrowser, type HubName, type HubsLab, startHubsLab } from './hubs-lab.ts'

const names = ['freiburg', 'tuebingen'] as const satisfies readonly HubName[]

test('each hub: state, nonce and PKCE, and the redirect URI that GitLab has always known', {
  timeout: 60_000,
}, async () => {
  await using lab = await startHubsLab()
  for (const name of names) {
    const answer = await lab.browser().get(`/api/v1/auth/login?datahub=${name}`, FROM_APP)
    assert.equal(answer.status, 302)
    const location = new URL(String(answer.headers.location))
    assert.equal(`${location.origin}${location.pathname}`, `${lab.hubs[name].url}/oauth/authorize`)
    const query = Object.fromEntries(location.searchParams)
    assert.equal(query.redirect_uri, `${lab.url}/api/v1/auth/callback?datahub=${name}`)
    assert.deepEqual([query.response_type, query.code_challenge_method], ['code', 'S256'])
    for (const part of ['state', 'nonce', 'code_challenge']) assert.ok((query[part]?.length ?? 0) >= 43, part)
    assert.deepEqual(
      setCookies(answer).map(({ name: cookie }) => cookie),
      ['error', '__Host-gatehouse-login', '__Host-gatehouse-last'],
      'what was begun is kept on the server',
    )
  }
})

test('after the callback there are the cookies of the old app, and none with a token', {
  timeout: 60_000,
}, async () => {
  await using lab = await startHubsLab()
  const { freiburg } = lab.hubs
  const beforeSeconds = Date.now() / 1000
  const answer = await lab.browser().logInByApp('ada', 'freiburg')
  assert.deepEqual([answer.status, answer.headers.location], [303, `${lab.basePath}${APP}`])

  const cookies = setCookies(answer)
  const shown = new Map(cookies.filter(({ isGone }) => !isGone).map((cookie) => [cookie.name, cookie]))
  const forScripts = ['logged_in', 'timer', 'username']
  assert.deepEqual([...shown.keys()].toSorted(), [
    '__Host-gatehouse',
    '__Host-gatehouse-known',
    '__Host-gatehouse-last',
    ...forScripts,
  ])
  for (const name of forScripts)
    assert.deepEqual(shown.get(name)?.attributes, ['Path=/', 'SameSite=Strict', 'Secure'], name)
  assert.deepEqual([shown.get('logged_in')?.value, shown.get('username')?.value], ['true', 'Ada%20%C3%9Cnal'])
  const timer = Number(shown.get('timer')?.value)
  assert.ok(timer >= beforeSeconds && timer <= Date.now() / 1000, 'seconds since the epoch')
  const session = shown.get('__Host-gatehouse')
  assert.deepEqual(session?.attributes, ['Path=/', 'HttpOnly', 'SameSite=Lax', 'Secure'])
  assert.deepEqual(
    cookies.filter(({ isGone }) => isGone).map(({ name, attributes }) => `${name} ${attributes[0]}`),
    ['error Path=/', 'pat Path=/', 'data Path=/', `data Path=${lab.basePath}/api`],
    'tokens of the old backend are thrown away',
  )
  assert.equal(freiburg.oauth.issued.size, 2)
  for (const token of freiburg.oauth.issued)
    for (const { name, value } of cookies) assert.ok(!readings(value).some((text) => text.includes(token)), name)
})

test('an answer is taken from the browser that asked, once, from the hub that was asked', {
  timeout: 60_000,
}, async (t) => {
  await using lab = await startHubsLab()
  const begin = async (browser: HubBrowser, hub: HubName) => {
    const begun = await browser.get(`/api/v1/auth/login?datahub=${hub}`, FROM_APP)
    return browser.prove(String(begun.headers.location), 'ada')
  }

  await t.test('a state that nobody began', async () => {
    const browser = lab.browser()
    const callback = await begin(browser, 'freiburg')
    callback.searchParams.set('state', 'x'.repeat(43))
    checkRefused(lab, await browser.comeBack(callback))
  })
  await t.test('no state, or two', async () => {
    const browser = lab.browser()
    const callback = await begin(browser, 'freiburg')
    const doubled = new URL(`${callback.href}&state=${callback.searchParams.get('state')}`)
    checkRefused(lab, await browser.comeBack(doubled))
    callback.searchParams.delete('state')
    checkRefused(lab, await browser.comeBack(callback))
  })
  await t.test('another browser', async () => {
    const callback = await begin(lab.browser(), 'freiburg')
    checkRefused(lab, await lab.browser().comeBack(callback))
  })
  await t.test('again', async () => {
    const browser = lab.browser()
    const callback = await begin(browser, 'freiburg')
    assert.equal((await browser.comeBack(callback)).status, 303)
    const session = browser.cookies.get('__Host-gatehouse')
    checkRefused(lab, await browser.comeBack(callback))
    assert.equal(browser.cookies.get('__Host-gatehouse'), session, 'the session that came of it stays')
    assert.equal((await browser.get('/api/v1/me')).status, 200)
  })
  await t.test('at the callback of the other hub, or of the portal', async () => {
    for (const path of [
      '/api/v1/auth/callback?datahub=tuebingen&',
      '/auth/callback/tuebingen?',
      '/auth/callback/freiburg?',
    ]) {
      const browser = lab.browser()
      const { searchParams } = await begin(browser, 'freiburg')
      searchParams.delete('datahub')
      checkRefused(lab, await browser.comeBack(new URL(`${lab.url}${path}${searchParams.toString()}`)))
    }
  })
  await t.test('with the code of somebody else', async () => {
    const victim = await begin(lab.browser(), 'freiburg')
    const browser = lab.browser()
    const callback = await begin(browser, 'freiburg')
    callback.searchParams.set('code', victim.searchParams.get('code') ?? '')
    checkRefused(lab, await browser.comeBack(callback))
  })
})

test('what the hub says of an error is shown as text, or not at all', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const browser = lab.browser()
  const begun = await browser.get('/api/v1/auth/login?datahub=freiburg', FROM_APP)
  const state = new URL(String(begun.headers.location)).searchParams.get('state')
  const script = encodeURIComponent('<script>alert(1)</script>')
  const path = `/api/v1/auth/callback?datahub=freiburg&error=${script}&error_description=${script}&state=`
  for (const answer of [await browser.get(`${path}x`, PAGE), await browser.get(`${path}${state}`, PAGE)]) {
    assert.doesNotMatch(answer.text, /<script>alert/)
    checkRefused(lab, answer)
  }

  const second = await browser.get('/api/v1/auth/login?datahub=freiburg', FROM_APP)
  const { searchParams } = new URL(String(second.headers.location))
  const denied = await browser.get(
    `/api/v1/auth/callback?datahub=freiburg&error=access_denied&state=${searchParams.get('state')}`,
    PAGE,
  )
  assert.deepEqual([denied.status, denied.headers.location], [303, `${lab.basePath}${APP}`])
  assert.equal(browser.cookies.get('error'), '"The login was not completed"')
})

test('a hub that is unknown is 422', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const browser = lab.browser()
  for (const query of [
    '?datahub=berlin',
    '',
    '?datahub=',
    '?datahub=freiburg&datahub=tuebingen',
    '?datahub=__proto__',
  ]) {
    for (const path of ['login', 'callback']) {
      const answer = await browser.get(`/api/v1/auth/${path}${query}`, FROM_APP)
      assert.ok([400, 422].includes(answer.status), `${path}${query} is ${answer.status}`)
      assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
      assert.deepEqual(setCookies(answer), [])
    }
  }
})

test('a hub that is away is told by the app: at the beginning, and when the answer is to be checked', {
  timeout: 60_000,
}, async () => {
  const nobody = `http://127.0.0.1:${await findFreePort()}`
  await using lab = await startHubsLab({ config: { identity: [{ id: 'tuebingen', issuer: nobody }] } })
  const checkTold = (answer: TestAnswer) => {
    assert.deepEqual([answer.status, answer.headers.location], [303, `${lab.basePath}${APP}`])
    const [error, ...others] = setCookies(answer).filter(({ isGone }) => !isGone)
    assert.deepEqual([error?.name, error?.value, others], ['error', '"DataHUB not available"', []])
    assert.deepEqual(error?.attributes, ['Path=/', 'SameSite=Strict', 'Secure'])
  }
  checkTold(await lab.browser().get('/api/v1/auth/login?datahub=tuebingen', FROM_APP))

  const browser = lab.browser()
  const begun = await browser.get('/api/v1/auth/login?datahub=freiburg', FROM_APP)
  const callback = await browser.prove(String(begun.headers.location), 'ada')
  await lab.hubs.freiburg.close()
  checkTold(await browser.comeBack(callback))
})

test('a login that another site’s page begins is asked for once more', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const login = '/api/v1/auth/login?datahub=freiburg'
  for (const site of ['cross-site', 'same-site', 'x']) {
    const answer = await lab.browser().get(login, { ...PAGE, 'sec-fetch-site': site })
    assert.deepEqual([answer.status, setCookies(answer)], [200, []], site)
    assert.match(answer.text, new RegExp(`<form method="post" action="${lab.basePath}/api/v1/auth/login">`))
  }
  const browser = lab.browser()
  assert.equal((await browser.get(login, PAGE)).status, 302, 'nobody is logged in, and nothing could be replaced')
  assert.equal((await browser.get(login, { ...PAGE, 'sec-fetch-site': 'none' })).status, 302)

  const ada = await lab.logIn('ada')
  const session = ada.cookies.get('__Host-gatehouse')
  assert.equal((await ada.get(login, PAGE)).status, 200, 'with a session, silence proves nothing')
  assert.equal(ada.cookies.get('__Host-gatehouse'), session)
  const posted = await ada.post('/api/v1/auth/login', { datahub: 'freiburg' })
  assert.equal(posted.status, 302, 'the button')
  const forged = await ada.post('/api/v1/auth/login', { datahub: 'freiburg' }, { origin: 'https://evil.test' })
  assert.equal(forged.status, 403)
})

/** What browsers send with a navigation, where they say nothing of where it comes from. */
const PAGE = { accept: 'text/html' }

function checkRefused(lab: HubsLab, answer: TestAnswer): void {
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${String(answer.headers.location)}`)
  const kept = setCookies(answer).filter(({ isGone }) => !isGone)
  assert.deepEqual(kept, [])
  assert.match(String(answer.headers['content-security-policy']), /script-src|default-src/)
  assert.equal(lab.hubs.freiburg.requests.length + lab.hubs.tuebingen.requests.length, 0)
}

interface ShownCookie {
  readonly name: string
  readonly value: string
  readonly attributes: readonly string[]
  readonly isGone: boolean
}

function setCookies({ headers }: TestAnswer): readonly ShownCookie[] {
  return [headers['set-cookie'] ?? []].flat().map((line) => {
    const [pair = '', ...attributes] = line.split('; ')
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? []
    const isGone = attributes.includes('Max-Age=0')
    return { name, value, attributes: attributes.filter((each) => !each.startsWith('Max-Age=')), isGone }
  })
}

/** What a client could make of a value without any key. */
const readings = (value: string): readonly string[] => [
  value,
  decodeURIComponent(value),
  ...value
    .split('.')
    .flatMap((part) => [Buffer.from(part, 'base64url').toString(), Buffer.from(part, 'base64').toString()]),
]
