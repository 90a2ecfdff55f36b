// A mount that speaks a protocol of its own tells errors in that protocol's words, whoever throws them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineRoute, httpErrors, type Mount, type Step } from '#http'
import { ask } from '../gateway/ask.ts'
import { sendRaw } from '../support/raw-http.ts'
import { handshakeRequest } from '../support/raw-web-socket.ts'
import { startEdge, type TestEdge } from '../support/start-edge.ts'

const TYPE = 'https://protocol.test/problems/'

/** Its words for what it knows; 431 is somebody else's. */
const mount: Mount = {
  id: 'protocol',
  prefix: '/protocol/',
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  errorAnswer: (_ctx, { code, status }) =>
    status === 431 ? undefined : { kind: 'json', status: status === 500 ? 502 : status, body: { type: TYPE + code } },
  async serve(ctx) {
    if (ctx.target.path.endsWith('/broken')) throw new Error('CANARY')
    throw ctx.target.path.endsWith('/headers')
      ? httpErrors.tooManyHeaders({ limit: 1 })
      : httpErrors.methodNotAllowed({ method: ctx.method, allow: 'GET, POST' })
  },
  upgrade: async () => {
    throw httpErrors.notFound({})
  },
}
const plain: Mount = { ...mount, id: 'plain', prefix: '/plain/', errorAnswer: () => undefined }
const { errorAnswer: _, ...silent } = mount
const without: Mount = { ...silent, id: 'without', prefix: '/without/' }
const failing: Mount = {
  ...mount,
  id: 'failing',
  prefix: '/failing/',
  errorAnswer: () => {
    throw new Error('a fault of the mount')
  },
}
const mounts = [mount, plain, without, failing]

const refuseAll: Step = () => {
  throw httpErrors.tooManyRequests({
    subject: 'address',
    name: 'all',
    rate: { limit: 1, windowMs: 1000 },
    waitMs: 4200,
  })
}

const PROGRAM = { accept: 'application/json' }
const BROWSER = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }

const get = ({ port }: TestEdge, path: string, headers = PROGRAM) => ask({ host: '127.0.0.1', port, path, headers })

const upgrade = ({ port }: TestEdge, path: string) => sendRaw(port, handshakeRequest(port, {}, `GET ${path} HTTP/1.1`))

test('an error that the mount throws is told in its words, also to a browser, with the headers of the error', async () => {
  await using edge = await startEdge({ mounts })
  for (const headers of [PROGRAM, BROWSER]) {
    const answer = await get(edge, '/protocol/x', headers)
    assert.equal(answer.status, 405)
    assert.deepEqual(JSON.parse(answer.text), { type: `${TYPE}http.methodNotAllowed` })
    assert.equal(answer.headers.allow, 'GET, POST')
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    assert.equal(answer.headers['cache-control'], 'no-store')
  }
})

test('an error of a step is told in the words of the mount; anywhere else in ours', async () => {
  const route = defineRoute({
    method: 'GET',
    path: '/api/v1/thing',
    routeClass: 'api',
    access: 'public',
    handle: () => ({ kind: 'empty', status: 204 }),
  })
  await using edge = await startEdge({ mounts, routes: [route], loadSession: refuseAll })
  const answer = await get(edge, '/protocol/x')
  assert.deepEqual([answer.status, JSON.parse(answer.text)], [429, { type: `${TYPE}http.tooManyRequests` }])
  assert.equal(answer.headers['retry-after'], '5')
  assert.match(String(answer.headers['ratelimit-policy']), /^"all";q=1/)
  for (const path of ['/plain/x', '/without/x', '/api/v1/thing']) {
    assert.match((await get(edge, path)).headers['content-type'] ?? '', /^application\/problem\+json/, path)
  }
})

test('what the mount has no words for is told in ours: to a browser as a page', async () => {
  await using edge = await startEdge({ mounts })
  for (const path of ['/protocol/headers', '/plain/x', '/without/x']) {
    assert.match((await get(edge, path)).headers['content-type'] ?? '', /^application\/problem\+json/, path)
    assert.match((await get(edge, path, BROWSER)).headers['content-type'] ?? '', /^text\/html/, path)
  }
})

test('an unexpected error is an internal one for the mount too: logged with its cause, told without', async () => {
  await using edge = await startEdge({ mounts })
  const answer = await get(edge, '/protocol/broken')
  assert.deepEqual([answer.status, JSON.parse(answer.text)], [502, { type: `${TYPE}http.internal` }])
  const logged = edge.logged.find(({ event }) => event === 'request_error')
  assert.equal(logged?.code, 'http.internal')
  assert.match(String(logged?.err), /CANARY/)
})

test('a mount that fails at its own words leaves nobody without an answer, upgrades included', async () => {
  await using edge = await startEdge({ mounts })
  const answer = await get(edge, '/failing/x')
  assert.deepEqual([answer.status, JSON.parse(answer.text).code], [405, 'http.methodNotAllowed'])
  const refused = await upgrade(edge, '/failing/ws')
  assert.equal(refused.status, 404)
  assert.match(refused.text, /"code":"http.notFound"/)
  assert.equal(edge.logged.filter(({ event }) => event === 'error_answer_failed').length, 2)
})

test('a refused upgrade is answered in the words of the mount, and counted with its status', async () => {
  await using edge = await startEdge({ mounts })
  const refused = await upgrade(edge, '/protocol/ws')
  assert.match(refused.text, /^HTTP\/1\.1 404 Not Found\r\n/)
  assert.equal(refused.text.split('\r\n\r\n')[1], JSON.stringify({ type: `${TYPE}http.notFound` }))

  const breakDown: Step = () => {
    throw new Error('CANARY')
  }
  await using broken = await startEdge({ mounts, loadSession: breakDown })
  assert.equal((await upgrade(broken, '/protocol/ws')).status, 502)
  assert.deepEqual(
    broken.finished.map(({ status }) => status),
    [502],
  )
})
