// 200 people at once over two nodes, on connections that they share as behind a front proxy, with requests that are broken
// off at random (security.md S7): never does a request reach the service with another person's credential, nor does a
// person get another's answer, cookie or session.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { newId, Secret } from '#kernel'
import { createFakeContext } from '../support/fake-context.ts'
import { findFreePort } from '../support/programs.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { askBreakably, type Reply } from './breakable-request.ts'
import { isSoak } from './soak.ts'

const REQUESTS = isSoak ? 100_000 : 5_000
const PEOPLE = 200
const AT_ONCE = 64
const COOKIE = '__Host-gatehouse'

let stores: TestStores
let service: Awaited<ReturnType<typeof startService>>
let nodes: readonly TestGateway[]
let host: string
let people: readonly Person[]

before(async () => {
  stores = await openTestStores()
  service = await startService()
  const port = await findFreePort()
  host = `127.0.0.1:${port}`
  const start = (listen: string): Promise<TestGateway> =>
    startGateway({
      stores,
      config: {
        server: { url: `http://${host}`, listen },
        // Nobody logs in there: the sessions are begun as a login begins them, with tokens that name their person.
        identity: [{ id: 'sso', type: 'oidc', issuer: 'http://127.0.0.1:1', clientId: 'gatehouse' }],
        upstreams: [
          { path: '/api/', to: service.url, allow: ['authenticated'], sign: { type: 'bearer', credential: 'sso' } },
        ],
      },
    })
  nodes = [await start(host), await start('127.0.0.1:0')]
  people = await Promise.all(Array.from({ length: PEOPLE }, (_, index) => createPerson(index)))
})
after(async () => {
  for (const node of nodes) await node.close()
  await service.close()
  await stores[Symbol.asyncDispose]()
})

interface Person {
  readonly name: string
  /** As a Cookie header. */
  readonly cookie: string
}

async function createPerson(index: number): Promise<Person> {
  const name = `person${index}`
  const { access, sessions } = nodes[index % 2]?.apis ?? assert.fail('there are two nodes')
  const identity = { provider: 'sso', issuer: 'http://127.0.0.1:1', subject: name, username: name, displayName: name }
  const { id: userId, groups } = await access.users.admit({ ...identity, groups: [] })
  const ctx = createFakeContext({ id: newId() })
  const credentials = { sso: { kind: 'oauth', accessToken: new Secret(`token-of-${name}`) } } as const
  await sessions.begin(ctx, { ...identity, userId, groups, credentials })
  const { name: cookie, value } = ctx.responseCookies[0] ?? assert.fail('a session sets its cookie')
  return { name, cookie: `${cookie}=${value}` }
}

/** Answers `/WHO/NUMBER` with both, and remembers whose token came for whom. */
async function startService() {
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

interface Outcome {
  readonly kind: 'answered' | 'broken off'
  readonly crossed?: string
}

/** One request of somebody, to the end or broken off somewhere on the way. */
async function ask(person: Person, number: number, agents: readonly Agent[]): Promise<Outcome> {
  const at = number % 2
  const listening = new URL(nodes[at]?.listening[0] ?? '')
  const chance = Math.random()
  const isOwn = chance < 0.1
  const body = chance > 0.7 ? Buffer.alloc(1 + Math.floor(Math.random() * 50_000), person.name) : undefined
  const ending = await askBreakably({
    agent: agents[at],
    host: listening.hostname,
    port: listening.port,
    path: isOwn ? '/api/v1/me' : `/api/${person.name}/${number}`,
    method: body === undefined || isOwn ? 'GET' : 'POST',
    headers: { host, cookie: person.cookie, origin: `http://${host}` },
    body: isOwn ? undefined : body,
    breaksOff: Math.random() < 0.2,
  })
  if (ending.kind === 'cut') throw ending.error
  if (ending.kind === 'broken off') return { kind: 'broken off' }
  const crossed = isOwn ? checkOwn(person, ending.reply) : check(person, number, ending.reply, body)
  return { kind: 'answered', ...(crossed !== undefined && { crossed }) }
}

/** @returns what is not theirs. */
function check(
  { name }: Person,
  number: number,
  { status, headers, text }: Reply,
  body: Buffer | undefined,
): string | undefined {
  if (status !== 200) return `${name} was answered ${status}: ${text.slice(0, 200)}`
  if (!text.endsWith('}')) return `${name} ${number} got a short answer that looks complete (${text.length})`
  const got = JSON.parse(text) as Readonly<Record<string, string>>
  if (got.who !== name || got.number !== String(number)) return `${name} ${number} got that of ${got.who} ${got.number}`
  if (got.sent !== hash('sha256', body ?? '')) return `what ${name} sent arrived as something else`
  const cookies = (headers['set-cookie'] ?? []).map((line) => line.split(';')[0])
  return cookies.join() === `app=${name}` ? undefined : `${name} got the cookies ${cookies.join()}`
}

function checkOwn({ name }: Person, { status, headers, text }: Reply): string | undefined {
  if (status !== 200) return `${name} was answered ${status}: ${text.slice(0, 200)}`
  const { subject } = JSON.parse(text) as { readonly subject: string }
  if (headers['set-cookie']?.some((line) => line.startsWith(COOKIE))) return `${name} got a session's cookie`
  return subject === name ? undefined : `${name} was taken for ${subject}`
}

test(`${REQUESTS} requests of ${PEOPLE} people: nothing crosses`, {
  timeout: isSoak ? 1_800_000 : 120_000,
}, async (t) => {
  const agents = [0, 1].map(() => new Agent({ keepAlive: true, maxSockets: AT_ONCE / 2 }))
  const tally = { answered: 0, 'broken off': 0 }
  const crossed: string[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < REQUESTS && crossed.length < 10) {
      const number = next
      next += 1
      const person = people[Math.floor(Math.random() * PEOPLE)] ?? assert.fail('there are people')
      const outcome = await ask(person, number, agents)
      tally[outcome.kind] += 1
      if (outcome.crossed !== undefined) crossed.push(outcome.crossed)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  for (const agent of agents) agent.destroy()
  t.diagnostic(
    `${tally.answered} answered, ${tally['broken off']} broken off, ${service.served()} at the service; ` +
      `${crossed.length + service.crossed.length} crossed`,
  )
  assert.deepEqual([...crossed, ...service.crossed], [])
  assert.ok(tally['broken off'] > REQUESTS / 20, 'hardly anything was broken off')
})
