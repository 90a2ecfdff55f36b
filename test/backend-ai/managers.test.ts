// Several Managers behind one gateway: logins and calls go to all of them that are well.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Manager, startManager } from '../support/backend-ai/index.ts'
import { waitUntil } from '../support/programs.ts'
import { type ConfigLayer, startGateway, type TestGateway } from '../support/start-gateway.ts'
import { createLabClient, type LabClient } from './lab-client.ts'

const account = { username: 'ada@example.org', password: 'CANARY-ada', accessKey: 'AKIAADA', secretKey: 'CANARY-key' }
/** Several nodes of one Manager know the same people by the same keys. */
const startNode = () => startManager({ accounts: [account] })

const start = (manager: ConfigLayer): Promise<TestGateway> => startGateway({ config: { backendAi: { manager } } })

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
  await waitUntil(async () => one.requests.some(({ target }) => target === '/health/readyz'))
  const client = await logIn(gateway)
  const before = countOf(one, CALL)
  for (let count = 0; count < 10; count++) assert.equal((await client.ask('/func/folders')).status, 200)
  assert.equal(countOf(one, CALL), before)
  well()
  await waitUntil(async () => {
    await client.ask('/func/folders')
    return countOf(one, CALL) > before
  })
})
