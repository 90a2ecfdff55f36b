// Two nodes of one installation whose sessions are in a Redis that the test treats badly. Their database is one file, so
// that nothing but Redis can fail.

import { join } from 'node:path'
import { rotateKeyRing } from '#storage'
import { type Lab, startLab } from '../gateway/lab.ts'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { createClient, type TestClient } from '../support/http-client.ts'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import type { TestStores } from '../support/test-stores.ts'
import type { Question } from './pressure.ts'

export interface RedisNodes extends AsyncDisposable {
  readonly nodes: readonly [Lab, Lab]
  /** The first node; people are made and log in there. */
  readonly lab: Lab
  readonly upstream: EchoUpstream
  /** A stranger at the first node. */
  stranger(): TestClient
  /** What somebody who is logged in asks of both nodes, and has to be known for. */
  protectedQuestions(client: TestClient): readonly Question[]
  /** What needs no session, at both nodes. */
  readonly publicQuestions: readonly Question[]
}

/**
 * @param redis the settings of `storage.keyValue`, as an operator would write them
 * @param others those of the second node, where its way to the same Redis is another one
 */
export async function startRedisNodes(redis: object, others: object = redis): Promise<RedisNodes> {
  const upstream = await startEchoUpstream()
  const directory = makeDirectory('data')
  const keyRing = join(directory, 'keys')
  rotateKeyRing(keyRing, Date.now())
  const storesAt = (keyValue: object): TestStores => ({
    kind: 'redis-postgres',
    directory,
    config: { directory, keyRing, keyValue: { type: 'redis', ...keyValue } },
    [Symbol.asyncDispose]: async () => removeDirectory(directory),
  })
  const config = {
    upstreams: [
      { path: '/api/lab/', to: upstream.url, allow: ['group:lab'] },
      { path: '/api/public/', to: upstream.url, allow: ['public'] },
    ],
  }
  const nodes = [
    await startLab({ stores: storesAt(redis), config }),
    await startLab({ stores: storesAt(others), config }),
  ] as const
  const atEach = (ask: (url: string) => readonly Question[]): readonly Question[] =>
    nodes.flatMap(({ url }) => ask(url))

  return {
    nodes,
    lab: nodes[0],
    upstream,
    stranger: () => createClient(nodes[0].url),
    protectedQuestions: (client) => {
      const headers = { cookie: client.cookieHeader() }
      return atEach((url) => [
        { what: 'service', url: `${url}/api/lab/x`, headers },
        { what: 'api', url: `${url}/api/v1/me`, headers },
        { what: 'page', url: `${url}/`, headers: { ...headers, accept: 'text/html' } },
      ])
    },
    publicQuestions: atEach((url) => [
      { what: 'public', url: `${url}/api/public/x` },
      { what: 'live', url: `${url}/healthz` },
    ]),
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.gateway.close()
      await upstream.close()
      removeDirectory(directory)
    },
  }
}
