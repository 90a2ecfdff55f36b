// The files of this folder with a real Redis, a real etcd, a stand-in for the Manager and a page that calls as the Web UI
// does: log in, ask, log out; a second Manager that is announced; metrics, also at the main port where that is asked for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { createLabClient } from '../../test/backend-ai/lab-client.ts'
import { type Manager, startManager } from '../../test/support/backend-ai/index.ts'
import { webUiDirectory } from '../../test/support/backend-ai/web-ui/index.ts'
import { adapt } from '../../test/support/front-lab.ts'
import {
  findFreePort,
  isMissing,
  type Missing,
  startEtcd,
  startOwnRedis,
  waitUntil,
} from '../../test/support/programs.ts'
import { type ConfigLayer, startGateway } from '../../test/support/start-gateway.ts'
import { openTestStores, withOwnRedis } from '../../test/support/test-stores.ts'

const folder = new URL('.', import.meta.url)

async function startExample({ hasPublicMetrics = false } = {}) {
  await using started = new AsyncDisposableStack()
  const redis = await startOwnRedis()
  if (isMissing(redis)) return redis
  started.defer(redis.stop)
  const etcd = await startEtcd()
  if (isMissing(etcd)) return etcd
  started.defer(etcd.stop)
  const manager = started.use(await startManager())
  const stores = started.use(withOwnRedis(await openTestStores('embedded'), { url: redis.url }))
  const [web, metrics] = [await findFreePort(), await findFreePort()]
  const { storage, ...layer } = read('gatehouse.yaml', {
    '127.0.0.1:8090': `127.0.0.1:${web}`,
    'http://127.0.0.1:8091': manager.url,
    'redis://127.0.0.1:8111': redis.url,
    'http://127.0.0.1:8121"': `${etcd.urls[0]}"`,
    '127.0.0.1:9090': `127.0.0.1:${metrics}`,
    'directory: webui': `directory: ${webUiDirectory}`,
  })
  const { keyValue } = storage as { readonly keyValue: ConfigLayer }
  const onMainPort = read('public-metrics.yaml', { 'http://127.0.0.1:9090': `http://127.0.0.1:${metrics}` })
  const gateway = started.use(
    await startGateway({
      stores,
      config: [{ ...layer, storage: { keyValue } }, ...(hasPublicMetrics ? [onMainPort] : [])],
    }),
  )
  const parts = started.move()
  return {
    manager,
    etcd,
    redis,
    gateway,
    client: createLabClient(gateway.url),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

const read = (file: string, places: Readonly<Record<string, string>>): ConfigLayer =>
  parse(adapt(new URL(file, folder), places))

type Example = Exclude<Awaited<ReturnType<typeof startExample>>, Missing>

const logIn = ({ client, manager }: Example) => {
  const { username, password } = manager.accounts.get('ada@example.org')
  return client.ask('/server/login', { method: 'POST', body: JSON.stringify({ username, password }) })
}

const verifiedAt = ({ requests }: Manager, target: string) => requests.filter((request) => request.target === target)

test('people log in, work, and log out; the Manager finds every request signed', async (t) => {
  const example = await startExample()
  if (isMissing(example)) return t.skip(example.missing)
  await using running = example
  const { client, manager, redis } = running
  const page = await client.ask('/some/page')
  assert.equal(page.status, 200)
  assert.match(page.bytes.toString(), /<html/)
  const told = await client.ask('/config.toml')
  assert.match(told.bytes.toString(), /^apiEndpointText = "Development"$/m)
  assert.equal((await client.ask('/func/folders')).status, 401)
  const login = await logIn(running)
  assert.equal(login.status, 200)
  assert.equal(login.json().authenticated, true)
  assert.equal((await client.ask('/func/folders?limit=10')).status, 200)
  const [signed] = verifiedAt(manager, '/folders?limit=10')
  assert.equal(signed?.verified, true)
  const names = (await redis.ask('KEYS', '*')) as readonly string[]
  assert.ok(names.length > 0 && names.every((name) => name.startsWith('gatehouse:')), names.join(', '))
  assert.equal((await client.ask('/server/logout', { method: 'POST', body: '{}' })).status, 200)
  assert.equal((await client.ask('/func/folders')).status, 401)
})

test('a Manager that is announced in etcd gets its share', async (t) => {
  const example = await startExample()
  if (isMissing(example)) return t.skip(example.missing)
  await using running = example
  await using second = await startManager()
  await running.etcd.put('/gatehouse/manager/second', second.url)
  await waitUntil(async () => {
    await running.client.ask('/func/')
    return second.requests.length > 0
  })
})

test('metrics have a port of their own, and are at the main one only where that is asked for', async (t) => {
  for (const hasPublicMetrics of [false, true]) {
    const example = await startExample({ hasPublicMetrics })
    if (isMissing(example)) return t.skip(example.missing)
    await using running = example
    const { gateway } = running
    assert.match(await (await fetch(gateway.metricsUrl)).text(), /^# TYPE backendai_/m)
    // As Prometheus does, which follows redirects.
    const answer = await (await fetch(`${gateway.url}/metrics`)).text()
    assert.match(answer, hasPublicMetrics ? /^# TYPE backendai_/m : /<html/)
  }
})
