// What is changed about a person at one node holds at the other within a second, also for what is open there (security.md
// S5): the account is disabled, a group of Gatehouse's own is taken away, a role is.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, beforeEach, test } from 'node:test'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import type { UserId } from '#kernel'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { createClient, type TestClient } from '../support/http-client.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type Lab, startLab } from './lab.ts'

const SOON_MS = 1_000

let stores: TestStores
let echo: EchoUpstream
let lab: Lab
let other: TestGateway
let ada: TestClient
let adaId: UserId

before(async () => {
  stores = await openTestStores()
  echo = await startEchoUpstream()
  lab = await startLab({
    stores,
    config: {
      upstreams: [
        { id: 'all', path: '/api/all/', to: echo.url, allow: ['authenticated'] },
        { id: 'beam', path: '/api/beam/', to: echo.url, allow: ['group:local:beam'] },
      ],
    },
  })
  const layers = lab.gateway.configFiles.map((file) => parse(readFileSync(file, 'utf8')))
  other = await startGateway({ config: [...layers, { server: { url: lab.url, listen: '127.0.0.1:0' } }], stores })
  await lab.gateway.apis.access.groups.create({ name: 'beam' })
})
after(async () => {
  await other.close()
  await lab[Symbol.asyncDispose]()
  await echo.close()
  await stores[Symbol.asyncDispose]()
})
beforeEach(async () => {
  ada = await lab.logIn('ada')
  const user = (await lab.gateway.apis.access.users.find('local/ada')) ?? assert.fail('the login made a user')
  adaId = user.id
})

const there = (): { readonly url: string; readonly headers: Readonly<Record<string, string>> } => ({
  url: other.listening[0] ?? '',
  headers: { cookie: ada.cookieHeader(), host: new URL(lab.url).host },
})

const askThere = (path: string) => createClient(there().url).get(path, there().headers)

async function openThere(path: string): Promise<WebSocket> {
  const { url, headers } = there()
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers: { ...headers, origin: lab.url } })
  await once(socket, 'open')
  return socket
}

/** How long until the other node answers so, in ms. */
async function untilThere(path: string, status: number): Promise<number> {
  const startedAt = performance.now()
  while ((await askThere(path)).status !== status) assert.ok(performance.now() - startedAt < 10_000, 'in the end')
  return performance.now() - startedAt
}

async function closedWithin(socket: WebSocket, since: number): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number]
  const tookMs = performance.now() - since
  assert.ok(tookMs < SOON_MS, `closed after ${tookMs} ms`)
  return code
}

test('what a disabled person has open at another node closes', { timeout: 30_000 }, async () => {
  const socket = await openThere('/api/all/socket')
  const since = performance.now()
  const closed = closedWithin(socket, since)
  await lab.gateway.apis.access.users.setDisabled(adaId, true)
  assert.equal(await closed, 4401)
  assert.ok((await untilThere('/api/all/x', 401)) < SOON_MS)
  await lab.gateway.apis.access.users.setDisabled(adaId, false)
})

test('who is put into a group may at every node, and may no more when taken out', { timeout: 30_000 }, async () => {
  const { groups } = lab.gateway.apis.access
  assert.equal((await askThere('/api/beam/x')).status, 403)
  await groups.add('beam', adaId)
  assert.equal((await ada.get('/api/beam/x')).status, 200, 'here at once')
  assert.ok((await untilThere('/api/beam/x', 200)) < SOON_MS)
  const socket = await openThere('/api/beam/socket')
  const closed = closedWithin(socket, performance.now())
  await groups.remove('beam', adaId)
  assert.equal((await ada.get('/api/beam/x')).status, 403, 'here at once')
  assert.equal(await closed, 4403)
  assert.ok((await untilThere('/api/beam/x', 403)) < SOON_MS)
  assert.equal((await askThere('/api/all/x')).status, 200, 'the session goes on')
})

test('a role holds at every node, and no more when it is taken', { timeout: 30_000 }, async () => {
  const { users } = lab.gateway.apis.access
  assert.equal((await askThere('/api/v1/admin/groups')).status, 403)
  await users.setRoles(adaId, ['admin'])
  assert.ok((await untilThere('/api/v1/admin/groups', 200)) < SOON_MS)
  await users.setRoles(adaId, [])
  assert.ok((await untilThere('/api/v1/admin/groups', 403)) < SOON_MS)
})
