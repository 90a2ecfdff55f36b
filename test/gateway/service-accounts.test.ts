// Service accounts: administrators make them, policies know them, their keys turn over without a gap, on one node at a time,
// and nobody else can make or see any of it.

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as nextTurn } from 'node:timers/promises'
import type { TestClient } from '../support/http-client.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type Lab, startLab } from './lab.ts'
import { bearer, codeOf, program, sendJson } from './token-lab.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const PATH = '/api/v1/admin/service-accounts'

let stores: TestStores
let clock: ManualClock
let upstream: RecordingUpstream
let lab: Lab
let other: Lab
let grace: TestClient
let keyFolder: string

before(async () => {
  stores = await openTestStores()
  clock = createManualClock(Date.now())
  upstream = await startRecordingUpstream()
  keyFolder = join(stores.directory, 'service-keys')
  mkdirSync(keyFolder)
  const config = {
    sessions: { idle: '12h', absolute: '2d' },
    access: { admins: ['group:admins'], recentLogin: '2d' },
    upstreams: [
      {
        id: 'archive',
        path: '/api/archive/',
        to: upstream.url,
        allow: ['group:exporters'],
        sign: { type: 'identity-jwt' },
      },
      { id: 'one', path: '/api/one/', to: upstream.url, allow: ['user:service/nightly'] },
    ],
    tokens: { keyFolder },
  }
  lab = await startLab({ stores, clock, config })
  other = await startLab({ stores, clock, config })
  grace = await lab.logIn('grace')
})
after(async () => {
  await other[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
  await upstream.close()
  await stores[Symbol.asyncDispose]()
})

interface Answer {
  readonly account: {
    readonly name: string
    readonly isDisabled: boolean
    readonly rotatedAt: string
    readonly keys: readonly { readonly id: string; readonly expiresAt?: string }[]
  }
  readonly secret?: string
}

async function put(name: string, settings: object = {}): Promise<Answer> {
  const answer = await sendJson(grace, lab.url, `${PATH}/${name}`, settings, 'PUT')
  assert.ok(answer.status === 200 || answer.status === 201, answer.text)
  assert.equal(answer.status === 201, answer.text.includes('"secret"'))
  return answer.json() as Answer
}

const statusOf = async (secret: string, path = '/api/archive/x', node = lab): Promise<number> =>
  (await program(node.url, secret).get(path)).status

test('an account is somebody to policies and to services, in the groups that it was given', async () => {
  const { secret = '' } = await put('nightly', {
    groups: ['exporters', 'local:cheat'],
    scopes: ['services', 'self:read'],
  })
  assert.equal(await statusOf(secret), 200)
  assert.equal(await statusOf(secret, '/api/one/x', other), 200)
  const me = (await program(lab.url, secret).get('/api/v1/me')).json() as Record<string, unknown>
  assert.deepEqual([me.provider, me.subject, me.groups], ['service', 'nightly', ['exporters']])
  await put('nightly', { groups: [], scopes: ['services'] })
  assert.equal(await statusOf(secret), 403)
  assert.equal(codeOf(await program(lab.url, secret).get('/api/v1/me')), '403 token.scopeMissing')
  await put('nightly', { groups: ['exporters'] })
  assert.equal(await statusOf(secret), 200)
})

test('a key does nothing but what its account may, and makes nothing', async () => {
  const { secret = '' } = await put('admin-like', { groups: ['admins'], scopes: ['admin', 'self:write'] })
  const script = program(lab.url, secret)
  const json = { 'content-type': 'application/json' }
  assert.equal((await script.get(PATH)).status, 200)
  assert.equal(codeOf(await script.send(`${PATH}/more`, 'PUT', json, '{}')), '403 token.sessionOnly')
  assert.equal(
    codeOf(await script.send('/api/v1/tokens', 'POST', json, '{"name":"x","scopes":["services"]}')),
    '403 token.sessionOnly',
  )
  await put('admin-like', { scopes: [] })
  assert.equal(codeOf(await script.get(PATH)), '403 token.scopeMissing')
})

test('people who do not administer neither see nor change any of it', async () => {
  const { account } = await put('hidden', { description: 'CANARY-hidden' })
  const ada = await lab.logIn('ada')
  const asked = [
    await ada.get(PATH),
    await sendJson(ada, lab.url, `${PATH}/hidden`, { groups: ['admins'] }, 'PUT'),
    await sendJson(ada, lab.url, `${PATH}/hidden/rotate`, {}),
    await ada.post(`${PATH}/hidden/disable`),
    await ada.send(`${PATH}/hidden/keys/${account.keys[0]?.id}`, { method: 'DELETE', headers: { origin: lab.url } }),
  ]
  for (const answer of asked) {
    assert.equal(answer.status, 403)
    assert.ok(!answer.text.includes('CANARY-hidden'))
  }
  // Not even as a token of their own.
  const path = `/api/v1/tokens/${account.keys[0]?.id}`
  assert.equal((await ada.send(path, { method: 'DELETE', headers: { origin: lab.url } })).status, 404)
})

test('fields that are not for this are refused', async () => {
  for (const field of ['name', 'userId', 'keys', 'isDisabled', 'keyFile', 'rotatedAt', 'provider']) {
    const answer = await sendJson(grace, lab.url, `${PATH}/odd`, { [field]: 'x' }, 'PUT')
    assert.equal(answer.status, 400, field)
  }
  assert.equal((await sendJson(grace, lab.url, `${PATH}/..%2f..%2fetc`, {}, 'PUT')).status >= 400, true)
  assert.equal(codeOf(await sendJson(grace, lab.url, `${PATH}/Odd`, {}, 'PUT')), '400 serviceAccount.nameUnusable')
})

test('a key that rotates on demand leaves the one before good for the overlap', async () => {
  const { secret: first = '' } = await put('turning', {
    groups: ['exporters'],
    scopes: ['services'],
    overlapSeconds: 3600,
  })
  const rotated = await sendJson(grace, lab.url, `${PATH}/turning/rotate`, {})
  const { secret: second } = rotated.json() as { secret: string }
  for (const node of [lab, other]) {
    assert.deepEqual([await statusOf(first, undefined, node), await statusOf(second, undefined, node)], [200, 200])
  }
  clock.stepWallClock(HOUR)
  assert.deepEqual([await statusOf(first), await statusOf(second)], [401, 200])
  const { secret: third } = (
    await sendJson(grace, lab.url, `${PATH}/turning/rotate`, { overlapSeconds: 0 })
  ).json() as {
    secret: string
  }
  assert.deepEqual([await statusOf(second), await statusOf(third)], [401, 200])
  const { account } = await put('turning')
  const options = { method: 'DELETE', headers: { origin: lab.url } }
  assert.equal((await grace.send(`${PATH}/turning/keys/${account.keys[0]?.id}`, options)).status, 204)
  assert.equal(await statusOf(third), 401)
})

test('a disabled account is refused on every node, and in with the same key when it is enabled', async () => {
  const { secret = '' } = await put('resting', { groups: ['exporters'], scopes: ['services'] })
  assert.equal(await statusOf(secret), 200)
  assert.equal((await grace.post(`${PATH}/resting/disable`)).status, 200)
  assert.equal(await statusOf(secret), 403)
  assert.equal(codeOf(await sendJson(grace, lab.url, `${PATH}/resting/rotate`, {})), '409 serviceAccount.disabled')
  assert.equal(
    codeOf(await sendJson(grace, lab.url, `${PATH}/resting`, { groups: [] }, 'PUT')),
    '409 serviceAccount.disabled',
  )
  assert.equal((await grace.post(`${PATH}/resting/enable`)).status, 200)
  assert.equal(await statusOf(secret), 200)
})

const keyOf = (name: string): string => readFileSync(join(keyFolder, `${name}.key`), 'utf8').trim()

const accountOf = async (name: string): Promise<Answer['account']> => {
  const { accounts } = (await grace.get(PATH)).json() as { accounts: readonly Answer['account'][] }
  return accounts.find((account) => account.name === name) ?? assert.fail()
}

/** Lets the task of every node look, and waits until one has done it. */
async function untilRotated(name: string): Promise<void> {
  const { rotatedAt } = await accountOf(name)
  clock.advance(MINUTE)
  while ((await accountOf(name)).rotatedAt === rotatedAt) await new Promise(setImmediate)
}

test('a key that rotates by itself does so when it is due, once for all nodes, and is in its file', async () => {
  const { secret } = await put('filed', {
    groups: ['exporters'],
    scopes: ['services'],
    rotateEverySeconds: 2 * 3600,
    overlapSeconds: 1800,
  })
  assert.equal(keyOf('filed'), secret)
  clock.stepWallClock(HOUR)
  clock.advance(MINUTE)
  clock.stepWallClock(HOUR)
  await untilRotated('filed')
  const before = secret ?? ''
  const present = keyOf('filed')
  assert.notEqual(present, before)
  assert.deepEqual([await statusOf(before), await statusOf(present, undefined, other)], [200, 200])
  assert.equal((await accountOf('filed')).keys.length, 2, 'two nodes looked, one rotated')
  assert.equal(statSync(join(keyFolder, 'filed.key')).mode & 0o777, 0o600)
  assert.deepEqual(
    readdirSync(keyFolder).filter((name) => name.startsWith('.')),
    [],
    'no draft is left',
  )
  clock.stepWallClock(HOUR / 2)
  assert.deepEqual([await statusOf(before), await statusOf(present)], [401, 200])

  const audit = await lab.gateway.apis.storage.audit.list({ limit: 5, action: 'service-account.rotate' })
  const entry = audit.find(({ actor }) => actor === 'rotation')
  assert.deepEqual([entry?.subject, entry?.detail?.toFile], ['filed', true])
  assert.ok(!JSON.stringify(audit).includes(present))
  for (const { logs } of [lab.gateway, other.gateway]) assert.ok(!JSON.stringify(logs).includes(present))
})

test('where the file cannot be written nothing is lost: the present key is good, and the next look tries again', async () => {
  await put('unwritable', { groups: ['exporters'], scopes: ['services'], rotateEverySeconds: 3600 })
  const present = keyOf('unwritable')
  rmSync(keyFolder, { recursive: true })
  const refused = await sendJson(grace, lab.url, `${PATH}/unwritable/rotate`, {})
  assert.equal(codeOf(refused), '503 serviceAccount.fileUnwritable')
  assert.ok(!refused.text.includes(keyFolder))
  const { keys } = await accountOf('unwritable')
  assert.deepEqual([keys.length, keys[0]?.expiresAt], [1, undefined])
  assert.equal(await statusOf(present), 200)
  mkdirSync(keyFolder)
  clock.stepWallClock(HOUR)
  await untilRotated('unwritable')
  assert.equal(await statusOf(keyOf('unwritable')), 200)
  assert.equal((await lab.stranger().get('/api/archive/x', bearer(present))).status, 200)
})

test('keys that are made at the same moment, on two nodes, leave one that stays good, and that is in the file', async () => {
  await put('hasty', { groups: ['exporters'], scopes: ['services'], rotateEverySeconds: 3600 })
  const nodes = [lab, other, lab, other, lab, other]
  let isMaking = true
  const making = Promise.all(
    nodes.map(({ gateway }) => gateway.apis.tokens.serviceAccounts.rotate('hasty', { actor: 'test' })),
  ).finally(() => {
    isMaking = false
  })
  // Who waits for a turn looks again after a while.
  while (isMaking) {
    clock.advance(1)
    await nextTurn(1)
  }
  const made = await making
  const staying = (await accountOf('hasty')).keys.filter(({ expiresAt }) => expiresAt === undefined)
  assert.equal(staying.length, 1)
  const last = made.find(({ key }) => key.id === staying[0]?.id) ?? assert.fail('it is one of these')
  assert.equal(keyOf('hasty'), last.secret.reveal())
})
