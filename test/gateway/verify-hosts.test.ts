// `/auth/verify` beside services on hosts of their own: those are the gateway's to serve, and no proxy gets a yes for them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { ask } from './ask.ts'
import { hostNames, startHostLab } from './host-lab.ts'

test('a question about a host of a service of its own, or sent to it, is never answered with a yes', async () => {
  await using echo = await startEchoUpstream()
  await using lab = await startHostLab({
    upstreams: [{ id: 'notes', host: hostNames.notes, path: '/', to: echo.url, allow: ['public'] }],
    config: {
      server: { trustedProxies: ['127.0.0.1'] },
      verify: { services: [{ id: 'wiki', path: '/', allow: ['public'] }] },
    },
  })
  const { port } = lab
  const gate = new URL(lab.origins.gate).host
  const notes = new URL(lab.origins.notes).host
  const question = (path: string, host: string, forwardedHost: string) =>
    ask({
      host: '127.0.0.1',
      port,
      path,
      headers: { host, 'x-forwarded-method': 'GET', 'x-forwarded-host': forwardedHost, 'x-forwarded-uri': '/x' },
    })
  assert.equal((await question('/auth/verify', gate, gate)).status, 200)
  assert.equal((await question('/auth/verify/for/x', gate, gate)).status, 200)
  const elsewhere = await ask({ host: '127.0.0.1', port, path: '/auth/verified', headers: { host: notes } })
  assert.equal(elsewhere.status, 200, 'the service has the rest of its host')
  const others = [
    question('/auth/verify', gate, notes),
    question('/auth/verify?groups=lab', gate, notes),
    question('/auth/verify', notes, gate),
    question('/auth/verify', notes, notes),
    question('/auth/verify/for/x', notes, notes),
    question('/auth/verify/for/x', notes, gate),
  ]
  for (const { status, headers } of await Promise.all(others)) {
    assert.ok(status >= 400, String(status))
    assert.equal(headers['x-gatehouse-identity'], undefined)
  }
})
