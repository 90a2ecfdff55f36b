// 200 people at two nodes of one installation, and a service behind them that knows whose token belongs to whose request.
// Nobody logs in: the sessions are begun as a login begins them, with tokens that name their person.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GatewayError, newId, Secret } from '#kernel'
import { createFakeContext } from '../support/fake-context.ts'
import { findFreePort } from '../support/programs.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import type { TestStores } from '../support/test-stores.ts'

export interface CrossingSite extends AsyncDisposable {
  /** Of the gateway, as people call it. */
  readonly host: string
  readonly nodes: readonly [TestGateway, TestGateway]
  readonly people: readonly Person[]
  readonly service: KnowingService
}

export interface Person {
  readonly name: string
  /** As a Cookie header. */
  readonly cookie: string
}

export interface KnowingService {
  readonly url: string
  /** In words, what came with the wrong token or with a cookie of the gateway's. */
  readonly crossed: readonly string[]
  served(): number
  close(): Promise<void>
}

/** @param stores of each of the two nodes: the same, or two ways to the same */
export async function startCrossingSite(
  stores: readonly [TestStores, TestStores],
  peopleCount: number,
): Promise<CrossingSite> {
  const service = await startService()
  const port = await findFreePort()
  const host = `127.0.0.1:${port}`
  const start = (node: TestStores, listen: string): Promise<TestGateway> =>
    startGateway({
      stores: node,
      config: {
        server: { url: `http://${host}`, listen },
        identity: [{ id: 'sso', type: 'oidc', issuer: 'http://127.0.0.1:1', clientId: 'gatehouse' }],
        upstreams: [
          { path: '/api/', to: service.url, allow: ['authenticated'], sign: { type: 'bearer', credential: 'sso' } },
        ],
      },
    })
  const nodes = [await start(stores[0], host), await start(stores[1], '127.0.0.1:0')] as const
  // One after the other: a busy machine has no time for all of them at once.
  const people: Person[] = []
  while (people.length < peopleCount) {
    const node = nodes[people.length % 2] ?? nodes[0]
    const person = await createPerson(node, `person${people.length}`).catch(passOverUnavailable)
    if (person !== undefined) people.push(person)
  }
  return {
    host,
    nodes,
    people,
    service,
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.close()
      await service.close()
    },
  }
}

/** Whose store did not answer in time tries again. @throws anything else */
function passOverUnavailable(error: unknown): undefined {
  if (!(error instanceof GatewayError && error.status === 503)) throw error
}

async function createPerson({ apis: { access, sessions } }: TestGateway, name: string): Promise<Person> {
  const identity = { provider: 'sso', issuer: 'http://127.0.0.1:1', subject: name, username: name, displayName: name }
  const { id: userId, groups } = await access.users.admit({ ...identity, groups: [] })
  const ctx = createFakeContext({ id: newId() })
  const credentials = { sso: { kind: 'oauth', accessToken: new Secret(`token-of-${name}`) } } as const
  await sessions.begin(ctx, { ...identity, userId, groups, credentials })
  const { name: cookie, value } = ctx.responseCookies[0] ?? assert.fail('a session sets its cookie')
  return { name, cookie: `${cookie}=${value}` }
}

/** Answers `/WHO/NUMBER` with both, and remembers whose token came for whom. */
async function startService(): Promise<KnowingService> {
  const crossed: string[] = []
  let served = 0
  const server = createServer((request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    const [, who = '', number = ''] = (request.url ?? '').split('/')
    served += 1
    if (request.headers.authorization !== `Bearer token-of-${who}`) {
      crossed.push(`a request of ${who} came with "${request.headers.authorization}"`)
    }
    if (request.headers.cookie !== undefined) crossed.push(`a request of ${who} came with a cookie of the gateway's`)
    void answer(request, response, { who, number }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    crossed,
    served: () => served,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Small and whole, in pieces, or large: chosen by the request's number. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { who, number }: { readonly who: string; readonly number: string },
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const sent = hash('sha256', Buffer.concat(chunks))
  const size = [10, 10, 2_000, 200_000][Number(number) % 4] ?? 10
  const body = JSON.stringify({ who, number, sent, filling: who.repeat(size / 10) })
  response.setHeader('set-cookie', `app=${who}`)
  response.setHeader('content-type', 'application/json')
  if (Number(number) % 3 === 0) {
    response.write(body.slice(0, 5))
    await new Promise(setImmediate)
    response.end(body.slice(5))
  } else response.end(body)
}
