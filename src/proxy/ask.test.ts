// Requests of the gateway's own to a service: bounded in time and size, to another endpoint where one cannot be reached,
// and counted like those of people.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { type ProxySettings, startProxy, type TestProxy } from '../../test/support/start-proxy.ts'
import { type Service, type ServiceRequest, serviceShape } from './index.ts'

interface Lab extends AsyncDisposable {
  readonly proxy: TestProxy
  readonly ask: Service['ask']
}

async function startLab(config: object, settings: Partial<ProxySettings> = {}): Promise<Lab> {
  let service: Service | undefined
  const proxy = await startProxy({
    ...settings,
    upstreams: [],
    feature: (part) => {
      service = part.service({ id: 'manager', config: z.strictObject(serviceShape).parse(config) })
      return []
    },
  })
  assert.ok(service)
  const { ask } = service
  return { proxy, ask, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() }
}

const login: ServiceRequest = {
  method: 'POST',
  path: '/auth/authorize?x=%2F',
  headers: { 'content-type': 'application/json', 'x-backendai-domain': 'default' },
  body: '{"username":"ädä"}',
}

const startAway = async (): Promise<RecordingUpstream> => {
  const upstream = await startRecordingUpstream()
  await upstream.close()
  return upstream
}

test('what is asked arrives, and the answer comes back whole, whatever its status', async () => {
  const gzip = 'HTTP/1.1 401 Nope\r\ncontent-encoding: gzip\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n'
  await using upstream = await startRecordingUpstream(() => `${gzip}content-length: 3\r\n\r\n\x1f\x8b\x08`)
  await using lab = await startLab({ to: `${upstream.url}/v1` })
  const { status, headers, body } = await lab.ask(login)
  assert.deepEqual([status, headers['set-cookie'], [...body]], [401, ['a=1', 'b=2'], [0x1f, 0x8b, 0x08]])
  const received = await upstream.request(0)
  assert.deepEqual([received.method, received.target], ['POST', '/v1/auth/authorize?x=%2F'])
  assert.deepEqual(
    received.headers.filter(([name]) => name !== 'connection'),
    [
      ['host', `127.0.0.1:${upstream.port}`],
      ['content-type', 'application/json'],
      ['x-backendai-domain', 'default'],
      ['content-length', '20'],
    ],
  )
  assert.equal(Buffer.from(received.body, 'latin1').toString(), '{"username":"ädä"}')
})

test('a redirect is an answer like any other', async () => {
  await using elsewhere = await startRecordingUpstream()
  await using upstream = await startRecordingUpstream(
    () => `HTTP/1.1 302 Found\r\nlocation: ${elsewhere.url}/\r\ncontent-length: 0\r\n\r\n`,
  )
  await using lab = await startLab({ to: upstream.url })
  const { status, headers } = await lab.ask({ method: 'GET', path: '/', headers: {} })
  assert.deepEqual([status, headers.location], [302, `${elsewhere.url}/`])
  assert.equal(elsewhere.accepted(), 0)
})

test('what could not be delivered goes to another endpoint, and the one that failed is remembered', async () => {
  const away = await startAway()
  await using upstream = await startRecordingUpstream()
  await using lab = await startLab({ to: [away.url, upstream.url], ejection: { failures: 1 } })
  for (let each = 0; each < 3; each++) assert.equal((await lab.ask(login)).status, 200)
  assert.equal(upstream.requests.length, 3)
  assert.deepEqual(lab.proxy.counts('upstream_repeats_total'), { manager: 1 })
  assert.deepEqual(lab.proxy.counts('upstream_failures_total'), {})
  assert.equal(await lab.proxy.reading('upstream_endpoint_ejected'), 1)
})

test('what is signed is signed for where it goes', async () => {
  const away = await startAway()
  await using upstream = await startRecordingUpstream()
  await using lab = await startLab({ to: [away.url, upstream.url].map((url) => `${url}/v1`) })
  const sign: ServiceRequest['sign'] = ({ method, target, host }) => ({ 'x-signed': `${method} ${host}${target}` })
  for (let each = 0; each < 2; each++) await lab.ask({ ...login, sign })
  const signed = `POST 127.0.0.1:${upstream.port}/v1/auth/authorize?x=%2F`
  assert.deepEqual(
    upstream.requests.map(({ all }) => all('x-signed').join()),
    [signed, signed],
  )
  assert.deepEqual(lab.proxy.counts('upstream_repeats_total'), { manager: 1 })
})

test('what was sent is sent nowhere else', async () => {
  const died = { requests: 0 }
  const die = () =>
    startRecordingUpstream((_request, socket) => {
      died.requests++
      socket.destroy()
    })
  await using one = await die()
  await using other = await die()
  await using lab = await startLab({ to: [one.url, other.url] })
  await assert.rejects(lab.ask(login), { code: 'upstream.reset', status: 502 })
  assert.equal(died.requests, 1)
  assert.deepEqual(lab.proxy.counts('upstream_failures_total'), { 'manager upstream.reset': 1 })
})

test('nobody there is told as for everybody', async () => {
  const away = await startAway()
  await using lab = await startLab({ to: away.url })
  await assert.rejects(lab.ask(login), { code: 'upstream.refused', status: 502 })
})

for (const [what, answer] of Object.entries({ head: undefined, 'end of the answer': 'HTTP/1.1 200 OK\r\n\r\nhalf' })) {
  test(`the ${what} has to come in time`, async () => {
    const clock = createManualClock()
    const sent = Promise.withResolvers<void>()
    await using upstream = await startRecordingUpstream(() => {
      setImmediate(sent.resolve)
      return answer
    })
    await using lab = await startLab({ to: upstream.url, timeouts: { firstByte: '9s' } }, { clock })
    const failed = assert.rejects(lab.ask(login), { code: 'upstream.timeout', status: 504 })
    await sent.promise
    clock.advance(8_999)
    assert.equal(await lab.proxy.reading('upstream_requests_in_flight'), 1)
    clock.advance(1)
    await failed
    await upstream.whenIdle()
    assert.equal(await lab.proxy.reading('upstream_requests_in_flight'), 0)
  })
}

test('who asks may be less patient', async () => {
  const clock = createManualClock()
  await using upstream = await startRecordingUpstream(() => {})
  await using lab = await startLab({ to: upstream.url }, { clock })
  const failed = assert.rejects(lab.ask({ ...login, limitMs: 10 }), { code: 'upstream.timeout' })
  await upstream.request(0)
  clock.advance(10)
  await failed
})

test('an answer that is too long is given up on', async () => {
  await using upstream = await startRecordingUpstream(() => ok('x'.repeat(101)))
  await using lab = await startLab({ to: upstream.url })
  assert.equal((await lab.ask({ ...login, maxBytes: 101 })).body.length, 101)
  await assert.rejects(lab.ask({ ...login, maxBytes: 100 }), { code: 'upstream.badAnswer', status: 502 })
  await upstream.whenIdle()
})

test('a full service is busy for us too', async () => {
  const clock = createManualClock()
  await using upstream = await startRecordingUpstream(() => {})
  const config = { to: upstream.url, connections: 1, timeouts: { firstByte: '9s' } }
  await using lab = await startLab(config, { clock })
  const first = assert.rejects(lab.ask({ ...login, limitMs: 20_000 }), { code: 'upstream.timeout' })
  await upstream.request(0)
  const waiting = assert.rejects(lab.ask({ ...login, limitMs: 20_000 }), { code: 'upstream.busy', status: 503 })
  await assert.rejects(lab.ask(login), { code: 'upstream.busy', status: 503 })
  clock.advance(9_000)
  await waiting
  clock.advance(20_000)
  await first
})

test('after the end of the proxy nothing is asked', async () => {
  await using upstream = await startRecordingUpstream()
  await using lab = await startLab({ to: upstream.url })
  await lab.proxy.part.stop?.()
  await assert.rejects(lab.ask(login), { code: 'upstream.stopping', status: 503 })
})
