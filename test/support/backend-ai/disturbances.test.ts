import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { sendRaw } from '../raw-http.ts'
import { startManager } from './index.ts'
import { ask } from './signed-client.ts'

const get = (target: string, port: number) =>
  sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)

test('hold: nothing is answered and nothing of the body is read until then', async () => {
  await using manager = await startManager()
  const gate = Promise.withResolvers<void>()
  manager.disturb({ kind: 'hold', until: gate.promise }, { method: 'POST' })
  const answer = ask(`${manager.url}/cloud/a`, { method: 'POST', body: 'late' })
  const request = await manager.whenRequest(({ method }) => method === 'POST')
  assert.equal((await ask(`${manager.url}/`)).status, 200)
  assert.deepEqual([request.body.bytes, request.body.state], [0, 'coming'])
  gate.resolve()
  assert.equal((await answer).echo().body.bytes, 4)
})

test('hang up: the connection ends without an answer, as often as asked for', async () => {
  await using manager = await startManager()
  manager.disturb({ kind: 'hang up' }, { times: 2 })
  await assert.rejects(ask(`${manager.url}/`), /socket hang up/)
  await assert.rejects(ask(`${manager.url}/`), /socket hang up/)
  assert.equal((await ask(`${manager.url}/`)).status, 200)
  assert.equal(manager.counts.all, 3)
})

test('cut off: the answer ends in its middle', async () => {
  await using manager = await startManager()
  manager.disturb({ kind: 'cut off', afterBytes: 3000 })
  const { status, text } = await get('/', manager.port)
  assert.equal(status, 200)
  assert.match(text, /content-length: 1048576/i)
  assert.equal(text.split('\r\n\r\n')[1]?.length, 3000)
})

test('say: bytes that are no HTTP', async () => {
  await using manager = await startManager()
  manager.disturb({ kind: 'say', bytes: 'SSH-2.0-x\r\n' })
  assert.equal((await get('/', manager.port)).text, 'SSH-2.0-x\r\n')
})

test('answer: anything, for some requests, until it is ended', async () => {
  await using manager = await startManager()
  const headers = { 'Content-Type': 'text/html', 'X-Twice': ['1', '2'] }
  const body = '<h1>Proxy error</h1>'
  const end = manager.disturb({ kind: 'answer', status: 502, headers, body }, { target: /^\/health/ })
  const answer = await ask(`${manager.url}/health/readyz`)
  assert.deepEqual([answer.status, answer.headers['content-type'], String(answer.bytes)], [502, 'text/html', body])
  assert.equal((await ask(`${manager.url}/`)).status, 200)
  end()
  assert.equal((await ask(`${manager.url}/health/readyz`)).status, 200)
})

test('WebSockets can be disturbed as well', async () => {
  await using manager = await startManager()
  const open = () => {
    const client = new WebSocket(`ws://127.0.0.1:${manager.port}/stream/x`)
    client.on('error', () => {})
    return client
  }
  manager.disturb({ kind: 'answer', status: 503 }, { times: 1 })
  const [, response] = await once(open(), 'unexpected-response')
  assert.equal(response.statusCode, 503)
  for (const disturbance of [
    { kind: 'hang up' },
    { kind: 'say', bytes: 'x' },
    { kind: 'cut off', afterBytes: 0 },
  ] as const) {
    manager.disturb(disturbance, { times: 1 })
    const code = await new Promise((resolve) => open().once('close', resolve))
    assert.equal(code, 1006, disturbance.kind)
  }
  const gate = Promise.withResolvers<void>()
  manager.disturb({ kind: 'hold', until: gate.promise }, { times: 1 })
  const held = once(open(), 'unexpected-response')
  await manager.whenRequest(({ isUpgrade }) => isUpgrade)
  gate.resolve()
  assert.equal((await held)[1].statusCode, 401)
})
