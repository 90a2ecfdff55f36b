// What was opened with a token ends with it, on whichever node it is open, within a second: WebSockets, downloads and event
// streams (security.md W4, T4, S5). Two nodes with one database and one Redis; also while that Redis is away.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { isMissing, startOwnRedis } from '../support/programs.ts'
import { runCommand } from '../support/run-command.ts'
import { openTestStores, type TestStores, withOwnRedis } from '../support/test-stores.ts'
import { type Lab, startLab } from './lab.ts'
import { bearer, type MadeToken, makeToken, type OpenedSocket, openSocket, program } from './token-lab.ts'

const SOON_MS = 1000

const redis = await startOwnRedis()
const skip = isMissing(redis) && redis.missing

let stores: TestStores
let service: Awaited<ReturnType<typeof startService>>
let here: Lab
let there: Lab

before(async () => {
  if (isMissing(redis)) return
  stores = withOwnRedis(await openTestStores('embedded'), { url: redis.url })
  service = await startService()
  const config = { upstreams: [{ id: 'lab', path: '/api/', to: service.url, allow: ['authenticated'] }] }
  here = await startLab({ stores, config })
  there = await startLab({ stores, config })
})
after(async () => {
  if (isMissing(redis)) return
  await there[Symbol.asyncDispose]()
  await here[Symbol.asyncDispose]()
  await service.close()
  await stores[Symbol.asyncDispose]()
  await redis.stop()
})

/** Begins event streams that never end by themselves, and keeps WebSockets. */
async function startService() {
  const server = createServer((request, response) => {
    if (request.url !== '/events') return void response.end('ok')
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: begun\n\n')
  })
  new WebSocketServer({ server }).on('connection', (socket) => socket.on('error', () => socket.terminate()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Opened {
  readonly tunnel: OpenedSocket
  /** When the stream broke off. */
  readonly streamBroke: Promise<number>
}

/** One of each, for longer than most requests take. */
async function openAll(node: Lab, { secret }: MadeToken): Promise<Opened> {
  const tunnel = await openSocket(node.url, '/api/socket', bearer(secret))
  const stream = await fetch(`${node.url}/api/events`, { headers: bearer(secret) })
  const reader = stream.body?.getReader()
  await reader?.read()
  const streamBroke = (async () => {
    await assert.rejects(async () => {
      while ((await reader?.read())?.done === false);
      throw new Error('it ended as if it had been complete')
    }, /terminated|aborted|socket/)
    return performance.now()
  })()
  await pause(600)
  return { tunnel, streamBroke }
}

async function command(...args: readonly string[]): Promise<void> {
  const config = here.gateway.configFiles.flatMap((file) => ['--config', file])
  const { exitCode, errors } = await runCommand([...args, ...config])
  assert.equal(exitCode, 0, errors)
}

/** For the commands of a running test, the time until they are done is not ours. */
async function assertEnds({ tunnel, streamBroke }: Opened, code: number, sinceMs: number): Promise<void> {
  const { code: met, reason, atMs } = await tunnel.closed
  assert.equal(met, code, reason)
  for (const ms of [atMs - sinceMs, (await streamBroke) - sinceMs]) assert.ok(ms < SOON_MS, `${ms} ms`)
}

const idOf = async (who: 'ada'): Promise<string> =>
  (await here.gateway.apis.access.users.find(`local/${who}`))?.id ?? assert.fail()

const ways: Readonly<Record<string, (token: MadeToken) => Promise<unknown>>> = {
  'its owner': async ({ id }) => {
    const ada = await here.logIn('ada')
    const options = { method: 'DELETE', headers: { origin: here.url } }
    return async () => assert.equal((await ada.send(`/api/v1/tokens/${id}`, options)).status, 204)
  },
  'an administrator': async ({ id }) => {
    const grace = await here.logIn('grace')
    const options = { method: 'DELETE', headers: { origin: here.url } }
    return async () => assert.equal((await grace.send(`/api/v1/admin/tokens/${id}`, options)).status, 204)
  },
  'the command line':
    async ({ id }) =>
    async () =>
      command('token', 'revoke', 'local/ada', '--id', id),
}

for (const [who, prepare] of Object.entries(ways)) {
  test(`what a token has open on another node ends within a second when ${who} revokes it`, { skip }, async () => {
    const ada = await here.logIn('ada')
    const [token, other] = [await makeToken(ada, here.url), await makeToken(ada, here.url)]
    const stays = await openSocket(there.url, '/api/socket', bearer(other.secret))
    const opened = await openAll(there, token)
    const revoke = (await prepare(token)) as () => Promise<unknown>
    const revoked = revoke().then(() => performance.now())
    const sinceMs =
      who === 'the command line' ? Math.min(await revoked, (await opened.tunnel.closed).atMs) : performance.now()
    await assertEnds(opened, 4401, sinceMs)
    await revoked
    assert.equal((await program(there.url, token.secret).get('/api/x')).status, 401)
    assert.equal((await program(here.url, token.secret).get('/api/x')).status, 401)
    assert.equal((await program(there.url, other.secret).get('/api/x')).status, 200)
    assert.equal(stays.socket.readyState, stays.socket.OPEN)
    stays.socket.terminate()
  })
}

test('a disabled person’s tokens are refused on every node within a second, and what they have open ends', {
  skip,
}, async () => {
  const ada = await here.logIn('ada')
  const token = await makeToken(ada, here.url)
  const opened = await openAll(there, token)
  const grace = await here.logIn('grace')
  const path = `/api/v1/admin/users/${await idOf('ada')}`
  const sinceMs = performance.now()
  assert.equal((await grace.post(`${path}/disable`)).status, 200)
  await assertEnds(opened, 4401, sinceMs)
  for (const node of [here, there]) assert.equal((await program(node.url, token.secret).get('/api/x')).status, 403)
  await assert.rejects(openSocket(there.url, '/api/socket', bearer(token.secret)), /403/)
  assert.equal((await grace.post(`${path}/enable`)).status, 200)
})

test('a WebSocket with a token that is not good is refused before the service hears of it', { skip }, async () => {
  const ada = await here.logIn('ada')
  const narrow = await makeToken(ada, here.url, { scopes: ['service:another'] })
  await assert.rejects(openSocket(here.url, '/api/socket', bearer(`gh_${'0'.repeat(49)}`)), /401/)
  await assert.rejects(openSocket(here.url, '/api/socket', bearer(narrow.secret)), /403/)
  await assert.rejects(openSocket(here.url, `/api/socket?token=${narrow.secret}`, {}), /401/)
  const good = await makeToken(ada, here.url)
  const { socket } = await openSocket(here.url, '/api/socket', { ...bearer(good.secret), origin: here.url })
  socket.terminate()
  // The page of another site has no token; who sends both is a program.
  const { socket: elsewhere } = await openSocket(here.url, '/api/socket', bearer(good.secret))
  elsewhere.terminate()
})

test('a group that is taken away ends what was opened with it', { skip }, async () => {
  const { serviceAccounts } = here.gateway.apis.tokens
  const by = { actor: 'test' }
  const made = await serviceAccounts.put('crew-program', { groups: ['crew'], scopes: ['services', 'self:read'] }, by)
  assert.ok(made.isNew)
  const token = { id: made.key.id, secret: made.secret.reveal() }
  const opened = await openAll(there, token)
  const sinceMs = performance.now()
  await serviceAccounts.put('crew-program', { groups: [] }, by)
  await assertEnds(opened, 4403, sinceMs)
  const me = (await program(there.url, token.secret).get('/api/v1/me')).json() as { groups: readonly string[] }
  assert.deepEqual(me.groups, [])
})

test('a reload keeps what a token has open, and ends it when the token is revoked after', { skip }, async () => {
  const ada = await here.logIn('ada')
  const token = await makeToken(ada, here.url)
  const opened = await openAll(there, token)
  await there.gateway.reload(
    { identity: [{ id: 'local', type: 'local' }], access: { admins: ['group:admins'], contact: 'the desk' } },
    { upstreams: [{ id: 'lab', path: '/api/', to: service.url, allow: ['authenticated'] }] },
  )
  await pause(SOON_MS)
  assert.equal(opened.tunnel.socket.readyState, opened.tunnel.socket.OPEN)
  const sinceMs = performance.now()
  assert.equal(
    (await ada.send(`/api/v1/tokens/${token.id}`, { method: 'DELETE', headers: { origin: here.url } })).status,
    204,
  )
  await assertEnds(opened, 4401, sinceMs)
})

test('after a reload a disabled person is heard of as before, also while Redis is away', { skip }, async () => {
  assert.ok(!isMissing(redis))
  const token = await makeToken(await here.logIn('ada'), here.url)
  const opened = await openAll(there, token)
  await there.gateway.reload(
    { identity: [{ id: 'local', type: 'local' }], access: { admins: ['group:admins'], contact: 'the office' } },
    { upstreams: [{ id: 'lab', path: '/api/', to: service.url, allow: ['authenticated'] }] },
  )
  const { users } = here.gateway.apis.access
  const ada = (await users.find('local/ada')) ?? assert.fail()
  redis.signal('SIGSTOP')
  const sinceMs = performance.now()
  // Sessions are in that Redis, and cannot be ended now; what they are good for is asked each time.
  const disabled = users.setDisabled(ada.id, true).catch(() => {})
  try {
    await assertEnds(opened, 4401, sinceMs)
  } finally {
    redis.signal('SIGCONT')
    await disabled
    await users.setDisabled(ada.id, false)
  }
})

test('while Redis is away a revocation is heard of all the same', { skip }, async () => {
  assert.ok(!isMissing(redis))
  const ada = await here.logIn('ada')
  const token = await makeToken(ada, here.url)
  const opened = await openAll(there, token)
  redis.signal('SIGSTOP')
  try {
    const { tokens } = here.gateway.apis
    const sinceMs = performance.now()
    const revoked = tokens.revoke(token.id, { actor: 'test' })
    await assertEnds(opened, 4401, sinceMs)
    assert.equal(await revoked, true)
    // Wrong tokens cannot be counted now, so what is not known to be good gets no answer but that.
    assert.equal((await program(there.url, token.secret).get('/api/x')).status, 503)
  } finally {
    redis.signal('SIGCONT')
  }
})
