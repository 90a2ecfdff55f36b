// Records of logins that are not as the Manager would have them, or that go while somebody relies on them: on the real Redis.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BackendAiLab, startBackendAiLab } from './backend-ai-lab.ts'
import { cookieSet, post } from './post.ts'

const NAME = 'fedcba9876543210fedcba9876543210'
const keyOf = (name: string) => `AIOHTTP_SESSION_${name}`
const nowSeconds = () => Math.floor(Date.now() / 1000)
const ADA = { username: 'ada@example.org', password: 'CANARY-ada-writes-notes' }

function recordFor({ manager }: BackendAiLab, more: object = {}) {
  const { accessKey, secretKey, role } = manager.accounts.get(ADA.username)
  const token = { type: 'keypair', access_key: accessKey, secret_key: secretKey, role, status: 'active', ...more }
  return { created: nowSeconds(), session: { authenticated: true, token }, expiration_dt: nowSeconds() + 600 }
}

const put = ({ redis }: BackendAiLab, value: unknown) =>
  redis.ask('SET', keyOf(NAME), typeof value === 'string' ? value : JSON.stringify(value), 'EX', '604800')
const stored = ({ redis }: BackendAiLab, name = NAME) => redis.ask('GET', keyOf(name))
const askAs = async ({ stranger }: BackendAiLab, name = NAME) =>
  (await stranger().ask('/func/x', { headers: { 'x-backendai-sessionid': name } })).status

/** Keeps the question whose a keypair is from being answered. */
function holdQuestion({ manager }: BackendAiLab) {
  const { promise, resolve } = Promise.withResolvers<void>()
  manager.disturb({ kind: 'hold', until: promise }, { target: /admin\/gql/, times: 1 })
  return { asked: manager.whenRequest(({ target }) => target === '/admin/gql'), goOn: resolve }
}

test('nobody gets a role by a record: it is the Manager’s to say', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  await put(lab, recordFor(lab, { role: 'superadmin' }))
  assert.equal(await askAs(lab), 200)
  const { access, sessions } = lab.gateway.apis
  const ada = (await access.users.find('manager/ada@example.org')) ?? assert.fail()
  assert.deepEqual(ada.groups, ['user'])
  assert.deepEqual(
    (await sessions.list(ada.id)).map(({ groups }) => groups),
    [['user']],
  )
})

test('nobody of another domain comes in by a record', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const user = { email: 'eve@example.org', role: 'superadmin', domain_name: 'other' }
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ data: { user } })
  lab.manager.disturb({ kind: 'answer', status: 200, headers, body }, { target: /admin\/gql/ })
  await put(lab, recordFor(lab))
  assert.equal(await askAs(lab), 401)
  assert.deepEqual(await lab.gateway.apis.access.users.list(), [])
})

test('what would take long to read is no record', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const record = recordFor(lab)
  for (const more of [{ pad: 'x'.repeat(1_000_000) }, { pad: JSON.parse('['.repeat(1000) + ']'.repeat(1000)) }]) {
    await put(lab, { ...record, ...more, expiration_dt: nowSeconds() + 604_000 })
    assert.equal(await askAs(lab), 401)
  }
  const misleading = JSON.stringify(record).replace(
    '{',
    '{"__proto__":{"authenticated":true},"constructor":{"prototype":1},',
  )
  await put(lab, misleading)
  assert.equal(await askAs(lab), 200)
  assert.equal(({} as Record<string, unknown>).authenticated, undefined)
})

test('a record that ends while the Manager is asked whose it is is no login, and no fault', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const endsAt = nowSeconds() + 2
  await put(lab, { ...recordFor(lab), expiration_dt: endsAt })
  const { asked, goOn } = holdQuestion(lab)
  const status = askAs(lab)
  await asked
  setTimeout(goOn, Math.max(0, endsAt * 1000 - Date.now()) + 50)
  assert.equal(await status, 401)
  assert.equal(lab.gateway.logs.filter(({ level }) => level === 'error').length, 0)
})

test('a login that ends while it is taken on does not begin again', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  await put(lab, recordFor(lab))
  const { asked, goOn } = holdQuestion(lab)
  const status = askAs(lab)
  await asked
  await lab.redis.ask('DEL', keyOf(NAME))
  goOn()
  assert.equal(await status, 401)
  assert.equal(await stored(lab), null)
  const ada = (await lab.gateway.apis.access.users.find('manager/ada@example.org')) ?? assert.fail()
  assert.deepEqual(await lab.gateway.apis.sessions.list(ada.id), [])
})

test('a login that the Manager ends before it has begun here does not begin', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  const { asked, goOn } = holdQuestion(lab)
  // A field of a plugin's: the Manager is asked whom it let in, and that takes a while.
  const login = post(lab.stranger(), 'login', { ...ADA, hook: 'x' })
  await asked
  const [name = assert.fail('the Manager has named no login')] = lab.manager.accounts.get(ADA.username).logins
  await lab.redis.ask('DEL', keyOf(name))
  goOn()
  const answer = await login
  assert.equal(answer.status, 401)
  assert.equal(cookieSet(answer), undefined)
  assert.equal(answer.headers['x-backendai-sessionid'], undefined)
  assert.equal(await stored(lab, name), null)
  assert.equal(await askAs(lab, name), 401)
})

test('fifty requests and a logout at once: whatever comes first, in the end nobody is in', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4' })
  await put(lab, recordFor(lab))
  const { asked, goOn } = holdQuestion(lab)
  const requests = Array.from({ length: 50 }, () => askAs(lab))
  await asked
  const logout = post(lab.stranger(), 'logout', {}, { 'x-backendai-sessionid': NAME })
  goOn()
  for (const status of await Promise.all(requests)) assert.ok([200, 401].includes(status), String(status))
  assert.equal((await logout).status, 200)
  assert.equal(await askAs(lab), 401)
  assert.equal(await stored(lab), null)
  const ada = (await lab.gateway.apis.access.users.find('manager/ada@example.org')) ?? assert.fail()
  assert.deepEqual(await lab.gateway.apis.sessions.list(ada.id), [])
})
