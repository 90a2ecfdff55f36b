// Several endpoints of one upstream: who gets a request, what is sent to another when one fails, and what never is.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Secret } from '#kernel'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { sendRaw } from '../../test/support/raw-http.ts'
import {
  ok,
  type RecordedRequest,
  type RecordingUpstream,
  startRecordingUpstream,
} from '../../test/support/recording-upstream.ts'
import { ada, startProxy } from '../../test/support/start-proxy.ts'

/** An address where nobody listens any more. */
const startAway = async (): Promise<string> => {
  const upstream = await startRecordingUpstream()
  await upstream.close()
  return upstream.url
}

const hostOf = (url: string): string => new URL(url).host

const answersOf = async (url: string, count: number, init?: RequestInit): Promise<readonly (number | string)[]> => {
  const answers: (number | string)[] = []
  for (let each = 0; each < count; each++) {
    const answer = await fetch(`${url}/api/m/${each}`, init)
    answers.push(answer.status === 200 ? await answer.text() : answer.status)
  }
  return answers
}

const sorted = (answers: readonly (number | string)[]): string => answers.map(String).sort().join(' ')

const named = (name: string): Promise<RecordingUpstream> => startRecordingUpstream(() => ok(name))

test('each in turn, by weight', async () => {
  await using a = await named('a')
  await using b = await named('b')
  await using proxy = await startProxy({ upstreams: [{ to: [a.url, { url: b.url, weight: 2 }] }] })
  assert.equal((await answersOf(proxy.url, 6)).join(''), 'babbab')
})

test('the fewest open: the one that is busy gets no more', async () => {
  const gate = Promise.withResolvers<void>()
  await using a = await startRecordingUpstream(() => gate.promise.then(() => ok('a')))
  await using b = await named('b')
  await using proxy = await startProxy({ upstreams: [{ to: [a.url, b.url], balance: 'least-connections' }] })
  const slow = fetch(`${proxy.url}/api/m/slow`)
  await a.request(0)
  assert.equal((await answersOf(proxy.url, 4)).join(''), 'bbbb')
  gate.resolve()
  assert.equal(await (await slow).text(), 'a')
})

test('where one has all that it may be given, the others are not made to wait', async () => {
  const gate = Promise.withResolvers<void>()
  await using a = await startRecordingUpstream(() => gate.promise.then(() => ok('a')))
  await using b = await named('b')
  await using proxy = await startProxy({ upstreams: [{ to: [a.url, b.url], connections: 1 }] })
  const slow = fetch(`${proxy.url}/api/m/slow`)
  await a.request(0)
  assert.equal((await answersOf(proxy.url, 4)).join(''), 'bbbb')
  gate.resolve()
  await slow
})

for (const [name, init] of Object.entries({
  GET: {},
  'POST with a body': { method: 'POST', body: 'x'.repeat(100_000) },
  DELETE: { method: 'DELETE' },
} satisfies Record<string, RequestInit>)) {
  test(`${name}: what could not be delivered goes to another endpoint, whole and once`, async () => {
    const away = await startAway()
    await using b = await named('b')
    await using proxy = await startProxy({ upstreams: [{ to: [away, b.url], ejection: { failures: 2 } }] })
    assert.equal((await answersOf(proxy.url, 6, init)).join(''), 'bbbbbb')
    const body = 'body' in init ? init.body : ''
    assert.deepEqual(
      b.requests.map((request) => [request.target, request.body]),
      [0, 1, 2, 3, 4, 5].map((each) => [`/${each}`, body]),
    )
    assert.deepEqual(proxy.counts('upstream_failures_total'), {})
    assert.deepEqual(proxy.counts('upstream_repeats_total'), { 'api-m': 2 })
    assert.deepEqual(proxy.counts('upstream_endpoint_failures_total'), {
      [`api-m ${hostOf(away)} upstream.refused`]: 2,
    })
    assert.equal(await proxy.reading('upstream_endpoint_ejected'), 1)
  })
}

test('with nobody there it is a 502, after each was tried once', async () => {
  const [a, b] = [await startAway(), await startAway()]
  await using proxy = await startProxy({ upstreams: [{ to: [a, b] }] })
  assert.deepEqual(await answersOf(proxy.url, 1), [502])
  assert.deepEqual(proxy.counts('upstream_failures_total'), { 'api-m upstream.refused': 1 })
  assert.deepEqual(Object.keys(proxy.counts('upstream_endpoint_failures_total')).length, 2)
})

test('a GET whose connection broke goes to another endpoint; nothing else does', async () => {
  await using a = await startRecordingUpstream((_request, socket) => void socket.resetAndDestroy())
  await using b = await named('b')
  await using proxy = await startProxy({ upstreams: [{ to: [a.url, b.url] }] })
  assert.deepEqual(await answersOf(proxy.url, 2), ['b', 'b'])
  assert.deepEqual([a.requests.length, b.requests.length], [1, 2])
  for (const init of [{ method: 'POST', body: 'x' }, { method: 'POST' }, { method: 'DELETE' }]) {
    assert.equal(sorted(await answersOf(proxy.url, 2, init)), '502 b')
  }
})

test('a stuck endpoint is left out, and comes back when its time is over', async () => {
  const clock = createManualClock()
  let isWell = false
  await using a = await startRecordingUpstream(() =>
    isWell ? ok('a') : 'HTTP/1.1 503 Down\r\ncontent-length: 0\r\n\r\n',
  )
  await using b = await named('b')
  const ejection = { failures: 2, time: '10s' }
  await using proxy = await startProxy({ upstreams: [{ to: [a.url, b.url], ejection }], clock })
  assert.deepEqual(await answersOf(proxy.url, 6), [503, 'b', 503, 'b', 'b', 'b'])
  clock.advance(10_000)
  assert.equal(sorted(await answersOf(proxy.url, 3)), '503 b b')
  clock.advance(10_000)
  assert.deepEqual(await answersOf(proxy.url, 2), ['b', 'b'])
  isWell = true
  clock.advance(10_000)
  assert.equal(sorted(await answersOf(proxy.url, 4)), 'a a b b')
})

const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

/** Computed from what arrived, as the service does. */
function assertSigned(request: RecordedRequest): void {
  const [date = ''] = request.all('date')
  const [host = ''] = request.all('host')
  const [version = ''] = request.all('x-backendai-version')
  const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  const type = request.all('content-type')[0] ?? 'text/plain'
  const text = `${request.method}\n${request.target}\n${date}\nhost:${host}\ncontent-type:${type}\nx-backendai-version:${version}\n${emptyHash}`
  const day = createHmac('sha256', SECRET_KEY).update(date.slice(0, 10).replaceAll('-', '')).digest()
  const key = createHmac('sha256', day).update(host).digest()
  const signature = createHmac('sha256', key).update(text, 'latin1').digest('hex')
  assert.match(request.all('authorization')[0] ?? '', new RegExp(`:${signature}$`))
}

test('each endpoint gets a signature for its own Host, also what is sent once more', async () => {
  const dying = await startRecordingUpstream((_request, socket) => void socket.resetAndDestroy())
  await using a = await named('a')
  await using b = await named('b')
  const keypair = { kind: 'keypair', accessKey: 'AKIA', secretKey: new Secret(SECRET_KEY), role: 'user' } as const
  await using proxy = await startProxy({
    upstreams: [
      { to: [dying.url, a.url, b.url], sign: { type: 'backend-ai', credential: 'm' }, ejection: { failures: 2 } },
    ],
    principal: ada,
    credentials: { m: keypair },
  })
  for (const name of await answersOf(proxy.url, 9)) assert.match(String(name), /^[ab]$/)
  assert.ok(a.requests.length > 0 && b.requests.length > 0 && dying.requests.length > 0)
  for (const upstream of [dying, a, b]) {
    for (const request of upstream.requests) {
      assert.deepEqual(request.all('host'), [hostOf(upstream.url)])
      assertSigned(request)
    }
  }
  await dying.close()
})

test('a Location of any endpoint is ours', async () => {
  await using b = await named('b')
  await using a = await startRecordingUpstream(({ target }) => {
    const origin = target.endsWith('b') ? b.url : a.url
    return `HTTP/1.1 307 Moved\r\nlocation: ${origin}/v1/jobs/7\r\ncontent-length: 0\r\n\r\n`
  })
  await using proxy = await startProxy({ upstreams: [{ to: [`${a.url}/v1`, { url: `${b.url}/v1`, weight: 1 }] }] })
  const locations: string[] = []
  for (const target of ['a', 'skipped', 'b']) {
    const request = `GET /api/m/${target} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nConnection: close\r\n\r\n`
    const { text } = await sendRaw(proxy.port, request)
    locations.push(/^location: (.*)\r$/im.exec(text)?.[1] ?? '')
  }
  assert.deepEqual(locations, ['/api/m/jobs/7', '', '/api/m/jobs/7'])
})

test('a client that leaves while its request is signed anew takes nothing with it', async () => {
  await using a = await startRecordingUpstream((_request, socket) => void socket.resetAndDestroy())
  await using b = await named('b')
  const signing = Promise.withResolvers<void>()
  let signed = 0
  const keypair = { kind: 'keypair', accessKey: 'AKIA', secretKey: new Secret(SECRET_KEY), role: 'user' } as const
  await using proxy = await startProxy({
    upstreams: [{ to: [a.url, b.url], sign: { type: 'backend-ai', credential: 'm' } }],
    principal: ada,
    credential: async () => {
      signed++
      if (signed === 2) await signing.promise
      return keypair
    },
  })
  const leave = new AbortController()
  const asked = fetch(`${proxy.url}/api/m/`, { signal: leave.signal })
  while (signed < 2) await new Promise((resolve) => setImmediate(resolve))
  leave.abort()
  await assert.rejects(asked)
  await proxy.until('upstream_requests_in_flight', 0)
  signing.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await proxy.reading('upstream_requests_in_flight'), 0)
  assert.equal(b.requests.length, 0)
  assert.deepEqual(proxy.counts('upstream_repeats_total'), {})
})
