// Hosts of their own behind a real nginx that speaks https, on other ports than the gateway: every address on the way is
// the public one, and WebSockets pass.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { findFreePort, isMissing, startNginx } from '../support/programs.ts'
import { createVisitor, hostNames } from './host-lab.ts'
import { startLab } from './lab.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url))

test('behind nginx: in by the portal, and on to the service', async (t) => {
  const port = await findFreePort()
  const nginx = await startNginx(
    (place) => `
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    server {
      listen 127.0.0.1:${place.port} ssl;
      server_name gate.lab.localhost ${hostNames.notes};
      ssl_certificate ${fixture('localhost.pem')};
      ssl_certificate_key ${fixture('localhost-key.pem')};
      location / {
        proxy_pass http://127.0.0.1:${port};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
      }
    }`,
  )
  if (isMissing(nginx)) return t.skip(nginx.missing)
  await using service = await startEchoUpstream()
  const [gate, notes] = [`https://gate.lab.localhost:${nginx.port}`, `https://${hostNames.notes}:${nginx.port}`]
  await using lab = await startLab({
    config: {
      server: { url: gate, hosts: [notes], listen: `127.0.0.1:${port}`, trustedProxies: ['127.0.0.1'] },
      upstreams: [{ to: service.url, path: '/', host: hostNames.notes, trust: 'none', allow: ['group:lab'] }],
    },
  })
  const visitor = createVisitor(nginx.port)
  const login = new URL((await visitor.travel(`${notes}/lab?x=1`)).url)
  assert.deepEqual([login.origin, login.pathname], [gate, '/auth/login'])
  const back = await visitor.logIn(gate, await lab.account('ada'), login.searchParams.get('returnTo') ?? '')
  const there = await visitor.travel(new URL(String(back.headers.location), gate).href)
  assert.deepEqual([there.status, there.url], [200, `${notes}/lab?x=1`])
  const { target, headers } = JSON.parse(there.text) as { target: string; headers: Record<string, string> }
  assert.equal(target, '/lab?x=1')
  assert.deepEqual([headers['x-forwarded-host'], headers['x-forwarded-proto']], [new URL(notes).host, 'https'])

  const socket = new WebSocket(`wss://127.0.0.1:${nginx.port}/socket`, {
    origin: notes,
    rejectUnauthorized: false,
    headers: { host: new URL(notes).host, cookie: visitor.cookieHeader(notes) },
  })
  await once(socket, 'open')
  const closed = once(socket, 'close')
  await visitor.send(`${gate}/auth/logout`, { method: 'POST', headers: { origin: gate } })
  assert.equal((await closed)[0], 4401)
  await nginx.stop()
})
