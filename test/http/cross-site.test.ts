// What a browser may have sent with our cookie must prove that it comes from our own pages.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineRoute, type Mount, noContent } from '#http'
import { sendRaw } from '../support/raw-http.ts'
import { startEdge } from '../support/start-edge.ts'

const OWN = 'https://gate.test'
const PARTNER = 'https://partner.test'

const save = (path: string, routeClass: 'api' | 'auth') =>
  defineRoute({ method: 'POST', path, routeClass, access: 'public', handle: () => noContent() })

const mount: Mount = {
  id: 'up',
  prefix: '/up/',
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  webSocketOrigins: ['https://notebooks.test'],
  serve: async (_ctx, response) => void response.writeHead(204).end(),
  upgrade: async (_ctx, socket) => void socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
}

type Case = readonly [headers: Readonly<Record<string, string>>, allowed: boolean]

const COOKIE = { cookie: 'any=1' }
const CASES: readonly Case[] = [
  [{ ...COOKIE, origin: OWN, 'sec-fetch-site': 'same-origin' }, true],
  [{ ...COOKIE, origin: OWN }, true],
  [{ ...COOKIE, 'sec-fetch-site': 'same-origin' }, true],
  [{ ...COOKIE }, false],
  [{ ...COOKIE, 'sec-fetch-site': 'none' }, false],
  [{ ...COOKIE, 'sec-fetch-site': 'same-site' }, false],
  [{ ...COOKIE, 'sec-fetch-site': 'cross-site' }, false],
  [{ ...COOKIE, 'sec-fetch-site': 'Same-Origin' }, false],
  [{ ...COOKIE, 'sec-fetch-site': '' }, false],
  [{ ...COOKIE, origin: 'null' }, false],
  [{ ...COOKIE, origin: 'null', 'sec-fetch-site': 'same-origin' }, false],
  [{ ...COOKIE, origin: '' }, false],
  [{ ...COOKIE, origin: 'https://evil.test' }, false],
  [{ ...COOKIE, origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }, false],
  [{ ...COOKIE, origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }, false],
  [{ ...COOKIE, origin: OWN, 'sec-fetch-site': 'cross-site' }, false],
  [{ ...COOKIE, origin: OWN, 'sec-fetch-site': 'same-site' }, false],
  [{ ...COOKIE, origin: 'http://gate.test' }, false],
  [{ ...COOKIE, origin: 'https://gate.test:443' }, false],
  [{ ...COOKIE, origin: 'https://gate.test:8443' }, false],
  [{ ...COOKIE, origin: 'https://gate.test.evil.test' }, false],
  [{ ...COOKIE, origin: 'https://desktop.gate.test', 'sec-fetch-site': 'same-site' }, false],
  [{ ...COOKIE, origin: 'https://gate.test/' }, false],
  [{ ...COOKIE, origin: 'HTTPS://GATE.TEST' }, false],
  [{ ...COOKIE, origin: `${OWN} https://evil.test` }, false],
  [{ ...COOKIE, origin: PARTNER, 'sec-fetch-site': 'cross-site' }, true],
  [{ ...COOKIE, referer: `${OWN}/page` }, false],
  [{ ...COOKIE, 'x-requested-with': 'XMLHttpRequest' }, false],
  [{ ...COOKIE, 'content-type': 'text/plain', origin: 'https://evil.test' }, false],
]

const post = async (port: number, path: string, headers: Readonly<Record<string, string>>): Promise<number> => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const message = `POST ${path} HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`
  return (await sendRaw(port, message)).status
}

const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

const open = async (port: number, path: string, headers: Readonly<Record<string, string>>): Promise<number> => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return (await sendRaw(port, `GET ${path} HTTP/1.1\r\nHost: gate.test\r\n${HANDSHAKE}${lines.join('')}\r\n`)).status
}

test('unsafe requests with cookies: our own API, proxied routes and the login form alike', async () => {
  const routes = [save('/api/v1/thing', 'api'), save('/auth/login', 'auth')]
  await using edge = await startEdge({ url: OWN, routes, mounts: [mount], allowedOrigins: [PARTNER] })
  for (const [headers, allowed] of CASES) {
    for (const path of ['/api/v1/thing', '/auth/login', '/up/thing']) {
      const isOpen = allowed && !(path === '/auth/login' && headers.origin === PARTNER)
      assert.equal(await post(edge.port, path, headers), isOpen ? 204 : 403, `${path} ${JSON.stringify(headers)}`)
    }
  }
})

test('a mount’s programs are known by a header that no page of another origin can add; browsers still say where from', async () => {
  const programs: Mount = { ...mount, id: 'programs', prefix: '/programs/', programHeader: 'x-version' }
  await using edge = await startEdge({ url: OWN, mounts: [mount, programs] })
  const program = { ...COOKIE, 'x-version': 'v9' }
  assert.equal(await post(edge.port, '/programs/thing', program), 204)
  assert.equal(await open(edge.port, '/programs/ws', program), 101)
  assert.equal(await post(edge.port, '/programs/thing', COOKIE), 403)
  assert.equal(await open(edge.port, '/programs/ws', COOKIE), 403)
  assert.equal(await post(edge.port, '/up/thing', program), 403, 'only where it is declared')
  for (const told of [
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    assert.equal(await post(edge.port, '/programs/thing', { ...program, ...told }), 403, JSON.stringify(told))
  }
})

test('what a mount takes from any site is taken from there, and nothing else; no WebSocket is', async () => {
  const signOn: Mount = {
    ...mount,
    id: 'sign-on',
    prefix: '/sign-on/',
    sessionName: () => undefined,
    isFromAnySite: ({ target }) => target.path === '/sign-on/back',
  }
  await using edge = await startEdge({ url: OWN, mounts: [mount, signOn] })
  for (const where of [{ origin: 'https://idp.test', 'sec-fetch-site': 'cross-site' }, { origin: 'null' }, {}]) {
    const headers = { ...COOKIE, ...where }
    assert.equal(await post(edge.port, '/sign-on/back', headers), 204, JSON.stringify(where))
    assert.equal(await post(edge.port, '/sign-on/elsewhere', headers), 403, JSON.stringify(where))
    assert.equal(await open(edge.port, '/sign-on/back', headers), 403, JSON.stringify(where))
  }
})

test('without a cookie a program may post to the API, but nobody may post a login form', async () => {
  const routes = [save('/api/v1/thing', 'api'), save('/auth/login', 'auth')]
  await using edge = await startEdge({ url: OWN, routes })
  assert.equal(await post(edge.port, '/api/v1/thing', {}), 204)
  assert.equal(await post(edge.port, '/auth/login', {}), 403)
  assert.equal(await post(edge.port, '/auth/login', { origin: 'https://evil.test' }), 403)
})

test('where a mount names sessions a login may begin: a browser must come from an allowed page, cookie or not', async () => {
  const naming: Mount = { ...mount, id: 'naming', prefix: '/naming/', sessionName: () => undefined }
  await using edge = await startEdge({ url: OWN, mounts: [mount, naming], allowedOrigins: [PARTNER] })
  const name = { 'x-session': '0123456789abcdef0123456789abcdef' }
  const cases: readonly Case[] = [
    ...CASES,
    [{}, true],
    [name, true],
    [{ origin: OWN, 'sec-fetch-site': 'same-origin' }, true],
    [{ origin: PARTNER, 'sec-fetch-site': 'cross-site' }, true],
    [{ ...name, origin: PARTNER, 'sec-fetch-site': 'cross-site' }, true],
    [{ origin: 'https://evil.test', 'content-type': 'text/plain' }, false],
    [{ ...name, origin: 'https://evil.test' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ origin: 'null' }, false],
  ]
  for (const [headers, allowed] of cases) {
    assert.equal(await post(edge.port, '/naming/login', headers), allowed ? 204 : 403, JSON.stringify(headers))
  }
  const preflight = 'Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-session\r\n'
  const asked = await sendRaw(
    edge.port,
    `OPTIONS /naming/x HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\nOrigin: https://evil.test\r\n${preflight}\r\n`,
  )
  assert.equal(asked.status, 403, 'no page of another origin may send the header')
  assert.equal(await post(edge.port, '/up/thing', { origin: 'https://evil.test' }), 204, 'nothing begins there')
})

test('WebSocket handshakes: our own origin, and those that the upstream lists', async () => {
  await using edge = await startEdge({ url: OWN, mounts: [mount] })
  const cases: readonly (readonly [string, number])[] = [
    [`Cookie: a=1\r\nOrigin: ${OWN}\r\n`, 101],
    ['Cookie: a=1\r\nOrigin: https://notebooks.test\r\n', 101],
    ['Cookie: a=1\r\nOrigin: https://evil.test\r\n', 403],
    ['Origin: https://evil.test\r\n', 403],
    ['Cookie: a=1\r\nOrigin: null\r\n', 403],
    ['Cookie: a=1\r\n', 403],
    [`Cookie: a=1\r\nOrigin: ${OWN}\r\nSec-Fetch-Site: cross-site\r\n`, 403],
  ]
  for (const [headers, status] of cases) {
    const answer = await sendRaw(edge.port, `GET /up/ws HTTP/1.1\r\nHost: gate.test\r\n${HANDSHAKE}${headers}\r\n`)
    assert.equal(answer.status, status, headers)
  }
})

test('CORS: listed origins only, preflights answered here, Vary always', async () => {
  await using edge = await startEdge({
    url: OWN,
    mounts: [mount],
    routes: [save('/api/v1/thing', 'api')],
    allowedOrigins: [PARTNER],
  })
  const ask = (method: string, origin: string, extra = '') =>
    sendRaw(
      edge.port,
      `${method} /up/x HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\nOrigin: ${origin}\r\n${extra}\r\n`,
    )
  const preflight = 'Access-Control-Request-Method: POST\r\n'

  const allowed = await ask('OPTIONS', PARTNER, preflight)
  assert.equal(allowed.status, 204)
  assert.match(allowed.text, /access-control-allow-origin: https:\/\/partner\.test\r\n/i)
  assert.match(allowed.text, /access-control-allow-methods: GET, POST\r\n/i)
  assert.match(allowed.text, /access-control-max-age: 600\r\n/i)
  assert.match(allowed.text, /vary: origin\r\n/i)

  const refused = await ask('OPTIONS', 'https://evil.test', preflight)
  assert.equal(refused.status, 403)
  assert.doesNotMatch(refused.text, /access-control-allow/i)
  assert.match(refused.text, /vary: origin\r\n/i)

  const read = await ask('GET', 'https://evil.test')
  assert.doesNotMatch(read.text, /access-control-allow/i)
})

test('without configured origins no CORS header is ever sent', async () => {
  await using edge = await startEdge({ url: OWN, mounts: [mount] })
  const answer = await sendRaw(
    edge.port,
    'OPTIONS /up/x HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\nOrigin: https://evil.test\r\nAccess-Control-Request-Method: PUT\r\n\r\n',
  )
  assert.equal(answer.status, 403)
  assert.doesNotMatch(answer.text, /access-control/i)
})
