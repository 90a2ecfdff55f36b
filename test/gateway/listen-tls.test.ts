// The whole gateway behind a certificate of its own: everything that depends on https says so.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { findFreePort } from '../support/programs.ts'
import { asForm, ask, cookiesOf } from './ask.ts'
import { startLab } from './lab.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url))
const ca = readFileSync(fixture('localhost.pem'))

test('with a certificate people log in, are proxied and open WebSockets over TLS', async () => {
  await using upstream = await startEchoUpstream()
  const port = await findFreePort()
  const origin = `https://localhost:${port}`
  const at = { ca, host: 'localhost', port }
  await using lab = await startLab({
    config: {
      server: {
        url: origin,
        listen: `127.0.0.1:${port}`,
        tls: { certificate: fixture('localhost.pem'), key: fixture('localhost-key.pem') },
      },
      upstreams: [{ path: '/api/', to: upstream.url, allow: ['group:lab'] }],
    },
  })
  const page = await ask({ ...at, path: '/auth/login', headers: { accept: 'text/html' } })
  assert.equal(page.status, 200)
  assert.equal(page.headers['strict-transport-security'], 'max-age=31536000; includeSubDomains')
  assert.match(String(page.headers['content-security-policy']), /form-action 'self' https:;/)

  const login = await ask({ ...at, path: '/auth/login/local', ...asForm(origin, await lab.account('ada')) })
  assert.equal(login.status, 303)
  const headers = { cookie: cookiesOf(login) }
  const proxied = await ask({ ...at, path: '/api/reports', headers })
  assert.equal(proxied.status, 200)
  assert.equal(JSON.parse(proxied.text).headers['x-forwarded-proto'], 'https')

  const socket = new WebSocket(`wss://localhost:${port}/api/socket`, { ca, origin, headers })
  await once(socket, 'open')
  socket.send('hello')
  const [message] = await once(socket, 'message')
  assert.equal(String(message), 'hello')
  socket.close(1000)
  await once(socket, 'close')

  const plain = { port, path: '/healthz' }
  await assert.rejects(ask(plain), 'plain http on this port gets no answer')
})
