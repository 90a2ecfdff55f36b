// A logout that happens at the provider (OpenID Connect Back-Channel Logout 1.0, security.md S3, S5), with the real
// provider: it reaches the sessions that began there, on every node, with what they have open. And what the provider says
// of a person's groups counts from the next refresh on.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { createClient } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { startGateway } from '../support/start-gateway.ts'
import { openTestStores } from '../support/test-stores.ts'
import { startOidcLab } from './oidc-lab.ts'

const limits = { timeout: 60_000 }

test('who logs out at the provider is out at every node within a second, with what is open', limits, async () => {
  await using stores = await openTestStores()
  await using upstream = await startEchoUpstream()
  await using lab = await startOidcLab({
    stores,
    config: { upstreams: [{ path: '/api/', to: upstream.url, allow: ['group:lab'] }] },
  })
  const layers = lab.gateway.configFiles.map((file) => parse(readFileSync(file, 'utf8')))
  await using other = await startGateway({ config: [...layers, { server: { listen: '127.0.0.1:0' } }], stores })
  const elsewhere = createClient(other.listening[0] ?? '')
  const host = new URL(lab.url).host
  const [ada, grace] = [await lab.logIn('ada'), await lab.logIn('grace')]
  const headers = { cookie: ada.cookieHeader(), host }
  const url = `${(other.listening[0] ?? '').replace('http', 'ws')}/api/socket`
  const socket = new WebSocket(url, { origin: lab.url, headers })
  await once(socket, 'open')
  const closed = once(socket, 'close')

  await ada.logOutThere()
  const endedAtMs = performance.now()
  const [code, reason] = (await closed) as [number, Buffer]
  assert.ok(performance.now() - endedAtMs < 1_000)
  assert.deepEqual([code, reason.toString()], [4401, 'the session has ended: provider-logout'])
  assert.equal((await ada.get('/api/v1/me')).status, 401)
  assert.equal((await elsewhere.get('/api/v1/me', headers)).status, 401)
  assert.equal((await grace.get('/api/v1/me')).status, 200, 'somebody else stays')
})

test('what is no announcement is refused before anything is read of it', limits, async () => {
  await using lab = await startOidcLab()
  const ada = await lab.logIn('ada')
  const stranger = lab.stranger()
  const path = '/auth/backchannel/sso'
  const form = 'application/x-www-form-urlencoded'
  const cases: readonly (readonly [what: string, body: string, contentType: string, status: number])[] = [
    ['nothing', '', form, 400],
    ['another field', 'token=x', form, 400],
    ['two tokens', 'logout_token=x&logout_token=y', form, 400],
    ['a token that is too long', `logout_token=${'x'.repeat(20_000)}`, form, 400],
    ['a body that is too large', `logout_token=${'x'.repeat(2_000_000)}`, form, 413],
    ['JSON', '{"logout_token":"x"}', 'application/json', 400],
    ['text', 'logout_token=x', 'text/plain', 415],
  ]
  for (const [what, body, contentType, status] of cases) {
    const answer = await stranger.send(path, { method: 'POST', body, headers: { 'content-type': contentType } })
    assert.deepEqual([answer.status, answer.headers['cache-control']], [status, 'no-store'], what)
  }
  assert.equal((await stranger.get(`${path}?logout_token=x`)).status, 405)
  assert.equal((await stranger.post('/auth/backchannel/nobody', { logout_token: 'x' })).status, 404)
  assert.equal((await ada.get('/api/v1/me')).status, 200)
})

test(
  'a group that is gone at the provider is gone here at the next refresh, with what was open by it',
  limits,
  async () => {
    const clock = createManualClock(Date.now())
    await using upstream = await startEchoUpstream()
    await using lab = await startOidcLab({
      clock,
      accessTokenSeconds: 300,
      // Signed for nobody: the service needs no token, and yet the groups are those of now.
      config: {
        upstreams: [
          { path: '/api/', to: upstream.url, allow: ['group:lab'] },
          { path: '/staff/', to: upstream.url, allow: ['group:staff'] },
        ],
      },
    })
    const ada = await lab.logIn('ada')
    const socket = new WebSocket(`${lab.url.replace('http', 'ws')}/api/socket`, {
      origin: lab.url,
      headers: { cookie: ada.cookieHeader() },
    })
    await once(socket, 'open')
    const closed = once(socket, 'close')
    const index = lab.accounts.findIndex(({ username }) => username === 'ada')
    const account = lab.accounts[index] ?? assert.fail('there is ada')
    lab.accounts[index] = { ...account, groups: ['staff'] }
    const statuses = async () => [(await ada.get('/api/x')).status, (await ada.get('/staff/x')).status]
    assert.deepEqual(await statuses(), [200, 403], 'nothing is due yet')

    clock.advance(300_000)
    assert.deepEqual(await statuses(), [403, 200])
    const [code] = (await closed) as [number]
    assert.equal(code, 4403)
    const { groups } = (await ada.get('/api/v1/me')).json() as { groups: readonly string[] }
    assert.deepEqual(groups, ['staff'])
  },
)

test('who is gone at the provider is led to the login by the next page, and refused elsewhere', limits, async () => {
  const clock = createManualClock(Date.now())
  await using lab = await startOidcLab({ clock, accessTokenSeconds: 300 })
  const [ada, again] = [await lab.logIn('ada'), await lab.logIn('ada')]
  lab.accounts.splice(
    lab.accounts.findIndex(({ username }) => username === 'ada'),
    1,
  )
  clock.advance(300_000)
  const page = await ada.get('/account', { accept: 'text/html' })
  assert.deepEqual([page.status, page.headers.location], [303, '/auth/login?returnTo=%2Faccount'])
  assert.equal((await again.get('/api/v1/me')).status, 401)
})
