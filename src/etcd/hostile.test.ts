// The client against one that only claims to be etcd, or has gone mad: it is left in bounded time and with bounded work.

import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { loadConfig } from '#config'
import { systemClock } from '#kernel'
import { createEtcdClient, type EtcdClient } from './client.ts'
import { etcdConfig } from './config.ts'
import { watchPrefix } from './prefix-watch.ts'

async function against<T>(answer: RequestListener, use: (client: EtcdClient, url: string) => Promise<T>) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const loaded = loadConfig({
    files: [{ name: 't', text: JSON.stringify({ endpoints: [url], timeout: '500ms' }) }],
    env: {},
    schema: etcdConfig,
    cwd: '/',
  })
  assert.ok(loaded.ok)
  const client = createEtcdClient(loaded.config, systemClock)
  try {
    return await use(client, url)
  } finally {
    client.close()
    server.closeAllConnections()
    server.close()
  }
}
const endless =
  (text: string): RequestListener =>
  (_request, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(text)) {
        // As fast as it is taken.
      }
      response.once('drain', write)
    }
    write()
  }

for (const [name, answer, why] of [
  ['no number for a revision', '{"header":{"revision":"abc"}}', /its answer is not that of etcd 3/],
  [
    'a revision without an end',
    `{"header":{"revision":"${'9'.repeat(1_000_000)}"}}`,
    /its answer is not that of etcd 3/,
  ],
  ['text that is not JSON', '<html>', /is not JSON/],
  ['nothing', '', /is not JSON/],
  ['keys that are no base64', '{"header":{"revision":"1"},"kvs":[{"key":"%%"}]}', /its answer is not that of etcd 3/],
] as const)
  test(`${name} is refused, in words`, () =>
    against(
      (_request, response) => response.end(answer),
      (client) => assert.rejects(client.read('/a/'), why),
    ))

test('a redirect is not followed', async () => {
  let asked = 0
  await against(
    (_request, response) => {
      asked++
      response.writeHead(307, { location: '/v3/elsewhere' }).end()
    },
    (client) => assert.rejects(client.read('/a/'), /it answers 307/),
  )
  assert.equal(asked, 1)
})

test('an answer without an end is left, read or followed', async () => {
  const answer = endless('x'.repeat(65_536))
  await against(answer, (client) => assert.rejects(client.read('/a/'), /longer than/))
  await against(answer, (client, endpoint) => {
    const reading = { prefix: '/a/', entries: new Map(), revision: 1n, endpoint }
    return assert.rejects(client.whenChanged(reading, new AbortController().signal), /longer than/)
  })
})

test('a member that always says that something has changed is not asked without a pause', async () => {
  let reads = 0
  const client = {
    async read(prefix: string) {
      reads++
      return { prefix, entries: new Map([['/a/x', String(reads)]]), revision: BigInt(reads), endpoint: '' }
    },
    whenChanged: () => new Promise<void>((resolve) => setImmediate(resolve)),
  }
  const watch = watchPrefix({ prefix: '/a/', client, clock: systemClock, onLink: () => {} })
  const over = Promise.withResolvers<void>()
  systemClock.after(1000, over.resolve)
  await over.promise
  watch.stop()
  assert.ok(reads > 1 && reads <= 11, String(reads))
})
