// A reload replaces upstreams, policies and limits as a whole while the gateway runs. Sessions stay, requests under way
// finish where they began, and what fails changes nothing.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { ada, grace, loginAs } from '../support/personas.ts'
import { startGateway } from '../support/start-gateway.ts'

const local = { identity: [{ id: 'local', type: 'local' }] }

test('policies and upstreams are those of the new configuration at once, and people stay logged in', async () => {
  await using upstream = await startEchoUpstream()
  const layer = (path: string, allow: string) => ({ ...local, upstreams: [{ path, to: upstream.url, allow: [allow] }] })
  await using gateway = await startGateway({ config: layer('/api/', 'group:lab') })
  const [client, admin] = [await loginAs(gateway, ada), await loginAs(gateway, grace)]
  assert.equal((await client.get('/api/x')).status, 200)

  await gateway.reload(layer('/api/', 'group:admins'))
  assert.equal((await client.get('/api/x')).status, 403)
  assert.equal((await admin.get('/api/x')).status, 200)

  await gateway.reload(layer('/other/', 'group:lab'))
  assert.equal((await client.get('/api/x')).status, 404)
  assert.equal((await client.get('/other/x')).status, 200)
  assert.equal((await client.get('/api/v1/sessions/current')).status, 200)
})

test('a request that is under way finishes where it began', async () => {
  await using before = await startEchoUpstream()
  await using after = await startEchoUpstream()
  const layer = (to: string) => ({ ...local, upstreams: [{ path: '/api/', to, allow: ['public'] }] })
  await using gateway = await startGateway({ config: layer(before.url) })
  const sent = request(`${gateway.url}/api/stream`, { method: 'POST', agent: false })
  sent.write('begun ')
  const [answer] = await once(sent, 'response')
  await gateway.reload(layer(after.url))
  sent.end('and finished')
  assert.equal(await text(answer), 'begun and finished')
  const next = (await (await fetch(`${gateway.url}/api/x`)).json()) as { headers: { host: string } }
  assert.ok(JSON.stringify(next).includes(String(after.port)), JSON.stringify(next))
})

test('what cannot be started changes nothing', async () => {
  await using upstream = await startEchoUpstream()
  const upstreams = [{ path: '/api/', to: upstream.url, allow: ['public'] }]
  await using gateway = await startGateway({ config: { ...local, upstreams } })
  const wrong = { ...local, sites: [{ id: 'ui', path: '/ui/', directory: '/nowhere', allow: ['public'] }] }
  await assert.rejects(gateway.reload(wrong), /the site "ui" cannot be served/)
  assert.equal((await fetch(`${gateway.url}/api/x`)).status, 200)
  await gateway.reload({ ...local, upstreams })
  assert.equal((await fetch(`${gateway.url}/api/x`)).status, 200)
})

test('settings that need a restart stay as they are', async () => {
  await using gateway = await startGateway({ config: local })
  const client = await loginAs(gateway, ada)
  await gateway.reload({
    ...local,
    server: { url: 'https://other.example.org', branding: { title: 'Renamed' } },
    sessions: { cookieSuffix: '-other' },
  })
  assert.equal((await client.get('/api/v1/sessions/current')).status, 200)
  assert.match(await (await fetch(`${gateway.url}/auth/login`)).text(), /Renamed/)
})

test('numbers go on over a reload, and each is there once', async () => {
  await using upstream = await startEchoUpstream()
  const config = { ...local, upstreams: [{ path: '/api/', to: upstream.url, allow: ['public'] }] }
  await using gateway = await startGateway({ config })
  await fetch(`${gateway.url}/api/x`)
  await loginAs(gateway, ada)
  await gateway.reload(config)
  await fetch(`${gateway.url}/api/x`)
  await loginAs(gateway, ada)
  const metrics = await (await fetch(gateway.metricsUrl)).text()
  assert.match(metrics, /^gatehouse_logins_total\{[^}]*success[^}]*\} 2$/m)
  assert.match(metrics, /^gatehouse_tunnels_open\{upstream="api"\} 0$/m)
  assert.equal(metrics.match(/^# TYPE gatehouse_tunnels_open /gm)?.length, 1)
})
