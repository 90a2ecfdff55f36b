// What is told when the services behind do not answer: the webserver's own problems, soon, and nothing of the inside (§5.5).

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startBlackHole } from '../support/black-hole.ts'
import { type Etcd, isMissing, startEtcd } from '../support/programs.ts'
import { startBackendAiLab } from './backend-ai-lab.ts'
import { LabRefusal } from './lab-client.ts'
import { problem } from './post.ts'

// Waited for before the first test: what is declared after a wait may never run.
const found = await startEtcd()

const INACCESSIBLE = { status: 502, type: 'bad-gateway', title: 'The proxy target server is inaccessible.' }

const statusOfSocket = async (opening: Promise<unknown>): Promise<number> => {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof LabRefusal ? error.status : assert.fail(String(error))
}

for (const profile of ['26.2', '26.4'] as const) {
  test(`${profile}: services that are not there are a 502, on every way to them`, async () => {
    await using lab = await startBackendAiLab({ profile, hasRouter: true, hasPipeline: true })
    const ada = await lab.logIn()
    await Promise.all([lab.manager.close(), lab.router.close(), lab.pipeline.close()])
    const began = performance.now()
    for (const [method, path] of [
      ['GET', '/func/folders'],
      ['GET', '/func/'],
      ['GET', '/func/cloud/x'],
      ['POST', '/func/admin/gql'],
      ['GET', '/pipeline/x'],
      ['POST', '/pipeline/login/'],
    ] as const) {
      const answer = await ada.ask(path, { method, ...(method === 'POST' && { body: '{}' }) })
      assert.deepEqual(problem(answer), INACCESSIBLE, path)
      assert.doesNotMatch(answer.bytes.toString(), new RegExp(`127\\.0\\.0\\.1|:${lab.manager.port}|ECONN`), path)
      assert.match(String(answer.json().error_id), /^[0-9a-f-]{36}$/)
    }
    assert.equal(await statusOfSocket(ada.open('/func/stream/x')), 502)
    assert.equal(await statusOfSocket(ada.open('/pipeline/stream/x')), 502)
    assert.equal((await ada.ask('/func/ping')).status, 200)
    assert.ok(performance.now() - began < 11_000)
  })
}

test('a Manager that takes no connection is a 502 as well, and one that does not begin to answer a 504', async () => {
  await using hole = await startBlackHole()
  const timeouts = { connect: '200ms', firstByte: '300ms' }
  await using away = await startBackendAiLab({ backendAi: { manager: { to: hole.url, timeouts } } })
  assert.deepEqual(problem(await away.stranger().ask('/func/')), INACCESSIBLE)

  await using lab = await startBackendAiLab({ backendAi: { manager: { timeouts } } })
  const end = Promise.withResolvers<void>()
  lab.manager.disturb({ kind: 'hold', until: end.promise })
  assert.equal(problem(await lab.stranger().ask('/func/')).status, 504)
  end.resolve()
})

for (const [name, misbehaviour] of Object.entries({
  'hangs up': { kind: 'hang up' },
  'speaks something else': { kind: 'say', bytes: 'SSH-2.0-OpenSSH_9.2\r\n' },
} as const)) {
  test(`a Manager that ${name} is a 502`, async () => {
    await using lab = await startBackendAiLab()
    const ada = await lab.logIn()
    lab.manager.disturb(misbehaviour)
    assert.deepEqual(problem(await ada.ask('/func/folders', { method: 'POST', body: '{}' })), INACCESSIBLE)
  })
}

test('an answer that breaks off breaks off here too', async () => {
  await using lab = await startBackendAiLab()
  const ada = await lab.logIn()
  lab.manager.disturb({ kind: 'cut off', afterBytes: 100_000 })
  await assert.rejects(ada.ask('/func/folders'))
})

describe('where no endpoint is known', { skip: isMissing(found) && found.missing }, () => {
  const etcd = found as Etcd
  after(() => etcd.stop())
  const UNAVAILABLE = {
    status: 503,
    type: 'webserver/manager-connection-unavailable',
    title: 'No healthy Manager endpoint is available.',
  }
  for (const [profile, expected] of [
    ['26.2', INACCESSIBLE],
    ['26.4', UNAVAILABLE],
  ] as const) {
    test(`${profile} says ${expected.status}`, async () => {
      const discover = { type: 'etcd', prefix: `/pipelines-${profile}/` }
      await using lab = await startBackendAiLab({
        profile,
        config: { etcd: { endpoints: etcd.urls } },
        backendAi: { pipeline: { discover } },
      })
      const answer = await lab.stranger().ask('/pipeline/x')
      assert.deepEqual(problem(answer), expected)
      if (expected.status === 503) assert.equal(answer.json().error_code, 'api_request_unavailable')
    })
  }
})
