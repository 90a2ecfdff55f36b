// What happened to a token, and who did it: told to its owner, and to administrators with more. Nobody else learns that
// there is one.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { TestClient } from '../support/http-client.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { type Lab, startLab } from './lab.ts'
import { codeOf, makeToken, program, sendJson } from './token-lab.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

interface Event {
  readonly what: string
  readonly by: string
  readonly actor?: string
  readonly address?: string
}

let clock: ManualClock
let lab: Lab
let ada: TestClient
let grace: TestClient

before(async () => {
  clock = createManualClock(Date.now())
  lab = await startLab({ clock, config: { server: { trustedProxies: ['127.0.0.1'] } } })
  ada = await lab.logIn('ada')
  grace = await lab.logIn('grace')
})
after(() => lab[Symbol.asyncDispose]())

const own = (id: string) => `/api/v1/tokens/${id}/history`
const anybodys = (id: string) => `/api/v1/admin/tokens/${id}/history`

const eventsOf = async (client: TestClient, path: string): Promise<readonly Event[]> => {
  const answer = await client.get(path)
  assert.equal(answer.status, 200, answer.text)
  return (answer.json() as { events: readonly Event[] }).events
}

const whats = (events: readonly Event[]): readonly string[] => events.map(({ what, by }) => `${what} by ${by}`)

/** Notes are written while nobody waits. */
async function untilNoted(action: string, count: number): Promise<void> {
  const { audit } = lab.gateway.apis.storage
  for (let turns = 0; (await audit.list({ limit: 100, action })).length < count; turns++) {
    assert.ok(turns < 10_000, `${count} ${action}`)
    await setImmediate()
  }
}

const idOf = async (who: string): Promise<string> =>
  (await lab.gateway.apis.access.users.find(`local/${who}`))?.id ?? assert.fail(who)

test('made, used from here and from there, revoked by an administrator', { timeout: 60_000 }, async () => {
  const { id, secret } = await makeToken(ada, lab.url)
  const { get } = program(lab.url, secret)
  const use = async (address: string, noted: number): Promise<void> => {
    assert.equal((await get('/api/v1/me', { 'x-forwarded-for': address })).status, 200)
    // What is being written must not see a minute go by.
    await untilNoted('token.use', noted)
    clock.advance(MINUTE_MS + 1)
  }
  await use('192.0.2.1', 1)
  await use('192.0.2.1', 1)
  await use('192.0.2.2', 2)
  assert.deepEqual(whats(await eventsOf(ada, own(id))), ['used by owner', 'used by owner', 'made by owner'])
  assert.deepEqual((await eventsOf(ada, own(id))).map(({ address }) => address).slice(0, 2), ['192.0.2.2', '192.0.2.1'])

  const headers = { origin: lab.url }
  assert.equal((await grace.send(`/api/v1/admin/tokens/${id}`, { method: 'DELETE', headers })).status, 204)
  const [revoked] = await eventsOf(ada, own(id))
  assert.deepEqual(
    [revoked?.what, revoked?.by, revoked?.actor, revoked?.address],
    ['revoked', 'other', undefined, undefined],
  )
  const [known] = await eventsOf(grace, anybodys(id))
  assert.deepEqual([known?.what, known?.actor, known?.address], ['revoked', await idOf('grace'), '127.0.0.1'])

  const page = (await ada.get(`${own(id)}?limit=3`)).json() as { events: Event[]; next?: string }
  assert.equal(page.events.length, 3)
  assert.deepEqual(whats(await eventsOf(ada, `${own(id)}?limit=3&after=${page.next}`)), ['made by owner'])
  assert.ok(!(await ada.get(own(id))).text.includes(secret))
})

test('to everybody else there is no such token', async () => {
  const { id, secret } = await makeToken(ada, lab.url)
  assert.equal(codeOf(await grace.get(own(id))), '404 token.unknown')
  assert.equal(codeOf(await ada.get(anybodys(id))), '403 access.refused')
  assert.equal(codeOf(await ada.get(own('nobodys'))), '404 token.unknown')
  assert.equal(codeOf(await lab.stranger().get(own(id))), '401 access.loginRequired')
  assert.equal((await program(lab.url, secret).get(own(id))).status, 200, 'with self:read')
  const services = await makeToken(ada, lab.url, { scopes: ['services'] })
  assert.equal(codeOf(await program(lab.url, services.secret).get(own(id))), '403 token.scopeMissing')
})

test('a key of a service account: made, replaced by a newer one, revoked', { timeout: 60_000 }, async () => {
  const path = '/api/v1/admin/service-accounts/robot'
  const keyOf = (answer: { json(): unknown }) => (answer.json() as { key: { id: string } }).key.id
  const first = keyOf(await sendJson(grace, lab.url, path, { scopes: ['services'] }, 'PUT'))
  clock.advance(1000)
  const second = keyOf(await sendJson(grace, lab.url, `${path}/rotate`, {}))
  const headers = { origin: lab.url }
  assert.equal((await grace.send(`${path}/keys/${first}`, { method: 'DELETE', headers })).status, 204)
  assert.deepEqual(whats(await eventsOf(grace, anybodys(first))), [
    'revoked by other',
    'replaced by other',
    'made by other',
  ])
  assert.deepEqual(whats(await eventsOf(grace, anybodys(second))), ['made by other'])
})

test('that its time was over is written down once', { timeout: 60_000 }, async () => {
  const { id } = await makeToken(ada, lab.url, { expiresInDays: 1 })
  clock.stepWallClock(DAY_MS)
  clock.advance(MINUTE_MS)
  await untilNoted('token.expire', 1)
  clock.advance(2 * MINUTE_MS)
  const again = await lab.logIn('ada')
  assert.deepEqual(whats(await eventsOf(again, own(id))), ['expired by itself', 'made by owner'])
  const { audit } = lab.gateway.apis.storage
  const [noted, ...more] = await audit.list({ limit: 10, action: 'token.expire' })
  assert.deepEqual([noted?.subject, noted?.userId, more.length], [id, await idOf('ada'), 0])
})

test('tokens that are good no more are listed with their end, to their owner and to administrators', async () => {
  interface Ended {
    readonly id: string
    readonly endedAt: string
    readonly isRevoked: boolean
  }
  const ended = async (client: TestClient, path: string): Promise<readonly Ended[]> => {
    const answer = await client.get(path)
    assert.equal(answer.status, 200, answer.text)
    return (answer.json() as { tokens: readonly Ended[] }).tokens
  }
  const mallory = await lab.logIn('mallory')
  const revoked = await makeToken(mallory, lab.url)
  const short = await makeToken(mallory, lab.url, { expiresInDays: 1 })
  const good = await makeToken(mallory, lab.url, { expiresInDays: 300 })
  const madeAt = clock.now()
  await mallory.send(`/api/v1/tokens/${revoked.id}`, { method: 'DELETE', headers: { origin: lab.url } })
  const shown = ({ id, endedAt, isRevoked }: Ended) => [id, Date.parse(endedAt), isRevoked]
  assert.deepEqual((await ended(mallory, '/api/v1/tokens/ended')).map(shown), [[revoked.id, madeAt, true]])

  clock.stepWallClock(2 * DAY_MS)
  const again = await lab.logIn('mallory')
  const both = [
    [short.id, madeAt + DAY_MS, false],
    [revoked.id, madeAt, true],
  ]
  const sorted = (list: readonly Ended[]) => list.map(shown).toSorted((a, b) => Number(b[1]) - Number(a[1]))
  assert.deepEqual(sorted(await ended(again, '/api/v1/tokens/ended')), both)
  const admin = await lab.logIn('grace')
  const path = `/api/v1/admin/users/${await idOf('mallory')}/tokens/ended`
  assert.deepEqual(sorted(await ended(admin, path)), both)
  assert.equal(codeOf(await again.get(path)), '403 access.refused')
  assert.ok(!(await again.get('/api/v1/tokens/ended')).text.includes(good.id), 'what is good is in the other list')

  // Once the time is over in which they are kept nothing is said of them.
  clock.stepWallClock(30 * DAY_MS)
  assert.deepEqual(await ended(await lab.logIn('mallory'), '/api/v1/tokens/ended'), [])
})
