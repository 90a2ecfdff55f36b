// A WebSocket asks for nothing, and may be all that a person has open for hours: its login is renewed as often as its
// tokens end, so that a provider that vouches for them no more is heard of (DESIGN: refresh on a request or for an open
// tunnel).

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { waitUntil } from '../support/programs.ts'
import { startOidcLab } from './oidc-lab.ts'

/** The provider's tokens live this long, and are renewed a minute before. */
const TOKEN_SECONDS = 300
const UNTIL_STALE_MS = (TOKEN_SECONDS - 59) * 1_000

async function openTunnel() {
  const clock = createManualClock(Date.now())
  const upstream = await startEchoUpstream()
  const config = { upstreams: [{ path: '/api/', to: upstream.url, allow: ['group:lab'] }] }
  const lab = await startOidcLab({ clock, accessTokenSeconds: TOKEN_SECONDS, config })
  const ada = await lab.logIn('ada')
  const headers = { cookie: ada.cookieHeader(), origin: lab.url }
  const socket = new WebSocket(`${lab.url.replace('http', 'ws')}/api/ws`, { headers })
  await once(socket, 'open')
  return {
    ada,
    clock,
    lab,
    socket,
    refreshes: () => lab.provider.calls.get('POST /token') ?? 0,
    async [Symbol.asyncDispose]() {
      socket.terminate()
      await lab[Symbol.asyncDispose]()
      await upstream.close()
    },
  }
}

test('the login of an open WebSocket is renewed each time that its tokens end', { timeout: 30_000 }, async () => {
  await using opened = await openTunnel()
  const { ada, clock, socket, refreshes } = opened
  for (const _time of [1, 2, 3]) {
    const before = refreshes()
    clock.advance(UNTIL_STALE_MS)
    // The next one is planned once all of the last is written down, which may be after the clock was moved: it goes on.
    await waitUntil(async () => {
      clock.advance(100)
      return refreshes() === before + 1
    })
    assert.equal((await ada.get('/api/v1/me')).status, 200)
    assert.equal(refreshes(), before + 1)
  }
  assert.equal(socket.readyState, WebSocket.OPEN)
})

test('once it is closed nobody asks any more', { timeout: 30_000 }, async () => {
  await using opened = await openTunnel()
  const { clock, lab, socket, refreshes } = opened
  socket.close()
  await once(socket, 'close')
  await waitUntil(async () =>
    /^gatehouse_tunnels_open\{[^}]*\} 0$/m.test(await (await fetch(lab.gateway.metricsUrl)).text()),
  )
  const before = refreshes()
  clock.advance(UNTIL_STALE_MS)
  // Long enough for a question that should not be asked; a login asks once itself.
  await lab.logIn('grace')
  assert.equal(refreshes(), before + 1)
})

test('a provider that vouches for the person no more ends it', { timeout: 30_000 }, async () => {
  await using opened = await openTunnel()
  const { clock, lab, socket } = opened
  lab.accounts.length = 0
  const closed = once(socket, 'close')
  clock.advance(UNTIL_STALE_MS)
  const [code, reason] = await closed
  assert.deepEqual([code, String(reason)], [4401, 'the session has ended: provider-logout'])
})
