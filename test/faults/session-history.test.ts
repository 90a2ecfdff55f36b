// Sessions under faults, as a history (security.md 7.2, last line): 20 clients log in, read, log out and end each other's
// sessions at two processes, while Redis is stopped, killed, slowed and cut off, and a process is killed. Whatever
// happened, the history keeps the rules of `history.ts`. A seed decides who does what, and which faults come when.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret } from '#kernel'
import { type GatewayProcess, startGatewayProcess } from '../gateway/gateway-process.ts'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { createClient, type TestClient } from '../support/http-client.ts'
import { createProviderVisitor } from '../support/oidc-provider.ts'
import { findFreePort, isMissing, type OwnRedis, startOwnRedis } from '../support/programs.ts'
import { startTamperingProvider, type TamperingProvider } from '../support/tampering-provider.ts'
import { openTestStores, withOwnRedis } from '../support/test-stores.ts'
import { type FaultWindow, findViolations, type Operation } from './history.ts'
import { isSoak } from './soak.ts'

const seeds = Array.from({ length: isSoak ? 20 : 3 }, (_, index) => index + 1)
const runMs = isSoak ? 60_000 : 6_000
const CLIENTS = 20
/** Old enough to be renewed after half of it: then every session renews again and again. */
const TOKEN_SECONDS = 4
/** What a fault leaves behind, until everybody has come back from it. */
const AFTERMATH_MS = 3_000
/** What was under way when it came: a refresh is answered some time before its result is stored. */
const UNDER_WAY_MS = 1_500

const redis = await startOwnRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
const skip = isMissing(redis) && redis.missing

let site: Site

before(async () => {
  if (!isMissing(redis)) site = await startSite(redis)
})
after(async () => {
  if (isMissing(redis)) return
  await site[Symbol.asyncDispose]()
  await redis.stop()
})

for (const seed of seeds) {
  test(`20 clients at two nodes under faults, seed ${seed}`, { skip, timeout: runMs + 120_000 }, async (t) => {
    assert.ok(!isMissing(redis))
    const random = createRandom(seed)
    const operations: Operation[] = []
    const faults: FaultWindow[] = []
    const earlier = site.provider.refreshes.length
    const people = Array.from({ length: CLIENTS }, (_, index) => createPerson(site, `person${index}`, random))
    await Promise.all(people.map((person) => person.arrive(operations)))
    const untilMs = performance.now() + runMs
    const count = (kind: string, outcome: string): number =>
      operations.filter((each) => each.kind === kind && each.outcome === outcome).length
    // On a busy machine the faults may leave little time for anything to succeed: then it goes on without them.
    const isEnough = (): boolean =>
      performance.now() >= untilMs && count('end', 'ok') > 5 && count('read', 'refused') > 5
    const acting = people.map((person) => person.act(operations, isEnough))
    await injectFaults(site, redis, { random, faults, untilMs })
    await Promise.all(acting)

    const presented = site.provider.refreshes.slice(earlier)
    t.diagnostic(
      `seed ${seed}: ${count('login', 'ok')} logins, ${count('read', 'ok')} reads, ${count('read', 'refused')} refused, ` +
        `${count('end', 'ok')} ends, ${operations.filter(({ outcome }) => outcome === 'unclear').length} unclear, ` +
        `${presented.filter(({ isTaken }) => isTaken).length} refreshes, ${faults.length} faults`,
    )
    const violations = findViolations({ operations, presented, faults }, { visibleWithinMs: 1_000 })
    assert.deepEqual(violations, [])
    for (const kind of ['login', 'read', 'end']) assert.ok(count(kind, 'ok') > 0, `no ${kind} succeeded`)
  })
}

interface Site extends AsyncDisposable {
  readonly provider: TamperingProvider
  /** As the gateway is called by everybody. */
  readonly url: string
  /** Where each node listens. */
  readonly urls: readonly string[]
  /** In front of Redis, one for each node. */
  readonly ways: readonly FaultProxy[]
  /** Ends the second node as a power cut would, and starts it again. */
  killNode(): Promise<void>
}

async function startSite(store: OwnRedis): Promise<Site> {
  await using started = new AsyncDisposableStack()
  const ports = [await findFreePort(), await findFreePort()]
  const urls = ports.map((port) => `http://127.0.0.1:${port}`)
  const [url = assert.fail()] = urls
  const provider = started.adopt(
    await startTamperingProvider({
      accessTokenSeconds: TOKEN_SECONDS,
      accounts: Array.from({ length: CLIENTS }, (_, index) => account(`person${index}`)),
      clients: [{ clientId: 'gatehouse', redirectUris: [`${url}/auth/callback/sso`] }],
    }),
    (each) => each.close(),
  )
  const upstream = started.use(await startEchoUpstream())
  const stores = started.use(await openTestStores())
  const ways = [
    started.use(await startFaultProxy({ port: store.port })),
    started.use(await startFaultProxy({ port: store.port })),
  ]
  const prefix = `history-${ports.join('-')}:`
  const startNode = (index: number): Promise<GatewayProcess> =>
    startGatewayProcess({
      stores: withOwnRedis(stores, { url: `redis://127.0.0.1:${ways[index]?.port}`, prefix }),
      config: {
        server: { url, listen: `127.0.0.1:${ports[index]}`, shutdown: { drain: '1s' } },
        identity: [
          {
            id: 'sso',
            type: 'oidc',
            issuer: provider.issuer,
            clientId: 'gatehouse',
            scopes: ['openid', 'profile', 'email', 'groups'],
          },
        ],
        upstreams: [
          { path: '/api/', to: upstream.url, allow: ['authenticated'], sign: { type: 'bearer', credential: 'sso' } },
        ],
      },
    })
  const nodes = [await startNode(0), await startNode(1)]
  started.defer(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]()
  })
  const running = started.move()
  return {
    provider,
    url,
    urls,
    ways,
    async killNode() {
      await nodes[1]?.[Symbol.asyncDispose]()
      nodes[1] = await startNode(1)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const account = (username: string) => ({
  username,
  displayName: username,
  email: `${username}@example.org`,
  groups: ['lab'],
  password: new Secret(`CANARY-password-${username}`),
})

interface Held {
  readonly id: number
  readonly client: TestClient
  readonly cookie: string
  readonly ref: string | undefined
}

let sessionsSoFar = 0

/** Somebody who does one thing after the other: with sessions that they have, and with some that they had. */
function createPerson(site: Site, owner: string, random: () => number) {
  const host = new URL(site.url).host
  const live: Held[] = []
  const dead: Held[] = []
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)]

  const logIn = async (node: number): Promise<Omit<Operation, 'invokedAtMs' | 'completedAtMs'>> => {
    sessionsSoFar += 1
    const id = sessionsSoFar
    const client = createClient(site.urls[node] ?? '')
    const begun = await client.post('/auth/login/sso', {}, { host, origin: site.url })
    const fixed = { kind: 'login', session: id, owner, node } as const
    if (begun.status !== 303) return { ...fixed, outcome: 'unclear' }
    const back = await createProviderVisitor(site.provider.issuer).login(String(begun.headers.location), account(owner))
    const { status } = await client.get(`${back.pathname}${back.search}`, { host })
    const cookie = [...client.cookies].find(([name]) => name === '__Host-gatehouse')?.join('=')
    if (cookie === undefined) return { ...fixed, outcome: status === 401 ? 'refused' : 'unclear' }
    const current = await client.get('/api/v1/sessions/current', { host })
    const ref = current.status === 200 ? (current.json() as { session: { ref: string } }).session.ref : undefined
    live.push({ id, client, cookie, ref })
    return { ...fixed, outcome: 'ok' }
  }

  const read = async (node: number, { id, cookie }: Held) => {
    const fixed = { kind: 'read', session: id, owner, node } as const
    const ask = createClient(site.urls[node] ?? '')
    // What is signed for has to be renewed; who it is for is told by the other.
    const path = random() < 0.5 ? '/api/v1/me' : `/api/${owner}/${id}`
    const answer = await ask.get(path, { host, cookie })
    if (answer.status === 401) return { ...fixed, outcome: 'refused' } as const
    if (answer.status !== 200) return { ...fixed, outcome: 'unclear' } as const
    const body = answer.json() as { subject?: string; target?: string }
    const who = body.subject ?? (body.target === `/${owner}/${id}` ? owner : String(body.target))
    return { ...fixed, outcome: 'ok', who } as const
  }

  const end = async (node: number, held: Held) => {
    live.splice(live.indexOf(held), 1)
    dead.push(held)
    const fixed = { kind: 'end', session: held.id, owner, node } as const
    const ask = createClient(site.urls[node] ?? '')
    const by = pick(live)
    const headers = { host, origin: site.url }
    const { status } =
      by === undefined || held.ref === undefined || random() < 0.5
        ? await ask.post('/auth/logout', {}, { ...headers, cookie: held.cookie })
        : await ask.send(`/api/v1/sessions/${held.ref}`, {
            method: 'DELETE',
            headers: { ...headers, cookie: by.cookie },
          })
    return { ...fixed, outcome: status === 303 || status === 204 ? 'ok' : 'unclear' } as const
  }

  const choose = (node: number): Promise<Omit<Operation, 'invokedAtMs' | 'completedAtMs'>> => {
    const chance = random()
    const held = pick(live)
    if (held === undefined || (live.length < 3 && chance < 0.1)) return logIn(node)
    if (chance < 0.25) return end(node, held)
    return read(node, (chance < 0.5 ? pick(dead) : undefined) ?? held)
  }

  /** A connection that failed tells nothing; whatever the session was, its later answers do. */
  const note = async (operations: Operation[], work: () => ReturnType<typeof choose>): Promise<void> => {
    const invokedAtMs = performance.now()
    const done = await work().catch(() => undefined)
    if (done !== undefined) operations.push({ ...done, invokedAtMs, completedAtMs: performance.now() })
    else await pause(20)
  }

  return {
    /** Logs in, before anything is done to anybody. */
    arrive: (operations: Operation[]): Promise<void> => note(operations, () => logIn(random() < 0.5 ? 0 : 1)),
    async act(operations: Operation[], isEnough: () => boolean): Promise<void> {
      while (!isEnough()) await note(operations, () => choose(random() < 0.5 ? 0 : 1))
    },
  }
}

interface FaultPlan {
  readonly random: () => number
  readonly faults: FaultWindow[]
  readonly untilMs: number
}

async function injectFaults(site: Site, store: OwnRedis, { random, faults, untilMs }: FaultPlan): Promise<void> {
  const kinds: readonly (() => Promise<void>)[] = [
    async () => {
      store.signal('SIGSTOP')
      await pause(300 + random() * 900)
      store.signal('SIGCONT')
    },
    async () => {
      store.signal('SIGKILL')
      await pause(200 + random() * 500)
      await store.restart()
    },
    async () => {
      for (const way of site.ways) way.reset()
    },
    async () => {
      const way = site.ways[random() < 0.5 ? 0 : 1]
      way?.injectBothWays({ isSilent: true })
      await pause(300 + random() * 1_500)
      way?.injectBothWays({})
    },
    async () => {
      const way = site.ways[random() < 0.5 ? 0 : 1]
      way?.injectBothWays({ latencyMs: 50 + random() * 150 })
      await pause(1_000)
      way?.injectBothWays({})
    },
    async () => {
      const way = site.ways[random() < 0.5 ? 0 : 1]
      await way?.refuse()
      await pause(200 + random() * 800)
      await way?.accept()
    },
    () => site.killNode(),
  ]
  // Every run has its quiet second, for what is only seen without faults.
  await pause(1_000)
  while (performance.now() < untilMs - 1_500) {
    const fromMs = performance.now()
    await kinds[Math.floor(random() * kinds.length)]?.()
    faults.push({ fromMs: fromMs - UNDER_WAY_MS, toMs: performance.now() + AFTERMATH_MS })
    await pause(300 + random() * 1_200)
  }
}

/** The same numbers for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed * 0x9e3779b1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
