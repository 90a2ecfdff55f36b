// Guessing passwords, through the whole gateway: what is refused, that nobody is locked out by strangers, and that no
// spelling, header, route or replica brings another budget.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openTestStores } from '../support/test-stores.ts'
import { type Lab, type LabSettings, startLab } from './lab.ts'

const start = Date.UTC(2026, 0, 1)
const wrong = { username: 'ada', password: 'wrong' }

const startGuarded = (
  logins: Readonly<Record<string, unknown>> = {},
  settings: Omit<LabSettings, 'config'> = {},
): Promise<Lab> =>
  startLab({
    clock: createManualClock(start),
    ...settings,
    config: { server: { trustedProxies: ['127.0.0.1'], limits: { logins } } },
  })

const logIn = (
  client: TestClient,
  form: Readonly<Record<string, string>>,
  address = '192.0.2.1',
): Promise<TestAnswer> => client.post('/auth/login/local', form, { 'x-forwarded-for': address })

/** Tries in new browsers, one after the other. @returns the statuses */
async function tryEach(
  lab: Lab,
  tries: readonly { readonly form?: Record<string, string>; readonly address?: string }[],
) {
  const statuses: number[] = []
  for (const { form = wrong, address } of tries) statuses.push((await logIn(lab.stranger(), form, address)).status)
  return statuses
}

/** So many wrong passwords from one address. */
const times = (count: number) => Array.from({ length: count }, () => ({}))

const count = (statuses: readonly number[], status: number) => statuses.filter((each) => each === status).length

test('after five wrong passwords the right one is refused too, until the time that was told', async () => {
  const clock = createManualClock(start)
  await using lab = await startGuarded({}, { clock })
  const right = await lab.account('ada')
  assert.deepEqual(await tryEach(lab, times(6)), [401, 401, 401, 401, 401, 429])
  const refused = await logIn(lab.stranger(), right)
  assert.equal(refused.status, 429)
  assert.match(refused.text, /Too many wrong passwords/)
  const seconds = Number(refused.headers['retry-after'])
  assert.ok(seconds > 0 && seconds <= 360, String(seconds))
  clock.advance(seconds * 1000)
  assert.equal((await logIn(lab.stranger(), right)).status, 303)
})

test('names that do not exist are refused in the same way', async () => {
  await using lab = await startGuarded()
  await lab.account('ada')
  const answers = async (username: string) => {
    const all: string[] = []
    for (let n = 0; n < 7; n++) {
      const { status, text, headers } = await logIn(lab.stranger(), { username, password: 'wrong' })
      all.push(`${status} ${String(headers['retry-after'])} ${text.replace(/nonce="[^"]*"/g, '')}`)
    }
    return all
  }
  assert.deepEqual(await answers('ada'), await answers('nobody'))
})

test('hundreds of wrong passwords from one address do not keep the person out elsewhere', async () => {
  await using lab = await startGuarded()
  const right = await lab.account('ada')
  const statuses = await tryEach(lab, times(300))
  assert.deepEqual([count(statuses, 401), count(statuses, 429)], [5, 295])
  assert.equal((await logIn(lab.stranger(), right, '198.51.100.9')).status, 303)
})

test('one password tried on many accounts from one address ends soon', async () => {
  await using lab = await startGuarded({ failuresPerAddress: '9/5m' })
  const tries = Array.from({ length: 30 }, (_, n) => ({ form: { username: `user${n}`, password: 'Winter2026!!' } }))
  assert.equal(count(await tryEach(lab, tries), 401), 9)
  const right = await lab.account('ada')
  assert.equal((await logIn(lab.stranger(), right)).status, 429)
  assert.equal((await logIn(lab.stranger(), right, '198.51.100.9')).status, 303)
})

test('no spelling, header or way of writing the address brings another budget', async () => {
  await using lab = await startGuarded()
  const spellings = ['ada', 'Ada', 'ADA ', 'ada@x', 'ａｄａ', 'a\u200bda', ' ada']
  const forms = [...spellings, ...spellings].map((username) => ({
    form: { username, password: 'wrong' },
    address: '2001:db8::1',
  }))
  assert.equal(count(await tryEach(lab, forms), 401), 5)
  const rotated = Array.from({ length: 10 }, (_, n) => ({ address: `2001:db8::${n}:${n}` }))
  assert.equal(count(await tryEach(lab, rotated), 429), 10, 'the same /64')
  const mapped = [
    '192.0.2.7',
    '::ffff:192.0.2.7',
    '192.0.2.7:99',
    '[::ffff:192.0.2.7]:1',
    '192.0.2.7',
    '192.0.2.7',
  ].map((address) => ({ address }))
  assert.equal(count(await tryEach(lab, mapped), 401), 5)
})

test('addresses that an untrusted client names are not looked at', async () => {
  await using lab = await startLab({ clock: createManualClock(start) })
  const addresses = Array.from({ length: 10 }, (_, n) => ({ address: `198.51.100.${n}` }))
  assert.equal(count(await tryEach(lab, addresses), 401), 5)
})

test('other routes and methods do not check passwords', async () => {
  await using lab = await startGuarded()
  const right = new URLSearchParams(await lab.account('ada')).toString()
  const client = lab.stranger()
  for (const [method, target] of [
    ['POST', '/auth/login/local/'],
    ['POST', '/auth/login/LOCAL'],
    ['POST', '/auth//login/local'],
    ['PUT', '/auth/login/local'],
    ['GET', `/auth/login/local?${right}`],
    ['POST', '/auth/login'],
    ['POST', '/auth/connect/local'],
  ] as const) {
    const headers = { origin: lab.url, 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await client.send(target, { method, headers, ...(method !== 'GET' && { body: right }) })
    assert.ok(
      answer.status >= 400 || answer.headers.location?.toString().startsWith('/auth/login'),
      `${method} ${target}: ${answer.status}`,
    )
    assert.equal(client.cookies.has('__Host-gatehouse'), false, target)
  }
})

test('of a hundred guesses at once on two nodes five are looked at', async () => {
  await using stores = await openTestStores()
  const clock = createManualClock(start)
  await using first = await startGuarded({}, { stores, clock })
  await using second = await startGuarded({}, { stores, clock })
  await first.account('ada')
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      logIn((n % 2 ? first : second).stranger(), { ...wrong, password: `guess ${n}` }),
    ),
  )
  const statuses = answers.map(({ status }) => status)
  assert.deepEqual([count(statuses, 401), count(statuses, 429)], [5, 95])
})

test('forty right logins at once from one address all succeed', async () => {
  await using lab = await startGuarded({ failuresPerAddress: '6/5m' })
  const forms = await Promise.all([lab.account('ada'), lab.account('grace'), lab.account('mallory')])
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => logIn(lab.stranger(), forms[n % 3] ?? assert.fail())),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]))
})

test('guessing from many addresses shuts out strangers, but not where the person has been before', async () => {
  await using lab = await startGuarded({ failuresPerAccount: '12/1h' })
  const right = await lab.account('ada')
  const laptop = lab.stranger()
  assert.equal((await logIn(laptop, right, '203.0.113.1')).status, 303)
  await laptop.post('/auth/logout')
  assert.ok(laptop.cookies.has('__Host-gatehouse-known'))

  const swarm = Array.from({ length: 60 }, (_, n) => ({ address: `198.51.100.${n}` }))
  assert.equal(count(await tryEach(lab, swarm), 401), 12)
  assert.equal(
    (await logIn(lab.stranger(), right, '198.51.100.200')).status,
    429,
    'a browser and an address never seen',
  )
  assert.equal((await logIn(laptop, right, '198.51.100.201')).status, 303, 'the known browser, from anywhere')
  assert.equal((await logIn(lab.stranger(), right, '203.0.113.1')).status, 303, 'a new browser at the known address')
})

test('a known browser guesses no more than others, and for its own account only', async () => {
  await using lab = await startGuarded({ failuresPerAddress: '7/5m' })
  const right = await lab.account('ada')
  await lab.account('grace')
  const browser = lab.stranger()
  await logIn(browser, right)
  await browser.post('/auth/logout')
  const statuses: number[] = []
  for (let n = 0; n < 8; n++) statuses.push((await logIn(browser, wrong, `198.51.100.${n}`)).status)
  assert.equal(count(statuses, 401), 5)
  const others = Array.from({ length: 10 }, (_, n) => ({ username: `user${n}`, password: 'wrong' }))
  const sprayed: number[] = []
  for (const form of others) sprayed.push((await logIn(browser, form)).status)
  assert.equal(count(sprayed, 401), 7, 'its address is counted like any')
})

test('a cookie that was made up, changed or belongs to another installation is none', async () => {
  await using lab = await startGuarded()
  await using other = await startGuarded()
  await lab.account('ada')
  const foreign = other.stranger()
  await logIn(foreign, await other.account('ada'))
  const values = [foreign.cookies.get('__Host-gatehouse-known') ?? assert.fail(), 'v1.x.AAAA', 'x', '']
  await tryEach(lab, times(5))
  for (const value of values) {
    const headers = { 'x-forwarded-for': '192.0.2.1', cookie: `__Host-gatehouse-known=${value}` }
    assert.equal((await lab.stranger().post('/auth/login/local', wrong, headers)).status, 429, value)
  }
})

test('whoever is refused so is counted, and fills neither the log nor the audit', async () => {
  await using lab = await startGuarded()
  await tryEach(lab, times(200))
  const failed = lab.gateway.logs.filter(({ event }) => event === 'login_failed')
  assert.equal(failed.filter(({ result }) => result === 'refused').length, 5)
  assert.equal(failed.filter(({ result }) => result === 'throttled').length, 20)
  const audited = await lab.gateway.apis.storage.audit.list({ limit: 1000, action: 'login.failed' })
  assert.equal(audited.length, 25)
  const metrics = await (await fetch(lab.gateway.metricsUrl)).text()
  assert.match(metrics, /gatehouse_logins_total\{provider="local",result="throttled"\} 195/)
})

test('limits can be set or switched off', async () => {
  await using lab = await startGuarded({ failures: false, failuresPerAddress: false, failuresPerAccount: false })
  assert.equal(count(await tryEach(lab, times(8)), 401), 8)
})
