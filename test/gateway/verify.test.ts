// `/auth/verify`: proxies in front ask about requests to what they serve by themselves. Here with the headers that
// Traefik, Envoy and nginx are documented to send; `front-*.test.ts` asks through the real programs.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import { type Lab, startLab } from './lab.ts'

const services = [
  { id: 'wiki', path: '/wiki/', allow: ['authenticated'] },
  { id: 'grafana', path: '/grafana/', allow: ['group:lab'] },
  {
    id: 'data',
    path: '/data/',
    rules: [
      { methods: ['OPTIONS'], allow: ['public'] },
      { paths: ['/open/**'], allow: ['public'] },
      { methods: ['GET'], allow: ['group:lab'] },
      { paths: ['/admin/**'], allow: ['group:admins'] },
    ],
  },
  { id: 'nobody', path: '/nobody/' },
  { id: 'empty', path: '/empty/', allow: [] },
  { id: 'other-port', host: '127.0.0.1:9443', path: '/', allow: ['group:lab'] },
  { id: 'guarded', host: '127.0.0.1:9443', path: '/guarded/', allow: ['group:admins'] },
]

let lab: Lab
let people: Readonly<Record<'stranger' | 'mallory' | 'ada' | 'grace', TestClient>>

before(async () => {
  lab = await startLab({ config: { server: { trustedProxies: ['127.0.0.1'] }, verify: { services } } })
  const [mallory, ada, grace] = await Promise.all([lab.logIn('mallory'), lab.logIn('ada'), lab.logIn('grace')])
  people = { stranger: lab.stranger(), mallory, ada, grace }
})
after(() => lab[Symbol.asyncDispose]())

interface Question {
  readonly method?: string
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
}

/** Traefik's ForwardAuth: always GET, with these headers, and without those that are about the connection. */
const ask = (client: TestClient, uri: string, { method = 'GET', host, headers, query = '' }: Question = {}) =>
  client.get(`/auth/verify${query}`, {
    'x-forwarded-method': method,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': host ?? `127.0.0.1:${lab.port}`,
    'x-forwarded-uri': uri,
    'x-forwarded-for': '203.0.113.7',
    ...headers,
  })

/** Envoy's ext_authz: the method and Host of the original, its path appended to `path_prefix`. */
const askAppended = (client: TestClient, uri: string, { method = 'GET', host, headers }: Question = {}) =>
  client.send(`/auth/verify/for${uri}`, {
    method,
    headers: { host: host ?? `127.0.0.1:${lab.port}`, 'content-length': '0', ...headers },
  })

const codeOf = ({ text }: TestAnswer): string => (JSON.parse(text) as { code: string }).code

// biome-ignore format: a table
const decisions: readonly (readonly [method: string, uri: string, stranger: number, mallory: number, ada: number, grace: number])[] = [
  ['GET',     '/wiki/page?x=1',      401, 200, 200, 200],
  ['GET',     '/wiki',               401, 200, 200, 200],
  ['GET',     '/grafana/',           401, 403, 200, 200],
  ['GET',     '/grafana',            401, 403, 200, 200],
  ['GET',     '/grafana/a%2Fb;c=d',  401, 403, 200, 200],
  ['PUT',     '/grafana/api/x',      401, 403, 200, 200],
  ['OPTIONS', '/data/x',             200, 200, 200, 200],
  ['GET',     '/data/open/x',        200, 200, 200, 200],
  ['GET',     '/data/x',             401, 403, 200, 200],
  ['HEAD',    '/data/x',             401, 403, 200, 200],
  ['POST',    '/data/x',             401, 403, 403, 403],
  ['DELETE',  '/data/admin/x',       401, 403, 403, 200],
  ['GET',     '/nobody/',            401, 403, 403, 403],
  ['GET',     '/empty/',             401, 403, 403, 403],
  ['GET',     '/',                   403, 403, 403, 403],
  ['GET',     '/elsewhere/',         403, 403, 403, 403],
  ['GET',     '/account',            403, 403, 403, 403],
  ['GET',     '/wikipedia/',         403, 403, 403, 403],
  ['GET',     '/WIKI/',              403, 403, 403, 403],
]

test('who gets what, by the policies of the services, and nobody what no service covers', async () => {
  for (const [method, uri, ...expected] of decisions) {
    for (const asking of [ask, askAppended]) {
      const found: number[] = []
      for (const who of ['stranger', 'mallory', 'ada', 'grace'] as const) {
        const answer = await asking(people[who], uri, { method, headers: { origin: lab.url } })
        found.push(answer.status)
      }
      assert.deepEqual(found, expected, `${asking.name} ${method} ${uri}`)
    }
  }
})

test('without any service, and without groups in the question, everybody is refused', async () => {
  await using bare = await startLab({ config: { server: { trustedProxies: ['127.0.0.1'] } } })
  const ada = await bare.logIn('ada')
  const headers = {
    'x-forwarded-method': 'GET',
    'x-forwarded-host': `127.0.0.1:${bare.port}`,
    'x-forwarded-uri': '/anything',
  }
  for (const client of [bare.stranger(), ada]) {
    const answer = await client.get('/auth/verify', headers)
    assert.deepEqual([answer.status, codeOf(answer)], [403, 'verify.noService'])
  }
  assert.equal((await ada.get('/auth/verify?groups=lab', headers)).status, 200)
})

test('groups in the question: any of them, and on top of what the service says', async () => {
  // biome-ignore format: a table
  const cases: readonly (readonly [query: string, uri: string, stranger: number, mallory: number, ada: number, grace: number])[] = [
    ['?groups=lab',              '/elsewhere/', 401, 403, 200, 200],
    ['?groups=staff,lab',        '/elsewhere/', 401, 403, 200, 200],
    ['?groups=staff',            '/elsewhere/', 401, 403, 403, 403],
    ['?groups=la%62',            '/elsewhere/', 401, 403, 200, 200],
    ['?groups=lab%2Cstaff',      '/elsewhere/', 401, 403, 403, 403],
    ['?groups=admins',           '/wiki/',      401, 403, 403, 200],
    ['?groups=admins',           '/data/open/', 401, 403, 403, 200],
    ['?groups=lab&redirect=no',  '/grafana/',   401, 403, 200, 200],
    ['?groups=admins,lab',       '/nobody/',    401, 403, 403, 403],
    ['?groups=',                 '/wiki/',      403, 403, 403, 403],
    ['?groups=lab,',             '/wiki/',      403, 403, 403, 403],
    ['?groups',                  '/wiki/',      403, 403, 403, 403],
    ['?group=lab',               '/wiki/',      403, 403, 403, 403],
    ['?groups=lab&groups=staff', '/wiki/',      403, 403, 403, 403],
    ['?groups=%zz',              '/wiki/',      403, 403, 403, 403],
    ['?redirect=yes',            '/wiki/',      403, 403, 403, 403],
  ]
  for (const [query, uri, ...expected] of cases) {
    const found: number[] = []
    for (const who of ['stranger', 'mallory', 'ada', 'grace'] as const) {
      found.push((await ask(people[who], uri, { query })).status)
    }
    assert.deepEqual(found, expected, `${query} ${uri}`)
  }
})

test('a proxy that passes the query of the request on does not let a client add options', async () => {
  for (const query of ['?groups=lab', '?groups=lab&x', '?redirect=no', '?x=1']) {
    const passedOn = await ask(people.ada, `/elsewhere/${query}`, { query })
    assert.deepEqual([passedOn.status, codeOf(passedOn)], [403, 'verify.unknownQuestion'], query)
  }
  const mixed = await ask(people.ada, '/elsewhere/?x&groups=lab', { query: '?redirect=no&groups=lab' })
  assert.equal(mixed.status, 403)
  assert.equal((await ask(people.ada, '/elsewhere/?groups=staff', { query: '?groups=lab' })).status, 200)
  assert.equal((await askAppended(people.ada, '/elsewhere/?groups=lab')).status, 403)
})

test('what the proxy says wrong, doubly or not at all is refused', async () => {
  const right = {
    'x-forwarded-method': 'GET',
    'x-forwarded-host': `127.0.0.1:${lab.port}`,
    'x-forwarded-uri': '/wiki/',
  }
  const { 'x-forwarded-method': method, 'x-forwarded-host': host, 'x-forwarded-uri': uri } = right
  const wrong: readonly Readonly<Record<string, string>>[] = [
    {},
    { 'x-forwarded-host': host, 'x-forwarded-uri': uri },
    { 'x-forwarded-method': method, 'x-forwarded-uri': uri },
    { 'x-forwarded-method': method, 'x-forwarded-host': host },
    { ...right, 'x-forwarded-method': 'get' },
    { ...right, 'x-forwarded-method': 'GET, POST' },
    { ...right, 'x-forwarded-host': `${host}, evil.test` },
    { ...right, 'x-forwarded-host': 'evil.test@127.0.0.1' },
    { ...right, 'x-forwarded-host': 'evil.test' },
    { ...right, 'x-forwarded-host': '127.0.0.1:9444' },
    { ...right, 'x-forwarded-uri': '' },
    { ...right, 'x-forwarded-uri': `https://${host}/wiki/` },
    { ...right, 'x-forwarded-uri': '//wiki/' },
    { ...right, 'x-forwarded-uri': '/wiki/, /grafana/' },
  ]
  assert.equal((await people.ada.get('/auth/verify', right)).status, 200)
  for (const headers of wrong) {
    assert.equal((await people.ada.get('/auth/verify', headers)).status, 403, JSON.stringify(headers))
  }
  for (const path of ['/auth/verify/', '/auth/verify/for', '/auth/verify/wiki/', '/auth/verify/for?x']) {
    assert.equal((await people.ada.get(path, right)).status, 403, path)
  }
  assert.equal((await people.ada.get('/auth/verifyx', right)).status, 404)
})

// P1: no spelling in which the proxy, or the service, may read another path than was decided about.
const twoReadings = [
  '/wiki/../grafana/',
  '/wiki/%2e%2e/grafana/',
  '/wiki/..%2fgrafana/',
  '/wiki/..;/grafana/',
  '/wiki\\..\\grafana/',
  '/wiki/%5c../grafana/',
  '/wiki/%252e%252e/grafana/',
  '/%67rafana/',
  '/wiki/x%00',
  '/wiki/x%',
  '/wiki/#/grafana',
  '/grafana;x=1/',
  '/grafana%2Fapi',
  '/grafana%3Bx/api',
  '/x;a//grafana/',
  '/;x/grafana/',
  '/wiki;/..',
]

test('an address with two readings is refused, whoever asks about it', async () => {
  for (const uri of twoReadings) {
    for (const client of [people.stranger, people.grace]) {
      const { status, text } = await ask(client, uri)
      assert.equal(status, 403, `${uri} ${text}`)
    }
  }
})

test('no other spelling of a guarded path belongs to what stands around it', async () => {
  const host = '127.0.0.1:9443'
  for (const uri of ['/', '/other', '/guardedly/', '/a;b/c%2Fd', '/a//b/', '/Other']) {
    assert.equal((await ask(people.ada, uri, { host })).status, 200, uri)
  }
  const guarded = [
    '/guarded',
    '/guarded/',
    '/guarded/x',
    '/guarded;x',
    '/guarded;x/y',
    '/guarded%2Fx',
    '/guarded%3Bx/y',
  ]
  for (const uri of [
    ...guarded,
    '/guarded//',
    '/;x/guarded/y',
    '/;x//guarded',
    '/%2Fguarded/',
    '/Guarded/',
    '/GUARDED;x',
  ]) {
    assert.equal((await ask(people.ada, uri, { host })).status, 403, uri)
    assert.equal((await askAppended(people.ada, uri, { host })).status, 403, uri)
  }
  for (const uri of ['/guarded', '/guarded/', '/guarded/x;y/%2F']) {
    assert.equal((await ask(people.grace, uri, { host })).status, 200, uri)
  }
})

test('groups alone open nothing at a host that sees no session', async () => {
  for (const host of ['evil.test', '127.0.0.1:9444', '127.0.0.1']) {
    assert.equal((await ask(people.ada, '/', { host, query: '?groups=lab' })).status, 403, host)
  }
})

test('H3: what a client says beside the proxy steers nothing', async () => {
  const spoofed = {
    'x-forwarded-uri': '/data/open/x',
    'x-forwarded-method': 'OPTIONS',
    'x-original-uri': '/data/open/x',
  }
  assert.equal((await askAppended(people.mallory, '/grafana/', { headers: spoofed })).status, 403)
  assert.equal((await askAppended(people.stranger, '/grafana/', { headers: spoofed })).status, 401)
  const names = { 'remote-user': 'grace', 'remote-groups': 'admins', 'x-forwarded-user': 'grace' }
  assert.equal((await ask(people.mallory, '/grafana/', { headers: names })).status, 403)
  const answer = await ask(people.ada, '/grafana/', { headers: names })
  assert.equal(answer.headers['remote-user'], 'ada')
})

test('H4: no User-Agent opens anything', async () => {
  for (const agent of ['GoogleHC/1.0', 'kube-probe/1.30']) {
    assert.equal((await ask(people.stranger, '/wiki/', { headers: { 'user-agent': agent } })).status, 401)
  }
})

test('the answer says who asks, in headers and in a token for this service that lives a minute', async () => {
  const { status, headers, text } = await ask(people.ada, '/grafana/')
  assert.deepEqual([status, text, headers['cache-control']], [200, '', 'no-store'])
  const { 'remote-user': user, 'remote-subject': subject, 'remote-name': name } = headers
  assert.deepEqual(
    [user, subject, name, headers['remote-email'], headers['remote-groups']],
    ['ada', 'local/ada', 'ada', '', 'lab'],
  )
  const keys = createLocalJWKSet((await lab.stranger().get('/auth/jwks.json')).json() as JSONWebKeySet)
  const token = String(headers['x-gatehouse-identity'])
  const { payload } = await jwtVerify(token, keys, { issuer: lab.url, audience: 'grafana', algorithms: ['EdDSA'] })
  assert.deepEqual([payload.sub, payload.preferred_username, payload.groups], ['local/ada', 'ada', ['lab']])
  assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 60)
  const again = await ask(people.ada, '/grafana/')
  assert.equal(again.headers['x-gatehouse-identity'], token, 'it is not signed anew for each request')
  const elsewhere = await ask(people.ada, '/wiki/')
  await assert.rejects(jwtVerify(String(elsewhere.headers['x-gatehouse-identity']), keys, { audience: 'grafana' }))
})

test('where nobody is logged in, every header is there and says nothing', async () => {
  const { status, headers } = await ask(people.stranger, '/data/open/x', { headers: { 'remote-user': 'grace' } })
  assert.equal(status, 200)
  for (const name of ['user', 'subject', 'name', 'email', 'groups']) assert.equal(headers[`remote-${name}`], '', name)
  assert.equal(headers['x-gatehouse-identity'], '')
})

test('names of headers are the operator’s', async () => {
  const headers = { 'X-Auth-Request-User': '{username}', 'X-Auth-Request-Groups': '{groups}' }
  const verify = { services, headers, token: { header: 'X-Auth-Request-Access-Token', lifetime: '10s' } }
  await using other = await startLab({ config: { server: { trustedProxies: ['127.0.0.1'] }, verify } })
  const ada = await other.logIn('ada')
  const answer = await ask(ada, '/wiki/', { host: `127.0.0.1:${other.port}` })
  assert.deepEqual([answer.status, answer.headers['x-auth-request-user']], [200, 'ada'])
  assert.match(String(answer.headers['x-auth-request-access-token']), /^[\w-]+\.[\w-]+\.[\w-]+$/)
  assert.equal(answer.headers['remote-user'], undefined)
})

const FROM_ELSEWHERE = [{ origin: 'https://evil.test' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, {}]

test('a change, or a WebSocket, that another site started is refused, whichever method asks', async () => {
  const own = [{ origin: lab.url }, { 'sec-fetch-site': 'same-origin' }]
  for (const asking of [ask, askAppended]) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const headers of own) assert.equal((await asking(people.ada, '/grafana/', { method, headers })).status, 200)
      for (const headers of FROM_ELSEWHERE) {
        const answer = await asking(people.ada, '/grafana/', { method, headers })
        assert.deepEqual([answer.status, codeOf(answer)], [403, 'crossSite.refused'], JSON.stringify(headers))
      }
    }
    for (const sign of [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }, { 'sec-fetch-mode': 'websocket' }]) {
      for (const headers of own) {
        assert.equal((await asking(people.ada, '/grafana/', { headers: { ...sign, ...headers } })).status, 200)
      }
      for (const headers of FROM_ELSEWHERE) {
        const answer = await asking(people.ada, '/grafana/', { headers: { ...sign, ...headers } })
        assert.equal(answer.status, 403, JSON.stringify(headers))
      }
    }
  }
})

test('on another port the pages there are the own ones', async () => {
  const question = { host: '127.0.0.1:9443', method: 'POST' }
  const origin = 'http://127.0.0.1:9443'
  assert.equal((await ask(people.ada, '/x', { ...question, headers: { origin } })).status, 200)
  assert.equal((await ask(people.ada, '/x', { ...question, headers: { origin: lab.url } })).status, 403)
})

const BROWSER = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }

test('a browser without a session is sent to log in, and comes back to where it wanted to go', async () => {
  for (const asking of [ask, askAppended]) {
    const sent = await asking(people.stranger, '/grafana/d?x=1&y=a%2Fb', { headers: BROWSER })
    const login = new URL(String(sent.headers.location))
    assert.deepEqual([sent.status, login.origin, login.pathname], [303, lab.url, '/auth/login'])
    const returnTo = login.searchParams.get('returnTo') ?? ''
    const arrived = await lab.stranger().post('/auth/login/local', { ...(await lab.account('ada')), returnTo })
    assert.deepEqual([arrived.status, arrived.headers.location], [303, '/grafana/d?x=1&y=a%2Fb'])
  }
})

test('what is no navigation is not redirected', async () => {
  const asked: readonly Question[] = [
    { method: 'POST', headers: BROWSER },
    { method: 'HEAD', headers: BROWSER },
    { headers: { accept: 'application/json' } },
    { headers: { accept: 'text/html', 'sec-fetch-mode': 'cors' } },
    { headers: { ...BROWSER, 'sec-websocket-key': 'x', origin: lab.url } },
  ]
  for (const question of asked) {
    const { status, headers } = await ask(lab.stranger(), '/grafana/', question)
    assert.deepEqual([status, headers.location], [401, undefined])
  }
})

test('with redirect=no the proxy is told where to send people', async () => {
  const { status, headers } = await ask(people.stranger, '/wiki/', { headers: BROWSER, query: '?redirect=no' })
  assert.deepEqual([status, headers.location], [401, `${lab.url}/auth/login?returnTo=%2Fwiki%2F`])
})

test('what a login does not carry leads to the root of the service', async () => {
  for (const rest of ['x'.repeat(2000), 'a//b', `?${'x'.repeat(1100)}`]) {
    const { headers } = await ask(people.stranger, `/wiki/${rest}`, { headers: BROWSER })
    assert.equal(headers.location, `${lab.url}/auth/login?returnTo=%2Fwiki%2F`)
  }
})
