// What every answer of our own tells the browser (security.md C1, C3, C4), route by route, to everybody and for whatever is
// answered: no cache keeps it, no other site reads it or shows it in a frame, nothing in it is run that is not ours. A new
// route is tried here without being named.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { SendOptions, TestAnswer, TestClient } from '../support/http-client.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { listRoutes } from './list-routes.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

const EVIL = 'https://evil.test'
const SESSION_COOKIE = /^__Host-gatehouse[\w-]*=[^;]*; Path=\/; HttpOnly; SameSite=Lax; Secure(?:; Max-Age=\d+)?$/
/** The same for everybody, and public by its nature. */
const KEPT: Readonly<Record<string, string>> = { 'GET /auth/jwks.json': 'public, max-age=300' }

interface Tried {
  readonly name: string
  readonly method: string
  readonly path: string
}

let upstream: RecordingUpstream
let lab: OidcLab
let routes: readonly Tried[]

before(async () => {
  upstream = await startRecordingUpstream()
  lab = await startOidcLab({
    config: {
      upstreams: [
        { path: '/api/lab/', to: upstream.url, allow: ['authenticated'] },
        { path: '/api/open/', to: upstream.url, allow: ['public'] },
      ],
    },
  })
  const values: Readonly<Record<string, string>> = { provider: 'sso', page: 'profile' }
  routes = listRoutes(lab.gateway)
    .routes.map(({ method, path }) => ({
      name: `${method} ${path}`,
      method,
      path: path.replaceAll(/:(\w+)/g, (_all, name: string) => values[name] ?? 'x'),
    }))
    // A logout comes last, because it ends the session that the others are tried with.
    .toSorted((a, b) => Number(a.path.endsWith('/logout')) - Number(b.path.endsWith('/logout')))
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

function assertDefended({ status, headers, text }: TestAnswer, name: string): void {
  const what = `${name}, answered ${status}`
  assert.equal(headers['cache-control'], status === 200 ? (KEPT[name] ?? 'no-store') : 'no-store', what)
  assert.equal(headers['x-content-type-options'], 'nosniff', what)
  assert.equal(headers['referrer-policy'], 'same-origin', what)
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin', what)
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin', what)
  assert.deepEqual([headers.server, headers['x-powered-by']], [undefined, undefined], what)
  assertUnread(headers, what)
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /default-src 'none'/, what)
  assert.match(policy, /frame-ancestors 'none'/, what)
  assert.doesNotMatch(policy, /unsafe-eval|script-src[^;]*unsafe|script-src[^;]*(?:\*|https?:)/, what)
  if (String(headers['content-type']).startsWith('text/html')) {
    for (const part of ["object-src 'none'", "base-uri 'none'", "script-src 'self' 'nonce-"]) {
      assert.ok(policy.includes(part), `${what}: ${part}`)
    }
    const [, nonce = ''] = /'nonce-([\w-]{22})'/.exec(policy) ?? []
    for (const [script] of text.matchAll(/<script\b[^>]*>/g)) {
      assert.ok(script.includes(`nonce="${nonce}"`) || / src="\//.test(script), `${what}: ${script}`)
    }
    assert.doesNotMatch(text, /<[^>]+\son\w+=/, `${what}: a handler in the markup`)
  }
  for (const line of [headers['set-cookie'] ?? []].flat()) assert.match(line, SESSION_COOKIE, what)
}

function assertUnread(headers: TestAnswer['headers'], what: string): void {
  const opened = Object.keys(headers).filter((name) => name.startsWith('access-control-'))
  assert.deepEqual(opened, [], what)
}

/** As a program and as a browser would; what reads, on behalf of a page of another site. */
const ways = ({ method }: Tried): readonly SendOptions[] => {
  const headers = method === 'GET' ? { origin: EVIL } : { origin: lab.url }
  return [
    { method, headers: { ...headers, accept: 'application/json' } },
    { method, headers: { ...headers, accept: 'text/html', 'sec-fetch-mode': 'navigate' } },
  ]
}

test('no answer of any route is kept by a cache, read by another site, or without its defences', async () => {
  const people: readonly TestClient[] = [lab.stranger(), await logInHere('ada'), await logInHere('grace')]
  const statuses = new Set<number>()
  for (const route of routes) {
    for (const client of people) {
      for (const way of ways(route)) {
        const answer = await client.send(route.path, way)
        statuses.add(answer.status)
        assertDefended(answer, route.name)
      }
    }
  }
  for (const status of [200, 303, 400, 401, 403, 404]) assert.ok(statuses.has(status), `nothing was answered ${status}`)
})

test('nor is what is refused for another reason', async () => {
  const ada = await logInHere('ada')
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['GET', '/api/v1/nothing'],
    ['DELETE', '/api/v1/me'],
    ['TRACE', '/'],
    ['GET', '/api/lab/../x'],
    ['GET', `/?${'x'.repeat(9_000)}`],
  ] as const) {
    for (const client of [lab.stranger(), ada]) {
      assertDefended(await client.send(path, { method, headers: { origin: EVIL } }), `${method} ${path}`)
    }
  }
})

/** Addresses that a cache in front might take for files. */
const deceptions = (path: string): readonly string[] =>
  ['/x.css', '%2Fx.css', ';x.css', '%0a.css', '%00.css', '.css', '/..%2fx.css'].map((end) => path + end)

test('no address that looks like a file shows somebody’s own', async () => {
  const ada = await logInHere('ada')
  assert.match((await ada.get('/api/v1/me')).text, /"username":"ada"/)
  const paths = ['/api/v1/me', '/api/v1/sessions', '/account', '/settings', '/settings/profile']
  for (const path of paths.flatMap(deceptions)) {
    const { status, headers, text } = await ada.get(path, { accept: 'text/html,*/*' })
    assert.ok([400, 404, 405].includes(status), `${path} is answered ${status}`)
    assert.equal(headers['cache-control'], 'no-store', path)
    assert.doesNotMatch(text, /"ada"/, path)
  }
})

test('no page of another site is told that it may ask, and its question goes no further', async () => {
  const ada = await logInHere('ada')
  const paths = [...routes.map(({ path }) => path), '/api/lab/x', '/api/open/x']
  for (const path of new Set(paths)) {
    for (const client of [lab.stranger(), ada]) {
      const headers = { origin: EVIL, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x' }
      const answer = await client.send(path, { method: 'OPTIONS', headers })
      assert.equal(answer.status, 403, path)
      assertUnread(answer.headers, path)
    }
  }
  assert.equal(upstream.requests.length, 0)
})

async function logInHere(who: 'ada' | 'grace'): Promise<TestClient> {
  const client = lab.stranger()
  assert.equal((await client.post('/auth/login/local', await lab.account(who))).status, 303)
  return client
}
