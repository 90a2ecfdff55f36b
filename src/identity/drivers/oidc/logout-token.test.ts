// What somebody may send in the name of a provider's logout (security.md §6, OpenID Connect Back-Channel Logout 1.0), and
// what must come of it: each refusal leaves the session, says 400 and is written down.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { GatewayError, randomToken } from '#kernel'
import {
  createEcKey,
  createRsaKey,
  encodeJson,
  type Json,
  RawAnswer,
  type SigningKey,
  signEncoded,
  signToken,
  startTamperingProvider,
  type TamperingProvider,
  type TokenParts,
} from '../../../../test/support/tampering-provider.ts'
import type { TestBrowser } from '../../identity.fixture.ts'
import { CLIENT_SECRET, createOidcSite, createProviderOptions, type OidcSite } from './oidc.fixture.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const options = createProviderOptions()
const attacker = createRsaKey('main')
const elliptic = createEcKey('elliptic')
let provider: TamperingProvider
let site: OidcSite
let ada: TestBrowser
let sid: string

before(async () => {
  provider = await startTamperingProvider(options)
  site = await createOidcSite(provider, options.accounts)
  await logIn()
})
after(async () => {
  await site.close()
  await provider.close()
})

/** Proven after whatever was announced before, also where that was said half a minute ahead of its time. */
const lateIdToken =
  (change: Json = {}) =>
  ({ header, payload }: TokenParts): string =>
    signToken({ header, payload: { ...payload, iat: seconds() + 45, ...change } }, provider.key)

async function logIn(): Promise<void> {
  ada = site.browser()
  provider.tamper({ idToken: lateIdToken({ sid: 'sid-ada' }) })
  assert.equal((await site.logIn(ada)).status, 303)
  sid = (await ada.session())?.row.sid ?? assert.fail('the ID token names a session of the provider’s')
}

const seconds = (): number => Math.floor(site.clock.now() / 1000)

const good = (): TokenParts => ({
  header: { alg: 'RS256', typ: 'logout+jwt', kid: provider.key.kid },
  payload: {
    iss: provider.issuer,
    aud: 'gatehouse',
    iat: seconds(),
    exp: seconds() + 120,
    jti: randomToken(16),
    sub: 'ada',
    sid,
    events: { [EVENT]: {} },
  },
})

const send = async (logoutToken: string, id = 'sso'): Promise<readonly [number, string | undefined]> => {
  const { status, error } = await site.browser().post(`/auth/backchannel/${id}`, { logout_token: logoutToken })
  return [status, error]
}

const isIn = async (): Promise<boolean> => (await ada.session()) !== undefined

const claims = (change: Json): string => {
  const { header, payload } = good()
  return signToken({ header, payload: { ...payload, ...change } }, provider.key)
}

const header = (change: Json, signer: SigningKey | string = provider.key): string => {
  const { header: head, payload } = good()
  return signToken({ header: { ...head, ...change }, payload }, signer)
}

const parts = (make: (head: string, body: string) => string): string => {
  const { header: head, payload } = good()
  return make(encodeJson(head), encodeJson(payload))
}

const HOUR = 3600

/** By name: the token, and the words that the log must have for it. */
const hostile: Readonly<Record<string, readonly [() => string, RegExp]>> = {
  'alg none': [() => parts((_, body) => `${encodeJson({ alg: 'none' })}.${body}.`), /"alg"/],
  'alg none with a signature': [() => parts((_, body) => `${encodeJson({ alg: 'none' })}.${body}.AAAA`), /"alg"/],
  'no alg': [() => parts((_, body) => `${encodeJson({ typ: 'logout+jwt' })}.${body}.AAAA`), /"alg"|Algorithm/],
  'another alg of the same key': [() => header({ alg: 'RS512' }), /"alg"/],
  'HS256 with the public key': [() => header({ alg: 'HS256' }, provider.key.publicPem), /"alg"/],
  'HS256 with the client’s secret': [() => header({ alg: 'HS256' }, CLIENT_SECRET), /"alg"/],
  'ES256 with its key inside': [() => header({ alg: 'ES256', jwk: elliptic.publicJwk }, elliptic), /"alg"/],
  'an attacker’s signature': [() => header({}, attacker), /signature/],
  'an attacker’s key inside': [() => header({ jwk: attacker.publicJwk }, attacker), /signature/],
  'an attacker’s key by address': [() => header({ jku: 'http://127.0.0.1:1/jwks' }, attacker), /signature/],
  'a kid that nobody knows': [() => header({ kid: 'unknown' }), /no applicable key/],
  'an extension that we do not know': [() => header({ crit: ['x'], x: 1 }), /Extension|crit/],
  'another payload under a good signature': [
    () => {
      const [head, , signature] = claims({}).split('.')
      return [head, encodeJson({ ...good().payload, sub: 'grace' }), signature].join('.')
    },
    /signature/,
  ],
  'no token at all': [() => 'x', /Invalid Compact JWS/],
  'an encrypted token': [() => `${encodeJson({ alg: 'RSA-OAEP', enc: 'A128GCM' })}.AAAA.AAAA.AAAA.AAAA`, /JWS/],
  'a payload that is a list': [
    () => signEncoded(`${encodeJson(good().header)}.${encodeJson([])}`, 'RS256', provider.key),
    /JSON object/,
  ],
  'typ of an access token': [() => header({ typ: 'at+jwt' }), /typ/],
  'typ of a security event': [() => header({ typ: 'secevent+jwt' }), /typ/],
  'typ an object': [() => header({ typ: {} }), /typ/],
  'iss of another': [() => claims({ iss: 'https://evil.test' }), /"iss"/],
  'iss with a slash more': [() => claims({ iss: `${provider.issuer}/` }), /"iss"/],
  'no iss': [() => claims({ iss: undefined }), /"iss"/],
  'aud of another': [() => claims({ aud: 'other' }), /"aud"/],
  'aud with a second': [() => claims({ aud: ['gatehouse', 'other'] }), /aud/],
  'no aud': [() => claims({ aud: undefined }), /"aud"/],
  'exp long ago': [() => claims({ exp: seconds() - 120 }), /"exp"/],
  'no exp': [() => claims({ exp: undefined }), /"exp"/],
  'exp as text': [() => claims({ exp: String(seconds() + 60) }), /"exp"/],
  'iat far ahead': [() => claims({ iat: seconds() + 120, exp: seconds() + 240 }), /"iat"/],
  'iat two hours ago, and still good for long': [
    () => claims({ iat: seconds() - 2 * HOUR, exp: seconds() + 2 * HOUR }),
    /"iat"/,
  ],
  'no iat': [() => claims({ iat: undefined }), /"iat"/],
  'no jti': [() => claims({ jti: undefined }), /"jti"/],
  'jti empty': [() => claims({ jti: '' }), /jti/],
  'jti a number': [() => claims({ jti: 1 }), /jti/],
  'no events': [() => claims({ events: undefined }), /"events"/],
  'events empty': [() => claims({ events: {} }), /events/],
  'another event': [() => claims({ events: { 'https://evil.test/event': {} } }), /events/],
  'events a list': [() => claims({ events: [EVENT] }), /events/],
  'events a text': [() => claims({ events: EVENT }), /events/],
  'the event no object': [() => claims({ events: { [EVENT]: true } }), /events/],
  'the event only inherited': [() => claims({ events: { __proto__: { [EVENT]: {} } } }), /events/],
  'a nonce': [() => claims({ nonce: 'x' }), /nonce/],
  'a nonce that is null': [() => claims({ nonce: null }), /nonce/],
  'neither sub nor sid': [() => claims({ sub: undefined, sid: undefined }), /neither/],
  'sub empty': [() => claims({ sub: '' }), /sub/],
  'sub a list': [() => claims({ sub: ['ada'] }), /sub/],
  'sid a number': [() => claims({ sid: 1 }), /sid/],
  'an ID token': [
    () => claims({ events: undefined, nonce: 'n', jti: undefined, exp: seconds() + HOUR }),
    /"(events|jti)"/,
  ],
}

test('what does not prove to be a logout of the provider’s ends nothing', async (t) => {
  for (const [name, [make, because]] of Object.entries(hostile)) {
    await t.test(name, async () => {
      site.logged.length = 0
      site.audited.length = 0
      assert.deepEqual(await send(make()), [400, 'logout.tokenRefused'])
      assert.equal(await isIn(), true)
      const [entry, ...others] = site.audited
      assert.deepEqual([entry?.action, entry?.outcome, others], ['logout.announced', 'failure', []])
      const reasons = site.logged.filter(({ event }) => event === 'logout_refused').map(({ reason }) => String(reason))
      assert.equal(reasons.length, 1)
      assert.match(reasons[0] ?? '', because)
      assert.doesNotMatch(JSON.stringify([site.logged, site.audited]), /CANARY|eyJ|evil/)
    })
  }
})

const accepted: Readonly<Record<string, () => string>> = {
  'sub and sid': () => claims({}),
  'sid alone': () => claims({ sub: undefined }),
  'sub alone': () => claims({ sid: undefined }),
  'the type written out': () => header({ typ: 'application/logout+jwt' }),
  'the type of any JWT': () => header({ typ: 'JWT' }),
  'no type': () => header({ typ: undefined }),
  'aud a list of one': () => claims({ aud: ['gatehouse'] }),
  'iat half a minute ahead': () => claims({ iat: seconds() + 30 }),
  'exp half a minute ago': () => claims({ exp: seconds() - 30 }),
  'more claims and another event beside': () => claims({ trace: 'x', events: { [EVENT]: { a: 1 }, other: {} } }),
}

test('a logout of the provider’s ends the session', async (t) => {
  for (const [name, make] of Object.entries(accepted)) {
    await t.test(name, async () => {
      if (!(await isIn())) await logIn()
      site.audited.length = 0
      assert.deepEqual(await send(make()), [200, undefined])
      assert.equal(await isIn(), false)
      const told = site.audited.map(({ action, outcome, detail }) => [action, outcome, detail])
      assert.deepEqual(told, [
        ['session.end', 'success', { reason: 'provider-logout' }],
        ['logout.announced', 'success', { provider: 'sso', sessions: 1, accounts: 0 }],
      ])
    })
  }
})

test('of another session of the provider’s, or of another person, nothing ends here', async () => {
  await logIn()
  assert.deepEqual(await send(claims({ sid: 'another' })), [200, undefined])
  assert.deepEqual(await send(claims({ sid: undefined, sub: 'grace' })), [200, undefined])
  assert.equal(await isIn(), true)
})

test('a login whose ID token named no session ends with its person', async () => {
  ada = site.browser()
  provider.tamper({ idToken: lateIdToken({ sid: undefined }) })
  await site.logIn(ada)
  assert.equal((await ada.session())?.row.sid, undefined)
  assert.deepEqual(await send(claims({ sid: 'whatever', sub: 'grace' })), [200, undefined])
  assert.equal(await isIn(), true)
  assert.deepEqual(await send(claims({ sid: 'whatever' })), [200, undefined])
  assert.equal(await isIn(), false)
})

test('a logout that the stores could not keep may be announced again', async (t) => {
  await logIn()
  const token = claims({})
  const failing = t.mock.method(site.storage, 'sql', () => {
    throw new GatewayError({ code: 'storage.unavailable', status: 503, title: 't', detail: 'd', hint: 'h' })
  })
  assert.deepEqual(await send(token), [503, 'storage.unavailable'])
  failing.mock.restore()
  assert.equal(await isIn(), true)
  assert.deepEqual(await send(token), [200, undefined])
  assert.equal(await isIn(), false)
})

test('keys: a new one is fetched, unknown ones cause one fetch a minute, logins keep their own', async () => {
  await logIn()
  const fetches = () => provider.calls.get('GET /jwks') ?? 0
  provider.rotate(createRsaKey('second'))
  site.clock.advance(61_000)
  const before = fetches()
  assert.deepEqual(await send(claims({})), [200, undefined])
  assert.equal(fetches() - before, 1)
  for (let each = 0; each < 50; each += 1) assert.equal((await send(header({ kid: `unknown-${each}` })))[0], 400)
  assert.equal(fetches() - before, 1)
  provider.rotate(createRsaKey('third'))
  provider.tamper({ idToken: lateIdToken() })
  assert.equal((await site.logIn(site.browser())).status, 303, 'a login with a new key goes on')
})

test('a provider whose keys cannot be had is a failure that can be tried again, not a refusal', async () => {
  const fresh = await createOidcSite(provider, options.accounts)
  provider.tamper({ jwks: () => new RawAnswer(500) })
  const { status, error } = await fresh.browser().post('/auth/backchannel/sso', { logout_token: claims({}) })
  assert.deepEqual([status, error], [503, 'login.providerUnavailable'])
  provider.tamper({})
  await fresh.close()
})

test('who is no provider, or cannot announce, is told so', async () => {
  assert.deepEqual(await send(claims({}), 'nobody'), [404, 'login.unknownProvider'])
})

test('at a provider that was connected, only what it gave goes; connected again, it is there again', async () => {
  const sidOf = (value: string) => ({ idToken: lateIdToken({ sid: value }) })
  // The second provider is the same one under another name, so only `sid` tells the logins apart.
  const names = async () => Object.keys((await ada.session())?.credentials ?? {}).toSorted()
  ada = site.browser()
  provider.tamper(sidOf('of-the-login'))
  await site.logIn(ada)
  provider.tamper(sidOf('of-the-account'))
  await site.logIn(ada, { provider: 'other', purpose: 'connect' })
  assert.deepEqual(await names(), ['other', 'sso'])

  site.audited.length = 0
  assert.deepEqual(await send(claims({ sid: 'of-the-account', sub: undefined }), 'other'), [200, undefined])
  assert.deepEqual(await names(), ['sso'])
  assert.deepEqual(
    site.audited.map(({ action, subject }) => [action, subject]),
    [
      ['credential.disconnect', 'other'],
      ['logout.announced', undefined],
    ],
  )
  provider.tamper(sidOf('of-the-account'))
  await site.logIn(ada, { provider: 'other', purpose: 'connect' })
  assert.deepEqual(await names(), ['other', 'sso'], 'the end of the old connection is not that of the new one')
  assert.deepEqual(await send(claims({ sid: 'of-the-login' })), [200, undefined])
  assert.equal(await isIn(), false)
})

// Last, because the provider lives in real time and would seem to be of the past.
test('a token counts once, for as long as it could be believed', async () => {
  await logIn()
  const token = claims({ exp: seconds() + 24 * HOUR })
  assert.deepEqual(await send(token), [200, undefined])
  await logIn()
  assert.deepEqual(await send(token), [400, 'logout.tokenRefused'])
  site.clock.advance(HOUR * 1000)
  assert.deepEqual(await send(token), [400, 'logout.tokenRefused'])
  site.clock.advance(61_000)
  assert.deepEqual(await send(token), [400, 'logout.tokenRefused'], 'too old by now')
  const together = claims({ jti: 'at once' })
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(together)))
  assert.equal(answers.filter(([status]) => status === 200).length, 1)
  assert.equal(answers.filter(([status]) => status === 400).length, 9)
})
