import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUpstreamUrl, toPublicLocation } from './upstream-url.ts'

test('an address is taken apart once, with one host for the wire and for signatures', () => {
  const cases = {
    'http://manager:8081': ['http://manager:8081', 'manager:8081', 'manager', 8081, '/'],
    'https://manager': ['https://manager', 'manager', 'manager', 443, '/'],
    'https://manager:443/v1': ['https://manager', 'manager', 'manager', 443, '/v1/'],
    'http://[::1]:8081/v1/': ['http://[::1]:8081', '[::1]:8081', '::1', 8081, '/v1/'],
  }
  for (const [to, expected] of Object.entries(cases)) {
    const { origin, host, hostname, port, basePath } = parseUpstreamUrl(to)
    assert.deepEqual([origin, host, hostname, port, basePath], expected, to)
  }
})

test('a unix socket has a path, perhaps one behind it, and a Host that servers expect', () => {
  const cases = {
    'unix:/run/m.sock': ['/run/m.sock', '/', 'unix:/run/m.sock'],
    'unix:/run/m.sock:/v1': ['/run/m.sock', '/v1/', 'unix:/run/m.sock'],
    'http://manager/v1': [undefined, '/v1/', 'manager'],
  }
  for (const [to, expected] of Object.entries(cases)) {
    const { socketPath, basePath, label, host } = parseUpstreamUrl(to)
    assert.deepEqual([socketPath, basePath, label], expected, to)
    assert.equal(host, socketPath === undefined ? 'manager' : 'localhost')
  }
})

test('a Location of any endpoint is mapped, of its own origin only', () => {
  const upstream = ['https://a.test/v1', 'http://b.test:81/v1', 'unix:/run/c.sock:/v1'].map(parseUpstreamUrl)
  const cases = {
    'https://a.test/v1/x': '/api/m/x',
    'http://b.test:81/v1/x': '/api/m/x',
    'http://localhost/v1/x': '/api/m/x',
    '//a.test/v1/x': '/api/m/x',
    '/v1/x': '/api/m/x',
    'http://a.test/v1/x': 'http://a.test/v1/x',
    'https://b.test:81/v1/x': 'https://b.test:81/v1/x',
    'https://a.test/v2/x': 'https://a.test/v2/x',
  }
  for (const [location, mapped] of Object.entries(cases)) {
    assert.equal(toPublicLocation(upstream, '/api/m/', location), mapped, location)
  }
})

test('a Location of the upstream itself is mapped to where we show it', () => {
  const upstream = parseUpstreamUrl('http://manager:80/v1')
  const cases = {
    'http://manager/v1/jobs/7?x=%2F#top': '/x/api/m/jobs/7?x=%2F#top',
    'http://manager:80/v1/jobs': '/x/api/m/jobs',
    'HTTP://MANAGER/v1/jobs': '/x/api/m/jobs',
    '//manager/v1/jobs': '/x/api/m/jobs',
    '/v1/jobs': '/x/api/m/jobs',
    '/v1': '/x/api/m/',
    'http://manager/v1?page=2': '/x/api/m/?page=2',
    '/v1/': '/x/api/m/',
    '/v1//deep': '/x/api/m//deep',
  }
  for (const [location, mapped] of Object.entries(cases)) {
    assert.equal(toPublicLocation([upstream], '/x/api/m/', location), mapped, location)
  }
})

test('a Location elsewhere is relayed as it is', () => {
  const upstream = parseUpstreamUrl('http://manager:80/v1')
  const foreign = [
    'https://manager/v1/jobs',
    'http://manager:8080/v1/jobs',
    'http://manager.evil.test/v1/jobs',
    'http://manager@evil.test/v1/jobs',
    'http://user@manager/v1/jobs',
    'http://manager\\.evil.test/v1/',
    'http://other/v1/',
    '//other/v1/jobs',
    '/v2/jobs',
    '/v10/jobs',
    '/',
    'jobs/7',
    '../jobs',
    '?page=2',
    '',
    'mailto:ada@example.org',
    '/\\evil.test/v1/',
  ]
  for (const location of foreign) assert.equal(toPublicLocation([upstream], '/x/api/m/', location), location)
})

test('no Location turns into another host by being mapped', () => {
  const upstream = parseUpstreamUrl('http://manager/v1')
  for (const location of ['/v1//evil.test/', '/v1/\\evil.test/', 'http://manager/v1//evil.test', '/v1/\t/evil.test']) {
    const url = new URL(toPublicLocation([upstream], '/', location), 'https://gate.test')
    assert.equal(url.origin === 'https://gate.test' || url.origin === upstream.origin, true, location)
  }
})
