// What administrators see of the whole: each minute of requests and logins, of all nodes together.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startLab } from '../gateway/lab.ts'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { findFreePort, waitUntil } from '../support/programs.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'

interface Point {
  readonly at: string
  readonly requests: number
  readonly refused: number
  readonly logins: number
  readonly loginsRefused: number
  readonly medianMs?: number
  readonly p95Ms?: number
}

test('requests and logins of the last hour are counted minute by minute', async () => {
  const clock = createManualClock(Date.UTC(2026, 10, 22, 10, 0, 30))
  await using upstream = await startEchoUpstream()
  await using lab = await startLab({
    clock,
    config: { upstreams: [{ path: '/api/lab/', to: upstream.url, allow: ['group:lab'] }] },
  })
  const grace = await lab.logIn('grace')
  await lab.stranger().post('/auth/login/local', { username: 'grace', password: 'wrong' })
  for (let turn = 0; turn < 5; turn += 1) assert.equal((await grace.get('/api/lab/x')).status, 200)
  assert.equal((await lab.stranger().get('/api/lab/x')).status, 401)

  const read = async (query = ''): Promise<{ stepSeconds: number; points: readonly Point[] }> =>
    JSON.parse((await grace.get(`/api/v1/admin/overview${query}`)).text)
  clock.advance(60_000)
  await waitUntil(async () => (await read()).points.some(({ logins }) => logins > 0))
  const { stepSeconds, points } = await read()
  assert.equal(stepSeconds, 60)
  assert.equal(points.length, 60)
  assert.equal(points.at(-1)?.at, '2026-11-22T10:01:00.000Z')
  const last = points.at(-1)
  assert.equal(last?.logins, 1)
  assert.equal(last?.loginsRefused, 1)
  assert.ok((last?.requests ?? 0) >= 8, JSON.stringify(last))
  assert.ok((last?.refused ?? 0) >= 2, JSON.stringify(last))
  assert.ok((last?.medianMs ?? 0) > 0)
  assert.deepEqual((await read('?hours=24')).points.length, 60)
  assert.equal((await grace.get('/api/v1/admin/overview?hours=25')).status, 400)
})

test('how long people waited is what the requests took', async () => {
  const clock = createManualClock(Date.UTC(2026, 10, 22, 10, 0, 30))
  // Who asks for `/api/lab/50` waits so many milliseconds.
  await using upstream = await startRecordingUpstream(({ target }) => {
    clock.advance(Number(target.split('/').at(-1)))
    return ok()
  })
  await using lab = await startLab({
    clock,
    config: { upstreams: [{ path: '/api/lab/', to: upstream.url, allow: ['group:lab'] }] },
  })
  // Twenty requests: with the login ten take no time, eight 50 ms, two 800 ms.
  const grace = await lab.logIn('grace')
  for (const waitMs of [...Array<number>(9).fill(0), ...Array<number>(8).fill(50), 800, 800])
    assert.equal((await grace.get(`/api/lab/${waitMs}`)).status, 200)

  const lastPoint = async (): Promise<Point | undefined> =>
    (JSON.parse((await grace.get('/api/v1/admin/overview')).text) as { points: readonly Point[] }).points.at(-1)
  clock.advance(60_000)
  await waitUntil(async () => (await lastPoint())?.logins === 1)
  const { requests, medianMs, p95Ms } = (await lastPoint()) ?? assert.fail()
  // The tenth lies at the end of the bucket up to 1 ms; the nineteenth in the middle of the one from 500 to 1000 ms.
  assert.deepEqual({ requests, medianMs, p95Ms }, { requests: 20, medianMs: 1, p95Ms: 750 })
})

test('an endpoint that refuses connections is shown to be unhealthy, and the one beside it healthy', async () => {
  await using well = await startEchoUpstream()
  const illPort = await findFreePort()
  await using lab = await startLab({
    config: {
      upstreams: [
        {
          path: '/api/lab/',
          to: [well.url, `http://127.0.0.1:${illPort}`],
          healthCheck: { path: '/', failures: 1 },
          allow: ['group:lab'],
        },
      ],
    },
  })
  const grace = await lab.logIn('grace')
  const endpoints = async (): Promise<readonly { readonly isHealthy: boolean }[]> =>
    JSON.parse((await grace.get('/api/v1/admin/upstreams')).text).upstreams[0].endpoints
  await waitUntil(async () => (await endpoints()).some(({ isHealthy }) => !isHealthy))
  assert.deepEqual(await endpoints(), [
    { label: new URL(well.url).host, isHealthy: true },
    { label: `127.0.0.1:${illPort}`, isHealthy: false },
  ])
})

test('it is for administrators, as are the services behind the door', async () => {
  await using upstream = await startEchoUpstream()
  await using lab = await startLab({
    config: { upstreams: [{ path: '/api/lab/', to: upstream.url, allow: ['group:lab'] }] },
  })
  const [ada, grace] = [await lab.logIn('ada'), await lab.logIn('grace')]
  for (const path of ['/api/v1/admin/overview', '/api/v1/admin/upstreams']) {
    assert.equal((await lab.stranger().get(path)).status, 401)
    assert.equal((await ada.get(path)).status, 403)
    assert.equal((await grace.get(path)).status, 200)
  }
  const { upstreams } = JSON.parse((await grace.get('/api/v1/admin/upstreams')).text)
  const { host } = new URL(upstream.url)
  const endpoints = [{ label: host, isHealthy: true }]
  assert.deepEqual(upstreams, [{ id: 'api-lab', href: '/api/lab/', tunnels: 0, endpoints }])
})
