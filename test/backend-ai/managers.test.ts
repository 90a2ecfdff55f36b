// Several Managers behind one gateway: logins and calls go to all of them, to those that are well, and to those that a real
// etcd announces, within two seconds and without a restart.

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type Manager, startManager } from '../support/backend-ai/index.ts'
import { type Etcd, isMissing, startEtcd } from '../support/programs.ts'
import { type ConfigLayer, startGateway, type TestGateway } from '../support/start-gateway.ts'
import { createLabClient, type LabClient } from './lab-client.ts'

const found = await startEtcd()
const WITHIN_MS = 2000
const account = { username: 'ada@example.org', password: 'CANARY-ada', accessKey: 'AKIAADA', secretKey: 'CANARY-key' }
/** Several nodes of one Manager know the same people by the same keys. */
const startNode = () => startManager({ accounts: [account] })

const start = (manager: ConfigLayer, config: ConfigLayer = {}): Promise<TestGateway> =>
  startGateway({ config: [{ backendAi: { manager } }, config] })

async function logIn({ url }: TestGateway): Promise<LabClient> {
  const client = createLabClient(url)
  const { username, password } = account
  const answer = await client.ask('/server/login', { method: 'POST', body: JSON.stringify({ username, password }) })
  assert.equal(answer.json().authenticated, true, answer.bytes.toString())
  return client
}

const countOf = ({ counts }: Manager, route: string): number => counts.byRoute.get(route) ?? 0
const LOGIN = 'POST /auth/authorize'
const CALL = 'echo'

test('logins and calls go to all of them, each signed for the one that it goes to', async () => {
  await using one = await startNode()
  await using other = await startNode()
  await using gateway = await start({ to: [one.url, other.url] })
  for (let count = 0; count < 4; count++) {
    const client = await logIn(gateway)
    // So many that the next login is another one's turn, however many questions a login is.
    for (let calls = 0; calls <= count; calls++) assert.equal((await client.ask('/func/folders')).status, 200)
  }
  for (const manager of [one, other]) {
    assert.ok(countOf(manager, LOGIN) > 0, 'logins')
    assert.ok(countOf(manager, CALL) > 0, 'calls')
    assert.equal(manager.counts.disproved, 0)
  }
})

test('when one has gone, the other has it all, and nobody notices', async () => {
  await using other = await startNode()
  const one = await startNode()
  await using gateway = await start({ to: [one.url, other.url], ejection: { failures: 1 } })
  const client = await logIn(gateway)
  await one.close()
  // A refused connection is tried elsewhere.
  for (let count = 0; count < 10; count++) {
    assert.equal((await client.ask('/func/folders')).status, 200)
    assert.equal((await client.ask('/func/folders', { method: 'POST', body: '{}' })).status, 200)
  }
  await logIn(gateway)
  assert.equal(other.counts.disproved, 0)
})

test('one that says it is not well gets nothing, and is back once it says it is', async () => {
  await using one = await startNode()
  await using other = await startNode()
  const well = one.disturb({ kind: 'answer', status: 503 }, { target: /^\/health\// })
  const healthCheck = { path: '/health/readyz', interval: '100ms', failures: 1 }
  await using gateway = await start({ to: [one.url, other.url], healthCheck })
  await becomes(async () => one.requests.some(({ target }) => target === '/health/readyz'))
  const client = await logIn(gateway)
  const before = countOf(one, CALL)
  for (let count = 0; count < 10; count++) assert.equal((await client.ask('/func/folders')).status, 200)
  assert.equal(countOf(one, CALL), before)
  well()
  await becomes(async () => {
    await client.ask('/func/folders')
    return countOf(one, CALL) > before
  })
})

describe('announced in etcd', { skip: isMissing(found) && found.missing }, () => {
  const etcd = found as Etcd
  after(() => etcd.stop())

  test('one that comes is used and one that goes is left, within two seconds; etcd may be away', async () => {
    await using one = await startNode()
    await using other = await startNode()
    const discover = { type: 'etcd', prefix: '/managers/' }
    await etcd.put('/managers/one', one.url)
    await using gateway = await start({ discover }, { etcd: { endpoints: etcd.urls } })
    const client = await logIn(gateway)
    const uses = async (manager: Manager): Promise<boolean> => {
      const before = countOf(manager, CALL)
      for (let count = 0; count < 4; count++) assert.equal((await client.ask('/func/folders')).status, 200)
      return countOf(manager, CALL) > before
    }
    assert.equal(await uses(other), false)
    await etcd.put('/managers/other', other.url)
    assert.ok((await becomes(() => uses(other))) < WITHIN_MS)
    await etcd.remove('/managers/one')
    assert.ok((await becomes(async () => !(await uses(one)))) < WITHIN_MS)
    await etcd.halt()
    assert.equal(await uses(other), true)
    await logIn(gateway)
    assert.equal(other.counts.disproved, 0)
  })
})

/** @returns how long it took, in milliseconds */
async function becomes(isSo: () => Promise<boolean>): Promise<number> {
  const began = performance.now()
  while (!(await isSo())) {
    if (performance.now() - began > 10_000) assert.fail('it has not become so')
    await setImmediate()
  }
  return performance.now() - began
}
