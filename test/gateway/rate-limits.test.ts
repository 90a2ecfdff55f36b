// How often somebody may ask, through the whole gateway: per address, per person, per class and per upstream, over all
// nodes; no spelling, header, route or replica brings a new budget.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { sendRaw } from '../support/raw-http.ts'
import { handshakeRequest } from '../support/raw-web-socket.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { openTestStores } from '../support/test-stores.ts'
import { type LabSettings, startLab } from './lab.ts'

/** At the beginning of a minute, so that no test runs over an edge. */
const midnight = Date.UTC(2026, 0, 1)

async function startLimited(rates: unknown, more: LabSettings['config'] = {}) {
  const upstream = await startRecordingUpstream(() => ok('content'))
  const lab = await startLab({
    clock: createManualClock(midnight),
    config: {
      server: { limits: { rates }, ...(more.server as object) },
      upstreams: [
        { path: '/up/', to: upstream.url, allow: ['public'], ...(more.upstream as object) },
        { path: '/other/', to: upstream.url, allow: ['authenticated'] },
      ],
    },
  })
  return Object.assign({}, lab, {
    upstream,
    async [Symbol.asyncDispose]() {
      await lab.gateway.close()
      await upstream.close()
    },
  })
}

const statuses = async (client: TestClient, targets: readonly string[]): Promise<readonly number[]> => {
  const answers: number[] = []
  for (const target of targets) answers.push((await client.get(target)).status)
  return answers
}

const count = (answers: readonly number[], status: number) => answers.filter((each) => each === status).length

test('who asks too often from one address is told when to come back', async () => {
  await using lab = await startLimited({ address: { all: '5/1m' } })
  const client = lab.stranger()
  assert.deepEqual(await statuses(client, Array(5).fill('/up/x')), Array(5).fill(200))
  const answer: TestAnswer = await client.get('/up/x')
  assert.equal(answer.status, 429)
  assert.equal(answer.headers['retry-after'], '72')
  assert.equal(answer.headers.ratelimit, '"address";r=0;t=72')
  assert.equal(answer.headers['ratelimit-policy'], '"address";q=5;w=60')
  assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
  const problem = answer.json() as Record<string, unknown>
  assert.deepEqual([problem.code, problem.status], ['http.tooManyRequests', 429])
  assert.equal(lab.upstream.requests.length, 5, 'nothing more reached the upstream')
})

test('a browser is told on a page', async () => {
  await using lab = await startLimited({ address: { all: '1/1m' } })
  const client = lab.stranger()
  await client.get('/')
  const answer = await client.get('/', { accept: 'text/html', 'sec-fetch-mode': 'navigate' })
  assert.equal(answer.status, 429)
  assert.match(String(answer.headers['content-type']), /^text\/html/)
  assert.match(answer.text, /Too many requests/)
})

test('no path, method, header or connection brings a budget of its own', async () => {
  await using lab = await startLimited({ address: { all: '10/1m' } })
  const answers: number[] = []
  for (let n = 0; n < 8; n++) {
    const address = `198.51.100.${n}`
    const headers = {
      'x-forwarded-for': address,
      forwarded: `for=${address}`,
      'x-real-ip': address,
      'user-agent': `${n}`,
    }
    for (const target of [
      '/up/x',
      '/up//x',
      `/up/x?${n}`,
      '/auth/login',
      '/auth/login/',
      '/healthz',
      '/nothing',
      '/up/%2e%2e/x',
    ])
      answers.push((await lab.stranger().send(target, { method: n % 2 ? 'GET' : 'HEAD', headers })).status)
  }
  assert.equal(count(answers, 429), answers.length - 10)
})

test('the upgrades of WebSockets count too', async () => {
  await using lab = await startLimited({ address: { socket: '2/1m' } })
  const upgrade = () =>
    sendRaw(lab.port, handshakeRequest(lab.port, { Origin: lab.url }, 'GET /up/socket HTTP/1.1'), /\r\n\r\n/)
  const first = [(await upgrade()).status, (await upgrade()).status]
  assert.equal(first.includes(429), false, String(first))
  const { status, text } = await upgrade()
  assert.equal(status, 429)
  assert.match(text, /^HTTP\/1\.1 429 Too Many Requests\r\n/)
  assert.match(text, /\r\nretry-after: \d+\r\n/)
  assert.equal((await lab.stranger().get('/up/x')).status, 200, 'other classes have their own')
})

test('a class has a budget beside that of all', async () => {
  await using lab = await startLimited({ address: { auth: '3/1m' } })
  const client = lab.stranger()
  assert.deepEqual(await statuses(client, Array(5).fill('/auth/login')), [200, 200, 200, 429, 429])
  assert.equal((await client.get('/up/x')).status, 200)
})

test('a person has one budget in all sessions, and nobody else pays for it', async () => {
  await using lab = await startLimited({ user: { proxied: '6/1m' } })
  const [home, work] = [await lab.logIn('ada'), await lab.logIn('ada')]
  const answers = [
    ...(await statuses(home, Array(4).fill('/other/x'))),
    ...(await statuses(work, Array(6).fill('/other/x'))),
  ]
  assert.deepEqual([count(answers, 200), count(answers, 429)], [6, 4])
  assert.match((await work.get('/other/x')).text, /came from you/)
  assert.equal((await (await lab.logIn('grace')).get('/other/x')).status, 200)
  assert.equal((await work.get('/api/v1/sessions')).status, 200, 'other classes have their own')
})

test('an upstream has limits of its own', async () => {
  await using lab = await startLimited({}, { upstream: { rates: { address: '2/1m', user: '1/1m' } } })
  const ada = await lab.logIn('ada')
  assert.deepEqual(await statuses(ada, ['/up/x', '/up/x', '/other/x']), [200, 429, 200])
  const answer = await lab.stranger().get('/up/x')
  assert.deepEqual([answer.status, answer.headers.ratelimit], [429, '"up-address";r=0;t=90'])
})

test('all addresses of an IPv6 /64 are one, and an IPv4-mapped one is the IPv4 address', async () => {
  const server = { trustedProxies: ['127.0.0.1'] }
  await using lab = await startLimited({ address: { all: '4/1m' } }, { server })
  const from = (address: string) => lab.stranger().get('/up/x', { 'x-forwarded-for': address })
  const ask = async (addresses: readonly string[]) => {
    const answers: number[] = []
    for (const address of addresses) answers.push((await from(address)).status)
    return answers
  }
  const one = Array.from({ length: 8 }, (_, n) => `2001:db8:0:1:${n}::${n}`)
  assert.equal(count(await ask(one), 200), 4)
  assert.equal((await from('2001:db8:0:2::1')).status, 200)
  assert.equal(
    count(await ask(['192.0.2.1', '::ffff:192.0.2.1', '[::ffff:192.0.2.1]:99', '192.0.2.1:80', '192.0.2.1']), 200),
    4,
  )
  assert.equal((await from('192.0.2.2')).status, 200)
})

test('two nodes count together', async () => {
  await using stores = await openTestStores()
  const settings = { stores, clock: createManualClock(midnight) }
  const config = { server: { limits: { rates: { address: { all: '20/1m' } } } } }
  await using first = await startLab({ ...settings, config })
  await using second = await startLab({ ...settings, config })
  const answers: number[] = []
  for (let n = 0; n < 40; n++) answers.push((await [first, second][n % 2]?.stranger().get('/healthz'))?.status ?? 0)
  assert.ok(count(answers, 200) <= 22, `${count(answers, 200)} answered`)
  assert.ok(count(answers, 200) >= 18, `${count(answers, 200)} answered`)
})

test('what was taken comes back with time', async () => {
  const clock = createManualClock(midnight)
  await using lab = await startLab({ clock, config: { server: { limits: { rates: { address: { all: '5/1m' } } } } } })
  const client = lab.stranger()
  await statuses(client, Array(5).fill('/healthz'))
  assert.equal((await client.get('/healthz')).status, 429)
  clock.advance(73_000)
  assert.deepEqual(await statuses(client, ['/healthz', '/healthz']), [200, 429])
  clock.advance(120_000)
  assert.deepEqual(await statuses(client, Array(5).fill('/healthz')), Array(5).fill(200))
})

test('what is refused is counted and logged', async () => {
  await using lab = await startLimited({ address: { all: '1/1m' } })
  await statuses(lab.stranger(), ['/up/x', '/up/x'])
  const line = lab.gateway.logs.find(({ event }) => event === 'rate_limited')
  assert.deepEqual([line?.limit, line?.address], ['address', '127.0.0.1'])
  const metrics = await (await fetch(lab.gateway.metricsUrl)).text()
  assert.match(metrics, /gatehouse_requests_limited_total\{limit="address"\} 1/)
})
