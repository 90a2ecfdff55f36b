// Whom X-Forwarded-* is believed of (security.md H2, H3): a peer that the operator named, and nobody else. The public
// address comes from the configuration alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { startOidcLab } from './oidc-lab.ts'

/** What a client or a proxy may say, and what the service behind is told. */
const cases = [
  { trusted: [], said: '203.0.113.7', told: '127.0.0.1' },
  { trusted: [], said: '203.0.113.7, 127.0.0.1', told: '127.0.0.1' },
  { trusted: ['192.0.2.1'], said: '203.0.113.7', told: '127.0.0.1' },
  { trusted: ['127.0.0.1'], said: '203.0.113.7', told: '203.0.113.7' },
  { trusted: ['127.0.0.0/8'], said: '198.51.100.1, 203.0.113.7', told: '203.0.113.7' },
  { trusted: ['127.0.0.1', '203.0.113.0/24'], said: '198.51.100.1, 203.0.113.7', told: '198.51.100.1' },
  { trusted: ['127.0.0.1'], said: '::ffff:203.0.113.7', told: '203.0.113.7' },
  { trusted: ['127.0.0.1'], said: '203.0.113.7:4711', told: '203.0.113.7' },
  { trusted: ['127.0.0.1'], said: '[2001:db8::7]:4711', told: '2001:db8::7' },
  { trusted: ['127.0.0.1'], said: '203.0.113.7, unknown', told: '127.0.0.1' },
  { trusted: ['127.0.0.1'], said: '<script>', told: '127.0.0.1' },
  { trusted: ['127.0.0.1'], said: '', told: '127.0.0.1' },
] as const

test('X-Forwarded-For counts from a trusted peer only, from the right, and only as far as it is readable', async () => {
  await using upstream = await startEchoUpstream()
  const lists = new Map<string, readonly string[]>(cases.map(({ trusted }) => [trusted.join(), trusted]))
  for (const trusted of lists.values()) {
    const upstreams = [{ path: '/api/', to: upstream.url, allow: ['public'] }]
    await using lab = await startOidcLab({ config: { server: { trustedProxies: trusted }, upstreams } })
    for (const { said, told } of cases.filter((each) => each.trusted.join() === trusted.join())) {
      const answer = await lab.stranger().get('/api/x', { 'x-forwarded-for': said })
      const { headers } = answer.json() as { headers: Record<string, string> }
      assert.equal(headers['x-forwarded-for'], told, `${said} with ${trusted.join()}`)
      const line = lab.gateway.logs.findLast(({ event }) => event === 'proxy_request')
      assert.equal(line?.address, told, 'the log says the same')
    }
  }
})

const spoofed = {
  'x-forwarded-host': 'evil.test',
  'x-forwarded-proto': 'https',
  'x-forwarded-prefix': '/evil',
  'x-forwarded-uri': '/healthz',
  'x-original-url': '/healthz',
  'x-rewrite-url': '/healthz',
  'x-forwarded-method': 'GET',
  'x-http-method-override': 'GET',
  forwarded: 'host=evil.test;proto=https',
}

test('no header steers where a login comes back to, what is decided, or where a redirect leads', async () => {
  for (const trustedProxies of [[], ['127.0.0.1']]) {
    await using lab = await startOidcLab({ config: { server: { trustedProxies } } })
    const begun = await lab.stranger().post('/auth/login/sso', {}, spoofed)
    const redirectUri = new URL(String(begun.headers.location)).searchParams.get('redirect_uri')
    assert.equal(redirectUri, `${lab.url}/auth/callback/sso`)
    const page = await lab.stranger().get('/account', { accept: 'text/html', ...spoofed })
    assert.deepEqual([page.status, page.headers.location], [303, '/auth/login?returnTo=%2Faccount'])
    const api = await lab.stranger().get('/api/v1/sessions', spoofed)
    assert.equal(api.status, 401)
    for (const line of [begun.headers['set-cookie'] ?? []].flat()) assert.match(line, /; Secure(?:;|$)/)
  }
})
