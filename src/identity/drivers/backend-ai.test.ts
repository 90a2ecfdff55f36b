import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { type ListeningServer, listen, readBody } from '../../../test/support/oidc-provider.ts'
import { createTestSite, type Outcome, type TestSite } from '../identity.fixture.ts'
import { testProvider } from '../provider.contract.ts'
import { backendAiDriver } from './backend-ai.ts'

const PASSWORD = 'CANARY-password'
const KEYPAIR = {
  response_type: 'success',
  type: 'keypair',
  access_key: 'AKIAIOSFODNN7EXAMPLE',
  secret_key: 'CANARY-secret-key',
  role: 'user',
  status: 'active',
}

interface Asked {
  readonly headers: IncomingMessage['headers']
  readonly body: Readonly<Record<string, unknown>>
}
type Authorize = (body: Asked['body'], response: ServerResponse) => void

/** A Manager that answers as the test says. */
interface TestManager {
  readonly url: string
  readonly asked: Asked[]
  version: (response: ServerResponse) => void
  authorize: Authorize
  trapped: number
  close(): Promise<void>
}

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const mismatch = (response: ServerResponse): void =>
  json(response, 401, {
    type: 'https://api.backend.ai/probs/auth-failed',
    title: 'Credential/signature mismatch.',
    msg: 'User credential mismatch.',
  })

const good: Authorize = (body, response) => {
  const { username, password, type } = body
  if (type === 'keypair' && username === 'ada@example.org' && password === PASSWORD)
    json(response, 200, { data: KEYPAIR })
  else mismatch(response)
}

async function startManager(): Promise<TestManager> {
  const server: ListeningServer = await listen()
  const manager: TestManager = {
    url: server.url,
    asked: [],
    version: (response) => json(response, 200, { version: 'v8.20240915', manager: '26.2.5' }),
    authorize: good,
    trapped: 0,
    close: server.close,
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await readBody(request)).toString()
    if (request.url === '/api/' && request.method === 'GET') return manager.version(response)
    if (request.url === '/api/auth/authorize' && request.method === 'POST') {
      manager.asked.push({ headers: request.headers, body: JSON.parse(body) as Asked['body'] })
      return manager.authorize(JSON.parse(body) as Asked['body'], response)
    }
    manager.trapped += 1
    json(response, 200, { data: KEYPAIR })
  }
  server.serve((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  return manager
}

let manager: TestManager
let site: TestSite

before(async () => {
  manager = await startManager()
})
after(() => manager.close())
beforeEach(async () => {
  manager.authorize = good
  manager.version = (response) => json(response, 200, { version: 'v8.20240915' })
  manager.asked.length = 0
  site = await createTestSite([
    { id: 'sso', type: 'backend-ai', label: 'Manager', endpoint: `${manager.url}/api/`, domain: 'lab' },
  ])
})
afterEach(() => site.close())

testProvider('backend-ai', async () => {
  const own = await startManager()
  const config = backendAiDriver.config.parse({ id: 'sso', type: 'backend-ai', endpoint: `${own.url}/api` })
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const provider = backendAiDriver.create(config, {
    clock: site.clock,
    log,
    storage: site.storage,
    urlTo: (path) => `https://gate.test${path}`,
  })
  return { provider, person: { username: 'ada@example.org', password: PASSWORD }, close: own.close }
})

const logIn = (form: Readonly<Record<string, string>> = {}, browser = site.browser()): Promise<Outcome> =>
  browser.post('/auth/login/sso', { username: 'ada@example.org', password: PASSWORD, ...form })

test('a login asks the Manager as its contract says and keeps the keypair', async () => {
  const browser = site.browser()
  assert.equal((await logIn({}, browser)).status, 303)
  const session = (await browser.session()) ?? assert.fail()
  assert.deepEqual(
    [session.row.provider, session.row.subject, session.row.username, session.row.groups],
    ['sso', 'ada@example.org', 'ada@example.org', ['user']],
  )
  const credential = session.credentials.sso
  assert.ok(credential?.kind === 'keypair')
  assert.deepEqual(
    [credential.accessKey, credential.secretKey.reveal(), credential.role],
    ['AKIAIOSFODNN7EXAMPLE', 'CANARY-secret-key', 'user'],
  )
  const [{ headers, body } = assert.fail()] = manager.asked
  assert.deepEqual(body, { type: 'keypair', domain: 'lab', username: 'ada@example.org', password: PASSWORD })
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['x-backendai-domain'], 'lab')
  assert.equal(headers['x-backendai-version'], 'v8.20240915')
  assert.equal(headers['x-forwarded-host'], 'gate.test')
  assert.equal(headers['x-forwarded-proto'], 'https')
  assert.equal(headers['x-forwarded-for'], '192.0.2.7')
  assert.equal(headers.authorization, undefined)
  assert.equal(headers.cookie, undefined)
  assert.doesNotMatch(JSON.stringify([site.logged, site.audited]), /CANARY/)
})

test('fields of the form cannot set the domain or the type', async () => {
  await logIn({ domain: 'other', type: 'jwt', force: 'true' })
  assert.deepEqual(Object.keys(manager.asked[0]?.body ?? {}), ['type', 'domain', 'username', 'password'])
  assert.equal(manager.asked[0]?.body.domain, 'lab')
})

const VERSIONS: Readonly<Record<string, readonly [(response: ServerResponse) => void, string]>> = {
  'an older one': [(response) => json(response, 200, { version: 'v6.20230315' }), 'v6.20230315'],
  'a newer one': [(response) => json(response, 200, { version: 'v10.20300101' }), 'v9.20250722'],
  'a newer date': [(response) => json(response, 200, { version: 'v9.20260101' }), 'v9.20250722'],
  none: [(response) => json(response, 200, {}), 'v9.20250722'],
  nonsense: [(response) => json(response, 200, { version: 'v1\r\nx: y' }), 'v9.20250722'],
  'a list': [(response) => json(response, 200, ['v6.20230315']), 'v9.20250722'],
  HTML: [(response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), 'v9.20250722'],
  'an error': [(response) => json(response, 500, { version: 'v6.20230315' }), 'v9.20250722'],
  'a broken connection': [(response) => void response.destroy(), 'v9.20250722'],
}
for (const [name, [version, expected]] of Object.entries(VERSIONS)) {
  test(`the lower version is spoken when the Manager says ${name}`, async () => {
    manager.version = version
    assert.equal((await logIn()).status, 303)
    assert.equal(manager.asked[0]?.headers['x-backendai-version'], expected)
  })
}

const without = (name: string) => ({ data: { ...KEYPAIR, [name]: undefined } })
const withField = (name: string, value: unknown) => ({ data: { ...KEYPAIR, [name]: value } })
const BAD_SUCCESSES: Readonly<Record<string, unknown>> = {
  'an empty object': {},
  null: null,
  true: true,
  'a list': [KEYPAIR],
  text: 'success',
  'no data': { ...KEYPAIR },
  'data null': { data: null },
  'data a list': { data: [KEYPAIR] },
  'authenticated as text': { authenticated: 'false', data: KEYPAIR },
  'authenticated as text, true': { authenticated: 'true', data: KEYPAIR },
  'authenticated false': { authenticated: false, data: KEYPAIR },
  'response_type missing': without('response_type'),
  'response_type another': withField('response_type', 'failure'),
  'response_type true': withField('response_type', true),
  'response_type in capitals': withField('response_type', 'SUCCESS'),
  'type another': withField('type', 'jwt'),
  'access key missing': without('access_key'),
  'access key empty': withField('access_key', ''),
  'access key null': withField('access_key', null),
  'access key with a line end': withField('access_key', 'AK\r\nX: y'),
  'secret key missing': without('secret_key'),
  'secret key empty': withField('secret_key', ''),
  'secret key a number': withField('secret_key', 1),
  'role missing': without('role'),
  'role a list': withField('role', ['superadmin']),
  'role with a line end': withField('role', 'user\nadmin'),
  'status missing': without('status'),
}
for (const [name, body] of Object.entries(BAD_SUCCESSES)) {
  test(`what is not exactly a success logs nobody in: ${name}`, async () => {
    manager.authorize = (_body, response) => json(response, 200, body)
    const browser = site.browser()
    const outcome = await logIn({}, browser)
    assert.equal(outcome.status, 503)
    assert.equal(await browser.session(), undefined)
    assert.equal(site.audited.at(-1)?.action, 'login.failed')
    assert.doesNotMatch(JSON.stringify([site.logged, site.audited, outcome]), /CANARY/)
  })
}

const ANSWERS: Readonly<Record<string, readonly [Authorize, number]>> = {
  HTML: [
    (_body, response) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end(JSON.stringify({ data: KEYPAIR })),
    503,
  ],
  'no content type': [(_body, response) => void response.writeHead(200).end(JSON.stringify({ data: KEYPAIR })), 503],
  'cut JSON': [
    (_body, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":'),
    503,
  ],
  'status 201': [(_body, response) => json(response, 201, { data: KEYPAIR }), 503],
  'no content': [(_body, response) => void response.writeHead(204).end(), 503],
  'a redirect': [(_body, response) => void response.writeHead(302, { location: `${manager.url}/trap` }).end(), 503],
  'a redirect that keeps the method': [
    (_body, response) => void response.writeHead(307, { location: `${manager.url}/trap` }).end(),
    503,
  ],
  'status 400 with a keypair': [(_body, response) => json(response, 400, { data: KEYPAIR }), 503],
  'status 401 with a keypair': [(_body, response) => json(response, 401, { data: KEYPAIR }), 401],
  'status 500 with a keypair': [(_body, response) => json(response, 500, { data: KEYPAIR }), 503],
  '10 MB': [
    (_body, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data: KEYPAIR }) + ' '.repeat(1e7)),
    503,
  ],
  'a broken connection': [(_body, response) => void response.destroy(), 503],
}
for (const [name, [authorize, status]] of Object.entries(ANSWERS)) {
  test(`no login comes of ${name}`, async () => {
    manager.authorize = authorize
    const browser = site.browser()
    const outcome = await logIn({}, browser)
    assert.equal(outcome.status, status)
    assert.equal(await browser.session(), undefined)
    assert.equal(manager.trapped, 0)
    assert.doesNotMatch(JSON.stringify([site.logged, site.audited, outcome]), /CANARY/)
  })
}

test('a Manager that hangs is given up on within ten seconds', async () => {
  manager.version = () => {}
  manager.authorize = () => {}
  const startedAt = performance.now()
  assert.equal((await logIn()).status, 503)
  assert.ok(performance.now() - startedAt < 10_000)
})

const REFUSALS: Readonly<Record<string, readonly [number, Readonly<Record<string, string>>, RegExp]>> = {
  'auth-failed': [401, { msg: 'User credential mismatch.' }, /^Name or password is not right\.$/],
  'password-expired': [401, { msg: 'Password expired on 2026-01-01' }, /password there has expired/],
  'active-login-session-exists': [409, { msg: 'x' }, /too many times at once/],
  'login-blocked': [429, { msg: 'x' }, /blocked there for a while/],
}
for (const [type, [status, told, notice]] of Object.entries(REFUSALS)) {
  test(`a refusal is told as far as it helps: ${type}`, async () => {
    manager.authorize = (_body, response) =>
      json(response, status, { type: `https://api.backend.ai/probs/${type}`, ...told })
    const outcome = await logIn()
    assert.equal(outcome.status, 401)
    assert.match(String(outcome.data?.error), notice)
    assert.equal(site.counted.get('logins_total sso refused'), 1)
  })
}

const askForCode: Authorize = (body, response) => {
  if (body.otp === undefined) json(response, 200, { data: { response_type: 'REQUIRE_TWO_FACTOR_AUTH', type: 'TOTP' } })
  else if (body.otp === '123456') good(body, response)
  else json(response, 400, { type: 'https://api.backend.ai/probs/rejected-by-hook', msg: 'Invalid TOTP code provided' })
}

test('a second factor is asked for on the same page, and the password need not be typed again', async () => {
  manager.authorize = askForCode
  const browser = site.browser()
  const asked = await logIn({ returnTo: '/jobs' }, browser)
  assert.equal(asked.status, 401)
  const otp = asked.data?.otp as { readonly state: string; readonly provider: string }
  assert.equal(otp.provider, 'sso')
  assert.doesNotMatch(JSON.stringify([asked, [...browser.cookies]]), /CANARY/)
  assert.equal(await browser.session(), undefined)

  const done = await browser.post('/auth/login/sso', { state: otp.state, otp: '123456' })
  assert.deepEqual(done, { status: 303, location: 'https://gate.test/jobs' })
  assert.equal((await browser.session())?.row.subject, 'ada@example.org')
  assert.equal((await browser.post('/auth/login/sso', { state: otp.state, otp: '123456' })).status, 401, 'once only')
})

test('name, password and code may also come together', async () => {
  manager.authorize = askForCode
  assert.equal((await logIn({ otp: '123456' })).status, 303)
})

test('a wrong code logs nobody in and begins again', async () => {
  manager.authorize = askForCode
  const browser = site.browser()
  const otp = (await logIn({}, browser)).data?.otp as { readonly state: string }
  const refused = await browser.post('/auth/login/sso', { state: otp.state, otp: '000000' })
  assert.equal(refused.status, 401)
  assert.equal(refused.data?.otp, undefined)
  assert.equal(refused.data?.error, 'Name, password or code is not right. Log in again.')
  assert.equal(await browser.session(), undefined)
})

test('the question for a code cannot be answered from another browser, or too late', async () => {
  manager.authorize = askForCode
  const browser = site.browser()
  const otp = (await logIn({}, browser)).data?.otp as { readonly state: string }
  const other = site.browser()
  assert.equal((await other.post('/auth/login/sso', { state: otp.state, otp: '123456' })).status, 401)
  assert.equal(await other.session(), undefined)
  site.clock.advance(10 * 60_000)
  assert.equal((await browser.post('/auth/login/sso', { state: otp.state, otp: '123456' })).status, 401)
  assert.equal(await browser.session(), undefined)
})

test('who has not set up the second factor is told where to', async () => {
  manager.authorize = (_body, response) =>
    json(response, 200, {
      data: { response_type: 'REQUIRE_TWO_FACTOR_REGISTRATION', token: 'CANARY-token', type: 'TOTP' },
    })
  const outcome = await logIn()
  assert.equal(outcome.status, 401)
  assert.match(String(outcome.data?.error), /second factor is required/)
  assert.doesNotMatch(JSON.stringify([outcome, site.logged, site.audited]), /CANARY/)
})

test('http is for this machine, unless the operator says otherwise', () => {
  const parse = (extra: object) => backendAiDriver.config.safeParse({ id: 'm', type: 'backend-ai', ...extra }).success
  assert.ok(parse({ endpoint: 'http://127.0.0.1:8081' }))
  assert.ok(parse({ endpoint: 'https://manager.example.org' }))
  assert.ok(!parse({ endpoint: 'http://manager:8081' }))
  assert.ok(!parse({ endpoint: 'http://127.0.0.1.evil.test' }))
  assert.ok(parse({ endpoint: 'http://manager:8081', dangerouslyAllowHttp: true }))
})
