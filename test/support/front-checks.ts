// What every front proxy must do with Gatehouse behind it, whatever its configuration looks like. `/wiki/` is served by
// the proxy itself for the group lab, `/wiki/public/` for everybody.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import type { FrontLab } from './front-lab.ts'
import { createClient, type TestAnswer, type TestClient } from './http-client.ts'
import { sendRaw } from './raw-http.ts'

const BROWSER = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }

interface Received {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
const received = (answer: TestAnswer): Received => {
  assert.equal(answer.status, 200, answer.text)
  return answer.json() as Received
}

/** Names under which a service might believe who asks. */
const SPOOFED = [
  'Remote-User',
  'Remote-Subject',
  'Remote-Name',
  'Remote-Email',
  'Remote-Groups',
  'X-Gatehouse-Identity',
]

export async function checkFront(t: TestContext, front: FrontLab): Promise<void> {
  const { url, lab, service } = front
  const port = Number(new URL(url).port)
  const [ada, mallory] = await Promise.all([lab.logIn('ada'), lab.logIn('mallory')])
  const stranger = () => createClient(url)

  await t.test('a browser is sent to log in and comes back to where it wanted to go', async () => {
    const visitor = stranger()
    const sent = await visitor.get('/wiki/page?x=1&y=a%2Fb', BROWSER)
    const login = new URL(String(sent.headers.location), url)
    assert.deepEqual([sent.status, login.origin, login.pathname], [303, url, '/auth/login'], sent.text)
    const page = await visitor.get(login.href, BROWSER)
    assert.equal(page.status, 200)
    const returnTo = login.searchParams.get('returnTo') ?? ''
    const loggedIn = await visitor.post('/auth/login/local', { ...(await lab.account('ada')), returnTo })
    const arrived = received(await visitor.follow(loggedIn))
    assert.deepEqual([arrived.target, arrived.headers['remote-user']], ['/wiki/page?x=1&y=a%2Fb', 'ada'])
  })

  await t.test('a program gets 401, and who is in no group of the service 403', async () => {
    assert.equal((await stranger().get('/wiki/page')).status, 401)
    assert.equal((await stranger().post('/wiki/page')).status, 401)
    assert.equal((await mallory.get('/wiki/page')).status, 403)
    assert.equal((await mallory.get('/wiki/page', BROWSER)).status, 403)
  })

  await t.test('the service is told who asks, whatever the client says', async () => {
    const spoofed = Object.fromEntries(SPOOFED.map((name) => [name, 'grace']))
    const { headers } = received(await ada.get('/wiki/page', spoofed))
    assert.deepEqual(
      [headers['remote-user'], headers['remote-subject'], headers['remote-groups']],
      ['ada', 'local/ada', 'lab'],
    )
    assert.match(String(headers['x-gatehouse-identity']), /^[\w-]+\.[\w-]+\.[\w-]+$/)
    assert.ok(!JSON.stringify(headers).includes('grace'), JSON.stringify(headers))
  })

  await t.test('where everybody may go, a stranger is nobody, in any spelling', async () => {
    const spellings = SPOOFED.flatMap((name) => [name, name.toUpperCase(), name.replaceAll('-', '_')])
    const lines = spellings.map((name) => `${name}: grace\r\n`).join('')
    const { text } = await sendRaw(
      port,
      `GET /wiki/public/x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n${lines}\r\n`,
    )
    assert.match(text, /^HTTP\/1\.1 200 /)
    assert.ok(text.includes('"target":"/wiki/public/x"'))
    assert.ok(!text.includes('grace'), text)
  })

  await t.test('a change reaches the service with its body, unless another site started it', async () => {
    const posted = received(await ada.post('/wiki/page', { text: 'x'.repeat(100_000) }))
    assert.deepEqual([posted.method, posted.body.length], ['POST', 100_005])
    for (const method of ['POST', 'PUT', 'DELETE']) {
      for (const headers of [{ origin: 'https://evil.test' }, {}]) {
        const answer = await ada.send('/wiki/page', { method, headers, body: 'x' })
        assert.equal(answer.status, 403, `${method} ${JSON.stringify(headers)}`)
      }
    }
    assert.equal(received(await ada.get('/wiki/page')).method, 'GET')
  })

  await t.test('a WebSocket opens for who may, from a page of the same site', async () => {
    assert.equal(await openSocket(ada, url), 'hello')
    assert.match(await openSocket(ada, 'https://evil.test'), /403/)
    assert.match(await openSocket(mallory, url), /403/)
    assert.match(await openSocket(stranger(), url), /401/)
    assert.equal(service.handshakes.length, 1)
    assert.equal(service.handshakes[0]?.headers['remote-user'], 'ada')
  })

  await t.test('nobody from outside can ask in the name of the proxy', async () => {
    const asked = { 'x-forwarded-method': 'GET', 'x-forwarded-host': new URL(url).host, 'x-forwarded-uri': '/wiki/' }
    for (const path of [
      '/auth/verify',
      '/auth/verify?groups=lab',
      '/auth/verify/for/wiki/',
      '//auth/verify',
      '/auth//verify',
    ]) {
      const answer = await sendAsIs(ada, port, path, asked)
      assert.match(answer, /^HTTP\/1\.1 (?:30[128]|40[04]) /, path)
      assert.ok(!/remote-user|x-gatehouse-identity/i.test(answer), path)
    }
  })

  await t.test('no spelling of the address leads past the policy', async () => {
    for (const path of EVASIONS) {
      const answer = await sendAsIs(mallory, port, path)
      assert.ok(!answer.includes('"target":'), `${path}\n${answer}`)
    }
  })

  await t.test('the session lives here too, and its end is the end', async () => {
    const person = await lab.logIn('ada')
    const cookie = person.cookieHeader()
    assert.equal((await person.get('/wiki/')).status, 200)
    assert.equal((await person.post('/auth/logout')).status, 303)
    assert.equal((await stranger().get('/wiki/', { cookie })).status, 401)
  })

  async function openSocket(client: TestClient, origin: string): Promise<string> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/wiki/socket`, {
      origin,
      headers: { cookie: client.cookieHeader() },
    })
    try {
      await once(socket, 'open')
      socket.send('hello')
      const [data] = await once(socket, 'message')
      return String(data)
    } catch (error) {
      return String(error)
    } finally {
      socket.terminate()
    }
  }
}

const EVASIONS = [
  '/wiki/public/../page',
  '/wiki/public/%2e%2e/page',
  '/wiki/public/..%2fpage',
  '/wiki/public/..;/page',
  '/wiki/public%2f..%2fpage',
  '/wiki/public/..%5cpage',
  '//wiki/page',
  '/wiki//page',
  '/wiki;public/page',
  '/wiki%2Fpage',
  '/WIKI/page',
  '/x/../wiki/page',
  '/%77iki/page',
  '/wiki/page?/public/',
  '/wiki/page%3f/public/',
  '/wiki/page%23/public/',
  '/wiki/page;/public/x',
  '/wiki/page?groups=lab',
  '/wiki/page?redirect=no',
]

/** Bytes as they are: no client tidies them up. @returns everything that comes back */
async function sendAsIs(
  client: TestClient,
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const lines = Object.entries({ ...headers, cookie: client.cookieHeader() }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const head = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: close', ...lines]
  return (await sendRaw(port, `${head.join('\r\n')}\r\n\r\n`)).text
}
