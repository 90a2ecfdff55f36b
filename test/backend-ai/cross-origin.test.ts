// Applications at other origins that call with the login of whoever looks at them (§1.4, §6.2), in a real browser: those of
// allowed origins can, by the cookie on the same site and by the header from anywhere; those of others cannot.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, describe, test } from 'node:test'
import type { Answer } from '../support/backend-ai/index.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { isMissing } from '../support/programs.ts'
import { type BackendAiLab, startBackendAiLab } from './backend-ai-lab.ts'

const opened = await openBrowser()
const skip = isMissing(opened) && opened.missing
/** Three origins at which nothing is but an empty page: two on the gateway's own site, and one on another. */
const [friend, stranger, faraway] = [
  await startPage('127.0.0.1'),
  await startPage('127.0.0.1'),
  await startPage('localhost'),
]

/** What the Web UI sends from another origin; the last two by mistake. */
const HEADERS = [
  'Content-Type',
  'X-BackendAI-Version',
  'X-BackendAI-Date',
  'X-BackendAI-SessionID',
  'credentials',
  'mode',
]

const startLab = (credentials = true): Promise<BackendAiLab> =>
  startBackendAiLab({
    backendAi: { manager: { webSockets: { origins: [friend.origin] } } },
    config: { server: { cors: { origins: [friend.origin, faraway.origin], headers: HEADERS, credentials } } },
  })

const ADA = 'ada@example.org'
const SOCKET = '/func/stream/session/x/pty'
const SESSION = 'X-BackendAI-SessionID'
const LIKE_WEB_UI = {
  'Content-Type': 'application/json',
  'X-BackendAI-Version': 'v9.20250722',
  'X-BackendAI-Date': '2026-11-21T00:00:00.000Z',
}

interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly credentials?: 'include' | 'omit'
  readonly mode?: 'cors' | 'no-cors'
}

/** What a script of the page sees of an answer; the browser keeps the rest to itself. */
type Seen = { readonly status: number; readonly session: string | null; readonly body: string } | 'nothing'

const see = (page: Page, url: string, call: Call = {}): Promise<Seen> =>
  page.evaluate(
    async ([target, { method = 'POST', credentials = 'include', ...more }]) => {
      try {
        const answer = await fetch(target, { method, credentials, ...more })
        if (answer.type === 'opaque') return 'nothing'
        return {
          status: answer.status,
          session: answer.headers.get('X-BackendAI-SessionID'),
          body: await answer.text(),
        }
      } catch {
        return 'nothing'
      }
    },
    [url, call] as const,
  )

/** How a WebSocket that a script of the page opens ends up. */
const openSocket = (page: Page, url: string): Promise<'open' | 'refused'> =>
  page.evaluate(
    (target) =>
      new Promise((resolve) => {
        const socket = new WebSocket(target)
        socket.addEventListener('open', () => resolve('open'))
        socket.addEventListener('error', () => resolve('refused'))
      }),
    url.replace('http', 'ws'),
  )

const read = (seen: Seen): Record<string, unknown> => {
  if (seen === 'nothing') assert.fail('the page can read nothing')
  return JSON.parse(seen.body) as Record<string, unknown>
}

test('a preflight names what may be sent, and an answer what may be read', async () => {
  await using lab = await startBackendAiLab({
    config: {
      server: { cors: { origins: [friend.origin], headers: HEADERS, exposedHeaders: [SESSION], credentials: true } },
    },
  })
  const asking = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': SESSION },
  })
  const marks = ({ headers }: Answer) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => /^(?:access-control-|vary$)/.test(name)))
  for (const path of ['/server/login', '/server/login-check', '/func/folders', '/func/']) {
    const preflight = await lab.stranger().ask(path, asking(friend.origin))
    assert.equal(preflight.status, 204)
    assert.deepEqual(marks(preflight), {
      vary: 'Origin',
      'access-control-allow-origin': friend.origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': HEADERS.join(', '),
      'access-control-expose-headers': SESSION,
      'access-control-max-age': '600',
    })
    const refused = await lab.stranger().ask(path, asking(stranger.origin))
    assert.deepEqual([refused.status, marks(refused)], [403, { vary: 'Origin' }])
  }
  const { username, password } = lab.manager.accounts.get(ADA)
  const login = { method: 'POST', body: JSON.stringify({ username, password }), headers: { origin: friend.origin } }
  // Once, though it is always told of.
  assert.equal(marks(await lab.stranger().ask('/server/login', login))['access-control-expose-headers'], SESSION)
})

describe('an application at another origin', { skip, timeout: 120_000 }, () => {
  const pages: Page[] = []
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close()
  })
  after(async () => {
    await (opened as TestBrowser).close()
    for (const page of [friend, stranger, faraway]) page.close()
  })

  /** Shown to somebody who has logged in at the gateway in the same browser. */
  const show = async (lab: BackendAiLab, { origin }: { readonly origin: string }) => {
    const page = await (opened as TestBrowser).newPage()
    pages.push(page)
    const ada = await lab.logIn()
    const session = ada.cookies.get('AIOHTTP_SESSION') ?? ''
    await page
      .context()
      .addCookies([{ name: 'AIOHTTP_SESSION', value: session, url: lab.gateway.url, httpOnly: true, sameSite: 'Lax' }])
    await page.goto(`${origin}/`)
    const at = (path: string) => lab.gateway.url + path
    return { page, session, at, sees: (path: string, call?: Call) => see(page, at(path), call) }
  }

  test('asks who is logged in, by the cookie of the same site, and goes on by the session’s name', async () => {
    await using lab = await startLab()
    const { sees, session, page, at } = await show(lab, friend)
    const { accessKey } = lab.manager.accounts.get(ADA)
    const checked = read(await sees('/server/login-check', { headers: LIKE_WEB_UI, body: '{}' }))
    assert.deepEqual(checked, {
      authenticated: true,
      data: { access_key: accessKey, role: 'user', status: 'active' },
      session_id: session,
    })
    const named = { headers: { ...LIKE_WEB_UI, [SESSION]: session }, credentials: 'omit' } as const
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const { method: arrived } = read(await sees('/func/folders', { ...named, method }))
      assert.equal(arrived, method)
    }
    const manager = read(await sees('/func/', { method: 'GET', headers: { credentials: 'include', mode: 'cors' } }))
    assert.equal(manager.manager, '26.2.5')
    assert.equal(await openSocket(page, at(SOCKET)), 'open')
    assert.equal(lab.manager.counts.disproved, 0)

    // Errors are for it to read as well.
    const unknown = await sees('/func/folders', { ...named, headers: { [SESSION]: 'f'.repeat(32) } })
    assert.equal(read(unknown).type, 'https://api.backend.ai/probs/auth-failed')
    assert.notEqual(await sees('/server/logout', { headers: LIKE_WEB_UI, body: '{}' }), 'nothing')
    assert.equal(read(await sees('/server/login-check')).authenticated, false)
  })

  test('logs somebody in, and reads the name of the session', async () => {
    await using lab = await startLab()
    for (const app of [friend, faraway]) {
      const { sees, page } = await show(lab, app)
      await page.context().clearCookies()
      const { username, password } = lab.manager.accounts.get('grace@example.org')
      const seen = await sees('/server/login', { headers: LIKE_WEB_UI, body: JSON.stringify({ username, password }) })
      assert.equal(read(seen).authenticated, true)
      assert.match(seen === 'nothing' ? '' : (seen.session ?? ''), /^[0-9a-f]{32}$/)
    }
  })

  test('on another site has the session’s name, not the cookie', async () => {
    await using lab = await startLab()
    const { sees, session, page, at } = await show(lab, faraway)
    assert.equal(read(await sees('/server/login-check', { headers: LIKE_WEB_UI, body: '{}' })).authenticated, false)
    const headers = { ...LIKE_WEB_UI, [SESSION]: session }
    assert.equal(read(await sees('/server/login-check', { headers, body: '{}' })).session_id, session)
    assert.equal(read(await sees('/func/folders', { method: 'GET', headers })).method, 'GET')
    // A list of its own says who may open those.
    assert.equal(await openSocket(page, at(SOCKET)), 'refused')
  })

  test('whose origin is not allowed learns nothing, changes nothing and reaches nobody', async () => {
    await using lab = await startLab()
    const { sees, session, page, at } = await show(lab, stranger)
    const { username, password } = lab.manager.accounts.get('grace@example.org')
    lab.manager.forgetRequests()
    const login = JSON.stringify({ username, password })
    const calls: readonly (readonly [string, Call?])[] = [
      ['/server/login-check'],
      ['/server/login-check', { headers: LIKE_WEB_UI }],
      ['/server/login', { body: login }],
      ['/server/login', { body: login, mode: 'no-cors' }],
      ['/server/login', { body: login, mode: 'no-cors', credentials: 'omit' }],
      ['/server/logout', { mode: 'no-cors' }],
      ['/server/extend-login-session', { mode: 'no-cors' }],
      ['/func/admin/gql', { body: '{"query":"{ user }"}', mode: 'no-cors' }],
      ['/func/folders', { method: 'DELETE' }],
      ['/func/folders', { method: 'GET', headers: { [SESSION]: session }, credentials: 'omit' }],
    ]
    for (const [path, call] of calls) assert.equal(await sees(path, call), 'nothing', `${path} ${JSON.stringify(call)}`)
    assert.equal(await openSocket(page, at(SOCKET)), 'refused')
    assert.deepEqual(lab.manager.requests, [])

    await page.goto(friend.origin)
    assert.equal(read(await sees('/server/login-check')).session_id, session, 'the login is as it was')
  })

  test('sends to single sign-on from anywhere, and nothing of the login goes along', async () => {
    await using lab = await startLab()
    const { sees } = await show(lab, stranger)
    lab.manager.forgetRequests()
    for (const path of ['saml/acs', 'openid/back', 'custom-auth/x']) {
      assert.equal(await sees(`/func/${path}`, { body: 'answer=yes', mode: 'no-cors' }), 'nothing')
      const request = await lab.manager.whenRequest(({ target }) => target === `/${path}`)
      for (const name of ['authorization', 'x-backendai-token', 'x-backendai-sessionid', 'cookie'])
        assert.deepEqual(request.all(name), [], name)
    }
    for (const path of ['saml%2Facs', '/saml/acs', 'saml/../folders', 'Saml/acs', 'totp/anon', 'cloud/x'])
      assert.equal(await sees(`/func/${path}`, { body: 'answer=yes', mode: 'no-cors' }), 'nothing', path)
    assert.equal(lab.manager.requests.length, 3)
  })

  test('may call without a login only, where credentials are not allowed', async () => {
    await using lab = await startLab(false)
    const { sees, session } = await show(lab, friend)
    assert.equal(await sees('/server/login-check', { headers: LIKE_WEB_UI }), 'nothing')
    assert.equal(await sees('/func/', { method: 'GET' }), 'nothing')
    assert.equal(read(await sees('/func/', { method: 'GET', credentials: 'omit' })).manager, '26.2.5')
    // Its name is no credential that a browser adds by itself.
    const named = { method: 'GET', headers: { [SESSION]: session }, credentials: 'omit' } as const
    assert.equal(read(await sees('/func/folders', named)).method, 'GET')
  })
})

/** An empty page at an origin of its own. */
async function startPage(host: '127.0.0.1' | 'localhost') {
  const server = createServer((_request, response) => void response.end('<!doctype html><title>App</title>'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return Object.freeze({ origin: `http://${host}:${(server.address() as AddressInfo).port}`, close })
}
