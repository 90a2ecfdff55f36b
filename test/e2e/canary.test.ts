// Every secret of a run can be recognised, and none turns up where it does not belong: logs, metrics, pages and errors,
// the database, Redis, process arguments.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import type { LoopbackServer } from '../../src/cli/demo/loopback-server.ts'
import type { ProviderServerOptions } from '../../src/cli/demo/provider-server.ts'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import { createProviderVisitor } from '../support/oidc-provider.ts'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startTamperingProvider } from '../support/tampering-provider.ts'
import { type GlassDoor, startOneNode } from './door.ts'
import { dumpStores } from './dump-stores.ts'

/** Secrets by what they are. */
const secrets = new Map<string, string>()
const answers: TestAnswer[] = []
const newSecret = (): string => `CANARY-${randomUUID()}`

let door: GlassDoor
let upstream: RecordingUpstream

/** The login provider, with an ear on what it gives out. */
async function startListenedProvider(options: ProviderServerOptions): Promise<LoopbackServer> {
  const { accounts, clientSecret, gatewayUrl, providerId } = options
  const provider = await startTamperingProvider({
    accounts,
    // Shorter than what is refreshed ahead, so every request that uses it refreshes.
    accessTokenSeconds: 1,
    clients: [{ clientId: 'gatehouse', clientSecret, redirectUris: [`${gatewayUrl}/auth/callback/${providerId}`] }],
  })
  provider.tamper({
    token: (body) => {
      for (const name of ['access_token', 'refresh_token', 'id_token']) {
        if (typeof body[name] === 'string') secrets.set(`${name} ${secrets.size}`, body[name])
      }
      return undefined
    },
  })
  return { url: provider.issuer, close: provider.close }
}

before(async () => {
  upstream = await startRecordingUpstream((request, socket) => {
    if (!request.target.startsWith('/hang-up')) return ok('upstream says ok')
    socket.destroy()
    return undefined
  })
  door = await startOneNode({
    newSecret,
    startProvider: startListenedProvider,
    config: {
      telemetry: { log: { level: 'debug' } },
      upstreams: [
        { id: 'echo', path: '/api/echo/', to: upstream.url, sign: { type: 'identity-jwt' }, allow: ['authenticated'] },
        {
          id: 'bearer',
          path: '/api/bearer/',
          to: upstream.url,
          sign: { type: 'bearer', credential: 'sso' },
          allow: ['authenticated'],
        },
      ],
    },
  })
  for (const [index, secret] of door.secrets.entries()) secrets.set(`configured ${index}`, secret)
  for (const key of door.nodes[0]?.apis.storage.keyRing.keys ?? []) {
    secrets.set(`key ${key.id}`, Buffer.from(key.secret).toString('base64url'))
    secrets.set(`key ${key.id} in hex`, Buffer.from(key.secret).toString('hex'))
  }
})
after(async () => {
  await door[Symbol.asyncDispose]()
  await upstream.close()
})

/** A client whose answers are all kept, and whose cookies count as secrets. */
function createWatchedClient(): TestClient {
  const client = createClient(door.url)
  const keep = async (answer: Promise<TestAnswer>): Promise<TestAnswer> => {
    const kept = await answer
    answers.push(kept)
    for (const [name, value] of client.cookies) {
      for (const part of value.split('.').filter((each) => each.length >= 16)) secrets.set(`${name} ${part}`, part)
    }
    return kept
  }
  return {
    ...client,
    cookies: client.cookies,
    send: (...args) => keep(client.send(...args)),
    get: (...args) => keep(client.get(...args)),
    post: (...args) => keep(client.post(...args)),
  }
}

const secretOf = (index: number): string => door.accounts[index]?.password ?? ''

async function logInElsewhere(client: TestClient): Promise<void> {
  const { headers } = await client.post('/auth/login/sso', { returnTo: '/' })
  const authorization = new URL(String(headers.location))
  const account = door.accounts[0]
  assert.ok(account)
  const visitor = createProviderVisitor(authorization.origin)
  const callback = await visitor.login(authorization.href, { ...account, ...personOf(account.username) })
  assert.equal((await client.get(callback.href)).status, 303)
}

const personOf = (username: string) => ({
  displayName: username,
  email: `${username}@example.org`,
  password: { reveal: () => secretOf(0) } as never,
})

describe('no secret turns up where it does not belong', { timeout: 60_000 }, () => {
  test('after a day in the life of the gateway', async () => {
    const member = createWatchedClient()
    await logInElsewhere(member)
    for (const path of [
      '/',
      '/account',
      '/auth/connect',
      '/api/v1/sessions',
      '/api/v1/sessions/current',
      '/api/echo/x',
    ]) {
      const answer = await member.get(path, { accept: path.startsWith('/api/') ? '*/*' : 'text/html' })
      assert.equal(answer.status, 200, path)
    }
    const accessTokens = () => [...secrets.keys()].filter((name) => name.startsWith('access_token')).length
    // Asked again and again until the token has been renewed, as a page that watches something would.
    do assert.equal((await member.get('/api/bearer/x')).status, 200)
    while (accessTokens() < 2)
    assert.equal((await member.get('/api/manager/x')).status, 403)
    assert.equal((await member.get('/api/staff/x')).status, 403)
    const connected = { username: 'member', password: secretOf(0), returnTo: '/' }
    assert.equal((await member.post('/auth/connect/manager', connected)).status, 303)
    assert.equal((await member.get('/api/manager/x')).status, 200)
    await member.post('/api/v1/sessions/current/extend')

    const staff = createWatchedClient()
    const form = { username: 'staff', password: secretOf(1), returnTo: '/' }
    assert.equal((await staff.post('/auth/login/manager', form)).status, 303)
    assert.equal((await staff.get('/api/manager/folders')).status, 200)
    await openSocket(staff.cookieHeader())
    assert.equal((await staff.post('/auth/logout')).status, 303)
    assert.equal((await member.post('/auth/logout')).status, 303)

    const taken = [...secrets.keys()]
    for (const kind of ['access_token', 'refresh_token', 'id_token', '__Host-gatehouse', 'configured', 'key']) {
      assert.ok(
        taken.some((name) => name.startsWith(kind)),
        `there was a ${kind}`,
      )
    }
  })

  test('and after everything that can go wrong', async () => {
    const mallory = createWatchedClient()
    const guess = newSecret()
    secrets.set('a wrong password', guess)
    assert.equal((await mallory.post('/auth/login/manager', { username: 'admin', password: guess })).status, 401)
    const stray = newSecret()
    secrets.set('a secret in the wrong place', stray)
    await mallory.get(`/api/echo/?access_token=${stray}`)
    await mallory.get(`/auth/callback/sso?code=${stray}&state=${stray}&id_token=${stray}`)
    await mallory.get('/api/v1/sessions', { cookie: `__Host-gatehouse=${stray}.${stray}` })
    await mallory.get('/api/v1/sessions', { authorization: `Bearer ${stray}` })
    await mallory.get('/nowhere', { authorization: `Basic ${Buffer.from(`x:${stray}`).toString('base64')}` })
    const json = { 'content-type': 'application/json', origin: door.url }
    await mallory.send('/auth/login/manager', {
      method: 'POST',
      headers: json,
      body: `{"username":"x","password":"${stray}"`,
    })
    await mallory.send('/auth/login/manager', {
      method: 'POST',
      headers: { ...json, origin: 'https://evil.example' },
      body: JSON.stringify({ username: 'x', password: stray }),
    })
    const member = createWatchedClient()
    await logInElsewhere(member)
    assert.equal((await member.get('/api/bearer/hang-up')).status, 502)
  })

  test('nothing of it is in the log', () => {
    assert.ok(door.logs().length > 20, 'there is a log')
    expectNoSecret('the log', JSON.stringify(door.logs()))
  })

  test('nor in the metrics', async () => {
    const texts = await Promise.all(door.metricsUrls.map(async (url) => (await fetch(url)).text()))
    assert.match(texts.join(), /gatehouse_logins_total/)
    expectNoSecret('the metrics', texts.join('\n'))
  })

  test('nor in any page, answer or error', () => {
    for (const { url, status, headers, text } of answers) {
      const { 'set-cookie': _ours, location, ...others } = headers
      // The provider wants its own ID token back at the logout, in the address (OpenID Connect RP-Initiated Logout §2).
      const target = String(location).replace(/id_token_hint=[^&]+/, '')
      expectNoSecret(`the answer ${status} of ${url}`, `${target}\n${JSON.stringify(others)}\n${text}`)
    }
  })

  test('nor in the stores, sealed values and tombstones included', async () => {
    const dump = await dumpStores(door.stores)
    assert.match(dump, /websession/)
    expectNoSecret('the stores', dump)
  })

  test('nor in the arguments of the process', () => {
    expectNoSecret('the arguments', process.platform === 'linux' ? readFileSync('/proc/self/cmdline', 'latin1') : '')
  })

  test('nor is what a client sends as proof passed on to a service', () => {
    assert.ok(upstream.requests.length > 0)
    for (const { headers } of upstream.requests) {
      expectNoSecret('a request to a service', headers.filter(([name]) => !/^authorization$/i.test(name)).join('\n'))
    }
  })
})

function openSocket(cookie: string): Promise<void> {
  const url = `${door.url.replace('http', 'ws')}/api/manager/stream/echo`
  const socket = new WebSocket(url, { headers: { cookie, origin: door.url } })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.on('message', () => socket.close())
  })
}

function expectNoSecret(where: string, text: string): void {
  for (const [what, secret] of secrets) {
    for (const [spelling, form] of Object.entries(spellingsOf(secret))) {
      assert.ok(!text.includes(form), `${what} is in ${where}, ${spelling}: ${around(text, form)}`)
    }
  }
}

const spellingsOf = (secret: string): Readonly<Record<string, string>> => ({
  'as it is': secret,
  'in base64': Buffer.from(secret).toString('base64').replaceAll('=', ''),
  'in base64url': Buffer.from(secret).toString('base64url'),
  'in hex': Buffer.from(secret).toString('hex'),
})

const around = (text: string, found: string): string => {
  const at = text.indexOf(found)
  return text.slice(Math.max(0, at - 120), at + found.length + 40)
}
