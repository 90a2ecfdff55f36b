// Passwords, tokens, secret keys and names of sessions, searched for in everything that is written down: log lines at their
// most talkative, metrics, and the gateway's own Redis.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMissing, startOwnRedis } from '../support/programs.ts'
import { openTestStores, withOwnRedis } from '../support/test-stores.ts'
import { type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import { post } from './post.ts'

const PROFILES: readonly ProfileName[] = ['26.2', '26.4', '26.8']
const ada = { username: 'ada@example.org', password: 'CANARY-password', signInToken: 'CANARY-token' }
const QUERY = '?sToken=CANARY-query&code=CANARY-query&password=CANARY-query'

for (const profile of PROFILES) {
  test(`${profile}: what is secret is written down nowhere`, async (t) => {
    const redis = await startOwnRedis()
    if (isMissing(redis)) throw new Error(redis.missing)
    t.after(() => redis.stop())
    await using shared = await openTestStores()
    const stores = withOwnRedis(shared, { url: redis.url })
    const config = { telemetry: { log: { level: 'debug' } } }
    await using lab = await startBackendAiLab({ profile, manager: { accounts: [ada] }, config, stores })
    const browser = await lab.logIn()
    const name = browser.cookies.get('AIOHTTP_SESSION') ?? assert.fail()
    const stranger = lab.stranger()
    const change = { username: ada.username, current_password: 'CANARY-old', new_password: 'CANARY-new' }
    const ask = async () => {
      for (const path of ['/', '/server/login', '/func/', '/func/openid/x', '/func/x']) await stranger.ask(path + QUERY)
      await browser.ask(`/func/x${QUERY}`)
      await post(stranger, 'login', { username: 'CANARY-as-name', password: 'CANARY-wrong', otp: 'CANARY-otp' })
      await post(stranger, 'login', 'CANARY-body')
      await post(stranger, 'login', 'CANARY-body', { 'x-backendai-encoded': 'CANARY-flag' })
      await post(stranger, 'token-login', { sToken: 'CANARY-wrong' })
      await post(lab.stranger(), 'token-login', {}, { cookie: 'sToken=CANARY-token' })
      await post(stranger, 'update-password-no-auth', change)
      await stranger.ask('/func/x', {
        headers: { 'x-backendai-sessionid': 'CANARY-name', authorization: 'CANARY-key' },
      })
    }
    await ask()
    for (const what of [{ kind: 'hang up' }, { kind: 'say', bytes: 'CANARY-inside' }] as const) {
      const stop = lab.manager.disturb(what)
      await ask()
      stop()
    }
    await post(browser, 'login-check')
    const found = async () => [
      ...lab.gateway.logs.map((entry) => JSON.stringify(entry)),
      await (await fetch(`${lab.gateway.metricsUrl.replace(/\/metrics$/, '')}/metrics`)).text(),
      ...(await dump(redis)),
    ]
    const secrets = ['CANARY', name, lab.manager.accounts.get(ada.username).secretKey]
    const before = await found()
    await post(browser, 'logout')
    for (const line of [...before, ...(await found())]) {
      for (const secret of secrets) assert.ok(!line.includes(secret), `${secret} in ${line.slice(0, 500)}`)
    }
    assert.ok(before.length > 50, `${before.length} lines`)
  })
}

type Asked = { ask(...words: string[]): Promise<unknown> }

/** Keys and values. */
async function dump(redis: Asked): Promise<readonly string[]> {
  const keys = (await redis.ask('KEYS', '*')) as readonly string[]
  assert.ok(keys.length > 0)
  const read: Readonly<Record<string, (key: string) => readonly string[]>> = {
    string: (key) => ['GET', key],
    hash: (key) => ['HGETALL', key],
    set: (key) => ['SMEMBERS', key],
    zset: (key) => ['ZRANGE', key, '0', '-1'],
  }
  return Promise.all(
    keys.map(async (key) => {
      const words = read[String(await redis.ask('TYPE', key))]?.(key)
      return `${key} ${JSON.stringify(words === undefined ? null : await redis.ask(...words))}`
    }),
  )
}
