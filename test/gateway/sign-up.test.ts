// Somebody new waits until an administrator has decided (security.md A6): at a real provider, over two nodes, with a real
// mail server. Until then nothing behind the door hears of them; a refusal is over everywhere within a second.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { createClient, type TestClient } from '../support/http-client.ts'
import { MAIL_SERVER_CA, type MailServer, startMailServer } from '../support/mail-server.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
const SOON_MS = 1_000

let stores: TestStores
let mailServer: MailServer
let echo: EchoUpstream
let lab: OidcLab
let other: TestGateway
let grace: TestClient

before(async () => {
  stores = await openTestStores()
  mailServer = await startMailServer()
  echo = await startEchoUpstream()
  lab = await startOidcLab({
    stores,
    config: {
      server: { trustedProxies: ['127.0.0.1'] },
      access: { admins: ['user:sso/grace', 'group:admins'], signUp: { approval: 'required' }, contact: 'the desk' },
      mail: { from: 'gate@lab.test', smtp: { host: 'localhost', port: mailServer.port, ca: MAIL_SERVER_CA } },
      upstreams: [
        {
          id: 'lab',
          path: '/api/lab/',
          to: echo.url,
          allow: ['authenticated'],
          sign: { type: 'header', headers: { 'X-Who': '{username}' } },
        },
        {
          id: 'open',
          path: '/api/open/',
          to: echo.url,
          allow: ['public'],
          sign: { type: 'header', headers: { 'X-Who': '{username}' } },
        },
      ],
      verify: {
        services: [
          { id: 'wiki', path: '/wiki/', allow: ['authenticated'] },
          { id: 'news', path: '/news/', allow: ['public'] },
        ],
      },
    },
  })
  const layers = lab.gateway.configFiles.map((file) => parse(readFileSync(file, 'utf8')))
  other = await startGateway({ config: [...layers, { server: { url: lab.url, listen: '127.0.0.1:0' } }], stores })
  grace = await lab.logIn('grace')
})
after(async () => {
  await other.close()
  await lab[Symbol.asyncDispose]()
  await echo.close()
  await mailServer[Symbol.asyncDispose]()
  await stores[Symbol.asyncDispose]()
})

/** The same question to the other node, as a balancer would send it. */
const askOther = (client: TestClient, path: string) =>
  createClient(other.listening[0] ?? '').get(path, { cookie: client.cookieHeader(), host: new URL(lab.url).host })

const verify = (client: TestClient, uri: string) =>
  client.get('/auth/verify', {
    'x-forwarded-method': 'GET',
    'x-forwarded-host': new URL(lab.url).host,
    'x-forwarded-proto': 'http',
    'x-forwarded-uri': uri,
  })

const openSocket = (client: TestClient, path: string) =>
  new WebSocket(`${lab.url.replace('http', 'ws')}${path}`, {
    headers: { cookie: client.cookieHeader(), origin: lab.url },
  })

async function statusOfSocket(client: TestClient, path: string): Promise<number | undefined> {
  const socket = openSocket(client, path)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }]
  socket.on('error', () => {}).terminate()
  return response.statusCode
}

const decide = async (who: string, action: 'approve' | 'refuse'): Promise<void> => {
  const { users } = (await grace.get(`/api/v1/admin/users?search=${who}&state=pending`)).json() as {
    users: { id: string }[]
  }
  const answer = await grace.post(`/api/v1/admin/users/${users[0]?.id}/${action}`)
  assert.equal(answer.status, 200, answer.text)
}

async function untilStatus(ask: () => Promise<{ readonly status: number }>, status: number): Promise<number> {
  const startedAt = performance.now()
  while ((await ask()).status !== status) assert.ok(performance.now() - startedAt < 10_000, 'in the end')
  return performance.now() - startedAt
}

test('who waits sees that, gets nowhere else, and is let in with the session that they have', {
  timeout: 60_000,
}, async () => {
  const ada = await lab.logIn('ada')
  const home = await ada.get('/', PAGE)
  assert.deepEqual([home.status, home.headers.location], [303, '/auth/pending'])
  const page = await ada.get('/auth/pending', PAGE)
  assert.equal(page.status, 200)
  assert.match(page.text, /waiting for approval/)
  assert.match(page.text, /ada@example\.org/)
  assert.match(page.text, /the desk/)

  for (const ask of [(path: string) => ada.get(path), (path: string) => askOther(ada, path)]) {
    for (const path of ['/api/v1/sessions', '/api/v1/apps', '/api/v1/admin/users', '/api/lab/x', '/account']) {
      const refused = await ask(path)
      assert.equal(refused.status, 403, path)
      assert.equal((refused.json() as { code: string }).code, 'access.pending', path)
    }
    const me = (await ask('/api/v1/me')).json() as { isPending: boolean; isAdmin: boolean }
    assert.deepEqual([me.isPending, me.isAdmin], [true, false])
    const shell = (await ask('/api/v1/portal')).json() as { person: { isPending: boolean }; pages: readonly string[] }
    assert.deepEqual([shell.person.isPending, shell.pages], [true, []])
  }
  assert.deepEqual([(await ada.get('/api/lab/x', PAGE)).status, (await ada.get('/account', PAGE)).status], [303, 303])
  assert.equal((await ada.post('/auth/connect/sso')).status, 403)
  assert.equal(await statusOfSocket(ada, '/api/lab/socket'), 403)
  assert.deepEqual([(await verify(ada, '/wiki/')).status, (await verify(ada, '/news/')).status], [403, 200])
  assert.equal((await verify(ada, '/news/')).headers['remote-user'], '')

  const seen = (await ada.get('/api/open/x')).json() as { headers: Readonly<Record<string, string>> }
  assert.equal(seen.headers['x-who'], undefined, 'a service for everybody does not hear of them')

  const [asked] = await mailServer.receive(1)
  assert.deepEqual(asked?.to, ['grace@example.org'])
  assert.match(asked?.raw ?? '', /Subject: Ada waits for your approval/)
  assert.equal((await ada.post('/auth/look', { language: 'de' })).status, 303)
  assert.match((await ada.get('/auth/pending', PAGE)).text, /<html lang="de"[\s\S]*Ihr Konto wartet auf Freigabe/)
  await decide('ada', 'approve')
  assert.equal((await ada.get('/api/lab/x')).status, 200)
  assert.ok((await untilStatus(() => askOther(ada, '/api/lab/x'), 200)) < SOON_MS)
  assert.equal((await ada.get('/auth/pending', PAGE)).status, 303)
  const [, told] = await mailServer.receive(2)
  assert.deepEqual(told?.to, ['ada@example.org'])
  assert.match(told?.raw ?? '', /Subject: Ihr Konto ist freigegeben/, 'in the language that they have chosen')
  assert.equal((await verify(ada, '/wiki/')).status, 200)
})

test('who is refused is out on every node, and stays out', { timeout: 60_000 }, async () => {
  const mallory = await lab.logIn('mallory')
  assert.equal((await askOther(mallory, '/api/v1/me')).status, 200)
  await decide('mallory', 'refuse')
  assert.equal((await mallory.get('/api/v1/me')).status, 401)
  assert.ok((await untilStatus(() => askOther(mallory, '/api/v1/me'), 401)) < SOON_MS)
  await assert.rejects(lab.logIn('mallory'), /mallory could not log in: 403/)
  const [, , told] = await mailServer.receive(4)
  assert.ok(told)
})

test('accounts that an administrator made do not wait', async () => {
  const client = lab.stranger()
  assert.equal((await client.post('/auth/login/local', await lab.account('ada'))).status, 303)
  assert.equal((await client.get('/api/lab/x')).status, 200)
})

test('nobody signs up by asking for it', async () => {
  const client = lab.stranger()
  for (const path of [
    '/api/v1/users',
    '/api/v1/admin/users',
    '/auth/register',
    '/auth/signup',
    '/api/v1/signup',
    '/auth/pending',
  ]) {
    const answer = await client.post(path, { username: 'eve', role: 'admin', approval: 'approved' })
    assert.ok([401, 403, 404, 405].includes(answer.status), `${path}: ${answer.status}`)
  }
})
