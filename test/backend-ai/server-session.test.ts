// What can be asked about a session that somebody has: `login-check`, `logout`, `extend-login-session`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webUiDirectory } from '../support/backend-ai/web-ui/index.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import { cookieSet, post, problem } from './post.ts'

const PROFILES: readonly ProfileName[] = ['26.2', '26.4', '26.8']
const UNKNOWN = '0123456789abcdef0123456789abcdef'
const UNAUTHORIZED = { status: 401, type: 'auth-failed', title: 'Unauthorized access' }
const STRANGER = { authenticated: false, data: null, session_id: null }

for (const profile of PROFILES) {
  test(`${profile}: login-check says who has the session that the header names, or else the cookie`, async () => {
    await using lab = await startBackendAiLab({ profile })
    const ada = await lab.logIn()
    const name = ada.cookies.get('AIOHTTP_SESSION') ?? assert.fail()
    const cookie = `AIOHTTP_SESSION=${name}`
    const known = {
      authenticated: true,
      data: { access_key: lab.manager.accounts.get('ada@example.org').accessKey, role: 'user', status: 'active' },
      session_id: name,
    }
    const check = async (headers: Record<string, string>) => {
      const answer = await post(lab.stranger(), 'login-check', 'ignored', headers)
      assert.deepEqual([answer.status, answer.headers['set-cookie']], [200, undefined])
      return answer.json()
    }
    assert.deepEqual(await check({ cookie }), known)
    assert.deepEqual(await check({ 'x-backendai-sessionid': name }), known)
    assert.deepEqual(await check({ 'x-backendai-sessionid': name, cookie: 'AIOHTTP_SESSION=junk' }), known)
    assert.deepEqual(await check({ 'x-backendai-sessionid': UNKNOWN, cookie }), STRANGER)
    for (const junk of [
      'junk',
      UNKNOWN,
      name.toUpperCase(),
      `${name}0`,
      `"${name}"`,
      '',
      `${name}; AIOHTTP_SESSION=x`,
    ]) {
      assert.deepEqual(await check({ cookie: `AIOHTTP_SESSION=${junk}` }), STRANGER, junk)
    }
    assert.deepEqual(await check({}), STRANGER)
  })

  test(`${profile}: a logout ends the session everywhere, and may be repeated`, async () => {
    await using lab = await startBackendAiLab({ profile })
    const ada = await lab.logIn()
    const name = ada.cookies.get('AIOHTTP_SESSION') ?? assert.fail()
    const header = { 'x-backendai-sessionid': name }
    assert.equal((await ada.ask('/func/x')).status, 200)
    const answer = await post(ada, 'logout')
    assert.deepEqual([answer.status, answer.bytes.toString()], [200, '200: OK'])
    assert.match(String(answer.headers['content-type']), /^text\/plain/)
    assert.deepEqual(cookieSet(answer), ['', 'path=/', 'httponly', 'samesite=lax', 'max-age=0'])
    assert.equal((await lab.stranger().ask('/func/x', { headers: header })).status, 401)
    assert.deepEqual((await post(lab.stranger(), 'login-check', {}, header)).json(), STRANGER)
    const again = await post(lab.stranger(), 'logout', {}, header)
    assert.deepEqual([again.status, again.bytes.toString()], [200, '200: OK'])
    assert.equal((await post(lab.stranger(), 'logout')).status, 200)

    const told = lab.manager.requests.filter(({ target }) => target === '/auth/logout')
    if (profile === '26.2') return assert.deepEqual(told, [])
    assert.equal(told.length, 1)
    const body = (await told[0]?.body.whole()) ?? assert.fail()
    assert.deepEqual(JSON.parse(body.toString()), { session_token: name })
    assert.deepEqual(lab.manager.accounts.get('ada@example.org').logins, [])
  })

  test(`${profile}: a login ends when it was said to, unless it is extended; use does not extend it`, async () => {
    const clock = createManualClock(Date.now())
    await using lab = await startBackendAiLab({
      profile,
      clock,
      backendAi: { session: { maxAge: '1h', extension: '30m' } },
      config: { sessions: { absolute: '2h' } },
    })
    const minutes = (count: number) => clock.advance(count * 60_000)
    const ends = (answer: { json(): Readonly<Record<string, unknown>> }) => answer.json().expires
    const at = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}+00:00`
    const begun = clock.now()
    const ada = await lab.logIn()
    minutes(20)
    assert.equal((await ada.ask('/func/x')).status, 200)
    // Never shorter than it was.
    const early = await post(ada, 'extend-login-session')
    assert.deepEqual(early.json(), { status: 201, expires: at(begun + 60 * 60_000) })
    assert.equal(early.status, 200)
    const name = ada.cookies.get('AIOHTTP_SESSION')
    assert.equal(early.headers['x-backendai-sessionid'], name)
    assert.deepEqual(cookieSet(early), [name, 'path=/', 'httponly', 'samesite=lax', 'max-age=2400'])
    minutes(30)
    assert.equal(ends(await post(ada, 'extend-login-session')), at(begun + 80 * 60_000))
    minutes(29)
    assert.equal((await ada.ask('/func/x')).status, 200)
    minutes(2)
    assert.deepEqual(problem(await ada.ask('/func/x')), UNAUTHORIZED)
    assert.deepEqual(problem(await post(ada, 'extend-login-session')), UNAUTHORIZED)
  })
}

test('a stranger extends nothing, and gets no session by asking', async () => {
  await using lab = await startBackendAiLab()
  for (const path of ['extend-login-session', 'logout', 'login-check']) {
    const answer = await post(lab.stranger(), path)
    assert.equal(answer.headers['x-backendai-sessionid'], undefined)
    assert.match(cookieSet(answer)?.join(';') ?? 'none', /^(none|;.*max-age=0)$/)
  }
  assert.deepEqual(problem(await post(lab.stranger(), 'extend-login-session')), UNAUTHORIZED)
})

test('a header without a value is a mistake that is told', async () => {
  await using lab = await startBackendAiLab()
  for (const target of ['/server/login-check', '/server/login', '/server/logout', '/func/x']) {
    for (const name of ['x-backendai-sessionid', 'x-backendai-version']) {
      const answer = await lab.stranger().ask(target, { method: 'POST', headers: { [name]: '' } })
      const expected = { status: 400, type: 'generic-bad-request', title: 'Invalid or Missing API Parameters.' }
      assert.deepEqual(problem(answer), expected, `${target} ${name}`)
      assert.equal(answer.json().error_code, 'api_parsing_invalid-parameters')
    }
  }
})

test('other methods and addresses under /server/ are refused with what there is', async () => {
  await using lab = await startBackendAiLab()
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await lab.stranger().ask('/server/login', { method })
    assert.deepEqual([answer.status, answer.headers.allow], [405, 'OPTIONS,POST'], method)
    assert.equal(answer.bytes.toString(), '405: Method Not Allowed')
  }
  assert.equal((await lab.stranger().ask('/server/nothing', { method: 'POST' })).status, 404)
  for (const target of ['/server/login/', '/server/login%2F', '/server/Login', '/server/']) {
    assert.notEqual((await lab.stranger().ask(target, { method: 'POST', body: '{}' })).status, 200, target)
  }
})

test('with the Web UI, what is asked there and is none of these is its page', async () => {
  await using lab = await startBackendAiLab({ backendAi: { webUi: { directory: webUiDirectory } } })
  for (const target of ['/server/login', '/server/nothing', '/server/']) {
    const answer = await lab.stranger().ask(target)
    assert.deepEqual([answer.status, answer.headers['cache-control']], [200, 'no-store'], target)
    assert.match(answer.bytes.toString(), /<!doctype html>/i)
  }
  const answer = await lab.stranger().ask('/server/nothing', { method: 'POST', body: '{}' })
  assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET,HEAD,OPTIONS'])
  assert.equal(problem(await post(lab.stranger(), 'login')).title, 'You must provide the username field.')
})

test('one person’s sessions are listed and ended like all others', async () => {
  await using lab = await startBackendAiLab()
  const [here, there] = [await lab.logIn(), await lab.logIn()]
  const { sessions, access } = lab.gateway.apis
  const user = (await access.users.find('manager/ada@example.org')) ?? assert.fail()
  const rows = await sessions.list(user.id)
  assert.equal(rows.length, 2)
  assert.deepEqual(
    [...new Set(rows.map(({ subject, provider }) => `${provider}/${subject}`))],
    ['manager/ada@example.org'],
  )
  assert.deepEqual(rows[0]?.groups, ['user'])
  assert.equal(await sessions.endAllOf(user.id, 'revoked'), 2)
  for (const browser of [here, there]) assert.equal((await browser.ask('/func/x')).status, 401)
})

test('a provider of the portal with the same id is the same people', async () => {
  await using lab = await startBackendAiLab()
  await lab.gateway.reload({
    backendAi: { manager: { to: lab.manager.url } },
    identity: [{ id: 'manager', type: 'backend-ai', endpoint: lab.manager.url, groupsPrefix: 'bai:' }],
  })
  const { sessions, access } = lab.gateway.apis
  await lab.logIn()
  const browser = lab.stranger()
  const form = new URLSearchParams({ username: 'ada@example.org', password: 'CANARY-ada-writes-notes' }).toString()
  const login = await browser.ask('/auth/login/manager', {
    method: 'POST',
    body: form,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.equal(login.status, 303, login.bytes.toString())
  const user = (await access.users.find('manager/ada@example.org')) ?? assert.fail()
  const rows = await sessions.list(user.id)
  assert.deepEqual(
    rows.map(({ groups }) => groups),
    [['bai:user'], ['bai:user']],
  )
  // And the portal's session is good for the Web UI, too.
  const { session_id, authenticated } = (await post(browser, 'login-check')).json()
  assert.deepEqual([authenticated, session_id], [true, null])
  assert.equal((await browser.ask('/func/x')).status, 200)
  const extended = await post(browser, 'extend-login-session')
  assert.equal(extended.json().status, 201)
  assert.equal(cookieSet(extended), undefined)
  assert.equal((await post(browser, 'logout')).status, 200)
  assert.equal((await browser.ask('/func/x')).status, 401)
})
