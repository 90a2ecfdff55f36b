// The database restarts, or falls silent, under load (security.md 7.2, "database restart"): who is logged in notices
// nothing, who wants to log in or out is told to come back, nothing that was acknowledged is lost, and all of it is back
// within five seconds.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { rotateKeyRing } from '#storage'
import { type Lab, startLab } from '../gateway/lab.ts'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import {
  isMissing,
  makeDirectory,
  removeDirectory,
  startOwnMariadb,
  startOwnPostgres,
  startRedis,
} from '../support/programs.ts'
import { type TestStores, toSettings } from '../support/test-stores.ts'
import { type Question, quantile, startPressure, tally } from './pressure.ts'
import { isSoak } from './soak.ts'

const rounds = isSoak ? 10 : 1
const awayMs = 2_500
/** Now and then it stays away for so long that the use of a session falls due meanwhile. */
const longAwayMs = 20_000
const isLong = (round: number): boolean => isSoak && round % 5 === 4

const redis = await startRedis()
const databases = [
  ['postgres', await startOwnPostgres()],
  ['mariadb', await startOwnMariadb()],
] as const

for (const [type, server] of databases) {
  const lacking = [redis, server].find(isMissing)
  const skip = lacking?.missing ?? false

  const start = async () => {
    assert.ok(!isMissing(server) && !isMissing(redis))
    const way = await startFaultProxy({ port: server.port })
    const { drop: _, ...place } = await server.createDatabase()
    const directory = makeDirectory('data')
    const keyRing = join(directory, 'keys')
    rotateKeyRing(keyRing, Date.now())
    const stores: TestStores = {
      kind: type === 'postgres' ? 'redis-postgres' : 'redis-mariadb',
      directory,
      config: {
        directory,
        keyRing,
        sql: { type, ...toSettings({ ...place, port: way.port }, directory) },
        keyValue: { type: 'redis', url: redis.url, prefix: `${place.database}:` },
      },
      [Symbol.asyncDispose]: async () => removeDirectory(directory),
    }
    const upstream = await startEchoUpstream()
    const lab = await startLab({
      stores,
      config: {
        upstreams: [{ path: '/api/lab/', to: upstream.url, allow: ['group:lab'] }],
        // So that the use of a session is written, and the session read anew, while the database is away.
        sessions: { idle: isSoak ? '60s' : '8s' },
      },
    })
    return {
      lab,
      server,
      way,
      async [Symbol.asyncDispose]() {
        way.injectBothWays({})
        await lab.gateway.close()
        await upstream.close()
        await way[Symbol.asyncDispose]()
        removeDirectory(directory)
      },
    }
  }

  const questionsOf = (cookie: string, { url }: Lab): readonly Question[] => [
    { what: 'service', url: `${url}/api/lab/x`, headers: { cookie } },
    { what: 'api', url: `${url}/api/v1/me`, headers: { cookie } },
    { what: 'page', url: `${url}/`, headers: { cookie, accept: 'text/html' } },
    { what: 'login page', url: `${url}/auth/login`, headers: { accept: 'text/html' } },
    { what: 'live', url: `${url}/healthz` },
  ]

  const faults = [
    [
      'restarts',
      async ({ server }: Awaited<ReturnType<typeof start>>) => {
        await server.halt()
        return () => server.restart()
      },
    ],
    [
      'falls silent',
      async ({ way }: Awaited<ReturnType<typeof start>>) => {
        way.injectBothWays({ isSilent: true })
        return async () => way.injectBothWays({})
      },
    ],
  ] as const
  for (const [what, happens] of faults) {
    test(`${type} ${what} under load`, { skip }, async (t) => {
      await using site = await start()
      const { lab } = site
      const ada = await lab.logIn('ada')
      const gone = await lab.logIn('ada')
      const thief = gone.cookieHeader()
      const account = await lab.account('ada')
      const logIn = () => lab.stranger().post('/auth/login/local', account)
      for (const client of [ada, gone]) assert.equal((await client.get('/api/lab/x')).status, 200)
      assert.equal((await gone.post('/auth/logout')).status, 303)
      await using pressure = startPressure(questionsOf(ada.cookieHeader(), lab), 100)

      for (let round = 0; round < rounds; round += 1) {
        const grace = await lab.logIn('grace')
        assert.equal((await grace.get('/api/lab/x')).status, 200)
        const from = pressure.answers.length
        await pause(500)
        const comeBack = await happens(site)
        const wentAtMs = performance.now()
        const [login, logout] = await Promise.all([logIn(), grace.post('/auth/logout')])
        const refusedMs = performance.now() - wentAtMs
        for (const answer of [login, logout]) {
          assert.equal(answer.status, 503)
          assert.ok(Number(answer.headers['retry-after']) > 0)
        }
        assert.ok(refusedMs < 8_000, `${refusedMs} ms`)
        await pause(Math.max(0, (isLong(round) ? longAwayMs : awayMs) - refusedMs))

        await comeBack()
        const backAtMs = performance.now()
        while ((await logIn()).status !== 303) assert.ok(performance.now() - backAtMs < 5_000)
        const recoveryMs = performance.now() - backAtMs
        await pause(500)
        const answers = pressure.answers.slice(from)
        t.diagnostic(
          `refused after ${Math.round(refusedMs)} ms, logins back ${Math.round(recoveryMs)} ms after ${type}; ` +
            `p99 of all else ${quantile(answers, 0.99)} ms: ${tally(answers)}`,
        )
        assert.deepEqual(
          answers.filter(({ status }) => status !== 200),
          [],
          tally(answers),
        )
        // An acknowledged logout has happened. A refused one has not, unless it reached a server that could not say so.
        const { status } = await grace.get('/api/lab/x')
        assert.ok(status === 200 || (status === 401 && what === 'falls silent'), `${status}`)
        assert.equal((await lab.stranger().get('/api/lab/x', { cookie: thief })).status, 401)
      }
    })
  }
  test(`${type} is stopped`, { skip }, async () => {
    assert.ok(!isMissing(server))
    await server.stop()
  })
}
