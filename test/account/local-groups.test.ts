// A group of Gatehouse's own stands in a token only to be read by programs: what counts here is who is in it now.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import type { UserId } from '#kernel'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { type AccountLab, bearer, claimsOf, startAccountLab } from './account-lab.ts'

const REFRESH = '/api/v1/account/token/refresh'

let echo: EchoUpstream
let lab: AccountLab

before(async () => {
  echo = await startEchoUpstream()
  lab = await startAccountLab({
    config: { upstreams: [{ id: 'beam', path: '/api/beam/', to: echo.url, allow: ['group:local:beam'] }] },
  })
  await lab.gateway.apis.access.groups.create({ name: 'beam' })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await echo.close()
})

/** Ada's, made while she was in the group. */
async function tokenOfMember(): Promise<{ readonly token: string; readonly id: UserId }> {
  await lab.logIn('ada')
  const { id } = (await lab.gateway.apis.access.users.find('local/ada')) ?? assert.fail('the login made a user')
  await lab.gateway.apis.access.groups.add('beam', id)
  const token = await lab.tokenOf('ada')
  assert.equal((await lab.ask('/api/beam/x', bearer(token))).status, 200)
  return { token, id }
}

test('who was taken out of a group has it no more by a token of before, nor by one that comes of it', {
  timeout: 60_000,
}, async () => {
  const { token, id } = await tokenOfMember()
  await lab.gateway.apis.access.groups.remove('beam', id)
  assert.equal((await lab.ask('/api/beam/x', bearer(token))).status, 403)
  const refreshed = (await lab.ask(REFRESH, bearer(token))).json() as { token: string }
  assert.deepEqual(claimsOf(refreshed.token).groups, ['lab'])
  assert.equal((await lab.ask('/api/beam/x', bearer(refreshed.token))).status, 403)
})

test('what was opened with a token ends when its person is taken out of a group', { timeout: 60_000 }, async () => {
  const { token, id } = await tokenOfMember()
  const socket = new WebSocket(`${lab.url.replace('http', 'ws')}/api/beam/socket`, {
    headers: { authorization: bearer(token) },
  })
  await once(socket, 'open')
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(5_000) })
  const since = performance.now()
  await lab.gateway.apis.access.groups.remove('beam', id)
  const [code] = (await closed) as [number]
  assert.equal(code, 4403)
  assert.ok(performance.now() - since < 1_000, 'within a second')
})
