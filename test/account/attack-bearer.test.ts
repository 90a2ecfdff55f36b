// What proves something elsewhere is no account token, and an account token proves nothing elsewhere (security.md T1; RFC 8725
// §3.12): everything that a real provider and this gateway hand out, in every place where somebody may try it.

import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { findFreePort } from '../support/programs.ts'
import { type AccountLab, basic, bearer, claimsOf, KEYS, startAccountLab } from './account-lab.ts'
import { startTokenProvider, type TokenProvider } from './provider-tokens.ts'

const WHOAMI = '/api/v1/account/whoami'
const REFRESH = '/api/v1/account/token/refresh'
const REVOKE = '/api/v1/account/token/revoke'

let provider: TokenProvider
let lab: AccountLab
let accountToken: string
/** Each is good where it belongs. */
const tokens: Record<string, string> = {}

before(async () => {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  provider = await startTokenProvider(url)
  const up = { allow: ['authenticated'], to: 'http://127.0.0.1:9' }
  lab = await startAccountLab({
    config: {
      server: { url, listen: `127.0.0.1:${port}`, trustedProxies: ['127.0.0.1'] },
      identity: [{ id: 'sso', type: 'oidc', issuer: provider.issuer, clientId: 'gatehouse' }],
      verify: { services: [{ id: 'wiki', path: '/wiki/', allow: ['authenticated'] }] },
      upstreams: [{ ...up, id: 'up', path: '/api/up/' }],
    },
  })
  const ada = await lab.logIn('ada')
  tokens.session = ada.cookies.get('__Host-gatehouse') ?? assert.fail()
  tokens['secret of the session'] = tokens.session.split('.')[1] ?? assert.fail()
  const question = { 'x-forwarded-method': 'GET', 'x-forwarded-host': `127.0.0.1:${port}`, 'x-forwarded-uri': '/wiki/' }
  tokens['token for a service in front'] = String(
    (await ada.get('/auth/verify', question)).headers['x-gatehouse-identity'],
  )
  Object.assign(tokens, await provider.tokensOfAda())
  tokens['named token that was made up'] = `gh_${'A'.repeat(43)}`
  accountToken = ((await ada.get('/account/token/create')).json() as { token: string }).token
  for (const [name, token] of Object.entries(tokens)) assert.ok(token.length >= 30, `${name}: ${token}`)
  assert.equal((await lab.ask(WHOAMI, bearer(accountToken))).status, 200)
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await provider[Symbol.asyncDispose]()
})

const forms: Readonly<Record<string, (token: string) => string>> = {
  Bearer: bearer,
  'a name': (token) => basic(token, ''),
  'a password': (token) => basic('ada', token),
  'a name beside a good password': (token) => basic(token, token),
}

test('no other token is an account token', async () => {
  for (const [name, token] of Object.entries(tokens)) {
    for (const [form, write] of Object.entries(forms)) {
      for (const [method, path] of [
        ['GET', WHOAMI],
        ['GET', REFRESH],
        ['POST', REFRESH],
        ['POST', REVOKE],
      ] as const) {
        const answer = await lab.ask(path, write(token), method)
        assert.equal(answer.status, 401, `${name} as ${form} at ${path}`)
        assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="spt3g", error="invalid_token", /)
      }
      assert.equal((await lab.ask('/api/up/x', write(token))).status, 401, `${name} as ${form} at a service`)
    }
  }
})

test('a named token is good for what its scopes say, and the token API is none of it', async () => {
  const ada = await lab.logIn('ada')
  const made = await ada.send('/api/v1/tokens', {
    method: 'POST',
    headers: { origin: lab.url, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'script', scopes: ['self:read', 'self:write', 'services'] }),
  })
  assert.equal(made.status, 201, made.text)
  const { secret } = made.json() as { secret: string }
  assert.match(secret, /^gh_/)
  assert.equal((await lab.ask('/api/v1/me', bearer(secret))).status, 200, 'it is good')
  for (const write of [bearer, (token: string) => basic('ada', token)]) {
    for (const [method, path] of [
      ['GET', WHOAMI],
      ['GET', REFRESH],
      ['POST', REFRESH],
      ['POST', REVOKE],
    ] as const) {
      const answer = await lab.ask(path, write(secret), method)
      assert.ok([401, 403].includes(answer.status), `${method} ${path}: ${answer.status}`)
      assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="spt3g", error="/)
    }
  }
})

test('an account token is none of the others', async () => {
  const stranger = () => lab.stranger()
  const places: Readonly<Record<string, () => Promise<{ readonly status: number }>>> = {
    'the cookie': () => stranger().get('/api/v1/me', { cookie: `__Host-gatehouse=${accountToken}` }),
    'a query': () => stranger().get(`${WHOAMI}?access_token=${accountToken}&token=${accountToken}`),
    'a form': () => stranger().post(REFRESH, { access_token: accountToken, token: accountToken }),
    'another header': () =>
      stranger().get(WHOAMI, { 'x-auth-token': accountToken, 'x-gatehouse-identity': accountToken }),
    'a proxy’s header': () => stranger().get(WHOAMI, { 'proxy-authorization': bearer(accountToken) }),
    'another scheme': () => stranger().get(WHOAMI, { authorization: `JWT ${accountToken}` }),
    'no scheme': () => stranger().get(WHOAMI, { authorization: accountToken }),
    'two parts': () => stranger().get(WHOAMI, { authorization: `Bearer ${accountToken} x` }),
    'two tokens': () => stranger().get(WHOAMI, { authorization: `Bearer ${accountToken}, Bearer ${accountToken}` }),
  }
  for (const [place, send] of Object.entries(places)) assert.equal((await send()).status, 401, place)
  const told = await stranger().post('/auth/backchannel/sso', { logout_token: accountToken })
  assert.equal(told.status, 400, 'an announced logout')
  const callback = await stranger().get(`/auth/callback/sso?state=${accountToken}&code=${accountToken}`)
  assert.equal(callback.status, 401, 'state and code')
})

test('forgeries at the gateway itself, as a script would send them', async () => {
  const [header = '', payload = '', signature = ''] = accountToken.split('.')
  const key = Buffer.from(readFileSync(KEYS[0]?.file ?? '', 'utf8'), 'base64')
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const sign = (head: string, body: string, secret: Uint8Array | string): string =>
    `${head}.${body}.${createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')}`
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }
  const claims = claimsOf(accountToken)
  const graces = encode({ ...claims, groups: ['admins'], sub: 'grace', user_id: 'grace' })
  const typ = 'spt3g+jwt'
  const forged: Readonly<Record<string, string>> = {
    'another person': `${header}.${graces}.${signature}`,
    'alg none': `${encode({ typ, alg: 'none', kid })}.${payload}.`,
    'alg none with the signature': `${encode({ typ, alg: 'none', kid })}.${payload}.${signature}`,
    'a key of mallory’s': sign(header, graces, randomBytes(32)),
    'a key of mallory’s that comes along': sign(
      encode({ typ, alg: 'HS256', kid, jwk: { kty: 'oct', k: 'AA' } }),
      graces,
      Buffer.alloc(1),
    ),
    'kid with a path': sign(encode({ typ, alg: 'HS256', kid: '/dev/null' }), graces, ''),
    'kid with a query': sign(encode({ typ, alg: 'HS256', kid: "x' UNION SELECT 'k" }), graces, 'k'),
    'another type, with our key': sign(encode({ typ: 'JWT', alg: 'HS256', kid }), payload, key),
    'a person that nobody is, with our key': sign(header, graces, key),
    'another issuer, with our key': sign(header, encode({ ...claims, iss: 'https://evil.test' }), key),
    'another audience, with our key': sign(header, encode({ ...claims, aud: 'other' }), key),
  }
  assert.equal((await lab.ask(WHOAMI, bearer(sign(header, payload, key)))).status, 200, 'the forger can')
  for (const [name, token] of Object.entries(forged)) {
    for (const write of Object.values(forms)) {
      assert.equal((await lab.ask(WHOAMI, write(token))).status, 401, name)
      assert.equal((await lab.ask('/api/up/x', write(token))).status, 401, `${name}, at a service`)
    }
  }
})

test('no token is in the log, whether it was good or not', async () => {
  await lab.ask(`${WHOAMI}?token=${accountToken}`)
  const log = JSON.stringify(lab.gateway.logs)
  const audit = JSON.stringify(await lab.gateway.apis.storage.audit.list({ limit: 1_000 }))
  for (const [name, token] of Object.entries({ ...tokens, accountToken })) {
    const telling = token.split('.').at(-1) ?? ''
    assert.ok(!log.includes(telling), `${name} in the log`)
    assert.ok(!audit.includes(telling), `${name} in the audit log`)
  }
})
