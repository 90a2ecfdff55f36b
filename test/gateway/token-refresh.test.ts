// Access tokens at their end (security.md S6): however many requests come at that moment, and at how many nodes, the
// provider is asked once and all of them are served with what it gave. If it says no, it is not asked again.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { createClient } from '../support/http-client.ts'
import { createManualClock, whileTimePasses } from '../support/manual-clock.ts'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type GatewaySettings, startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores } from '../support/test-stores.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

/** The provider's tokens live this long, and are renewed a minute before. */
const TOKEN_SECONDS = 300
const UNTIL_STALE_MS = (TOKEN_SECONDS - 59) * 1_000

const withBearer = (upstream: RecordingUpstream) => ({
  upstreams: [{ path: '/api/', to: upstream.url, allow: ['group:lab'], sign: { type: 'bearer', credential: 'sso' } }],
})

const refreshes = ({ provider }: OidcLab): number => provider.calls.get('POST /token') ?? 0

const tokensIn = (upstream: RecordingUpstream): ReadonlySet<string | undefined> =>
  new Set(upstream.requests.map(({ all }) => all('authorization')[0]))

test('50 requests at the end of a token: one refresh, and all are served with the new one', {
  timeout: 30_000,
}, async () => {
  const clock = createManualClock(Date.now())
  await using upstream = await startRecordingUpstream(() => ok())
  await using lab = await startOidcLab({ clock, accessTokenSeconds: TOKEN_SECONDS, config: withBearer(upstream) })
  const ada = await lab.logIn('ada')
  assert.equal((await ada.get('/api/before')).status, 200)
  const [old] = tokensIn(upstream)
  upstream.requests.length = 0
  const asked = refreshes(lab)

  clock.advance(UNTIL_STALE_MS)
  const answers = await Promise.all(Array.from({ length: 50 }, (_none, each) => ada.get(`/api/${each}`)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.equal(refreshes(lab) - asked, 1)
  const [renewed, ...others] = tokensIn(upstream)
  assert.deepEqual([others, renewed?.startsWith('Bearer '), renewed !== old], [[], true, true])

  assert.equal((await ada.get('/api/after')).status, 200)
  assert.equal(refreshes(lab) - asked, 1, 'what was renewed is kept')
})

test('the same over two nodes that share their stores', { timeout: 30_000 }, async () => {
  const clock = createManualClock(Date.now())
  await using stores = await openTestStores()
  await using upstream = await startRecordingUpstream(() => ok())
  const settings = { clock, stores, accessTokenSeconds: TOKEN_SECONDS, config: withBearer(upstream) }
  await using lab = await startOidcLab(settings)
  await using other = await startNode(lab, settings)
  const ada = await lab.logIn('ada')
  const headers = { cookie: ada.cookieHeader(), host: new URL(lab.url).host }
  const [here, there] = [createClient(lab.url), createClient(other.listening[0] ?? '')]
  const asked = refreshes(lab)

  clock.advance(UNTIL_STALE_MS)
  const sent = Array.from({ length: 50 }, (_none, each) => (each % 2 ? here : there).get(`/api/${each}`, headers))
  const answers = await whileTimePasses(clock, Promise.all(sent))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.equal(refreshes(lab) - asked, 1)
  assert.equal(tokensIn(upstream).size, 1)
})

test('a provider that says no ends the session, and is asked once', { timeout: 30_000 }, async () => {
  const clock = createManualClock(Date.now())
  await using upstream = await startRecordingUpstream(() => ok())
  await using lab = await startOidcLab({ clock, accessTokenSeconds: TOKEN_SECONDS, config: withBearer(upstream) })
  const ada = await lab.logIn('ada')
  const asked = refreshes(lab)
  lab.accounts.splice(
    lab.accounts.findIndex(({ username }) => username === 'ada'),
    1,
  )

  clock.advance(UNTIL_STALE_MS)
  const answers = await Promise.all(Array.from({ length: 50 }, (_none, each) => ada.get(`/api/${each}`)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401]))
  assert.equal((await ada.get('/api/again')).status, 401)
  assert.equal((await ada.get('/api/v1/me')).status, 401)
  assert.equal(refreshes(lab) - asked, 1)
  assert.equal(upstream.requests.length, 0)
})

test('while the provider is away, a token that is still good is used; one that has ended is 503', {
  timeout: 30_000,
}, async () => {
  const clock = createManualClock(Date.now())
  await using upstream = await startRecordingUpstream(() => ok())
  await using lab = await startOidcLab({ clock, accessTokenSeconds: TOKEN_SECONDS, config: withBearer(upstream) })
  const ada = await lab.logIn('ada')
  await lab.provider.close()
  clock.advance(UNTIL_STALE_MS)
  assert.equal((await ada.get('/api/still-good')).status, 200)
  clock.advance(60_000)
  const answer = await ada.get('/api/ended')
  assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '5'])
  assert.equal((await ada.get('/api/v1/me')).status, 200, 'the session itself stays')
})

/** Another node: the same configuration, clock and stores, on a port of its own. */
function startNode(
  { gateway }: OidcLab,
  { clock, stores }: Required<Pick<GatewaySettings, 'clock' | 'stores'>>,
): Promise<TestGateway> {
  const layers = gateway.configFiles.map((file) => parse(readFileSync(file, 'utf8')))
  const config = [...layers, { server: { listen: '127.0.0.1:0' } }]
  return startGateway({ config, clock, stores })
}
