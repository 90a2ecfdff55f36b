// What ends a token before its time (security.md T4, S5): revoked, with its whole chain or with all that a person has; a person
// disabled, or let in no more. Two nodes share their stores; what one is told, both act on within a second.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { createClient, type TestAnswer } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { findFreePort } from '../support/programs.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type AccountLab, bearer, claimsOf, KEYS, startAccountLab } from './account-lab.ts'

const REFRESH = '/api/v1/account/token/refresh'
const WHOAMI = '/api/v1/account/whoami'
const REVOKE = '/api/v1/account/token/revoke'

let stores: TestStores
let echo: EchoUpstream
let nodes: readonly [AccountLab, AccountLab]

before(async () => {
  stores = await openTestStores()
  echo = await startEchoUpstream()
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const upstreams = [{ id: 'echo', path: '/api/echo/', to: echo.url, allow: ['group:lab'] }]
  const node = (listen: string) => startAccountLab({ stores, config: { upstreams, server: { url, listen } } })
  nodes = [await node(`127.0.0.1:${port}`), await node('127.0.0.1:0')]
})
after(async () => {
  for (const node of nodes) await node[Symbol.asyncDispose]()
  await echo.close()
  await stores[Symbol.asyncDispose]()
})

/** At this node itself, whatever people call it. */
const askAt = ({ gateway, url }: AccountLab, path: string, token: string, method = 'GET'): Promise<TestAnswer> =>
  createClient(gateway.listening[0] ?? '').send(path, {
    method,
    headers: { authorization: bearer(token), host: new URL(url).host },
  })

const statusAt = async (node: AccountLab, token: string): Promise<number> => (await askAt(node, WHOAMI, token)).status
const refresh = async (node: AccountLab, token: string): Promise<string> =>
  ((await askAt(node, REFRESH, token)).json() as { token: string }).token
const jtiOf = (token: string): string => String(claimsOf(token).jti)

/** Both nodes know it; a request has filled what they remember. */
async function assertGood(...tokens: readonly string[]): Promise<void> {
  for (const token of tokens) for (const node of nodes) assert.equal(await statusAt(node, token), 200)
}

async function assertRefusedWithinASecond(since: number, ...tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    for (const node of nodes) {
      while ((await statusAt(node, token)) !== 401) assert.ok(performance.now() - since < 1_000, 'refused in time')
    }
  }
}

async function openSocket({ gateway, url }: AccountLab, token: string): Promise<WebSocket> {
  const address = `${String(gateway.listening[0]).replace('http', 'ws')}/api/echo/socket`
  const socket = new WebSocket(address, { headers: { authorization: bearer(token), host: new URL(url).host } })
  await once(socket, 'open')
  return socket
}

const closeOf = async (socket: WebSocket): Promise<readonly [number, string]> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return [code, reason.toString()]
}

test('revoked by who has it, a token is over with all of its chain; another is not', { timeout: 60_000 }, async () => {
  const [here, there] = nodes
  const [first, other] = [await here.tokenOf('ada'), await here.tokenOf('ada')]
  const second = await refresh(there, first)
  const third = await refresh(here, second)
  await assertGood(first, second, third, other)
  const socket = await openSocket(there, third)
  const closed = closeOf(socket)

  const since = performance.now()
  const answer = await askAt(here, REVOKE, second, 'POST')
  assert.deepEqual([answer.status, (answer.json() as { status: string }).status], [200, 'ok'])
  await assertRefusedWithinASecond(since, first, second, third)
  assert.deepEqual(await closed, [4401, 'the session has ended: revoked'])
  assert.ok(performance.now() - since < 1_000, 'the socket too')
  assert.equal((await askAt(there, REFRESH, third)).status, 401)
  await assertGood(other)
})

test('a person revokes all of theirs, and what they get right after is good', { timeout: 60_000 }, async () => {
  const [here] = nodes
  const [first, second, graces] = [await here.tokenOf('ada'), await here.tokenOf('ada'), await here.tokenOf('grace')]
  await assertGood(first, second, graces)
  const ada = await here.logIn('ada')
  const since = performance.now()
  assert.equal((await ada.post('/account/token/revoke-all')).status, 200)
  const { token } = (await ada.get('/account/token/create')).json() as { token: string }
  await assertRefusedWithinASecond(since, first, second)
  await assertGood(token, graces)

  const again = await ada.send('/api/v1/account/token/revoke-all', { method: 'POST', headers: { origin: here.url } })
  assert.equal(again.status, 200)
  await assertRefusedWithinASecond(performance.now(), token)
})

test('what a node refreshes whose clock is ahead, or that has not heard yet, is revoked with all others', {
  timeout: 60_000,
}, async () => {
  const [here] = nodes
  // Its timers stand still as well: it looks for nothing that others have written.
  const clock = createManualClock(Date.now() + 20_000)
  await using there = await startAccountLab({
    stores,
    clock,
    config: { server: { url: here.url, listen: '127.0.0.1:0' } },
  })
  const mallory = await here.logIn('mallory')
  const { token } = (await mallory.get('/account/token/create')).json() as { token: string }
  const ahead = await refresh(there, token)
  assert.equal(await statusAt(here, ahead), 200)
  assert.equal((await mallory.post('/account/token/revoke-all')).status, 200)
  const late = await refresh(there, ahead)
  assert.deepEqual([await statusAt(here, ahead), await statusAt(here, late)], [401, 401])
  const { token: made } = (await mallory.get('/account/token/create')).json() as { token: string }
  assert.equal(await statusAt(here, made), 200)
})

test('an administrator revokes one of a chain, a chain, or all of a person’s', { timeout: 60_000 }, async () => {
  const [here] = nodes
  const grace = await here.logIn('grace')
  const adaHas = async () => {
    const first = await here.tokenOf('ada')
    return { first, second: await refresh(here, first) }
  }
  const send = async (path: string, method: string): Promise<number> =>
    (await grace.send(path, { method, headers: { origin: here.url } })).status
  const one = await adaHas()
  await assertGood(one.first, one.second)
  assert.equal(await send(`/api/v1/admin/account-tokens/${jtiOf(one.second)}`, 'DELETE'), 200)
  await assertRefusedWithinASecond(performance.now(), one.second)
  await assertGood(one.first)
  assert.equal(await send(`/api/v1/admin/account-tokens/${jtiOf(one.first)}`, 'DELETE'), 200)
  await assertRefusedWithinASecond(performance.now(), one.first)

  const { first } = await adaHas()
  await assertGood(first)
  const id = String(claimsOf(first).user_id)
  assert.equal(await send(`/api/v1/admin/users/${id}/account-tokens/revoke`, 'POST'), 200)
  await assertRefusedWithinASecond(performance.now(), first)
  assert.equal(await send('/api/v1/admin/users/ada/account-tokens/revoke', 'POST'), 404, 'a name is no id')
  const ada = await here.logIn('ada')
  const path = `/api/v1/admin/users/${id}/account-tokens/revoke`
  assert.equal((await ada.send(path, { method: 'POST', headers: { origin: here.url } })).status, 403)

  const audited = await here.gateway.apis.storage.audit.list({ limit: 100, action: 'account-token.revoke' })
  const line = audited.find(({ subject }) => subject === jtiOf(one.second))
  assert.equal(line?.actor, String(claimsOf(await here.tokenOf('grace')).user_id))
})

test('with a disabled person all of theirs is over at once, and what they have open', { timeout: 60_000 }, async () => {
  const [here, there] = nodes
  const token = await here.tokenOf('ada')
  await assertGood(token)
  const closed = closeOf(await openSocket(there, token))
  const { users } = here.gateway.apis.access
  const { id } = (await users.find(String(claimsOf(token).user_id))) ?? assert.fail()
  const since = performance.now()
  await users.setDisabled(id, true)
  await assertRefusedWithinASecond(since, token)
  assert.deepEqual(await closed, [4401, 'the session has ended: disabled'])
  assert.ok(performance.now() - since < 1_000, 'the socket too')
  assert.equal((await askAt(there, REFRESH, token)).status, 401)
  await users.setDisabled(id, false)
})

test('a group that a login took away is gone from older tokens, and from those that come of them', {
  timeout: 60_000,
}, async () => {
  const [here] = nodes
  const token = await here.tokenOf('ada')
  const isOpen = async (with_: string): Promise<boolean> => (await askAt(here, '/api/echo/x', with_)).status === 200
  assert.ok(await isOpen(token))
  const { users } = here.gateway.apis.access
  const user = (await users.find(String(claimsOf(token).user_id))) ?? assert.fail()
  const { provider, subject, username, displayName } = user
  await users.admit({ provider, subject, username, displayName, issuer: 'local', groups: ['other'] })
  const since = performance.now()
  while (await isOpen(token)) assert.ok(performance.now() - since < 5_000)
  const next = await refresh(here, token)
  assert.deepEqual([claimsOf(next).groups, await isOpen(next)], [['other'], false])
  await users.admit({ provider, subject, username, displayName, issuer: 'local', groups: ['lab'] })
})

test('what a token has open ends with its life', { timeout: 60_000 }, async () => {
  await using node = await startAccountLab({
    account: { lifetime: '2s' },
    config: { upstreams: [{ id: 'echo', path: '/api/echo/', to: echo.url, allow: ['group:lab'] }] },
  })
  const socket = await openSocket(node, await node.tokenOf('ada'))
  assert.deepEqual(await closeOf(socket), [4401, 'the session has ended: expired'])
})

test('keys rotate: tokens of the older key are good until it is taken away; what is revoked stays so', {
  timeout: 60_000,
}, async () => {
  await using own = await openTestStores()
  const [newer, older] = KEYS
  const server = { url: 'http://127.0.0.1:1', listen: '127.0.0.1:0' }
  const upstreams = [{ id: 'echo', path: '/api/echo/', to: echo.url, allow: ['group:lab'] }]
  const layers = (...keys: unknown[]) => ({
    server,
    upstreams,
    identity: [{ id: 'local', type: 'local' }],
    account: { keys },
  })
  const node = await startAccountLab({ stores: own, account: { keys: [older] }, config: { server, upstreams } })
  const client = createClient(node.gateway.listening[0] ?? '')
  const host = new URL(server.url).host
  const local = await node.account('ada')
  const headers = { host, origin: server.url, 'content-type': 'application/x-www-form-urlencoded' }
  const create = async (): Promise<string> => {
    const login = await client.send('/auth/login/local', {
      method: 'POST',
      headers,
      body: new URLSearchParams(local).toString(),
    })
    assert.equal(login.status, 303)
    return ((await client.get('/account/token/create', { host })).json() as { token: string }).token
  }
  const [first, revoked] = [await create(), await create()]
  const socket = await openSocket(node, first)
  const closed = closeOf(socket)
  await node.gateway.reload(layers(newer, older))
  const second = await create()
  const kidOf = (token: string): unknown =>
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
  assert.notEqual(kidOf(second), kidOf(first))
  assert.deepEqual([await statusAt(node, first), await statusAt(node, second)], [200, 200])
  assert.equal((await askAt(node, REVOKE, revoked, 'POST')).status, 200)

  const since = performance.now()
  assert.equal((await askAt(node, REVOKE, first, 'POST')).status, 200)
  assert.deepEqual(await closed, [4401, 'the session has ended: revoked'], 'opened before the reload')
  assert.ok(performance.now() - since < 1_000)
  await node.gateway.reload(layers(newer))
  assert.deepEqual([await statusAt(node, await create()), await statusAt(node, second)], [200, 200])
  await node[Symbol.asyncDispose]()

  await using later = await startAccountLab({
    stores: own,
    account: { keys: [newer, older] },
    config: { server, upstreams },
  })
  assert.deepEqual([await statusAt(later, revoked), await statusAt(later, second)], [401, 200])
})
