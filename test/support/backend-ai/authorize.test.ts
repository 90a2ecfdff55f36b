import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createClient } from 'redis'
import { createManualClock } from '../manual-clock.ts'
import { isMissing, startOwnRedis } from '../programs.ts'
import { type Manager, type ManagerAccount, type ManagerOptions, startManager } from './index.ts'
import { ask } from './signed-client.ts'
import { oneTimeCode } from './totp.ts'

const clock = createManualClock(Date.UTC(2026, 2, 12, 4, 5, 6))
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const password = 'CANARY-password'
const accounts: readonly ManagerAccount[] = [
  { username: 'ada@example.org', password, role: 'admin', maxConcurrentLogins: 2 },
  { username: 'code@example.org', password, totp: secret },
  { username: 'new@example.org', password, totp: 'register' },
  { username: 'old@example.org', password, passwordExpiredOn: '2026-03-01 00:00:00+00:00' },
  { username: 'blocked@example.org', password, isLoginBlocked: true },
  { username: 'sso@example.org', password, signInToken: 'CANARY-sToken' },
]
const start = (options: ManagerOptions = {}) => startManager({ clock, accounts, ...options })

const post = (manager: Manager, path: string, body: unknown, headers = {}) =>
  ask(manager.url + path, { method: 'POST', body: JSON.stringify(body), headers })

interface LoginAnswer {
  readonly data: Record<string, string>
  readonly type?: string
  readonly msg?: string
}

async function authorize(manager: Manager, body: object, headers = {}) {
  const whole = { type: 'keypair', domain: 'default', username: 'ada@example.org', password, ...body }
  const answer = await post(manager, '/auth/authorize', whole, headers)
  return { status: answer.status, body: answer.json() as unknown as LoginAnswer }
}

describe('a login', () => {
  const expected = { response_type: 'success', type: 'keypair', role: 'admin', status: 'active' }

  for (const [version, more] of [
    ['26.2', []],
    ['26.4', ['session_token']],
    ['26.8', ['session_token', 'user_id']],
  ] as const) {
    test(`succeeds as in ${version}`, async () => {
      await using manager = await start({ version })
      const { status, body } = await authorize(manager, { extra: 1 })
      assert.equal(status, 200)
      const { accessKey, secretKey, userId } = manager.accounts.get('ada@example.org')
      const { session_token, user_id, ...others } = body.data
      assert.deepEqual(others, { ...expected, access_key: accessKey, secret_key: secretKey })
      assert.deepEqual(
        Object.keys({ session_token, user_id }).filter((name) => body.data[name] !== undefined),
        more,
      )
      if (session_token !== undefined) assert.match(session_token, /^[0-9a-f]{32}$/)
      if (user_id !== undefined) assert.equal(user_id, userId)
    })
  }

  const failures: Readonly<Record<string, readonly [body: object, status: number, type: string, msg: string]>> = {
    'a wrong password': [{ password: 'x' }, 401, 'auth-failed', 'User credential mismatch.'],
    'an unknown name': [{ username: 'x' }, 401, 'auth-failed', 'User credential mismatch.'],
    'another domain': [{ domain: 'x' }, 401, 'auth-failed', 'User credential mismatch.'],
    'another type': [{ type: 'jwt' }, 400, 'invalid-api-params', 'The type must be keypair.'],
    'an old password': [
      { username: 'old@example.org' },
      401,
      'password-expired',
      'Password expired on 2026-03-01 00:00:00+00:00',
    ],
    'a wrong code': [
      { username: 'code@example.org', otp: '000000' },
      400,
      'rejected-by-hook',
      'Invalid TOTP code provided.',
    ],
    'a wrong token': [{ stoken: 'x' }, 401, 'auth-failed', 'User credential mismatch.'],
  }
  for (const [name, [body, status, type, msg]] of Object.entries(failures)) {
    test(`fails with ${name}`, async () => {
      await using manager = await start()
      const answer = await authorize(manager, body)
      assert.equal(answer.status, status)
      assert.equal(answer.body.type, `https://api.backend.ai/probs/${type}`)
      assert.equal(answer.body.msg, msg)
    })
  }

  test('fails with what is no object', async () => {
    await using manager = await start()
    for (const body of ['', '[]', '1', 'ABCDEFGHIJKLMNOP:VBYQ3zn/']) {
      const answer = await ask(`${manager.url}/auth/authorize`, { method: 'POST', body })
      assert.equal(answer.status, 400)
      assert.equal(answer.json().msg, 'Malformed body')
    }
  })

  test('is blocked by the Manager itself in 26.8 only', async () => {
    for (const [version, status] of [
      ['26.4', 200],
      ['26.8', 429],
    ] as const) {
      await using manager = await start({ version })
      assert.equal((await authorize(manager, { username: 'blocked@example.org' })).status, status)
    }
  })
})

describe('a second factor', () => {
  test('is asked for, and counts for half a minute', async () => {
    await using manager = await start()
    const username = 'code@example.org'
    const asked = await authorize(manager, { username })
    assert.deepEqual(asked, { status: 200, body: { data: { response_type: 'REQUIRE_TWO_FACTOR_AUTH', type: 'TOTP' } } })
    const otp = manager.accounts.oneTimeCode(username)
    assert.equal((await authorize(manager, { username, otp })).body.data.response_type, 'success')
    clock.advance(30_000)
    assert.equal((await authorize(manager, { username, otp })).status, 400)
  })

  test('is set up with the token of the login', async () => {
    await using manager = await start()
    const username = 'new@example.org'
    const { data } = (await authorize(manager, { username })).body
    assert.equal(data.response_type, 'REQUIRE_TWO_FACTOR_REGISTRATION')
    const registration = { registration_token: data.token }
    assert.equal((await post(manager, '/totp/anon', { registration_token: 'x' })).status, 401)
    const offer = await post(manager, '/totp/anon', registration)
    const { totp_key, totp_uri } = offer.json() as { totp_key: string; totp_uri: string }
    assert.ok(totp_uri.endsWith(totp_key))
    const activate = (otp?: string) => post(manager, '/totp/anon/activate', { ...registration, otp })
    assert.match(String((await activate()).json().msg), /^OTP not provided/)
    assert.match(String((await activate('000000')).json().msg), /^Failed to validate OTP/)
    assert.equal((await activate(oneTimeCode(totp_key, clock.now()))).status, 200)
    assert.equal((await authorize(manager, { username })).body.data.response_type, 'REQUIRE_TWO_FACTOR_AUTH')
  })
})

describe('single sign-on', () => {
  test('takes the token in the body, under both names, or in a cookie', async () => {
    await using manager = await start()
    const fake = { username: 'fake-email', password: 'fake-pwd' }
    const { accessKey } = manager.accounts.get('sso@example.org')
    for (const [body, headers] of [
      [{ stoken: 'CANARY-sToken' }, {}],
      [{ sToken: 'CANARY-sToken' }, {}],
      [{}, { Cookie: 'a=1; sToken=CANARY-sToken' }],
    ]) {
      assert.equal((await authorize(manager, { ...fake, ...body }, headers)).body.data.access_key, accessKey)
    }
    assert.equal((await authorize(manager, fake)).status, 401)
  })

  test('sends the browser back with the token', async () => {
    await using manager = await start()
    for (const path of ['/saml/login', '/openid/login']) {
      const body = new URLSearchParams({ redirect_to: 'https://web.example.org/?a=1' }).toString()
      const answer = await ask(manager.url + path, { method: 'POST', body })
      assert.equal(answer.status, 302)
      assert.equal(answer.headers.location, 'https://web.example.org/?a=1&sToken=CANARY-sToken')
    }
  })
})

describe('logins that the Manager keeps', () => {
  test('are records in the Redis that it shares, are limited, and end', async (t) => {
    const redis = await startOwnRedis()
    if (isMissing(redis)) return t.skip(redis.missing)
    const client = createClient({ url: redis.url })
    t.after(async () => {
      client.destroy()
      await redis.stop()
    })
    await client.connect()
    const records = {
      set: (key: string, value: string, lifetimeSeconds: number) => client.set(key, value, { EX: lifetimeSeconds }),
      delete: (key: string) => client.del(key),
    }
    await using manager = await start({ version: '26.8', records })
    const keysNow = async () => (await client.keys('*')).sort()
    await client.set('login_history_ada@example.org', '{}')

    const first = (await authorize(manager, {})).body.data.session_token
    assert.deepEqual(await keysNow(), [`AIOHTTP_SESSION_${first}`])
    const person = manager.accounts.get('ada@example.org')
    const created = Math.floor(clock.now() / 1000)
    assert.deepEqual(JSON.parse((await client.get(`AIOHTTP_SESSION_${first}`)) ?? ''), {
      created,
      session: {
        authenticated: true,
        token: {
          type: 'keypair',
          access_key: person.accessKey,
          secret_key: person.secretKey,
          role: 'admin',
          status: 'active',
          user_id: person.userId,
        },
      },
      expiration_dt: created + 604_800,
    })
    assert.ok((await client.ttl(`AIOHTTP_SESSION_${first}`)) > 604_700)

    const second = (await authorize(manager, {})).body.data.session_token
    const tooMany = await authorize(manager, {})
    assert.equal(tooMany.status, 409)
    assert.equal(tooMany.body.type, 'https://api.backend.ai/probs/active-login-session-exists')
    const third = (await authorize(manager, { force: true })).body.data.session_token
    const namesOf = (...tokens: (string | undefined)[]) => tokens.map((token) => `AIOHTTP_SESSION_${token}`).sort()
    assert.deepEqual(await keysNow(), namesOf(second, third))

    assert.equal((await post(manager, '/auth/logout', { session_token: third })).status, 200)
    assert.deepEqual(await keysNow(), namesOf(second))
  })

  test('are not there in 26.2', async () => {
    await using manager = await start()
    for (let n = 0; n < 4; n += 1) assert.equal((await authorize(manager, {})).status, 200)
    assert.equal((await post(manager, '/auth/logout', { session_token: 'x' })).status, 404)
  })
})
