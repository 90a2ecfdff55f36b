// What the web app of ARCmanager does with a login that it has: refresh, log out; and what pages of other sites cannot.

import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import { createManualClock, whileTimePasses } from '../support/manual-clock.ts'
import { FROM_APP, startHubsLab } from './hubs-lab.ts'

test('refresh answers as ever, and starts the app’s clock anew', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const ada = lab.browser()
  await ada.logInByApp('ada', 'freiburg')
  const before = Number(ada.cookies.get('timer'))
  const answer = await ada.get('/api/v1/auth/refresh', FROM_APP)
  assert.deepEqual([answer.status, answer.text], [200, 'Session refresh was successful!'])
  assert.match(String(answer.headers['content-type']), /^text\/plain/)
  assert.ok(Number(ada.cookies.get('timer')) > before)
  assert.deepEqual(namesOf(answer), ['timer'])
})

test('refresh renews the tokens of every hub that the person has an account at', { timeout: 60_000 }, async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startHubsLab({ clock, accessTokenSeconds: 300 })
  const ada = lab.browser()
  await ada.logInByApp('ada', 'freiburg')
  await ada.connect('ada', 'tuebingen')
  const exchanges = () =>
    [lab.hubs.freiburg, lab.hubs.tuebingen].map(({ calls }) => calls.get('POST /oauth/token') ?? 0)
  const before = exchanges()
  clock.advance(241_000)
  const answer = await whileTimePasses(clock, ada.get('/api/v1/auth/refresh', FROM_APP))
  assert.equal(answer.status, 200)
  assert.deepEqual(
    exchanges(),
    before.map((count) => count + 1),
  )
})

test('no session, in whatever way, is 401 and JSON; never 422, never 500', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const ada = lab.browser()
  await ada.logInByApp('ada', 'freiburg')
  const copied = ada.cookieHeader()
  await ada.get('/api/v1/auth/logout', FROM_APP)
  const cookies = {
    none: undefined,
    'of an ended session': copied,
    garbage: '__Host-gatehouse=%%%; data=%00',
    'an old one, signed with a key of one’s own': `data=${forged('RS256')}`,
    'an old one, signed with HMAC': `data=${forged('HS256')}`,
    'an old one, not signed': `data=${forged('none')}`,
    'a session of a made-up name': `__Host-gatehouse=${'A'.repeat(22)}.${'B'.repeat(43)}`,
    'the shown cookies alone': 'logged_in=true; timer=9999999999; username=Ada; pat=true',
  }
  const calls = [
    ['GET', '/api/v1/auth/refresh'],
    ['POST', '/api/v1/auth/refresh'],
    ['PUT', '/api/v1/auth/addPAT'],
    ['GET', '/api/v1/hubs'],
    ['GET', '/hubs/freiburg/api/v4/user'],
    ['POST', '/hubs/freiburg/plants/roots/barley.git/info/lfs/objects/batch'],
  ] as const
  for (const [what, cookie] of Object.entries(cookies)) {
    for (const [method, path] of calls) {
      const headers = { ...FROM_APP, origin: new URL(lab.url).origin, ...(cookie !== undefined && { cookie }) }
      const answer = await createClient(lab.url).send(path, { method, headers })
      assert.deepEqual([answer.status, answer.headers['content-type']], [401, PROBLEM], `${method} ${path}: ${what}`)
      assert.equal((answer.json() as { status: number }).status, 401)
    }
  }
})

test('logout ends the session, revokes at every hub, and takes the app’s cookies', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const ada = lab.browser()
  await ada.logInByApp('ada', 'freiburg')
  await ada.connect('ada', 'tuebingen')
  const copied = ada.cookieHeader()
  const answer = await ada.get('/api/v1/auth/logout', FROM_APP)
  assert.deepEqual([answer.status, answer.text], [200, 'logout successful'])
  assert.deepEqual(namesOf(answer).toSorted(), [
    '__Host-gatehouse',
    '__Host-gatehouse-logout',
    'data',
    'data',
    'logged_in',
    'pat',
    'timer',
    'username',
  ])
  const kept = ['__Host-gatehouse', 'data', 'logged_in', 'pat', 'timer', 'username'].filter((name) =>
    ada.cookies.has(name),
  )
  assert.deepEqual(kept, [])
  for (const { oauth } of Object.values(lab.hubs)) {
    assert.deepEqual([...oauth.revoked].toSorted(), [...oauth.issued].toSorted(), 'access and refresh token')
    for (const token of oauth.issued) assert.ok('refused' in (await oauth.find(token)))
  }
  const copy = await createClient(lab.url).get('/hubs/freiburg/api/v4/user', { cookie: copied })
  assert.equal(copy.status, 401)
  assert.equal((await ada.get('/api/v1/auth/logout', FROM_APP)).status, 200, 'once more does no harm')
})

test('a personal access token is not taken, and the answer says why', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const ada = lab.browser()
  await ada.logInByApp('ada', 'freiburg')
  const headers = { ...FROM_APP, origin: new URL(lab.url).origin, 'content-type': 'application/json' }
  const answer = await ada.send('/api/v1/auth/addPAT', { method: 'PUT', headers, body: '{"pat":"CANARY-pat"}' })
  assert.deepEqual([answer.status, (answer.json() as { code: string }).code], [410, 'hubs.noPersonalTokens'])
  assert.equal(ada.cookies.has('pat'), false)
  assert.doesNotMatch(JSON.stringify(lab.gateway.logs), /CANARY-pat/)
})

test('who may call with the person’s cookie: the app and the origins of server.cors', { timeout: 60_000 }, async () => {
  const dev = 'http://localhost:5173'
  await using lab = await startHubsLab({ config: { server: { cors: { origins: [dev], credentials: true } } } })
  const own = new URL(lab.url).origin
  const ada = lab.browser()
  await ada.logInByApp('ada', 'freiburg')
  const allowed: readonly Readonly<Record<string, string>>[] = [
    { 'sec-fetch-site': 'same-origin' },
    { origin: own },
    { origin: own, 'sec-fetch-site': 'same-origin' },
    { origin: dev },
    { origin: dev, 'sec-fetch-site': 'cross-site' },
  ]
  const refused: readonly Readonly<Record<string, string>>[] = [
    {},
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
    { origin: 'https://evil.test' },
    { origin: own.replace('127.0.0.1', 'sibling.127.0.0.1') },
    { origin: 'http://localhost:4173' },
    { origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' },
    { origin: own, 'sec-fetch-site': 'same-site' },
  ]
  const calls: readonly (readonly [string, string])[] = [
    ['GET', '/api/v1/auth/refresh'],
    ['HEAD', '/api/v1/auth/refresh'],
    ['POST', '/api/v1/auth/refresh'],
    ['POST', '/hubs/freiburg/api/v4/projects'],
    ['GET', '/api/v1/auth/logout'],
    ['HEAD', '/api/v1/auth/logout'],
    ['POST', '/api/v1/auth/logout'],
  ]
  for (const headers of refused) {
    for (const [method, path] of calls) {
      const answer = await ada.send(path, { method, headers })
      assert.equal(answer.status, 403, `${method} ${path} ${JSON.stringify(headers)}`)
    }
  }
  assert.equal((await ada.get('/api/v1/me')).status, 200, 'the session is as it was')
  assert.equal(lab.hubs.freiburg.requests.length, 0)
  for (const headers of allowed) {
    const answer = await ada.get('/api/v1/auth/refresh', headers)
    assert.equal(answer.status, 200, JSON.stringify(headers))
  }
  await checkPreflights(ada, dev)
  assert.equal((await ada.get('/api/v1/auth/logout', { origin: dev, 'sec-fetch-site': 'cross-site' })).status, 200)
})

async function checkPreflights(browser: TestClient, allowed: string): Promise<void> {
  for (const path of ['/api/v1/auth/refresh', '/hubs/freiburg/api/v4/user']) {
    for (const origin of [allowed, 'https://evil.test', 'null', 'http://localhost:4173', 'https://x.localhost:5173']) {
      const headers = { origin, 'access-control-request-method': 'GET' }
      const answer = await browser.send(path, { method: 'OPTIONS', headers })
      const isAllowed = origin === allowed
      assert.equal(answer.status, isAllowed ? 204 : 403, `${path} ${origin}`)
      assert.deepEqual(
        [answer.headers['access-control-allow-origin'], answer.headers['access-control-allow-credentials']],
        isAllowed ? [allowed, 'true'] : [undefined, undefined],
      )
    }
  }
}

const PROBLEM = 'application/problem+json; charset=utf-8'

const namesOf = ({ headers }: TestAnswer): readonly string[] =>
  [headers['set-cookie'] ?? []].flat().map((line) => line.split('=', 1)[0] ?? '')

/** As the old backend made them: who has its public key, and tries it as a secret, or signs with another. */
function forged(alg: 'RS256' | 'HS256' | 'none'): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg, typ: 'JWT' })}.${encode({ gitlab: 'x', target: 'freiburg', refresh: 'y' })}`
  if (alg === 'none') return `${input}.`
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const proof =
    alg === 'RS256'
      ? sign('sha256', Buffer.from(input), privateKey)
      : createHmac('sha256', publicKey.export({ type: 'spki', format: 'pem' }))
          .update(input)
          .digest()
  return `${input}.${proof.toString('base64url')}`
}
