// A GET or HEAD that met a connection which had died in the pool is sent once more; nothing else ever is.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { ok, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'

/** Answers the first request of a connection and dies at the second, as a server does that just timed out. */
const dyingUpstream = () => {
  const seen = new Map<number, number>()
  return startRecordingUpstream(({ connection }, socket) => {
    const count = (seen.get(connection) ?? 0) + 1
    seen.set(connection, count)
    if (count === 1) return ok()
    socket.resetAndDestroy()
    return undefined
  })
}

for (const method of ['GET', 'HEAD'] as const) {
  test(`${method} is sent once more, over a new connection`, async () => {
    await using upstream = await dyingUpstream()
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    await fetch(`${proxy.url}/api/m/one`)
    const answer = await fetch(`${proxy.url}/api/m/two`, { method })
    assert.equal(answer.status, 200)
    assert.deepEqual(
      upstream.requests.map(({ target, connection }) => [target, connection]),
      [
        ['/one', 0],
        ['/two', 0],
        ['/two', 1],
      ],
    )
    assert.deepEqual(proxy.counts('upstream_failures_total'), {})
    assert.deepEqual(proxy.counts('upstream_repeats_total'), { 'api-m': 1 })
  })
}

for (const [method, body] of [
  ['GET', ''],
  ['POST', 'x'],
] as const) {
  test(`${method} that had not left when all connections of the pool died is sent over a new one`, async () => {
    const connections = 4
    const all = Promise.withResolvers<void>()
    await using upstream = await startRecordingUpstream(async () => {
      if (upstream.requests.length === connections) all.resolve()
      await all.promise
      return ok()
    })
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    const client = connect(proxy.port, '127.0.0.1')
    const ask = async (): Promise<string> => String((await once(client, 'data'))[0])
    const request = `${method} /api/m/last HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const others = Array.from({ length: connections - 1 }, () => fetch(`${proxy.url}/api/m/`))
    client.write(request)
    assert.match(await ask(), /^HTTP\/1\.1 200/)
    for (const other of others) await (await other).text()
    assert.equal(upstream.open.size, connections)
    // It is at the gateway before the gateway hears of the ends.
    client.write(request)
    for (const socket of upstream.open) socket.resetAndDestroy()
    assert.match(await ask(), /^HTTP\/1\.1 200/)
    assert.equal(upstream.requests.filter(({ target }) => target === '/last').length, 2, 'each came once')
    client.destroy()
  })
}

const unrepeatable: Readonly<Record<string, RequestInit>> = {
  'POST with a body': { method: 'POST', body: 'x' },
  'POST without a body': { method: 'POST' },
  PUT: { method: 'PUT', body: 'x' },
  DELETE: { method: 'DELETE' },
}

for (const [name, init] of Object.entries(unrepeatable)) {
  test(`${name} is not`, async () => {
    await using upstream = await dyingUpstream()
    await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
    await fetch(`${proxy.url}/api/m/one`)
    const answer = await fetch(`${proxy.url}/api/m/two`, init)
    assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [502, 'upstream.reset'])
    assert.deepEqual(
      upstream.requests.map(({ target }) => target),
      ['/one', '/two'],
    )
  })
}

test('a GET is sent no third time', async () => {
  await using upstream = await startRecordingUpstream((_request, socket) => void socket.resetAndDestroy())
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const answer = await fetch(`${proxy.url}/api/m/`)
  assert.equal(((await answer.json()) as { code: string }).code, 'upstream.reset')
  assert.equal(upstream.requests.length, 2)
})

test('a GET whose answer had begun is not sent again', async () => {
  await using upstream = await startRecordingUpstream((_request, socket) => {
    socket.write('HTTP/1.1 200', () => setImmediate(() => socket.resetAndDestroy()))
  })
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url }] })
  const answer = await fetch(`${proxy.url}/api/m/`)
  assert.equal(answer.status, 502)
  assert.equal(upstream.requests.length, 1)
})
