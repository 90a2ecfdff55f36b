// Two nodes behind nginx, and nothing sticky: any request may meet any node. What one has done, the other knows.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { createClient, type TestClient } from '../support/http-client.ts'
import { type GlassDoor, startTwoNodes } from './door.ts'

let door: GlassDoor

before(async () => {
  door = await startTwoNodes()
})
after(() => door[Symbol.asyncDispose]())

const passwordOf = (username: string): string =>
  door.accounts.find((account) => account.username === username)?.password ?? ''

async function logIn(username: string): Promise<TestClient> {
  const client = createClient(door.url)
  const form = { username, password: passwordOf(username), returnTo: '/' }
  assert.equal((await client.post('/auth/login/manager', form)).status, 303)
  return client
}

/** Asks each node itself, as nginx would. */
const askEach = (cookie: string): Promise<readonly number[]> =>
  Promise.all(
    door.nodes.map(async ({ listening }) => {
      const node = createClient(listening[0] ?? '')
      const { status } = await node.get('/api/v1/sessions', { cookie, host: new URL(door.url).host })
      return status
    }),
  )

/** How long until every node refuses, in ms. */
async function timeUntilRefused(cookie: string): Promise<number> {
  const startedAt = performance.now()
  while ((await askEach(cookie)).some((status) => status !== 401)) {
    assert.ok(performance.now() - startedAt < 5_000, 'every node refuses in the end')
  }
  return performance.now() - startedAt
}

const openSocket = async (cookie: string): Promise<WebSocket> => {
  const url = `${door.url.replace('http', 'ws')}/api/echo/socket`
  const socket = new WebSocket(url, { headers: { cookie, origin: door.url } })
  await once(socket, 'message')
  return socket
}

describe('two nodes behind nginx', { timeout: 60_000 }, () => {
  test('share the work', async () => {
    const client = await logIn('member')
    for (let each = 0; each < 10; each++) assert.equal((await client.get('/api/manager/x')).status, 200)
    for (const { logs } of door.nodes) {
      const served = logs.filter(({ event }) => event === 'proxy_request').length
      assert.ok(served >= 3, `a node served ${served} of 10`)
    }
  })

  test('both know a session at once', async () => {
    const client = await logIn('member')
    assert.deepEqual(await askEach(client.cookieHeader()), [200, 200])
  })

  test('both refuse within a second what one has ended', async () => {
    const client = await logIn('staff')
    const cookie = client.cookieHeader()
    assert.deepEqual(await askEach(cookie), [200, 200])
    assert.equal((await client.post('/auth/logout')).status, 303)
    assert.ok((await timeUntilRefused(cookie)) < 1_000)
  })

  test('a socket at either closes when its session is revoked at either', async () => {
    const first = await logIn('admin')
    const sockets = [await openSocket(first.cookieHeader()), await openSocket(first.cookieHeader())]
    const closed = sockets.map((socket) => once(socket, 'close'))
    const second = await logIn('admin')
    const { sessions } = (await second.get('/api/v1/sessions')).json() as { sessions: Listed[] }
    const other = sessions.find(({ current }) => !current)
    const origin = { origin: door.url }
    const revoked = await second.send(`/api/v1/sessions/${other?.ref}`, { method: 'DELETE', headers: origin })
    assert.equal(revoked.status, 204)
    for (const [code] of await Promise.all(closed)) assert.equal(code, 4401)
    assert.deepEqual(await askEach(second.cookieHeader()), [200, 200])
  })

  test('a user who is disabled at the stores is out at both', async () => {
    const client = await logIn('member')
    const cookie = client.cookieHeader()
    const { access } = door.nodes[0]?.apis ?? assert.fail('there is a node')
    const user = (await access.users.find('manager/member')) ?? assert.fail('the login made a user')
    await access.users.setDisabled(user.id, true)
    assert.ok((await timeUntilRefused(cookie)) < 1_000)
    const form = { username: 'member', password: passwordOf('member'), returnTo: '/' }
    assert.equal((await createClient(door.url).post('/auth/login/manager', form)).status, 403)
    await access.users.setDisabled(user.id, false)
    await logIn('member')
  })
})

interface Listed {
  readonly ref: string
  readonly current: boolean
}
