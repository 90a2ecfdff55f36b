// Tokens of hubs: renewed once for all requests and nodes, stored before they are used, gone when the hub says no, and never
// where a browser could see them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GitLab } from '../support/gitlab/gitlab.ts'
import { createClient } from '../support/http-client.ts'
import { createManualClock, whileTimePasses } from '../support/manual-clock.ts'
import { startGateway } from '../support/start-gateway.ts'
import { openTestStores } from '../support/test-stores.ts'
import { APP, FROM_APP, startHubsLab } from './hubs-lab.ts'

/** The hubs' tokens live this long, and are renewed a minute before. */
const TOKEN_SECONDS = 300
const UNTIL_STALE_MS = (TOKEN_SECONDS - 59) * 1_000

const exchanges = ({ calls }: GitLab): number => calls.get('POST /oauth/token') ?? 0

test('50 calls over two nodes at the end of a token: one refresh, whose tokens both nodes go on with', {
  timeout: 90_000,
}, async () => {
  const clock = createManualClock(Date.now())
  await using stores = await openTestStores()
  await using lab = await startHubsLab({ clock, stores, accessTokenSeconds: TOKEN_SECONDS })
  const { freiburg } = lab.hubs
  const env = { HUB_SECRET: 'CANARY-client-secret-of-the-gateway' }
  await using other = await startGateway({
    clock,
    stores,
    env,
    config: [lab.config, { server: { listen: '127.0.0.1:0' } }],
  })
  const ada = lab.browser()
  assert.equal((await ada.logInByApp('ada', 'freiburg')).status, 303)
  const headers = { cookie: ada.cookieHeader(), host: new URL(lab.url).host }
  const here = createClient(lab.url)
  const there = createClient(`${other.listening[0]}${lab.basePath}`)

  // Twice: the second time with what the first one stored.
  for (const round of [1, 2]) {
    const asked = exchanges(freiburg)
    freiburg.requests.length = 0
    clock.advance(UNTIL_STALE_MS)
    const sent = Array.from({ length: 50 }, (_none, index) =>
      (index % 2 === 0 ? here : there).get(`/hubs/freiburg/api/v4/projects/7?${index}`, headers),
    )
    const answers = await whileTimePasses(clock, Promise.all(sent))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]), `round ${round}`)
    assert.equal(exchanges(freiburg) - asked, 1, 'one refresh')
    const tokens = new Set(freiburg.requests.map((request) => request.headers.authorization))
    assert.equal(tokens.size, 1, 'all with the new token: the hub has ended the old one')
  }
})

test('a hub that takes the login back ends the session, and is asked once', { timeout: 60_000 }, async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startHubsLab({ clock, accessTokenSeconds: TOKEN_SECONDS })
  const { freiburg } = lab.hubs
  const ada = lab.browser()
  await ada.logInByApp('ada', 'freiburg')
  const asked = exchanges(freiburg)
  freiburg.users.splice(0, 1)
  clock.advance(UNTIL_STALE_MS)
  const answers = await Promise.all(Array.from({ length: 50 }, () => ada.get('/hubs/freiburg/api/v4/user')))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401]))
  assert.equal(exchanges(freiburg) - asked, 1)
  assert.equal((await ada.get('/api/v1/auth/refresh', FROM_APP)).status, 401)
  assert.equal((await ada.get('/api/v1/me')).status, 401)
  assert.equal(exchanges(freiburg) - asked, 1, 'nobody asks again')
  assert.equal(freiburg.requests.length, 0)
})

test('a connected hub that takes the account back takes nothing else with it', { timeout: 60_000 }, async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startHubsLab({ clock, accessTokenSeconds: TOKEN_SECONDS })
  const ada = await lab.logIn('ada', 'freiburg')
  await ada.connect('ada', 'tuebingen')
  lab.hubs.tuebingen.users.splice(0, 1)
  clock.advance(UNTIL_STALE_MS)
  const status = async (hub: string) => (await ada.get(`/hubs/${hub}/api/v4/user`)).status
  assert.ok([401, 403].includes(await status('tuebingen')))
  assert.deepEqual([await status('tuebingen'), await status('freiburg')], [403, 200])
  const { hubs } = (await ada.get('/api/v1/hubs')).json() as { hubs: readonly { id: string; connected: boolean }[] }
  assert.deepEqual(
    hubs.map(({ id, connected }) => [id, connected]),
    [
      ['freiburg', true],
      ['tuebingen', false],
    ],
  )
})

/** As GitLab's own rate limits answer. */
const RETRY_LATER = {
  status: 429,
  headers: { 'content-type': 'text/plain', 'retry-after': '60' },
  body: 'Retry later\n',
}

test('a hub that is asked too often logs nobody out, and is left in peace for as long as it asks', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startHubsLab({ clock, accessTokenSeconds: TOKEN_SECONDS })
  const { freiburg } = lab.hubs
  const ada = lab.browser()
  await ada.logInByApp('ada', 'freiburg')
  const asked = exchanges(freiburg)
  const use = async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ada.get('/hubs/freiburg/api/v4/user')))
    return [...new Set(answers.map(({ status, headers }) => [status, headers['retry-after'] ?? ''].join(' ')))]
  }

  freiburg.insteadOfTokens = () => RETRY_LATER
  clock.advance(UNTIL_STALE_MS)
  assert.deepEqual(await use(), ['200 '], 'the token serves to its end')
  clock.advance(59_000)
  assert.deepEqual(await use(), ['503 1'])
  assert.equal(exchanges(freiburg) - asked, 1)
  clock.advance(1000)
  assert.deepEqual(await use(), ['503 60'])
  assert.equal((await ada.get('/api/v1/auth/refresh', FROM_APP)).status, 503)
  assert.equal((await ada.get('/api/v1/me')).status, 200, 'the session stays')
  assert.equal(exchanges(freiburg) - asked, 2)
  const late = lab.browser()
  await late.logInByApp('grace', 'freiburg')
  assert.equal(decodeURIComponent(late.cookies.get('error') ?? ''), '"DataHUB not available"')

  freiburg.insteadOfTokens = () => undefined
  clock.advance(60_000)
  assert.deepEqual(await use(), ['200 '])
  assert.equal(exchanges(freiburg) - asked, 4, 'one of these was the login that could not be')
})

test('a connected hub that is asked too often stays connected', { timeout: 60_000 }, async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startHubsLab({ clock, accessTokenSeconds: TOKEN_SECONDS })
  const { tuebingen } = lab.hubs
  const ada = await lab.logIn('ada', 'freiburg')
  await ada.connect('ada', 'tuebingen')
  const asked = exchanges(tuebingen)
  tuebingen.insteadOfTokens = () => RETRY_LATER
  clock.advance(TOKEN_SECONDS * 1000)
  const status = async (hub: string) => (await ada.get(`/hubs/${hub}/api/v4/user`)).status
  assert.deepEqual([await status('tuebingen'), await status('tuebingen'), await status('freiburg')], [503, 503, 200])
  assert.equal(exchanges(tuebingen) - asked, 1)
  tuebingen.insteadOfTokens = () => undefined
  clock.advance(60_000)
  assert.deepEqual([await status('tuebingen'), await status('freiburg')], [200, 200])
  assert.equal(exchanges(tuebingen) - asked, 2)
})

test('a token that the hub has ended before its time: its 401 is passed on', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab()
  const ada = await lab.logIn('ada')
  lab.hubs.freiburg.oauth.expireAccessTokens()
  const answer = await ada.get('/hubs/freiburg/api/v4/user')
  assert.equal(answer.status, 401)
  assert.equal((answer.json() as { error: string }).error, 'invalid_token')
  assert.equal((await ada.get('/api/v1/me')).status, 200, 'the session itself stays')
})

test('no token of a hub is in any answer, cookie or line of the log', { timeout: 60_000 }, async () => {
  await using lab = await startHubsLab({ config: { telemetry: { log: { level: 'debug' } } } })
  const seen: string[] = []
  const ada = lab.browser()
  const note = async (answer: ReturnType<typeof ada.get>) => {
    const { headers, text } = await answer
    seen.push(JSON.stringify(headers), text)
  }
  await note(ada.logInByApp('ada', 'freiburg'))
  await note(ada.connect('ada', 'tuebingen'))
  for (const path of ['/', APP, '/account', '/auth/connect', '/api/v1/me', '/api/v1/hubs', '/api/v1/sessions/current'])
    await note(ada.get(path, { accept: 'text/html' }))
  for (const hub of ['freiburg', 'tuebingen']) {
    for (const path of ['user', 'projects', 'projects/7', 'nothing']) await note(ada.get(`/hubs/${hub}/api/v4/${path}`))
  }
  await note(ada.get('/api/v1/auth/refresh', FROM_APP))
  await note(ada.get('/api/v1/auth/logout', FROM_APP))

  const text = [...seen, JSON.stringify(lab.gateway.logs)].join('\n')
  const plain = `${text}\n${decodeAll(text)}`
  for (const { oauth } of Object.values(lab.hubs)) {
    assert.ok(oauth.issued.size >= 2)
    for (const token of oauth.issued) assert.equal(plain.includes(token), false)
  }
  assert.doesNotMatch(plain, /CANARY-client-secret|CANARY-password|CANARY-gitlab-session/)
})

/** Whatever looks like base64, read. */
const decodeAll = (text: string): string =>
  (text.match(/[A-Za-z0-9+/_-]{16,}/g) ?? [])
    .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    .join('\n')
