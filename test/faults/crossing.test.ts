// 200 people at once over two nodes, on connections that they share as behind a front proxy, with requests that are broken
// off at random, once with stores that are well and once while both nodes lose Redis again and again (security.md S7):
// never does a request reach the service with another person's credential, nor does a person get another's answer, cookie
// or session.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { Agent } from 'node:http'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { isMissing, startOwnRedis } from '../support/programs.ts'
import { openTestStores, withOwnRedis } from '../support/test-stores.ts'
import { askBreakably, type Reply } from './breakable-request.ts'
import { type CrossingSite, type Person, startCrossingSite } from './crossing-site.ts'
import { isSoak } from './soak.ts'

const REQUESTS = isSoak ? 100_000 : 5_000
const DISTURBED = isSoak ? 100_000 : 1_000
const LOSS_EVERY = 100
const SILENT_MS = 700
const PEOPLE = 200
const AT_ONCE = 64
const COOKIE = '__Host-gatehouse'
const timeout = isSoak ? 1_800_000 : 240_000

const redis = await startOwnRedis()
const skip = isMissing(redis) && redis.missing
if (!isMissing(redis)) after(redis.stop)

interface Outcome {
  readonly kind: 'answered' | 'refused' | 'broken off'
  readonly crossed?: string | undefined
}

interface Load {
  readonly site: CrossingSite
  readonly requests: number
  /** Told how many have been answered or broken off. */
  readonly onDone?: (count: number) => void
  readonly agents: readonly Agent[]
  /** Whether 503 is an answer too, and 408, where this process, which is everybody, was late by more than the head may take. */
  readonly mayBeRefused: boolean
}

/** One request of somebody, to the end or broken off somewhere on the way. */
async function ask(
  person: Person,
  number: number,
  { site, agents, mayBeRefused }: Omit<Load, 'requests'>,
): Promise<Outcome> {
  const at = number % 2
  const listening = new URL(site.nodes[at]?.listening[0] ?? '')
  const chance = Math.random()
  const isOwn = chance < 0.1
  const body = chance > 0.7 ? Buffer.alloc(1 + Math.floor(Math.random() * 50_000), person.name) : undefined
  const ending = await askBreakably({
    agent: agents[at],
    host: listening.hostname,
    port: listening.port,
    path: isOwn ? '/api/v1/me' : `/api/${person.name}/${number}`,
    method: body === undefined || isOwn ? 'GET' : 'POST',
    headers: { host: site.host, cookie: person.cookie, origin: `http://${site.host}` },
    body: isOwn ? undefined : body,
    breaksOff: Math.random() < 0.2,
  })
  if (ending.kind === 'cut') throw ending.error
  if (ending.kind === 'broken off') return { kind: 'broken off' }
  const { reply } = ending
  if (mayBeRefused && [408, 503].includes(reply.status))
    return { kind: 'refused', crossed: checkRefused(person, reply) }
  return { kind: 'answered', crossed: isOwn ? checkOwn(person, reply) : check(person, number, reply, body) }
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

/** Whoever cannot be known just now is neither let in nor taken for a stranger. */
function checkRefused({ name }: Person, { headers }: Reply): string | undefined {
  const cookies = headers['set-cookie'] ?? []
  return cookies.length === 0 ? undefined : `${name} was refused and got the cookies ${cookies.join()}`
}

/** Asks so often, many at once, until something crosses. Who is refused asks for somebody else, and is not counted. */
async function askAll(t: TestContext, { requests, onDone, ...load }: Load): Promise<void> {
  const { people, service } = load.site
  const tally = { answered: 0, refused: 0, 'broken off': 0 }
  const crossed: string[] = []
  let numbers = 0
  const done = (): number => tally.answered + tally['broken off']
  const work = async (): Promise<void> => {
    while (done() < requests && crossed.length < 10) {
      const person = people[Math.floor(Math.random() * PEOPLE)] ?? assert.fail('there are people')
      const outcome = await ask(person, numbers++, load)
      tally[outcome.kind] += 1
      if (outcome.crossed !== undefined) crossed.push(outcome.crossed)
      if (outcome.kind === 'refused') await pause(50)
      else onDone?.(done())
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  for (const agent of load.agents) agent.destroy()
  t.diagnostic(
    `${tally.answered} answered, ${tally.refused} refused, ${tally['broken off']} broken off, ` +
      `${service.served()} at the service; ${crossed.length + service.crossed.length} crossed`,
  )
  assert.deepEqual([...crossed, ...service.crossed], [])
  assert.ok(tally['broken off'] > requests / 20, 'hardly anything was broken off')
  assert.equal(tally.refused > 0, load.mayBeRefused, `${tally.refused} were refused`)
}

const createAgents = (): readonly Agent[] => [0, 1].map(() => new Agent({ keepAlive: true, maxSockets: AT_ONCE / 2 }))

test(`${REQUESTS} requests of ${PEOPLE} people: nothing crosses`, { timeout }, async (t) => {
  await using stores = await openTestStores()
  await using site = await startCrossingSite([stores, stores], PEOPLE)
  await askAll(t, { site, requests: REQUESTS, agents: createAgents(), mayBeRefused: false })
})

test(`${DISTURBED} requests while both nodes lose Redis again and again: nothing crosses either`, {
  skip,
  timeout,
}, async (t) => {
  assert.ok(!isMissing(redis))
  await using stores = await openTestStores()
  await using here = await startFaultProxy({ port: redis.port })
  await using there = await startFaultProxy({ port: redis.port })
  const behind = ({ port }: FaultProxy) => withOwnRedis(stores, { url: `redis://127.0.0.1:${port}` })
  await using site = await startCrossingSite([behind(here), behind(there)], PEOPLE)
  let losses = 0
  const onDone = (count: number): void => {
    if (count % LOSS_EVERY === 0) lose(losses++, [here, there])
  }
  await askAll(t, { site, requests: DISTURBED, onDone, agents: createAgents(), mayBeRefused: true })
  t.diagnostic(`Redis was lost ${losses} times`)
})

/** Both ways to it are cut, or one, or one is silent for longer than anybody waits. */
function lose(turn: number, ways: readonly [FaultProxy, FaultProxy]): void {
  const way = ways[turn % 2] ?? ways[0]
  if (turn % 3 === 0) for (const each of ways) each.reset()
  else if (turn % 3 === 1) way.reset()
  else {
    way.injectBothWays({ isSilent: true })
    setTimeout(() => way.injectBothWays({}), SILENT_MS)
  }
}
