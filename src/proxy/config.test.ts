import assert from 'node:assert/strict'
import { test } from 'node:test'
import { upstreamId, upstreamsConfig } from './config.ts'

const parse = (...upstreams: readonly object[]) =>
  upstreamsConfig.safeParse(upstreams.map((upstream) => ({ path: '/api/m/', to: 'http://m:1', ...upstream })))

const faultsOf = (...upstreams: readonly object[]): string => {
  const result = parse(...upstreams)
  return result.success
    ? ''
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n')
}

test('the smallest upstream gets every default', () => {
  const [upstream] = upstreamsConfig.parse([{ path: '/api/manager/', to: 'http://manager:8081', allow: ['group:lab'] }])
  assert.deepEqual(upstream, {
    path: '/api/manager/',
    trust: 'portal',
    to: [{ url: 'http://manager:8081', weight: 1 }],
    balance: 'round-robin',
    rates: { address: undefined, user: undefined },
    ejection: { failures: 5, time: 10_000, maxTime: 300_000 },
    sign: { type: 'none' },
    allow: ['group:lab'],
    forwardAuthorization: false,
    webSockets: { origins: [], maxPerSession: 100, idle: 3_600_000 },
    timeouts: { connect: 5000, firstByte: 60_000, idle: 60_000 },
    connections: 1000,
  })
})

test('an id is made from the path unless given', () => {
  assert.equal(upstreamId({ path: '/api/manager/' }), 'api-manager')
  assert.equal(upstreamId({ path: '/' }), 'root')
  assert.equal(upstreamId({ path: '/API/v2.1/' }), 'api-v2-1')
  assert.equal(upstreamId({ path: '/api/manager/', id: 'manager' }), 'manager')
})

test('a path that could be read in two ways, or that is ours, is refused', () => {
  const refused = [
    '',
    '/',
    '/api',
    'api/',
    '/a//b/',
    '/a/../b/',
    '/a/./',
    '/a%2Fb/',
    '/a;b/',
    '/a b/',
    '/a\\b/',
    '/a?b/',
  ]
  for (const path of refused.slice(2)) assert.match(faultsOf({ path }), /^0\.path: /, path)
  for (const path of ['/auth/', '/Auth/x/', '/api/v1/', '/api/v1/x/', '/docs/', '/healthz/', '/readyz/']) {
    assert.match(faultsOf({ path }), /0\.path: .* is the gateway’s own/, path)
  }
  for (const path of ['/', '/api/', '/api/v2/', '/authors/', '/a/b.c/~d/']) assert.equal(faultsOf({ path }), '', path)
})

test('two upstreams never share a path or an id, and one may be below another', () => {
  assert.match(faultsOf({}, { path: '/API/M/' }), /1\.path: another upstream has the path/)
  assert.match(faultsOf({ path: '/a/b/' }, { path: '/a-b/' }), /1\.id: another upstream has the id a-b/)
  assert.equal(faultsOf({ path: '/api/' }, { path: '/api/m/' }), '')
})

test('the address of an upstream is an origin and a path, without secrets', () => {
  for (const to of ['manager:8081', 'ftp://m', 'http://u:p@m', 'http://m/x?y=1', 'http://m/#x', 'http://']) {
    assert.match(faultsOf({ to }), /^0\.to: /, to)
  }
})

test('several endpoints are the same service under one path, each listed once', () => {
  const two = ['http://a:1/v1', { url: 'http://b:1/v1/', weight: 3 }]
  assert.equal(faultsOf({ to: two }), '')
  assert.deepEqual(upstreamsConfig.parse([{ path: '/', to: two }])[0]?.to, [
    { url: 'http://a:1/v1', weight: 1 },
    { url: 'http://b:1/v1/', weight: 3 },
  ])
  assert.match(faultsOf({ to: [] }), /^0\.to: /)
  assert.match(faultsOf({ to: ['http://a:1', 'ftp://b'] }), /^0\.to/)
  assert.match(faultsOf({ to: [{ url: 'http://a:1', weight: 0 }] }), /^0\.to/)
  assert.match(faultsOf({ to: ['http://a:1/v1', 'http://b:1/v2'] }), /0\.to\.1: .* have the same path/)
  assert.match(faultsOf({ to: ['http://a', 'http://A:80/'] }), /0\.to\.1: a is listed twice/)
})

test('a unix socket is written with an absolute path', () => {
  for (const to of ['unix:/run/m.sock', 'unix:/run/m.sock:/v1']) assert.equal(faultsOf({ to }), '')
  for (const to of ['unix:', 'unix:run/m.sock', 'unix:/run/m sock', 'unix:/run/m.sock?x', `unix:/${'x'.repeat(108)}`]) {
    assert.match(faultsOf({ to }), /^0\.to: /, to)
  }
})

test('TLS is refused where there is none', () => {
  assert.match(faultsOf({ tls: {} }), /0\.tls: there is no TLS on the way/)
  assert.match(faultsOf({ to: ['https://a', 'http://b'], tls: {} }), /0\.tls: there is no TLS/)
  assert.equal(faultsOf({ to: 'https://a', tls: {} }), '')
})

test('what is asked of an endpoint is a plain path', () => {
  for (const path of ['health', '', '/a b', '/a#b', 'http://evil.test/']) {
    assert.match(faultsOf({ healthCheck: { path } }), /0\.healthCheck\.path: /, path)
  }
  assert.equal(faultsOf({ healthCheck: { path: '/health?deep=1' } }), '')
})

test('either allow or rules, and one Authorization', () => {
  assert.match(faultsOf({ allow: ['public'], rules: [{ allow: ['public'] }] }), /0\.allow: give either/)
  assert.match(faultsOf({ allow: ['lab'] }), /did you mean "group:lab"/)
  const bearer = { type: 'bearer', credential: 'sso' }
  assert.match(faultsOf({ sign: bearer, forwardAuthorization: true }), /0\.forwardAuthorization: /)
  const header = { type: 'header', headers: { 'X-User': '{username}' } }
  assert.equal(faultsOf({ sign: header, forwardAuthorization: true }), '')
  assert.equal(faultsOf({ sign: { type: 'backend-ai', mode: 'anonymous' }, forwardAuthorization: true }), '')
})

test('an origin is written as a browser sends it', () => {
  for (const origin of [
    'https://Lab.example.org',
    'https://lab.example.org/',
    'lab.example.org',
    '*',
    'null',
    'https://lab:443',
  ]) {
    assert.match(faultsOf({ webSockets: { origins: [origin] } }), /0\.webSockets\.origins\.0: /, origin)
  }
  assert.equal(faultsOf({ webSockets: { origins: ['https://lab.example.org', 'http://localhost:8080'] } }), '')
})

test('a signer’s own part is checked', () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ type: 'unknown' }, /sign/],
    [{ type: 'bearer' }, /sign\.credential/],
    [{ type: 'basic' }, /either credential, or username and password/],
    [{ type: 'basic', credential: 'x', username: 'y', password: { env: 'PATH' } }, /either credential/],
    [{ type: 'basic', username: 'y' }, /either credential/],
    [{ type: 'backend-ai', credential: 'm', apiVersion: '9' }, /apiVersion/],
    [{ type: 'backend-ai', credential: 'm', tokenLifetime: '2d' }, /longest allowed/],
    [{ type: 'identity-jwt', lifetime: '10m' }, /longest allowed/],
    [{ type: 'identity-jwt', lifetime: '10s', reuse: '6s' }, /reused for half of its life/],
    [{ type: 'identity-jwt', header: 'X-Forwarded-For' }, /gateway’s own/],
    [{ type: 'header', headers: { 'X-User': '{user}' } }, /\{user\} is not one of \{username\}/],
    [{ type: 'header', headers: { 'X User': 'x' } }, /header name/],
    [{ type: 'header', headers: { Host: 'x' } }, /gateway’s own/],
    [{ type: 'header', headers: { 'X-A': 'x', 'x-a': 'y' } }, /capital letters/],
    [{ type: 'header', headers: { 'X-A': 'é' } }, /visible ASCII/],
    [{ type: 'none', credential: 'x' }, /credential/],
  ]
  for (const [sign, expected] of cases) assert.match(faultsOf({ sign }), expected, JSON.stringify(sign))
})
