// Logins whose records the Manager shares (§2.2 to 2.4, 2.6), on the real Redis: both sides read and write them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { waitUntil } from '../support/programs.ts'
import { type BackendAiLab, startBackendAiLab } from './backend-ai-lab.ts'
import type { LabClient } from './lab-client.ts'
import { post } from './post.ts'

const HOUR_MS = 3_600_000
const NAME = 'fedcba9876543210fedcba9876543210'
const keyOf = (name: string) => `AIOHTTP_SESSION_${name}`
const nowSeconds = () => Math.floor(Date.now() / 1000)

interface Stored {
  readonly created: number
  readonly session: { readonly authenticated: boolean; readonly token: Readonly<Record<string, string>> }
  readonly expiration_dt: number
}

const nameOf = (client: LabClient) => client.cookies.get('AIOHTTP_SESSION') ?? assert.fail('nobody logged in')
const recordOf = async ({ redis }: BackendAiLab, name: string) => {
  const text = await redis.ask('GET', keyOf(name))
  return typeof text === 'string' ? (JSON.parse(text) as Stored) : undefined
}
const put = ({ redis }: BackendAiLab, name: string, value: unknown) =>
  redis.ask('SET', keyOf(name), typeof value === 'string' ? value : JSON.stringify(value), 'EX', '604800')

/** As the Manager writes it. */
function recordFor({ manager }: BackendAiLab, username = 'ada@example.org') {
  const { accessKey, secretKey, role } = manager.accounts.get(username)
  const token = { type: 'keypair', access_key: accessKey, secret_key: secretKey, role, status: 'active' }
  return { created: nowSeconds(), session: { authenticated: true, token }, expiration_dt: nowSeconds() + 600 }
}

/** To the next login, and without a record of it. */
function letManagerSayYes(lab: BackendAiLab, username: string): void {
  const data = { response_type: 'success', ...recordFor(lab, username).session.token, session_token: NAME }
  const headers = { 'content-type': 'application/json' }
  const yes = { kind: 'answer', status: 200, headers, body: JSON.stringify({ data }) } as const
  lab.manager.disturb(yes, { target: /authorize/, times: 1 })
}

const statusOf = async ({ stranger }: BackendAiLab, name: string, target = '/func/x') =>
  (await stranger().ask(target, { headers: { 'x-backendai-sessionid': name } })).status

for (const profile of ['26.4', '26.8'] as const) {
  test(`${profile}: a login has one record under the Manager’s name for it, which ends when the session does`, async () => {
    await using lab = await startBackendAiLab({ profile, config: { sessions: { absolute: '30d' } } })
    const name = nameOf(await lab.logIn())
    const { accessKey, secretKey, userId } = lab.manager.accounts.get('ada@example.org')
    const { created, expiration_dt, ...rest } = (await recordOf(lab, name)) ?? assert.fail()
    assert.deepEqual(rest, {
      session: {
        authenticated: true,
        token: {
          type: 'keypair',
          access_key: accessKey,
          role: 'user',
          status: 'active',
          ...(profile === '26.8' && { user_id: userId }),
          secret_key: secretKey,
        },
      },
    })
    assert.ok(Math.abs(created - nowSeconds()) < 5)
    assert.ok(Math.abs(expiration_dt - nowSeconds() - 604_800) < 5)
    assert.ok(Math.abs(Number(await lab.redis.ask('TTL', keyOf(name))) - 604_800) < 5)
    assert.equal(((await lab.redis.ask('KEYS', '*')) as string[]).length, 1)
  })
}

test('a record that the Manager did not write is written, and the same for both', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4', manager: {}, backendAi: { session: { maxAge: '1h' } } })
  letManagerSayYes(lab, 'ada@example.org')
  assert.equal(nameOf(await lab.logIn()), NAME)
  const { created, expiration_dt, session } = (await recordOf(lab, NAME)) ?? assert.fail()
  assert.deepEqual(session, recordFor(lab).session)
  assert.equal(expiration_dt - created, 3600)
  assert.ok(Math.abs(Number(await lab.redis.ask('TTL', keyOf(NAME))) - 3600) < 5)
})

test('no record outlives the session that stands for it', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4', config: { sessions: { absolute: '2h' } } })
  const name = nameOf(await lab.logIn())
  const { created, expiration_dt } = (await recordOf(lab, name)) ?? assert.fail()
  assert.ok(Math.abs(expiration_dt - created - 7200) < 5)
})

test('extending moves the end of the record, using does not', async () => {
  await using lab = await startBackendAiLab({
    profile: '26.4',
    backendAi: { session: { maxAge: '1h', extension: '2h' } },
  })
  const ada = await lab.logIn()
  const name = nameOf(ada)
  const before = (await recordOf(lab, name)) ?? assert.fail()
  for (let count = 0; count < 3; count++) assert.equal((await ada.ask('/func/x')).status, 200)
  assert.deepEqual(await recordOf(lab, name), before)
  const { expires } = (await post(ada, 'extend-login-session')).json()
  const after = (await recordOf(lab, name)) ?? assert.fail()
  assert.equal(after.expiration_dt * 1000, Date.parse(String(expires)))
  assert.ok(Math.abs(after.expiration_dt - nowSeconds() - 7200) < 5)
  assert.deepEqual({ ...after, expiration_dt: 0 }, { ...before, expiration_dt: 0 })
  assert.ok(Math.abs(Number(await lab.redis.ask('TTL', keyOf(name))) - 7200) < 5)
})

test('a login that another webserver began goes on here, as the person whom the Manager knows', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  await put(lab, NAME, recordFor(lab))
  // As a page does, all at once.
  const statuses = await Promise.all(Array.from({ length: 8 }, () => statusOf(lab, NAME)))
  assert.deepEqual(
    statuses,
    Array.from({ length: 8 }, () => 200),
  )
  assert.ok(lab.manager.requests.every(({ verified, target }) => verified || target === '/'))
  const { access, sessions } = lab.gateway.apis
  const user = (await access.users.find('manager/ada@example.org')) ?? assert.fail()
  const [row, ...others] = await sessions.list(user.id)
  assert.deepEqual(others, [])
  assert.ok(Math.abs((row?.idleEndsAt ?? 0) - Date.now() - 600_000) < 5000)
  const check = await post(lab.stranger(), 'login-check', {}, { cookie: `AIOHTTP_SESSION=${NAME}` })
  assert.deepEqual([check.json().authenticated, check.json().session_id], [true, NAME])
  assert.ok(!JSON.stringify(lab.gateway.logs).includes(NAME))
})

test('a record without an end is a login, and gets one', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4', backendAi: { session: { extension: '1h' } } })
  const { expiration_dt: _, ...endless } = recordFor(lab)
  await put(lab, NAME, endless)
  assert.equal(await statusOf(lab, NAME), 200)
  assert.ok(Math.abs(((await recordOf(lab, NAME))?.expiration_dt ?? 0) - nowSeconds() - HOUR_MS / 1000) < 5)
})

test('what is no login of now is nobody’s', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const { session, ...times } = recordFor(lab)
  for (const value of [
    { ...times, session, expiration_dt: nowSeconds() - 1 },
    { ...times, session: { authenticated: true } },
    { ...times, session: { ...session, authenticated: false } },
    { ...times, session: { authenticated: true, token: { ...session.token, type: 'jwt' } } },
    {},
    'not JSON',
    '[]',
  ]) {
    await put(lab, NAME, value)
    assert.equal(await statusOf(lab, NAME), 401, JSON.stringify(value))
  }
  await lab.redis.ask('DEL', keyOf(NAME))
  await lab.redis.ask('LPUSH', keyOf(NAME), JSON.stringify(recordFor(lab)))
  assert.equal(await statusOf(lab, NAME), 401)
  for (const name of ['*', 'a'.repeat(31), NAME.toUpperCase(), `${NAME}\n`.trimEnd().concat('0')]) {
    await put(lab, name, recordFor(lab))
    assert.equal(await statusOf(lab, name), 401, name)
  }
  assert.equal(lab.manager.counts.all, 0)
})

test('a record with a keypair that the Manager does not know is no login', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const { session, ...times } = recordFor(lab)
  const token = { ...session.token, secret_key: 'made-up' }
  await put(lab, NAME, { ...times, session: { authenticated: true, token } })
  assert.equal(await statusOf(lab, NAME), 401)
  assert.deepEqual(await lab.gateway.apis.access.users.list(), [])
  // Nor while nobody can say whose it is.
  await put(lab, NAME, recordFor(lab))
  lab.manager.disturb({ kind: 'hang up' }, { target: /admin\/gql/ })
  assert.equal(await statusOf(lab, NAME), 502)
})

test('a session that ended here does not begin again by its record', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const ada = await lab.logIn()
  const name = nameOf(ada)
  const record = (await recordOf(lab, name)) ?? assert.fail()
  const user = (await lab.gateway.apis.access.users.find('manager/ada@example.org')) ?? assert.fail()
  await lab.gateway.apis.sessions.endAllOf(user.id, 'revoked')
  // It is over for everybody who shares it.
  await lab.manager.whenRequest(({ target }) => target === '/auth/logout')
  assert.equal(await recordOf(lab, name), undefined)
  await put(lab, name, record)
  assert.equal(await statusOf(lab, name), 401)
  assert.equal(await recordOf(lab, name), undefined)
  assert.deepEqual(lab.manager.accounts.get('ada@example.org').logins, [])
  await put(lab, name, record)
  assert.equal(await statusOf(lab, name), 401)
})

test('somebody who is disabled here does not come in by a record', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  await lab.logIn()
  const { users } = lab.gateway.apis.access
  const user = (await users.find('manager/ada@example.org')) ?? assert.fail()
  await users.setDisabled(user.id, true)
  await put(lab, NAME, recordFor(lab))
  assert.equal(await statusOf(lab, NAME), 403)
})

test('a login that the Manager ends is over within a second, for requests and for what is open', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const ada = await lab.logIn()
  const name = nameOf(ada)
  const socket = await ada.open('/func/stream/session/x/pty?app=ttyd')
  const endedMs = performance.now()
  await lab.redis.ask('DEL', keyOf(name))
  const { code } = await socket.closed
  assert.equal(code, 4401)
  assert.ok(performance.now() - endedMs < 2000)
  assert.equal(await statusOf(lab, name), 401)
  const user = (await lab.gateway.apis.access.users.find('manager/ada@example.org')) ?? assert.fail()
  assert.deepEqual(await lab.gateway.apis.sessions.list(user.id), [])
})

test('what is open stays looked after when the configuration is another', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const ada = await lab.logIn()
  const socket = await ada.open('/func/stream/session/x/pty?app=ttyd')
  await lab.gateway.reload({
    backendAi: {
      profile: '26.4',
      manager: { to: lab.manager.url },
      sharedRedis: { type: 'redis', url: lab.redis.url },
    },
    access: { contact: 'help@example.org' },
  })
  socket.send('still there')
  assert.equal(await socket.next(), 'still there')
  await lab.redis.ask('DEL', keyOf(nameOf(ada)))
  assert.equal((await socket.closed).code, 4401)
})

test('an event stream ends with its login', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const ada = await lab.logIn()
  const stream = ada.ask('/func/events/background-task?task_id=x').then(
    () => 'whole',
    () => 'broken off',
  )
  await lab.manager.whenRequest(({ target }) => target.startsWith('/events/'))
  await lab.redis.ask('DEL', keyOf(nameOf(ada)))
  assert.equal(await stream, 'broken off')
})

test('one login too many: the Manager refuses it, or ends the oldest where the body says so', async () => {
  const accounts = [{ username: 'ada@example.org', password: 'CANARY-ada', maxConcurrentLogins: 1 }]
  await using lab = await startBackendAiLab({ profile: '26.8', manager: { accounts } })
  const first = await lab.logIn()
  const login = { username: 'ada@example.org', password: 'CANARY-ada' }
  const refused = await post(lab.stranger(), 'login', login)
  assert.equal(refused.status, 409)
  assert.equal(
    (refused.json().data as { type?: unknown }).type,
    'https://api.backend.ai/probs/active-login-session-exists',
  )
  assert.equal((await post(lab.stranger(), 'login', { ...login, force: true })).json().authenticated, true)
  // What is under way when the login ends is broken off.
  await waitUntil(async () => (await first.ask('/func/x').catch(() => undefined))?.status === 401)
  const user = (await lab.gateway.apis.access.users.find('manager/ada@example.org')) ?? assert.fail()
  assert.equal((await lab.gateway.apis.sessions.list(user.id)).length, 1)
})

test('while the shared store is away nobody is let in who was not just now, and nobody waits for it', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const ada = await lab.logIn()
  const grace = await lab.logIn('grace@example.org')
  assert.equal((await ada.ask('/func/x')).status, 200)
  await lab.redis.halt()
  await pause(1000)
  const startedMs = performance.now()
  for (const client of [ada, grace]) assert.equal((await client.ask('/func/x')).status, 503)
  assert.equal(await statusOf(lab, NAME), 503)
  letManagerSayYes(lab, 'mallory@example.org')
  const login = await post(lab.stranger(), 'login', { username: 'mallory@example.org', password: 'CANARY' })
  assert.equal(login.status, 503)
  assert.equal(login.headers['set-cookie']?.some((line) => line.startsWith('AIOHTTP_SESSION')) ?? false, false)
  assert.ok(performance.now() - startedMs < 5000)
  // What needs no session works.
  assert.equal((await lab.stranger().ask('/func/')).status, 200)
  assert.equal((await lab.stranger().ask('/readyz')).status, 503)
  assert.equal(await lab.gateway.apis.access.users.find('manager/mallory@example.org'), undefined)
})

test('a gateway does not start on a store that it cannot reach, and says which', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const { manager } = lab
  await assert.rejects(
    lab.gateway.reload({
      backendAi: {
        profile: '26.4',
        manager: { to: manager.url },
        sharedRedis: { type: 'redis', url: 'redis://127.0.0.1:1' },
      },
    }),
    /backendAi\.sharedRedis/,
  )
  assert.equal((await (await lab.logIn()).ask('/func/x')).status, 200)
})
