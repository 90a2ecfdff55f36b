// Under a base path behind a real nginx, one that takes the base path off and one that does not: people and programs see
// the same addresses either way, and every one of them has the base path.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import type { TestAnswer } from '../support/http-client.ts'
import { findFreePort, isMissing, startNginx } from '../support/programs.ts'
import { startRecordingUpstream } from '../support/recording-upstream.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

const proxies = [
  { name: 'a proxy that strips the base path', passTo: (gateway: string) => `${gateway}/` },
  { name: 'a proxy that does not', passTo: (gateway: string) => gateway },
]

for (const { name, passTo } of proxies) {
  test(`below /x, behind ${name}`, async (t) => {
    const gatewayPort = await findFreePort()
    const nginx = await startNginx(
      ({ port }) => `
      map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
      server {
        listen 127.0.0.1:${port};
        location /x/ {
          proxy_pass ${passTo(`http://127.0.0.1:${gatewayPort}`)};
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
    await using echo = await startEchoUpstream()
    await using redirecting = await startRecordingUpstream(
      ({ target }) => `HTTP/1.1 302 Found\r\nlocation: ${target}/\r\ncontent-length: 0\r\n\r\n`,
    )
    await using lab = await startOidcLab({
      port: gatewayPort,
      url: `${nginx.url}/x`,
      config: {
        server: { trustedProxies: ['127.0.0.1'] },
        upstreams: [
          { path: '/api/echo/', to: echo.url, allow: ['authenticated'], title: 'Echo' },
          { path: '/api/moved/', to: redirecting.url, allow: ['authenticated'] },
        ],
      },
    })

    await t.test('a stranger is sent to the login and comes back to where they wanted to go', () => logInHere(lab))
    await t.test('a login elsewhere comes back to the callback below the base path', () =>
      logInElsewhere(lab, nginx.url),
    )
    await t.test('every address on every page is below the base path and is answered', () => checkLinks(lab))
    await t.test('the API says so too', () => checkApi(lab))
    await t.test('upstreams see paths without it, and what they answer gets it back', () => checkProxied(lab))
    await t.test('a WebSocket opens', () => checkWebSocket(lab, nginx.url))
    await t.test('logging out ends on a page below it', () => checkLogout(lab, nginx.url))
    await nginx.stop()
  })
}

async function logInHere(lab: OidcLab): Promise<void> {
  const browser = lab.stranger()
  const wanted = await browser.get('/account?tab=1', { accept: 'text/html' })
  assert.deepEqual([wanted.status, wanted.headers.location], [303, '/x/auth/login?returnTo=%2Faccount%3Ftab%3D1'])
  const form = await browser.follow(wanted)
  assert.match(form.text, /action="\/x\/auth\/login\/local"/)
  assert.match(form.text, /name="returnTo" value="\/account\?tab=1"/)
  const login = await browser.post('/auth/login/local', { ...(await lab.account('ada')), returnTo: '/account?tab=1' })
  assert.deepEqual([login.status, login.headers.location], [303, '/x/account?tab=1'])
  // The prefix __Host- demands the root, whatever the base path.
  for (const line of [login.headers['set-cookie'] ?? []].flat()) assert.match(line, /; Path=\/(?:;|$)/)
  assert.match((await browser.follow(login)).text, /<h1>Your account<\/h1>/)
}

async function logInElsewhere(lab: OidcLab, front: string): Promise<void> {
  const browser = lab.browser()
  const authorizationUrl = await browser.begin('/account')
  assert.equal(new URL(authorizationUrl).searchParams.get('redirect_uri'), `${front}/x/auth/callback/sso`)
  const back = await browser.comeBack(await browser.prove(authorizationUrl, 'ada'))
  assert.deepEqual([back.status, back.headers.location], [303, '/x/account'])
  assert.match((await browser.follow(back)).text, /<h1>Your account<\/h1>/)
}

async function checkLinks(lab: OidcLab): Promise<void> {
  const browser = await lab.logIn('ada')
  for (const path of ['/', '/account', '/auth/connect', '/docs/', '/docs/errors', '/no-such-page']) {
    const page = await browser.get(path, { accept: 'text/html' })
    const linked = [...page.text.matchAll(/ (href|src|action)="([^"]*)"/g)].map(([, kind, to]) => ({
      kind,
      to: to ?? '',
    }))
    const own = linked.filter(({ to }) => !/^(?:data:|#|https?:)/.test(to))
    assert.ok(own.length >= 2, `${path} has a style sheet and a way home`)
    for (const { kind, to } of own) {
      assert.match(to, /^\/x\//, `${kind} on ${path}`)
      if (kind === 'action') continue
      const [target = '', place] = to.slice('/x'.length).split('#')
      const answer = await browser.get(target, { accept: 'text/html' })
      if (place !== undefined) assert.ok(answer.text.includes(` id="${place}"`), `${to} is a place on its page`)
      assert.ok(answer.status < 400 || answer.status === 403, `${to} on ${path} is answered ${answer.status}`)
    }
  }
}

async function checkApi(lab: OidcLab): Promise<void> {
  const browser = await lab.logIn('ada')
  const refusal = await lab.stranger().get('/api/v1/sessions')
  assert.equal(refusal.status, 401)
  assert.equal((refusal.json() as { type: string }).type, '/x/docs/errors#access.loginRequired')
  const { servers } = (await browser.get('/api/v1/openapi.json')).json() as { servers: readonly { url: string }[] }
  assert.deepEqual(servers, [{ url: '/x' }])
  const me = await browser.get('/api/v1/me')
  assert.equal(me.status, 200)
}

async function checkProxied(lab: OidcLab): Promise<void> {
  const browser = await lab.logIn('ada')
  const echoed = (await browser.get('/api/echo/reports?x=/x/y')).json() as { target: string }
  assert.equal(echoed.target, '/reports?x=/x/y')
  const moved = await browser.get('/api/moved/reports')
  assert.deepEqual([moved.status, moved.headers.location], [302, '/x/api/moved/reports/'])
}

async function checkWebSocket(lab: OidcLab, front: string): Promise<void> {
  const browser = await lab.logIn('ada')
  const socket = new WebSocket(`${front.replace('http', 'ws')}/x/api/echo/socket`, {
    origin: front,
    headers: { cookie: browser.cookieHeader() },
  })
  await once(socket, 'open')
  socket.close(1000)
  await once(socket, 'close')
}

async function checkLogout(lab: OidcLab, front: string): Promise<void> {
  const here = lab.stranger()
  await here.post('/auth/login/local', await lab.account('ada'))
  assert.equal(locationOf(await here.post('/auth/logout')), '/x/auth/logged-out')
  const elsewhere = await lab.logIn('ada')
  const away = new URL(locationOf(await elsewhere.post('/auth/logout')))
  assert.equal(away.searchParams.get('post_logout_redirect_uri'), `${front}/x/auth/logged-out`)
}

const locationOf = ({ status, headers }: TestAnswer): string => {
  assert.equal(status, 303)
  return String(headers.location)
}
