// When sessions end by time, over HTTP and on a clock that the test moves (security.md S4): by silence, and at the latest
// some time after the login. Asking how long one has is no use of it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestClient } from '../support/http-client.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { type Lab, startLab } from './lab.ts'

const MINUTE = 60_000

let clock: ManualClock
let echo: EchoUpstream
let lab: Lab

before(async () => {
  clock = createManualClock(Date.now())
  echo = await startEchoUpstream()
  lab = await startLab({
    clock,
    config: {
      sessions: { idle: '10m', absolute: '40m' },
      upstreams: [{ path: '/api/', to: echo.url, allow: ['group:lab'] }],
    },
  })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await echo.close()
})

const isAlive = async (client: TestClient): Promise<boolean> => {
  const { status } = await client.get('/api/v1/sessions')
  assert.ok(status === 200 || status === 401, `${status}`)
  return status === 200
}

interface Remaining {
  readonly now: number
  readonly idleEndsAt: number
  readonly endsAt: number
}

async function askRemaining(client: TestClient): Promise<Remaining> {
  const answer = await client.get('/api/v1/sessions/current')
  assert.equal(answer.status, 200)
  const body = answer.json() as Readonly<Record<keyof Remaining, string>>
  return { now: Date.parse(body.now), idleEndsAt: Date.parse(body.idleEndsAt), endsAt: Date.parse(body.endsAt) }
}

test('a session ends after ten minutes of silence', async () => {
  const ada = await lab.logIn('ada')
  clock.advance(10 * MINUTE - 1)
  const { now, idleEndsAt } = await askRemaining(ada)
  assert.equal(idleEndsAt - now, 1)
  clock.advance(1)
  assert.equal(await isAlive(ada), false)
})

test('using it moves that end', async () => {
  const ada = await lab.logIn('ada')
  for (let count = 0; count < 3; count++) {
    clock.advance(9 * MINUTE)
    assert.equal(await isAlive(ada), true)
    await untilMoved(ada)
  }
})

test('asking for the current session does not move it, however often', async () => {
  const ada = await lab.logIn('ada')
  const { idleEndsAt } = await askRemaining(ada)
  for (let count = 0; count < 9; count++) {
    clock.advance(MINUTE)
    assert.equal((await askRemaining(ada)).idleEndsAt, idleEndsAt)
  }
  clock.advance(MINUTE)
  assert.equal(await isAlive(ada), false)
})

test('extending moves it at once; the absolute end stays and comes', async () => {
  const ada = await lab.logIn('ada')
  const { endsAt } = await askRemaining(ada)
  for (let count = 0; count < 4; count++) {
    clock.advance(9 * MINUTE)
    const extended = await ada.post('/api/v1/sessions/current/extend')
    assert.equal(extended.status, 200)
    const remaining = await askRemaining(ada)
    assert.equal(remaining.endsAt, endsAt)
    assert.equal(remaining.idleEndsAt, Math.min(remaining.now + 10 * MINUTE, endsAt))
  }
  clock.advance(4 * MINUTE)
  assert.equal(await isAlive(ada), false)
})

test('a page then sends to the login, a program gets 401, and the cookie goes', async () => {
  const ada = await lab.logIn('ada')
  clock.advance(10 * MINUTE)
  assert.equal((await ada.get('/api/v1/me')).status, 401)
  const page = await ada.get('/account', { accept: 'text/html' })
  assert.deepEqual([page.status, page.headers.location], [303, '/auth/login?returnTo=%2Faccount'])
  assert.equal(ada.cookies.has('__Host-gatehouse'), false)
})

test('an open WebSocket closes with 4401 when its session ends by time', { timeout: 30_000 }, async () => {
  const ada = await lab.logIn('ada')
  const socket = new WebSocket(`${lab.url.replace('http', 'ws')}/api/socket`, {
    origin: lab.url,
    headers: { cookie: ada.cookieHeader() },
  })
  await once(socket, 'open')
  await untilMoved(ada)
  const closed = once(socket, 'close')
  clock.advance(10 * MINUTE)
  const [code, reason] = (await closed) as [number, Buffer]
  assert.deepEqual([code, reason.toString()], [4401, 'the session has ended: expired'])
})

/** The use of a session is noted behind the answer: until the store has it. */
async function untilMoved(ada: TestClient): Promise<void> {
  for (let count = 0; count < 500; count++) {
    const { now, idleEndsAt, endsAt } = await askRemaining(ada)
    if (idleEndsAt === Math.min(now + 10 * MINUTE, endsAt)) return
  }
  assert.fail('the use was not noted')
}
