// Endpoints are asked how they are: at the start, then each interval, over connections of their own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { ok, type RecordedRequest, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const DOWN = 'HTTP/1.1 500 Down\r\ncontent-length: 0\r\n\r\n'

/** An endpoint whose health can be changed; requests are answered with its name whatever it is. */
function startPatient(name: string, unhealthy: (request: RecordedRequest) => string | undefined = () => undefined) {
  return startRecordingUpstream((request) => (request.target === '/health' ? (unhealthy(request) ?? ok()) : ok(name)))
}

const healthCheck = { path: '/health', interval: '10s', timeout: '1s', failures: 2, successes: 2 }

const answersOf = async (url: string, count: number): Promise<string> => {
  let answers = ''
  for (let each = 0; each < count; each++) answers += await (await fetch(`${url}/api/m/`)).text()
  return answers
}

test('one that fails its checks gets no requests until it passes them again', async () => {
  let isWell = false
  await using a = await startPatient('a', () => (isWell ? undefined : DOWN))
  await using b = await startPatient('b')
  const often = { ...healthCheck, interval: '100ms' }
  await using proxy = await startProxy({ upstreams: [{ to: [`${a.url}/v1`, `${b.url}/v1`], healthCheck: often }] })
  await a.request(0)
  assert.equal(await answersOf(proxy.url, 2), 'ab', 'one bad answer is none yet')
  await proxy.until('upstream_endpoint_up', 1)
  assert.equal(await answersOf(proxy.url, 4), 'bbbb')
  isWell = true
  await proxy.until('upstream_endpoint_up', 2)
  assert.deepEqual((await answersOf(proxy.url, 4)).split('').sort().join(''), 'aabb')
})

test('a check says nothing about a person, has its own connection, and its path is asked as it is', async () => {
  await using a = await startPatient('a')
  await using proxy = await startProxy({
    upstreams: [{ to: `${a.url}/v1`, healthCheck, sign: { type: 'header', headers: { 'X-Key': 'CANARY' } } }],
  })
  const check = await a.request(0)
  assert.equal(check.target, '/health')
  assert.deepEqual(check.all('host'), [new URL(a.url).host])
  assert.equal(JSON.stringify(check.headers).includes('CANARY'), false)
  await a.whenIdle()
  await fetch(`${proxy.url}/api/m/`)
  assert.equal((await a.request(1)).connection, 1)
})

const bad: Readonly<Record<string, (request: RecordedRequest) => string | undefined>> = {
  'a redirect': () => 'HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n',
  'no HTTP': () => 'garbage\r\n\r\n',
}

for (const [name, behave] of Object.entries(bad)) {
  test(`${name} is no good answer`, async () => {
    await using a = await startPatient('a', behave)
    await using proxy = await startProxy({ upstreams: [{ to: a.url, healthCheck: { ...healthCheck, failures: 1 } }] })
    await proxy.until('upstream_endpoint_up', 0)
    assert.equal(a.requests.length, 1)
    assert.equal(await answersOf(proxy.url, 1), 'a', 'the only one is tried all the same')
  })
}

test('an answer that does not come is none', async () => {
  const clock = createManualClock()
  await using a = await startRecordingUpstream(() => {})
  await using proxy = await startProxy({
    upstreams: [{ to: a.url, healthCheck: { ...healthCheck, failures: 1 } }],
    clock,
  })
  await a.request(0)
  clock.advance(1_000)
  await proxy.until('upstream_endpoint_up', 0)
  await a.whenIdle()
})

test('the statuses that are good can be named', async () => {
  await using a = await startPatient('a', () => 'HTTP/1.1 401 Who\r\ncontent-length: 0\r\n\r\n')
  const clock = createManualClock()
  await using proxy = await startProxy({
    upstreams: [{ to: a.url, healthCheck: { ...healthCheck, failures: 1, statuses: [401] } }],
    clock,
  })
  await a.request(0)
  await a.whenIdle()
  clock.advance(10_000)
  await a.request(1)
  assert.equal(await proxy.reading('upstream_endpoint_up'), 1)
})

test('nobody is asked unless that is configured, nor after a stop', async () => {
  const clock = createManualClock()
  await using a = await startPatient('a')
  await using quiet = await startProxy({ upstreams: [{ to: [a.url, 'http://127.0.0.1:9'] }], clock })
  clock.advance(100_000)
  {
    await using checked = await startProxy({ upstreams: [{ to: a.url, healthCheck }], clock })
    await a.request(0)
    assert.equal(a.requests.length, 1)
    void checked
  }
  clock.advance(100_000)
  await a.whenIdle()
  assert.equal(a.requests.length, 1)
  void quiet
})
