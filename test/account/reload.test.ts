// What an account token has open when the configuration changes: it goes on, and ends within a second when the token does,
// as it would have without the reload; at once, where the new configuration would not take the token.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { type OpenedSocket, openSocket } from '../gateway/token-lab.ts'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { createManualClock } from '../support/manual-clock.ts'
import type { ConfigLayer } from '../support/start-gateway.ts'
import { type AccountLab, bearer, claimsOf, KEYS, startAccountLab } from './account-lab.ts'

const LIFETIME_MS = 300_000
const [key, otherKey] = KEYS

interface ReloadLab extends AccountLab {
  readonly clock: ReturnType<typeof createManualClock>
  /** Ada's. */
  readonly token: string
  readonly opened: OpenedSocket
  reloadWith(change: ConfigLayer): Promise<void>
}

async function startReloadLab(echo: EchoUpstream): Promise<ReloadLab> {
  const clock = createManualClock(Date.now())
  const upstreams = [{ id: 'echo', path: '/api/echo/', to: echo.url, allow: ['group:lab'] }]
  const lab = await startAccountLab({ clock, account: { lifetime: '5m' }, config: { upstreams } })
  const token = await lab.tokenOf('ada')
  const opened = await openSocket(lab.url, '/api/echo/socket', { authorization: bearer(token) })
  const identity = [{ id: 'local', type: 'local' }]
  return {
    ...lab,
    clock,
    token,
    opened,
    async reloadWith(change) {
      await lab.gateway.reload({ identity, upstreams, account: { keys: [key] }, ...change })
    },
  }
}

const idOf = async ({ gateway, token }: ReloadLab) =>
  ((await gateway.apis.access.users.find(String(claimsOf(token).user_id))) ?? assert.fail()).id

const ends: Readonly<Record<string, (lab: ReloadLab) => Promise<void>>> = {
  revoked: async ({ ask, token }) => {
    assert.equal((await ask('/api/v1/account/token/revoke', bearer(token), 'POST')).status, 200)
  },
  disabled: async (lab) => lab.gateway.apis.access.users.setDisabled(await idOf(lab), true),
  expired: async ({ clock }) => clock.advance(LIFETIME_MS),
}

for (const [reason, end] of Object.entries(ends)) {
  test(`after two reloads what is open ends when the token is ${reason}`, { timeout: 60_000 }, async () => {
    await using echo = await startEchoUpstream()
    await using lab = await startReloadLab(echo)
    await lab.reloadWith({ access: { contact: 'the desk' } })
    await lab.reloadWith({ access: { contact: 'the office' } })
    lab.clock.advance(1000)
    assert.equal((await lab.ask('/api/echo/x', bearer(lab.token))).status, 200)
    assert.equal(lab.opened.socket.readyState, lab.opened.socket.OPEN)
    await end(lab)
    lab.clock.advance(1000)
    const { code, reason: said } = await lab.opened.closed
    assert.deepEqual([code, said], [4401, `the session has ended: ${reason}`])
  })
}

const changes: Readonly<Record<string, ConfigLayer>> = {
  'its key is taken away': { account: { keys: [otherKey] } },
  'the tokens are for others': { account: { keys: [key], audience: 'another-api' } },
  'its person may have none any more': { account: { keys: [key], allow: ['group:admins'] } },
  'there are none any more': { account: undefined },
}

test('a life that was made shorter holds for tokens that are there, and for what they have open', {
  timeout: 60_000,
}, async () => {
  await using echo = await startEchoUpstream()
  await using lab = await startReloadLab(echo)
  lab.clock.advance(2 * 60_000)
  assert.equal((await lab.ask('/api/echo/x', bearer(lab.token))).status, 200)
  await lab.reloadWith({ account: { keys: [key], maxSession: '1m' } })
  assert.equal((await lab.ask('/api/echo/x', bearer(lab.token))).status, 401)
  assert.equal((await lab.opened.closed).code, 4401)
})

for (const [name, change] of Object.entries(changes)) {
  test(`what a token has open ends with a reload after which ${name}`, { timeout: 60_000 }, async () => {
    await using echo = await startEchoUpstream()
    await using lab = await startReloadLab(echo)
    await lab.reloadWith(change)
    assert.equal((await lab.opened.closed).code, 4401)
  })
}

for (const [name, change] of Object.entries(changes)) {
  test(`an answer that had just begun ends as well with a reload after which ${name}`, {
    timeout: 30_000,
  }, async () => {
    await using echo = await startEchoUpstream()
    await using lab = await startReloadLab(echo)
    const asked = get(`${lab.url}/api/echo/events`, { headers: { authorization: bearer(lab.token) } })
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    assert.equal(answer.statusCode, 200)
    const broken = once(answer.resume(), 'error')
    await lab.reloadWith(change)
    // Requests are watched from the first look on that finds them open.
    lab.clock.advance(1000)
    const [{ code }] = (await broken) as [NodeJS.ErrnoException]
    assert.equal(code, 'ECONNRESET')
  })
}
