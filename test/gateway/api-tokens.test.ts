// A person's own tokens (security.md T1, T3, T4, W2, K4): made with a login of just now, shown once, good for what their
// scopes say and never for more than the person may do, on every kind of request; over at once when revoked.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { decodeJwt } from 'jose'
import { randomToken } from '#kernel'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type Lab, startLab } from './lab.ts'
import { askForToken, bearer, codeOf, makeToken, program } from './token-lab.ts'

let stores: TestStores
let clock: ManualClock
let upstream: RecordingUpstream
let lab: Lab

before(async () => {
  stores = await openTestStores()
  clock = createManualClock(Date.now())
  upstream = await startRecordingUpstream()
  writeFileSync(join(stores.directory, 'client-secret'), randomToken(32), { mode: 0o600 })
  const at = (id: string, more: object) => ({
    id,
    path: `/api/${id}/`,
    to: upstream.url,
    allow: ['group:lab'],
    ...more,
  })
  lab = await startLab({
    stores,
    clock,
    config: {
      server: { trustedProxies: ['127.0.0.1'], limits: { logins: { failuresPerAddress: '5/5m' } } },
      upstreams: [
        at('plain', {}),
        at('other', {}),
        at('theirs', { forwardAuthorization: true }),
        at('jwt', { sign: { type: 'identity-jwt' } }),
        at('own', { sign: { type: 'bearer', credential: 'sso' } }),
        at('nobodys', { allow: ['group:nobody'] }),
        at('open', { allow: ['public'] }),
      ],
      identity: [
        { id: 'local', type: 'local' },
        {
          id: 'sso',
          type: 'oidc',
          issuer: 'http://127.0.0.1:9/',
          clientId: 'gatehouse',
          clientSecret: { file: join(stores.directory, 'client-secret') },
        },
      ],
      verify: { services: [{ id: 'wiki', path: '/wiki/', allow: ['group:lab'] }] },
      tokens: { maxLifetime: '200d' },
    },
  })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await upstream.close()
  await stores[Symbol.asyncDispose]()
})

const origin = (): string => lab.url

test('a token is shown once, listed without its secret, and kept as a hash', async () => {
  const ada = await lab.logIn('ada')
  const answer = await askForToken(ada, origin())
  assert.equal(answer.status, 201, answer.text)
  assert.equal(answer.headers['cache-control'], 'no-store')
  const { token, secret } = answer.json() as { token: Record<string, unknown>; secret: string }
  assert.match(secret, /^gh_[0-9A-Za-z]{49}$/)
  const days = (Date.parse(String(token.expiresAt)) - Date.parse(String(token.createdAt))) / 86_400_000
  assert.deepEqual(
    [token.name, token.scopes, token.prefix, days],
    ['nightly', ['services', 'self:read'], secret.slice(0, 7), 90],
  )

  const listed = await ada.get('/api/v1/tokens')
  assert.ok(!listed.text.includes(secret) && !listed.text.includes(createHash('sha256').update(secret).digest('hex')))
  const { tokens } = listed.json() as { tokens: { id: string }[] }
  assert.ok(tokens.some(({ id }) => id === token.id))

  await program(lab.url, secret).get('/api/plain/x')
  const files = readdirSync(stores.directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  for (const { parentPath, name } of files) {
    assert.ok(!readFileSync(join(parentPath, name)).includes(secret), `${name} holds the secret`)
  }
  assert.ok(!JSON.stringify(lab.gateway.logs).includes(secret), 'the log holds the secret')
})

test('a token is who it stands for: at services, at the API, and what the service hears of it', async () => {
  const { secret } = await makeToken(await lab.logIn('ada'), origin())
  const script = program(lab.url, secret)
  const me = (await script.get('/api/v1/me')).json() as { username: string; isAdmin: boolean }
  assert.deepEqual([me.username, me.isAdmin], ['ada', false])
  assert.equal((await script.get('/api/jwt/x')).status, 200)
  assert.match(upstream.requests.at(-1)?.all('authorization')[0] ?? '', /^Bearer eyJ/)
  assert.deepEqual(codeOf(await script.get('/api/nobodys/x')), '403 access.refused')
  // No other page can add the header, so nothing else is to be proved, whatever cookie came along.
  const grace = await lab.logIn('grace')
  const fromElsewhere = { ...bearer(secret), origin: 'https://elsewhere.test' }
  assert.equal((await grace.send('/api/plain/x', { method: 'POST', headers: fromElsewhere })).status, 200)
  const withoutToken = { origin: 'https://elsewhere.test' }
  assert.equal((await grace.send('/api/plain/x', { method: 'POST', headers: withoutToken })).status, 403)
})

test('nothing behind the door sees a token, not even a service that gets the client’s own header', async () => {
  const { secret } = await makeToken(await lab.logIn('ada'), origin())
  for (const path of ['/api/plain/x', '/api/theirs/x', '/api/jwt/x']) {
    assert.equal((await program(lab.url, secret).get(path)).status, 200)
    const seen = JSON.stringify(upstream.requests.at(-1))
    assert.ok(!seen.includes(secret) && !seen.includes('gh_'), path)
  }
  const ada = await lab.logIn('ada')
  await ada.get('/api/theirs/x', { authorization: 'Bearer of-somebody-else' })
  assert.deepEqual(upstream.requests.at(-1)?.all('authorization'), ['Bearer of-somebody-else'])
})

test('a token that is sent as Basic is refused, and no service behind the door sees it', async () => {
  const { secret } = await makeToken(await lab.logIn('ada'), origin())
  const before = upstream.requests.length
  for (const pair of [`${secret}:`, `ada:${secret}`, `:${secret}`]) {
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    for (const path of ['/api/theirs/x', '/api/open/x']) {
      const answer = await lab.stranger().get(path, { authorization })
      assert.equal(codeOf(answer), '401 token.invalid', path)
    }
  }
  assert.equal(upstream.requests.length, before)
})

test('what reads does not change: self:write is asked for where something of one’s own is set', async () => {
  const ada = await lab.logIn('ada')
  const set = async (...scopes: readonly string[]) => {
    const { secret } = await makeToken(ada, origin(), { scopes })
    const headers = { 'content-type': 'application/json' }
    return program(lab.url, secret).send('/api/v1/preferences', 'PUT', headers, JSON.stringify({ theme: 'dark' }))
  }
  assert.equal(codeOf(await set('self:read')), '403 token.scopeMissing')
  assert.equal((await set('self:write')).status, 200)
})

test('a token wins over the cookie that came along', async () => {
  const [ada, grace] = [await lab.logIn('ada'), await lab.logIn('grace')]
  const { secret } = await makeToken(ada, origin())
  const asked = await grace.get('/api/v1/me', bearer(secret))
  assert.equal((asked.json() as { username: string }).username, 'ada')
  // Also one that is not good: nobody falls back to somebody else.
  assert.equal(codeOf(await grace.get('/api/v1/me', bearer(`${secret.slice(0, -1)}_`))), '401 token.invalid')
})

test('a token has no credentials of its owner’s: a service that needs them cannot be used', async () => {
  const { secret } = await makeToken(await lab.logIn('ada'), origin())
  assert.equal(codeOf(await program(lab.url, secret).get('/api/own/x')), '403 credential.missing')
})

test('scopes narrow what a token may do', async () => {
  const [ada, grace] = [await lab.logIn('ada'), await lab.logIn('grace')]
  // biome-ignore format: a table
  const asked = ['/api/plain/x', '/api/other/x', '/api/open/x', '/api/v1/me', '/api/v1/admin/users'] as const
  // biome-ignore format: a table
  const table: readonly (readonly [scopes: readonly string[], ...statuses: readonly number[]])[] = [
    [['services'],                   200, 200, 200, 403, 403],
    [['service:plain'],              200, 403, 403, 403, 403],
    [['service:plai', 'self:write'], 403, 403, 403, 403, 403],
    [['self:read'],                  403, 403, 403, 200, 403],
    [['admin'],                      403, 403, 403, 403, 200],
    [['services', 'admin'],          200, 200, 200, 403, 200],
  ]
  for (const [scopes, ...expected] of table) {
    const { secret } = await makeToken(grace, origin(), { scopes })
    const met = await Promise.all(asked.map(async (path) => (await program(lab.url, secret).get(path)).status))
    assert.deepEqual(met, expected, scopes.join(' '))
  }
  const { secret } = await makeToken(ada, origin(), { scopes: ['service:other'] })
  const refused = await program(lab.url, secret).get('/api/plain/x')
  assert.equal(codeOf(refused), '403 token.scopeMissing')
  assert.match(String(refused.headers['www-authenticate']), /error="insufficient_scope", scope="service:plain"/)
})

test('nobody gives more than they have, asks for what is not there, or for longer than is allowed', async () => {
  const ada = await lab.logIn('ada')
  const ask = async (wanted: object) => codeOf(await askForToken(ada, origin(), wanted))
  assert.equal(await ask({ scopes: ['admin'] }), '403 token.scopeNotYours')
  assert.equal(await ask({ scopes: ['everything'] }), '400 token.scopeUnknown')
  assert.equal(await ask({ scopes: [] }), '400 http.invalidInput')
  assert.equal(await ask({ expiresInDays: 201 }), '400 token.lifetimeTooLong')
  for (const field of ['owner', 'userId', 'kind', 'createdAt', 'id', 'hash', '__proto__']) {
    const body = `{"name":"x","scopes":["services"],${JSON.stringify(field)}:"grace"}`
    const headers = { origin: origin(), 'content-type': 'application/json' }
    const answer = await ada.send('/api/v1/tokens', { method: 'POST', headers, body })
    assert.equal(answer.status, 400, field)
  }
  assert.equal((await askForToken(lab.stranger(), origin())).status, 401)
})

test('a token makes no token and no session, and reaches nothing that wants a session', async () => {
  const { secret, id } = await makeToken(await lab.logIn('grace'), origin(), {
    scopes: ['services', 'self:read', 'self:write', 'admin'],
  })
  const script = program(lab.url, secret)
  const json = { 'content-type': 'application/json' }
  const ask = async (method: string, path: string, body?: string) => codeOf(await script.send(path, method, json, body))
  assert.equal(await ask('POST', '/api/v1/tokens', '{"name":"x","scopes":["services"]}'), '403 token.sessionOnly')
  assert.equal(await ask('DELETE', `/api/v1/tokens/${id}`), '403 token.sessionOnly')
  assert.equal(await ask('PUT', '/api/v1/admin/service-accounts/x', '{}'), '403 token.sessionOnly')
  assert.equal(await ask('POST', '/api/v1/admin/service-accounts/x/rotate', '{}'), '403 token.sessionOnly')
  assert.equal(await ask('GET', '/api/v1/sessions'), '403 token.sessionOnly')
  assert.equal(await ask('GET', '/api/v1/sessions/current'), '403 token.sessionOnly')
  assert.equal(await ask('POST', '/api/v1/sessions/current/extend'), '403 token.sessionOnly')
  assert.equal(await ask('DELETE', `/api/v1/sessions/${'f'.repeat(64)}`), '403 token.sessionOnly')
  // Pages know sessions only: there a token is nobody.
  assert.equal((await script.get('/account')).status, 401)
  const login = await script.send('/auth/login/local', 'POST', {}, '')
  assert.ok(login.headers['set-cookie'] === undefined)
})

test('making a token needs a login of just now', async () => {
  const ada = await lab.logIn('ada')
  clock.advance(3_600_000 - 1000)
  await ada.get('/api/v1/me')
  assert.equal((await askForToken(ada, origin())).status, 201)
  clock.advance(1001)
  const refused = await askForToken(ada, origin())
  assert.equal(codeOf(refused), '403 access.loginNotRecent')
  assert.match(refused.text, /\/auth\/login\?again=1/)
  assert.equal((await ada.get('/api/v1/tokens')).status, 200)

  assert.equal((await ada.get('/auth/login?returnTo=/settings')).status, 303)
  const page = await ada.get('/auth/login?again=1&returnTo=/settings')
  assert.equal(page.status, 200)
  assert.match(page.text, /name="returnTo" value="\/settings"/)
  const before = ada.cookieHeader()
  const login = await ada.post('/auth/login/local', { ...(await lab.account('ada')), returnTo: '/settings' })
  assert.deepEqual([login.status, login.headers.location], [303, '/settings'])
  assert.equal((await lab.stranger().get('/api/v1/me', { cookie: before })).status, 401)
  assert.equal((await askForToken(ada, origin())).status, 201)
})

test('a token is over when it is revoked, and when its time is', async () => {
  const ada = await lab.logIn('ada')
  const [gone, kept] = [await makeToken(ada, origin()), await makeToken(ada, origin(), { expiresInDays: 1 })]
  assert.equal((await program(lab.url, gone.secret).get('/api/plain/x')).status, 200)
  const headers = { origin: origin() }
  assert.equal((await ada.send(`/api/v1/tokens/${gone.id}`, { method: 'DELETE', headers })).status, 204)
  const refused = await program(lab.url, gone.secret).get('/api/plain/x')
  assert.equal(codeOf(refused), '401 token.invalid')
  assert.match(String(refused.headers['www-authenticate']), /^Bearer .*error="invalid_token"/)
  assert.equal((await ada.send(`/api/v1/tokens/${gone.id}`, { method: 'DELETE', headers })).status, 404)

  assert.equal((await program(lab.url, kept.secret).get('/api/plain/x')).status, 200)
  clock.stepWallClock(86_400_000)
  assert.equal((await program(lab.url, kept.secret).get('/api/plain/x')).status, 401)
})

test('nobody sees or revokes the token of somebody else; an administrator does both', async () => {
  const [ada, mallory, grace] = [await lab.logIn('ada'), await lab.logIn('mallory'), await lab.logIn('grace')]
  const { id, secret } = await makeToken(ada, origin(), { name: 'CANARY-ada' })
  const headers = { origin: origin() }
  for (const who of [mallory, grace]) {
    assert.ok(!(await who.get('/api/v1/tokens')).text.includes('CANARY-ada'))
    assert.equal(codeOf(await who.send(`/api/v1/tokens/${id}`, { method: 'DELETE', headers })), '404 token.unknown')
  }
  const { userId } = (await ada.get('/api/v1/me')).json() as { userId: string }
  const listed = `/api/v1/admin/users/${userId}/tokens`
  assert.equal((await mallory.get(listed)).status, 403)
  assert.equal((await mallory.send(`/api/v1/admin/tokens/${id}`, { method: 'DELETE', headers })).status, 403)
  assert.equal((await program(lab.url, secret).get('/api/plain/x')).status, 200)
  assert.ok((await grace.get(listed)).text.includes('CANARY-ada'))
  assert.equal((await grace.send(`/api/v1/admin/tokens/${id}`, { method: 'DELETE', headers })).status, 204)
  assert.equal((await program(lab.url, secret).get('/api/plain/x')).status, 401)
})

test('what is revoked is used by nobody after that was said, however many try at that moment', async () => {
  const ada = await lab.logIn('ada')
  const { id, secret } = await makeToken(ada, origin())
  const script = program(lab.url, secret)
  await script.get('/api/plain/x')
  const before = Array.from({ length: 30 }, () => script.get('/api/plain/x'))
  const headers = { origin: origin() }
  assert.equal((await ada.send(`/api/v1/tokens/${id}`, { method: 'DELETE', headers })).status, 204)
  const late = await Promise.all(Array.from({ length: 30 }, () => lab.stranger().get('/api/v1/me', bearer(secret))))
  assert.deepEqual(new Set(late.map(({ status }) => status)), new Set([401, 429]))
  await Promise.all(before)
  clock.advance(600_000)
})

test('the log of what happened says who made, used and revoked a token, and never the secret', async () => {
  const ada = await lab.logIn('ada')
  const { id, secret } = await makeToken(ada, origin())
  await program(lab.url, secret).get('/api/plain/x')
  await ada.send(`/api/v1/tokens/${id}`, { method: 'DELETE', headers: { origin: origin() } })
  const { audit } = lab.gateway.apis.storage
  const mine = async () => (await audit.list({ limit: 50 })).filter(({ subject }) => subject === id)
  while ((await mine()).length < 3) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual((await mine()).map(({ action }) => action).toSorted(), ['token.create', 'token.revoke', 'token.use'])
  assert.ok(!JSON.stringify(await mine()).includes(secret))
})

test('of a token that is used, the list says when and from where', async () => {
  const ada = await lab.logIn('ada')
  const { id, secret } = await makeToken(ada, origin())
  const seen = async () => {
    const { tokens } = (await ada.get('/api/v1/tokens')).json() as {
      tokens: { id: string; lastUsedAt?: string; lastUsedFrom?: string }[]
    }
    return tokens.find((token) => token.id === id)
  }
  assert.equal((await seen())?.lastUsedAt, undefined)
  await program(lab.url, secret).get('/api/plain/x')
  while ((await seen())?.lastUsedAt === undefined) await new Promise((resolve) => setImmediate(resolve))
  const used = await seen()
  assert.deepEqual([used?.lastUsedAt, used?.lastUsedFrom], [new Date(clock.now()).toISOString(), '127.0.0.1'])
})

test('no other kind of token is taken for one of ours, and no secret in another place', async () => {
  const ada = await lab.logIn('ada')
  const { secret } = await makeToken(ada, origin())
  const session = [...ada.cookies.values()].join('')
  const jwt = 'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhZGEifQ.'
  const others = [
    session,
    jwt,
    `${jwt}x`,
    secret.slice(3),
    secret.toUpperCase(),
    `x${secret}`,
    'gh',
    'null',
    'undefined',
  ]
  for (const other of others) assert.equal((await lab.stranger().get('/api/plain/x', bearer(other))).status, 401, other)
  const misplaced: readonly (readonly [path: string, headers: Record<string, string>])[] = [
    [`/api/plain/x?token=${secret}`, {}],
    [`/api/plain/x?access_token=${secret}`, {}],
    ['/api/plain/x', { 'x-api-key': secret }],
    ['/api/plain/x', { authorization: secret }],
    ['/api/plain/x', { authorization: `Token ${secret}` }],
    ['/api/plain/x', { authorization: `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}` }],
    ['/api/plain/x', { 'proxy-authorization': `Bearer ${secret}` }],
    ['/api/plain/x', { cookie: `__Host-gatehouse=${secret}` }],
  ]
  for (const [path, headers] of misplaced) assert.equal((await lab.stranger().get(path, headers)).status, 401, path)
})

test('wrong tokens are counted for the address; what is in use goes on', async () => {
  clock.advance(600_000)
  const ada = await lab.logIn('ada')
  const [used, unused] = [await makeToken(ada, origin()), await makeToken(ada, origin())]
  const from = (address: string) => ({ 'x-forwarded-for': address })
  assert.equal((await program(lab.url, used.secret).get('/api/plain/x', from('192.0.2.1'))).status, 200)
  const wrong = (n: number) => `gh_${String(n).padStart(49, '0')}`
  const guess = async (n: number, address: string) =>
    (await program(lab.url, wrong(n)).get('/api/plain/x', from(address))).status
  const met: number[] = []
  for (let n = 0; n < 7; n++) met.push(await guess(n, '192.0.2.66'))
  assert.deepEqual(met, [401, 401, 401, 401, 401, 429, 429])
  const limited = await program(lab.url, unused.secret).get('/api/plain/x', from('192.0.2.66'))
  assert.equal(codeOf(limited), '429 token.tooManyFailures')
  assert.ok(Number(limited.headers['retry-after']) > 0)
  assert.equal((await program(lab.url, used.secret).get('/api/plain/x', from('192.0.2.66'))).status, 200)
  assert.equal((await program(lab.url, unused.secret).get('/api/plain/x', from('192.0.2.7'))).status, 200)
  clock.advance(600_000)
  assert.equal(await guess(8, '192.0.2.66'), 401)
  clock.advance(600_000)
})

test('a proxy in front asks about a request with a token like about one with a cookie', async () => {
  const ada = await lab.logIn('ada')
  const [right, narrow] = [
    await makeToken(ada, origin()),
    await makeToken(ada, origin(), { scopes: ['service:plain'] }),
  ]
  const ask = (secret: string, method = 'GET', headers = {}) =>
    program(lab.url, secret).get('/auth/verify', {
      'x-forwarded-method': method,
      'x-forwarded-host': new URL(lab.url).host,
      'x-forwarded-uri': '/wiki/page',
      ...headers,
    })
  const yes = await ask(right.secret)
  const said = decodeJwt(String(yes.headers['x-gatehouse-identity']))
  assert.deepEqual([yes.status, said.preferred_username], [200, 'ada'])
  const cookie = (await lab.logIn('grace')).cookieHeader()
  assert.equal((await ask(right.secret, 'POST', { cookie, origin: 'https://elsewhere.test' })).status, 200)
  assert.equal(codeOf(await ask(narrow.secret)), '403 token.scopeMissing')
  assert.equal(codeOf(await ask(`gh_${'0'.repeat(49)}`)), '401 token.invalid')
  assert.equal((await ask('eyJhbGciOiJub25lIn0.e30.')).status, 401)
})

test('scopes are told in words, an administrator’s to administrators only', async () => {
  const scopesFor = async (who: 'ada' | 'grace') =>
    ((await (await lab.logIn(who)).get('/api/v1/tokens/scopes')).json() as { scopes: { scope: string }[] }).scopes.map(
      ({ scope }) => scope,
    )
  assert.deepEqual(await scopesFor('ada'), ['services', 'service:ID', 'self:read', 'self:write'])
  assert.deepEqual(await scopesFor('grace'), ['services', 'service:ID', 'self:read', 'self:write', 'admin'])
})

test('nobody has tokens without end', async () => {
  const mallory = await lab.logIn('mallory')
  for (let count = 0; count < 100; count++) await makeToken(mallory, origin())
  assert.equal(codeOf(await askForToken(mallory, origin())), '409 token.tooMany')
})
