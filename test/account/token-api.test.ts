// The token API as its contract says (uws-spt3g.md §3.4): statuses, headers and JSON, word for word.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestAnswer } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { runCommand } from '../support/run-command.ts'
import { type AccountLab, basic, bearer, claimsOf, KEYS, startAccountLab } from './account-lab.ts'

const REFRESH = '/api/v1/account/token/refresh'
const WHOAMI = '/api/v1/account/whoami'

const clock = createManualClock(Date.UTC(2026, 10, 21, 8))
let lab: AccountLab
let userId: string

before(async () => {
  lab = await startAccountLab({ clock })
  const ada = await lab.logIn('ada')
  userId = ((await ada.get('/api/v1/me')).json() as { userId: string }).userId
})
after(() => lab[Symbol.asyncDispose]())

const challengeOf = ({ headers }: TestAnswer): string => String(headers['www-authenticate'] ?? '')

const headerOf = (token: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())

/** A refusal in the words of the contract. */
function assertRefused(answer: TestAnswer, status: number, challenge: RegExp, what = 'refused'): void {
  assert.equal(answer.status, status, what)
  assert.match(challengeOf(answer), challenge, what)
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8', what)
  assert.equal(answer.headers['cache-control'], 'no-store', what)
  const { status: word, message } = answer.json() as { status: unknown; message: unknown }
  assert.deepEqual([word, typeof message], ['error', 'string'], what)
}

const INVALID = /^Bearer realm="spt3g", error="invalid_token", error_description="[^"\\]+"$/

test('a person with a session gets a token, at an address and in a form that scripts and bookmarks know', async () => {
  const ada = await lab.logIn('ada')
  const answer = await ada.get('/account/token/create')
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.deepEqual(
    Object.keys(answer.headers).filter((name) => name.startsWith('access-control-')),
    [],
  )
  const { token, ...rest } = answer.json() as Record<string, unknown>
  assert.deepEqual(rest, {
    status: 'ok',
    message: '',
    token_type: 'Bearer',
    expires_in: 86_400,
    expires_at: '2026-11-22T08:00:00Z',
  })
  const now = clock.now() / 1000
  const { jti, origin_jti, ...claims } = claimsOf(String(token))
  assert.match(String(jti), /^[0-9a-f-]{36}$/)
  assert.equal(origin_jti, jti)
  assert.deepEqual(claims, {
    iss: lab.url,
    aud: 'spt3g-api',
    sub: userId,
    user_id: userId,
    name: 'ada',
    groups: ['lab'],
    iat: now,
    nbf: now,
    exp: now + 86_400,
    auth_time: now,
    knows_revoked: 0,
  })
  assert.equal((await lab.ask(WHOAMI, bearer(String(token)))).status, 200, 'it works at once')
})

test('of a person whose e-mail address is known the token has it, and so has whoami', async () => {
  const [username, email, password] = ['emmy', 'emmy@example.org', 'CANARY-password-emmy']
  const config = lab.gateway.configFiles.flatMap((file) => ['--config', file])
  const added = await runCommand(['user', 'add', username, '--email', email, ...config], { stdin: password })
  assert.equal(added.exitCode, 0, added.errors)
  const emmy = lab.stranger()
  assert.equal((await emmy.post('/auth/login/local', { username, password })).status, 303)
  const { token } = (await emmy.get('/account/token/create')).json() as { token: string }
  assert.equal(claimsOf(token).email, email)
  const said = (await lab.ask(WHOAMI, bearer(token))).json() as Record<string, unknown>
  assert.deepEqual([said.username, said.email], [username, email])
  const next = ((await lab.ask(REFRESH, bearer(token))).json() as { token: string }).token
  assert.equal(claimsOf(next).email, email)
})

test('a token names the newest of the keys, whichever is beside it, and so does the next one', async () => {
  const [newer, older] = KEYS
  await using other = await startAccountLab({ clock })
  const ada = await other.logIn('ada')
  const kidsWith = async (...keys: readonly unknown[]): Promise<readonly unknown[]> => {
    await other.gateway.reload({ identity: [{ id: 'local', type: 'local' }], account: { keys } })
    const { token } = (await ada.get('/account/token/create')).json() as { token: string }
    const next = (await other.ask(REFRESH, bearer(token))).json() as { token: string }
    return [token, next.token].map((each) => headerOf(each).kid)
  }
  const [newest, oldest] = [(await kidsWith(newer))[0], (await kidsWith(older))[0]]
  assert.notEqual(newest, oldest)
  assert.deepEqual(await kidsWith(newer, older), [newest, newest])
  assert.deepEqual(await kidsWith(older, newer), [oldest, oldest])
})

test('whoami says who, and until when', async () => {
  const token = await lab.tokenOf('ada')
  const answer = await lab.ask(WHOAMI, bearer(token))
  const { jti, ...body } = answer.json() as Record<string, unknown>
  assert.equal(jti, claimsOf(token).jti)
  assert.deepEqual(body, {
    status: 'ok',
    message: '',
    user_id: userId,
    username: 'ada',
    name: 'ada',
    groups: ['lab'],
    is_admin: false,
    expires_at: '2026-11-22T08:00:00Z',
  })
  const session = await lab.logIn('ada')
  const { jti: none, expires_at } = (await session.get(WHOAMI)).json() as Record<string, unknown>
  assert.deepEqual([none, expires_at], [undefined, undefined], 'a session may ask too')
})

for (const method of ['GET', 'POST']) {
  test(`${method}: a token that is good gets the next one, and stays good`, async () => {
    const token = await lab.tokenOf('ada')
    clock.advance(60_000)
    const answer = await lab.ask(REFRESH, bearer(token), method)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['cache-control'], 'no-store')
    const { token: next, expires_in, status } = answer.json() as Record<string, unknown>
    const [old, claims] = [claimsOf(token), claimsOf(String(next))]
    assert.deepEqual([status, expires_in], ['ok', 86_400])
    assert.notEqual(claims.jti, old.jti)
    assert.deepEqual([claims.auth_time, claims.origin_jti], [old.auth_time, old.jti])
    assert.equal(claims.exp, Number(old.exp) + 60)
    assert.equal((await lab.ask(WHOAMI, bearer(token))).status, 200)
    assert.equal((await lab.ask(WHOAMI, bearer(String(next)))).status, 200)
    if (method === 'POST') {
      for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
        const stray = await lab
          .stranger()
          .send(REFRESH, { method, headers: { authorization: bearer(token), 'content-type': type } })
        assert.equal(stray.status, 200, type)
      }
    }
  })
}

test('without credentials the challenge has no error; with others it has', async () => {
  for (const path of [WHOAMI, REFRESH]) {
    assertRefused(await lab.ask(path), 401, /^Bearer realm="spt3g"$/, path)
    for (const header of [
      'Bearer x',
      'Bearer',
      'Bearer a b',
      'Token x',
      'x',
      bearer('a.b.c'),
      basic('ada', 'x'),
      'Basic Og==',
    ]) {
      assertRefused(await lab.ask(path, header), 401, INVALID, `${path} ${header}`)
    }
  }
  const ada = await lab.logIn('ada')
  assertRefused(await ada.get(REFRESH), 401, /^Bearer realm="spt3g"$/, 'a session is no token')
  const posted = await ada.post(REFRESH)
  assertRefused(posted, 401, /^Bearer realm="spt3g"$/, 'nor by POST')
})

test('a token that has expired, or was altered, is refused by all', async () => {
  const token = await lab.tokenOf('ada')
  const altered = `${token.slice(0, -3)}AAA`
  for (const path of [WHOAMI, REFRESH]) {
    assertRefused(await lab.ask(path, bearer(altered)), 401, INVALID)
    assertRefused(await lab.ask(`${path}?token=${token}&access_token=${token}`), 401, /^Bearer realm="spt3g"$/)
  }
  clock.stepWallClock(86_400_000)
  for (const path of [WHOAMI, REFRESH, '/api/v1/me', '/api/up/x']) {
    const answer = await lab.ask(path, bearer(token))
    assert.equal(answer.status, 401, path)
    assert.match(challengeOf(answer), /error="invalid_token", error_description="The token has expired\."/, path)
  }
})

test('the scheme is one in any letters; the token is a name or a password of Basic too', async () => {
  const token = await lab.tokenOf('ada')
  const headers = [
    bearer(token),
    `bearer ${token}`,
    `BEARER ${token}`,
    basic(token, ''),
    basic(token, 'x-oauth-basic'),
    basic('', token),
    basic('ada', token),
    basic(token, token),
  ]
  for (const header of headers) assert.equal((await lab.ask(WHOAMI, header)).status, 200, header.slice(0, 12))
  const other = await lab.tokenOf('grace')
  assertRefused(await lab.ask(WHOAMI, basic(token, other)), 401, INVALID, 'whose would it be?')
})

test('a token opens the services that its person may open, which never see it', async () => {
  const token = await lab.tokenOf('ada')
  for (const header of [bearer(token), basic('ada', token)]) {
    assert.equal((await lab.ask('/api/up/x', header)).status, 200)
    const sent = lab.upstream.requests.at(-1)
    assert.deepEqual(sent?.all('authorization'), [])
  }
  const mallory = await lab.tokenOf('mallory')
  assert.equal((await lab.ask('/api/up/x', bearer(mallory))).status, 403)
})

test('a token changes no account and administers nothing, whoever’s it is', async () => {
  const token = await lab.tokenOf('grace')
  assert.equal((await lab.ask('/api/v1/me', bearer(token))).status, 200)
  const refused: readonly (readonly [method: string, path: string])[] = [
    ['GET', '/api/v1/admin/users'],
    ['POST', `/api/v1/admin/users/${userId}/account-tokens/revoke`],
    ['DELETE', `/api/v1/admin/account-tokens/${String(claimsOf(token).jti)}`],
    ['POST', '/api/v1/account/token/revoke-all'],
    ['POST', '/api/v1/sessions/current/extend'],
    ['POST', '/api/v1/tokens'],
  ]
  for (const [method, path] of refused) {
    const answer = await lab.ask(path, bearer(token), method)
    assert.equal(answer.status, 403, path)
    assert.equal((await lab.ask(WHOAMI, bearer(token))).status, 200, 'and it is still good')
  }
  const created = await lab.ask('/account/token/create', bearer(token))
  assert.equal(created.status, 302, 'a page does not look at tokens')
})

test('a chain of refreshes ends so long after the login, and its last token with it', async () => {
  await using other = await startAccountLab({ clock, account: { lifetime: '4h', maxSession: '10h' } })
  let token = await other.tokenOf('ada')
  const begun = Number(claimsOf(token).auth_time)
  for (let hours = 3; hours < 10; hours += 3) {
    clock.stepWallClock(3 * 3_600_000)
    token = ((await other.ask(REFRESH, bearer(token))).json() as { token: string }).token
    assert.equal(claimsOf(token).exp, begun + 3_600 * Math.min(hours + 4, 10))
  }
  clock.stepWallClock(3_600_000 - 1_000)
  assert.equal((await other.ask(WHOAMI, bearer(token))).status, 200)
  clock.stepWallClock(1_000)
  assertRefused(await other.ask(REFRESH, bearer(token)), 401, INVALID)
})
