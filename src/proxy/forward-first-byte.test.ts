// How long an upstream may take to begin its answer: to the millisecond, counted from when it has the whole request, and
// anew from each sign of life.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

const LIMIT_MS = 60_000
const timeouts = { firstByte: `${LIMIT_MS}ms` }

const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code]

test('it ends at the limit, not a moment earlier', async () => {
  const clock = createManualClock()
  await using upstream = await startRecordingUpstream(() => {})
  await using proxy = await startProxy({ clock, upstreams: [{ to: upstream.url, timeouts }] })
  const answer = fetch(`${proxy.url}/api/m/`)
  await upstream.request(0)
  clock.advance(LIMIT_MS - 1)
  assert.equal(await proxy.reading('upstream_requests_in_flight'), 1)
  clock.advance(1)
  assert.deepEqual(await codeOf(await answer), [504, 'upstream.timeout'])
  await upstream.whenIdle()
  assert.deepEqual(proxy.counts('upstream_failures_total'), { 'api-m upstream.timeout': 1 })
})

test('an answer that has begun may take as long as it likes', async () => {
  const clock = createManualClock()
  let connection: Socket | undefined
  await using upstream = await startRecordingUpstream((_request, socket) => {
    connection = socket
    return 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no'
  })
  await using proxy = await startProxy({ clock, upstreams: [{ to: upstream.url, timeouts }] })
  const answer = await fetch(`${proxy.url}/api/m/`)
  clock.advance(LIMIT_MS * 2)
  connection?.write('k')
  assert.equal(await answer.text(), 'ok')
})

test('while the client sends, the upstream need not answer; then it must in time', async () => {
  const clock = createManualClock()
  await using upstream = await startRecordingUpstream(() => {})
  await using proxy = await startProxy({ clock, upstreams: [{ to: upstream.url, timeouts }] })
  const upload = request(`${proxy.url}/api/m/`, { method: 'POST' })
  upload.write('first')
  await upstream.whenBytes()
  clock.advance(LIMIT_MS * 2)
  upload.end('last')
  assert.equal((await upstream.request(0)).body, 'firstlast')
  clock.advance(LIMIT_MS)
  const [{ statusCode }] = (await once(upload, 'response')) as [IncomingMessage]
  assert.equal(statusCode, 504)
})

test('a body that the upstream does not take ends it as well', async () => {
  const clock = createManualClock()
  await using upstream = await startRecordingUpstream(undefined, { onConnection: (socket) => socket.pause() })
  await using proxy = await startProxy({ clock, upstreams: [{ to: upstream.url, timeouts }] })
  const upload = request(`${proxy.url}/api/m/`, { method: 'POST' }).on('error', () => {})
  const answered = once(upload, 'response')
  const chunk = Buffer.alloc(1024 * 1024)
  const sendOn = () => {
    while (upload.write(chunk));
  }
  upload.on('drain', sendOn)
  sendOn()
  // It cannot be seen when the last buffer between them is full.
  const tick = setInterval(() => clock.advance(LIMIT_MS), 200)
  const [{ statusCode }] = (await answered) as [IncomingMessage]
  clearInterval(tick)
  assert.equal(statusCode, 504)
  upload.destroy()
})

test('who says to be still at it is waited for, as long again', async () => {
  const clock = createManualClock()
  let connection: Socket | undefined
  await using upstream = await startRecordingUpstream((_request, socket) => {
    connection = socket
  })
  await using proxy = await startProxy({ clock, upstreams: [{ to: upstream.url, timeouts }] })
  const client = request(`${proxy.url}/api/m/`).end()
  await upstream.request(0)
  for (let each = 0; each < 3; each++) {
    clock.advance(LIMIT_MS - 1)
    const told = once(client, 'information')
    connection?.write('HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n')
    await told
  }
  clock.advance(LIMIT_MS - 1)
  connection?.write(ok())
  const [response] = (await once(client, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  response.resume()
})
