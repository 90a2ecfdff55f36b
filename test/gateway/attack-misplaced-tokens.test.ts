// What proves one thing proves no other, and a session counts in its cookie only: not as a Bearer token, not in an
// address or a subprotocol, where logs and other sites would have it (security.md T1, W3).

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestClient } from '../support/http-client.ts'
import { askForSocket } from '../support/raw-web-socket.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

let upstream: RecordingUpstream
let lab: OidcLab
/** Each is good where it belongs. */
const tokens: Record<string, string> = {}

before(async () => {
  upstream = await startRecordingUpstream()
  const to = { to: upstream.url, allow: ['authenticated'] }
  lab = await startOidcLab({
    config: {
      server: { trustedProxies: ['127.0.0.1'] },
      verify: { services: [{ id: 'wiki', path: '/wiki/', allow: ['authenticated'] }] },
      upstreams: [
        { ...to, path: '/api/up/' },
        { ...to, path: '/api/jwt/', sign: { type: 'identity-jwt' } },
        { ...to, path: '/api/token/', sign: { type: 'bearer', credential: 'sso' } },
      ],
    },
  })
  const ada = await lab.logIn('ada')
  assert.equal((await ada.get('/api/jwt/')).status, 200)
  assert.equal((await ada.get('/api/token/')).status, 200)
  const [jwt = '', access = ''] = upstream.requests.map((request) => bearerOf(request.all('authorization')))
  tokens.session = ada.cookies.get('__Host-gatehouse') ?? assert.fail()
  tokens['session secret'] = tokens.session.split('.')[1] ?? assert.fail()
  tokens['identity token'] = jwt
  tokens['access token'] = access
  tokens['token of a question'] = String((await ask(ada)).headers['x-gatehouse-identity'])
  for (const [name, token] of Object.entries(tokens)) assert.ok(token.length >= 40, name)
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
})

const bearerOf = ([value = '']: readonly string[]): string => value.replace(/^Bearer /, '')

const ask = (client: TestClient, headers = {}, query = '') =>
  client.get(`/auth/verify${query}`, {
    'x-forwarded-method': 'GET',
    'x-forwarded-host': `127.0.0.1:${lab.port}`,
    'x-forwarded-uri': '/wiki/',
    ...headers,
  })

/** Where somebody may try it. */
const places: Readonly<Record<string, (token: string) => Readonly<Record<string, string>>>> = {
  'as a Bearer token': (token) => ({ authorization: `Bearer ${token}` }),
  'as a Basic password': (token) => ({ authorization: `Basic ${Buffer.from(`ada:${token}`).toString('base64')}` }),
  'as X-Gatehouse-Identity': (token) => ({ 'x-gatehouse-identity': token }),
  'as X-Auth-Token': (token) => ({ 'x-auth-token': token }),
  'as the cookie of a host': (token) => ({ cookie: `__Host-gatehouse-host=${token}` }),
  'as the cookie of a login': (token) => ({ cookie: `__Host-gatehouse-login=${token}` }),
  'as the cookie without its prefix': (token) => ({ cookie: `gatehouse=${token}` }),
  'as a subprotocol': (token) => ({ 'sec-websocket-protocol': `bearer, ${token}` }),
}
const fields = ['token', 'access_token', 'session', '__Host-gatehouse', 'jwt', 'ticket']

test('nothing counts in another place than its own', async () => {
  const before = upstream.requests.length
  for (const [name, token] of Object.entries(tokens)) {
    for (const [place, headersFor] of Object.entries(places)) {
      const headers = headersFor(token)
      for (const path of ['/api/v1/me', '/api/up/']) {
        assert.equal((await lab.stranger().get(path, headers)).status, 401, `${name} ${place} at ${path}`)
      }
      assert.equal((await ask(lab.stranger(), headers)).status, 401, `${name} ${place}, asked about`)
      assert.equal(await askForSocket(lab.url, '/api/up/', headers), 401, `${name} ${place}, WebSocket`)
    }
    for (const field of fields) {
      const query = `?${field}=${token}`
      assert.equal((await lab.stranger().get(`/api/up/${query}`)).status, 401, `${name} as ?${field}`)
      assert.equal(await askForSocket(lab.url, `/api/up/${query}`), 401, `${name} as ?${field}, WebSocket`)
    }
  }
  assert.equal(upstream.requests.length, before, 'nothing arrived')
})

test('no other token is the cookie, an announced logout, or a code', async () => {
  for (const [name, token] of Object.entries(tokens)) {
    const stranger = lab.stranger()
    if (name !== 'session') {
      const cookie = `__Host-gatehouse=${token}`
      assert.equal((await stranger.get('/api/v1/me', { cookie })).status, 401, `${name} as the cookie`)
    }
    const told = await stranger.post('/auth/backchannel/sso', { logout_token: token })
    assert.equal(told.status, 400, `${name} as a logout token`)
    const callback = await stranger.get(`/auth/callback/sso?state=${token}&code=${token}`)
    assert.equal(callback.status, 401, `${name} as state and code`)
  }
})

test('and none of them is in the log for it', () => {
  const log = JSON.stringify(lab.gateway.logs)
  for (const [name, token] of Object.entries(tokens)) assert.ok(!log.includes(token), name)
})
