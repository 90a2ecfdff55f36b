// All services share one origin with the gateway: none may decide for it, or for the others, what a browser forgets,
// how it connects, what it reports and whose pages its scripts may take over, nor tell a proxy in front that the gateway
// is out of order. Nor may anybody pose as somebody.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '../support/http-client.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGateway } from '../support/start-gateway.ts'

const forTheOrigin = {
  'clear-site-data': '"cookies", "storage"',
  'strict-transport-security': 'max-age=0',
  nel: '{"report_to":"evil","max_age":86400}',
  'report-to': '{"group":"evil","max_age":86400,"endpoints":[{"url":"https://evil.test/"}]}',
  'x-accel-expires': '3600',
  'x-envoy-immediate-health-check-fail': 'true',
  'x-envoy-degraded': 'true',
  'x-sendfile-temporary': '/etc/passwd',
  'x-reproxy-url': 'http://127.0.0.1:8500/',
}

test('an answer from behind says nothing about the whole origin', async () => {
  const lines = Object.entries({ ...forTheOrigin, 'service-worker-allowed': '/' }).map(
    (pair) => `${pair.join(': ')}\r\n`,
  )
  await using upstream = await startRecordingUpstream(() => ok('ok', lines.join('')))
  const upstreams = [{ path: '/api/up/', to: upstream.url, allow: ['public'] }]
  await using gateway = await startGateway({ config: { server: { url: 'http://localhost/x' }, upstreams } })
  const client = createClient(gateway.listening[0] ?? '')
  const { status, headers } = await client.get('/x/api/up/sw.js', { host: 'localhost' })
  assert.equal(status, 200)
  for (const name of Object.keys(forTheOrigin)) assert.equal(headers[name], undefined, name)
  assert.equal(headers['service-worker-allowed'], '/x/api/up/', 'a worker is confined to its service')
})

const posing = `
  X-Forwarded X-Auth-User X_Auth_Username X-Auth-Email X-Auth-Groups x.auth.roles Auth-User
  Cf-Access-Authenticated-User-Email Cf-Access-Jwt-Assertion Tailscale-User-Login Teleport-Jwt-Assertion
  X-Client-Dn X-Client-Verify X-Client-Cert-Chain X-Client_Cert_Subject X-Proxy-User X-Sso-User
  X-Jupyterhub-User X-Grafana-User X-Authorized-User X-Principal X-Role X-Group
  X-ProxiedEntitiesChain X_ProxiedEntityGroups X-Proxy-Roles X-Proxy-Remote-User X-RStudio-Username
  Es-Security-Runas-User X-Amzn-Mtls-Clientcert-Subject X-UserId X-User-Role X-User-Dn
`
  .trim()
  .split(/\s+/)

test('nobody names themselves, whatever the product behind would believe', async () => {
  await using upstream = await startRecordingUpstream()
  const upstreams = [{ path: '/up/', to: upstream.url, allow: ['public'] }]
  await using gateway = await startGateway({ config: { upstreams } })
  await createClient(gateway.url).get('/up/', Object.fromEntries(posing.map((name) => [name, 'root'])))
  const [{ headers } = assert.fail()] = upstream.requests
  assert.deepEqual(
    headers.filter(([, value]) => value === 'root').map(([name]) => name),
    [],
  )
})
