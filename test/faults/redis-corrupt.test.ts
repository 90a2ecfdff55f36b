// Somebody writes into Redis, or Redis itself loses or refuses things (security.md 7.2, "corrupt, swapped, evicted,
// flushed, OOM"): whoever asks is who they are, or nobody, or told to come back; never somebody else, never a 500.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { TestClient } from '../support/http-client.ts'
import { isMissing, type OwnRedis, startOwnRedis, waitUntil } from '../support/programs.ts'
import { type RedisNodes, startRedisNodes } from './redis-nodes.ts'

const started = await startOwnRedis()
const skip = isMissing(started) && started.missing

interface Case {
  readonly what: string
  /** What is done to the values of ada's and grace's sessions, `websession:…`. */
  readonly harm: (redis: OwnRedis, keys: readonly [ada: string, grace: string]) => Promise<unknown>
  /** What a request may be answered with. */
  readonly allowed: readonly number[]
}

const values = async (redis: OwnRedis, keys: readonly string[]): Promise<readonly string[]> =>
  Promise.all(keys.map(async (key) => String(await redis.ask('GET', key))))

const put = (redis: OwnRedis, key: string, value: string) => redis.ask('SET', key, value, 'PX', '600000')

const cases: readonly Case[] = [
  {
    what: 'two people’s values are swapped',
    harm: async (redis, [ada, grace]) => {
      const [ofAda = '', ofGrace = ''] = await values(redis, [ada, grace])
      await put(redis, ada, ofGrace)
      await put(redis, grace, ofAda)
    },
    allowed: [401],
  },
  {
    what: 'the row says another name',
    harm: async (redis, [ada]) => {
      const [ofAda = ''] = await values(redis, [ada])
      await put(redis, ada, ofAda.replaceAll('ada', 'eve'))
    },
    allowed: [200, 401],
  },
  {
    what: 'a byte is flipped, here and there',
    harm: async (redis, [ada, grace]) => {
      const [ofAda = '', ofGrace = ''] = await values(redis, [ada, grace])
      await put(redis, ada, `${ofAda.slice(0, -9)}A${ofAda.slice(-8)}`)
      await put(redis, grace, `${ofGrace.slice(0, 20)}~${ofGrace.slice(21)}`)
    },
    allowed: [200, 401],
  },
  {
    what: 'values are cut short, empty or no text',
    harm: async (redis, [ada, grace]) => {
      const [ofAda = ''] = await values(redis, [ada])
      await put(redis, ada, ofAda.slice(0, ofAda.length / 2))
      await put(redis, grace, '\u0000\uffff')
    },
    allowed: [401],
  },
  {
    what: 'values are of another kind',
    harm: async (redis, keys) => {
      for (const key of keys) {
        await redis.ask('DEL', key)
        await redis.ask('LPUSH', key, 'x')
      }
    },
    allowed: [401],
  },
  {
    what: 'the lists of sessions are of another kind',
    harm: (redis) =>
      redis.ask(
        'EVAL',
        "for _, key in ipairs(redis.call('KEYS', 'websession-index:*')) do redis.call('SET', key, 'x') end",
        '0',
      ),
    allowed: [200, 503],
  },
  { what: 'everything is gone', harm: (redis) => redis.ask('FLUSHALL'), allowed: [401] },
  {
    what: 'memory is so short that it drops what it has',
    harm: async (redis) => {
      await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random')
      await redis.ask('CONFIG', 'SET', 'maxmemory', '1mb')
      // Each write makes it drop something until there is nothing.
      for (let n = 0; n < 50; n += 1) await redis.ask('SET', `filler:${n}`, 'x', 'PX', '1').catch(() => {})
    },
    allowed: [200, 401, 503],
  },
  {
    what: 'memory is so short that it takes no more writes',
    harm: async (redis) => {
      await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
      await redis.ask('CONFIG', 'SET', 'maxmemory', '1mb')
    },
    allowed: [200, 503],
  },
  {
    what: 'it has become a replica of something',
    harm: (redis) => redis.ask('REPLICAOF', '127.0.0.1', '1'),
    allowed: [503],
  },
  {
    what: 'it is busy with somebody’s script',
    harm: async (redis) => {
      await redis.ask('CONFIG', 'SET', 'busy-reply-threshold', '1')
      void redis.ask('EVAL', 'while true do end', '0').catch(() => {})
      await pause(100)
    },
    allowed: [503],
  },
]

const heal = async (redis: OwnRedis): Promise<void> => {
  await waitUntil(() =>
    redis.ask('REPLICAOF', 'NO', 'ONE').then(
      () => true,
      () =>
        redis.ask('SCRIPT', 'KILL').then(
          () => false,
          () => false,
        ),
    ),
  )
  await redis.ask('CONFIG', 'SET', 'maxmemory', '0')
  await redis.ask('FLUSHALL')
}

describe('Redis that is not as it was', { skip }, () => {
  const redis = started as OwnRedis
  let site: RedisNodes
  before(async () => {
    site = await startRedisNodes({ url: redis.url })
  })
  after(async () => {
    await site[Symbol.asyncDispose]()
    await redis.stop()
  })

  for (const { what, harm, allowed } of cases) {
    it(what, async (t) => {
      await redis.ask('FLUSHALL')
      const [ada, grace] = [await site.lab.logIn('ada'), await site.lab.logIn('grace')]
      const keys = await sessionKeys(redis, site, ada)
      // The first node remembers them, the second has never seen them.
      await waitUntil(async () => (await whoEach(site, ada)).every((status) => status === 200))
      await harm(redis, keys)
      await pause(1_100)
      const seen = new Set<number>()
      for (const client of [ada, grace])
        for (const { url } of site.nodes) {
          for (const path of ['/api/v1/me', '/api/lab/x', '/api/v1/sessions', '/']) {
            const answer = await client.get(url + path, { accept: path === '/' ? 'text/html' : 'application/json' })
            // For somebody unknown a page is the way to the login.
            const status = path === '/' && answer.status === 303 ? 401 : answer.status
            seen.add(status)
            assert.ok(allowed.includes(status), `${path} is answered ${answer.status}: ${answer.text}`)
            if (status === 503) assert.ok(Number(answer.headers['retry-after']) > 0)
            if (path === '/api/v1/me' && status === 200) {
              const me = answer.json() as { readonly username: string }
              assert.equal(me.username, client === ada ? 'ada' : 'grace')
            }
          }
        }
      t.diagnostic(`answered ${[...seen].sort((a, b) => a - b).join(' and ')}`)
      const login = await tryLogin(site)
      assert.ok([303, 503].includes(login), `a login is answered ${login}`)
      await heal(redis)
      await waitUntil(async () => (await tryLogin(site)) === 303)
    })
  }
})

const tryLogin = async ({ stranger, lab }: RedisNodes): Promise<number> =>
  (await stranger().post('/auth/login/local', await lab.account('ada'))).status

const whoEach = ({ nodes }: RedisNodes, client: TestClient): Promise<readonly number[]> =>
  Promise.all(nodes.map(async ({ url }) => (await client.get(`${url}/api/v1/me`)).status))

/** Of ada, who logged in here, and of the other one. */
async function sessionKeys(redis: OwnRedis, site: RedisNodes, ada: TestClient): Promise<readonly [string, string]> {
  const keys = (await redis.ask('KEYS', 'websession:*')) as string[]
  const listed = (await ada.get('/api/v1/sessions')).json() as {
    readonly sessions: readonly { readonly ref: string }[]
  }
  const refs = new Set(listed.sessions.map(({ ref }) => `websession:${ref}`))
  const [ofAda, ofGrace] = [keys.find((key) => refs.has(key)), keys.find((key) => !refs.has(key))]
  assert.ok(ofAda !== undefined && ofGrace !== undefined && site.nodes.length === 2)
  return [ofAda, ofGrace]
}
