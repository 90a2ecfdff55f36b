// Leaving (security.md S3): the old cookie is worth nothing anywhere, open WebSockets close, the provider takes back what
// it gave.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { startOidcLab } from './oidc-lab.ts'

test('after a logout the old cookie opens nothing, its WebSocket is closed, its tokens are revoked', {
  timeout: 30_000,
}, async () => {
  await using upstream = await startEchoUpstream()
  await using lab = await startOidcLab({
    config: {
      upstreams: [
        { path: '/api/', to: upstream.url, allow: ['group:lab'], sign: { type: 'bearer', credential: 'sso' } },
      ],
    },
  })
  const ada = await lab.logIn('ada')
  const cookie = ada.cookieHeader()
  const echoed = (await ada.get('/api/x')).json() as { headers: Record<string, string> }
  const token = /^Bearer (.+)$/.exec(echoed.headers.authorization ?? '')?.[1] ?? assert.fail('there is a token')
  const hasWorth = async (): Promise<boolean> => {
    const answer = await fetch(`${lab.provider.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })
    return answer.ok
  }
  assert.equal(await hasWorth(), true)
  const url = `${lab.url.replace('http', 'ws')}/api/socket`
  const socket = new WebSocket(url, { origin: lab.url, headers: { cookie } })
  await once(socket, 'open')
  const closed = once(socket, 'close')

  const answer = await ada.post('/auth/logout')
  assert.equal(answer.status, 303)
  assert.equal(new URL(String(answer.headers.location)).origin, lab.provider.issuer)
  assert.equal(ada.cookies.has('__Host-gatehouse'), false)
  const [code, reason] = (await closed) as [number, Buffer]
  assert.deepEqual([code, reason.toString()], [4401, 'the session has ended: logout'])
  assert.equal(await hasWorth(), false)

  const copied = lab.stranger()
  for (const path of ['/api/v1/me', '/api/v1/sessions/current', '/api/x']) {
    assert.equal((await copied.get(path, { cookie })).status, 401, path)
  }
  const page = await copied.get('/account', { cookie, accept: 'text/html' })
  assert.deepEqual([page.status, page.headers.location], [303, '/auth/login?returnTo=%2Faccount'])
  const again = new WebSocket(url, { origin: lab.url, headers: { cookie } })
  const [, refused] = await once(again, 'unexpected-response')
  assert.equal(refused.statusCode, 401)
})
