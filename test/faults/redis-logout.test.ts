// Somebody logs out while Redis cannot be reached. The person is told that it is over, and it is: on every node within a
// second, tunnels included, and for good when Redis is back with the session's value in it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { isMissing, type OwnRedis, startOwnRedis, waitUntil } from '../support/programs.ts'
import { type RedisNodes, startRedisNodes } from './redis-nodes.ts'

const redis = await startOwnRedis()
const skip = isMissing(redis) && redis.missing
if (!isMissing(redis)) after(redis.stop)

interface Case {
  readonly what: string
  readonly harm: (here: FaultProxy, there: FaultProxy) => unknown
  readonly heal: (here: FaultProxy, there: FaultProxy) => unknown
  /** Whether the other node still knows the session and serves it. */
  readonly isServedThere: boolean
}

const cases: readonly Case[] = [
  {
    what: 'is away',
    harm: (here, there) => Promise.all([here.refuse(), there.refuse()]),
    heal: (here, there) => Promise.all([here.accept(), there.accept()]),
    isServedThere: false,
  },
  {
    what: 'is frozen',
    harm: (here, there) => [here, there].map((proxy) => proxy.injectBothWays({ isSilent: true })),
    heal: (here, there) => [here, there].map((proxy) => proxy.injectBothWays({})),
    isServedThere: false,
  },
  {
    what: 'is away for this node only, and the other one goes on believing what it remembers',
    harm: (here) => here.refuse(),
    heal: (here) => here.accept(),
    isServedThere: true,
  },
]

for (const [number, { what, harm, heal, isServedThere }] of cases.entries()) {
  test(`Redis ${what}`, { skip }, async (t) => {
    const { port } = redis as OwnRedis
    await using here = await startFaultProxy({ port })
    await using there = await startFaultProxy({ port })
    const [first, second] = [here, there].map((proxy) => ({
      url: `redis://127.0.0.1:${proxy.port}`,
      prefix: `${number}:`,
    }))
    await using site = await startRedisNodes(first as object, second)
    const other = site.nodes[1].url
    const ada = await site.lab.logIn('ada')
    const cookie = ada.cookieHeader()
    assert.equal((await ada.get(`${other}/api/lab/x`)).status, 200)
    const socket = await openSocket(site, cookie)
    const closed = once(socket, 'close')

    await harm(here, there)
    await waitUntil(async () => (await ada.get('/api/lab/x')).status === 503)
    assert.equal((await ada.get('/', { accept: 'text/html' })).status, 503, 'a page is not the way to the login')
    assert.equal((await ada.get(`${other}/api/lab/x`)).status, isServedThere ? 200 : 503)

    const askedAtMs = performance.now()
    const answer = await ada.post('/auth/logout')
    const answeredMs = Math.round(performance.now() - askedAtMs)
    assert.equal(answer.status, 303)
    assert.ok(!ada.cookies.has('__Host-gatehouse'), 'the cookie is taken away')
    const page = await ada.follow(answer)
    assert.equal(page.status, 200)
    assert.match(page.text, /You are logged out[\s\S]*your login provider was not told/)
    assert.ok(answeredMs < 1_500)

    await waitUntil(async () => (await tryAt(site, other, cookie)) !== 200)
    const refusedMs = Math.round(performance.now() - askedAtMs) - answeredMs
    const [code] = (await closed) as [number]
    const closedMs = Math.round(performance.now() - askedAtMs) - answeredMs
    t.diagnostic(
      `answered in ${answeredMs} ms; then refused elsewhere after ${refusedMs} ms, tunnel closed after ${closedMs} ms`,
    )
    assert.ok(refusedMs < 1_000 && closedMs < 1_000)
    assert.equal(code, 4401)

    await heal(here, there)
    for (const { url } of site.nodes) {
      await waitUntil(async () => (await tryAt(site, url, cookie)) !== 503)
      assert.equal(await tryAt(site, url, cookie), 401, 'it does not come back')
    }
    assert.deepEqual(await (redis as OwnRedis).ask('KEYS', `${number}:websession:*`), [], 'its value is taken away')
    await site.lab.logIn('ada')
  })
}

const tryAt = async (site: RedisNodes, url: string, cookie: string): Promise<number> =>
  (await site.stranger().get(`${url}/api/lab/x`, { cookie })).status

/** At the other node. */
async function openSocket(site: RedisNodes, cookie: string): Promise<WebSocket> {
  const { url } = site.nodes[1]
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/lab/socket`, { headers: { cookie, origin: url } })
  await once(socket, 'open')
  return socket
}
