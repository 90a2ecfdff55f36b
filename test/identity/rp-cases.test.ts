// The cases that the OpenID conformance suite has for relying parties, by its names, run against oidc-provider behind a
// server that alters its answers (security.md §6), once for each profile of the driver: every denial ends in an error page, without a session cookie, without
// anything stored, with an entry in the audit log, and with nothing sent to the service behind.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Secret } from '#kernel'
import { dumpStores } from '../e2e/dump-stores.ts'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { createAccounts, createProviderVisitor, type ProviderVisitor } from '../support/oidc-provider.ts'
import { findFreePort } from '../support/programs.ts'
import { ok, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import {
  createRsaKey,
  encodeJson,
  type Json,
  signToken,
  startTamperingProvider,
  type Tampering,
  type TamperingProvider,
  type TokenParts,
} from '../support/tampering-provider.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { cilogon } from '../support/vendors/cilogon.ts'
import { gitlab } from '../support/vendors/gitlab.ts'
import { keycloak } from '../support/vendors/keycloak.ts'
import { plain, type Vendor } from '../support/vendors/vendor.ts'

const CLIENT_SECRET = 'CANARY-client-secret'
const TOKEN_SECONDS = 300
const accounts = createAccounts()
const [ada = assert.fail()] = accounts
const attacker = createRsaKey('main')

/** Whose profile is on. */
let vendor: Vendor
let port: number
let url: string
let provider: TamperingProvider
let upstream: RecordingUpstream

async function startPeers(): Promise<void> {
  port = await findFreePort()
  url = `http://127.0.0.1:${port}`
  provider = await startTamperingProvider({
    accounts,
    vendor,
    accessTokenSeconds: TOKEN_SECONDS,
    clients: [
      {
        clientId: 'gatehouse',
        clientSecret: new Secret(CLIENT_SECRET),
        redirectUris: [`${url}/auth/callback/sso`],
        postLogoutRedirectUris: [`${url}/auth/logged-out`],
        backchannelLogoutUri: `${url}/auth/backchannel/sso`,
      },
    ],
  })
  upstream = await startRecordingUpstream(() => ok())
}

async function closePeers(): Promise<void> {
  await provider.close()
  await upstream.close()
}

/** A gateway that has not met the provider yet, with a browser in which nobody is logged in. */
interface Party extends AsyncDisposable {
  readonly gateway: TestGateway
  readonly stores: TestStores
  readonly clock: ManualClock
  readonly browser: TestClient
  /** The same browser at the provider. */
  readonly there: ProviderVisitor
}

async function startParty(): Promise<Party> {
  const stores = await openTestStores()
  const secretFile = join(stores.directory, 'client-secret')
  writeFileSync(secretFile, CLIENT_SECRET, { mode: 0o600 })
  const clock = createManualClock(Date.now())
  const gateway = await startGateway({
    stores,
    clock,
    config: {
      server: { url, listen: `127.0.0.1:${port}` },
      identity: [
        {
          id: 'sso',
          type: 'oidc',
          profile: vendor.profile,
          issuer: provider.issuer,
          clientId: 'gatehouse',
          clientSecret: { file: secretFile },
          scopes: ['openid', 'profile', 'email', 'groups'],
        },
      ],
      upstreams: [
        { path: '/api/', to: upstream.url, allow: ['authenticated'], sign: { type: 'bearer', credential: 'sso' } },
      ],
    },
  })
  const there = createProviderVisitor(provider.issuer)
  return {
    gateway,
    stores,
    clock,
    browser: createClient(url),
    there,
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await stores[Symbol.asyncDispose]()
    },
  }
}

/** Logs in, with the provider's answer through the browser altered. */
async function logIn(party: Party, alter: (callback: URL) => void = () => {}): Promise<TestAnswer> {
  const begun = await party.browser.post('/auth/login/sso', { returnTo: '/account' })
  if (begun.status !== 303) return begun
  const callback = await party.there.login(String(begun.headers.location), ada)
  alter(callback)
  return party.browser.get(callback.href, { accept: 'text/html' })
}

async function assertDenied(party: Party, answer: TestAnswer): Promise<void> {
  assert.ok([401, 503].includes(answer.status), `answered ${answer.status}`)
  assert.match(String(answer.headers['content-type']), /^text\/html/)
  assert.equal(party.browser.cookies.has('__Host-gatehouse'), false, 'a session cookie was set')
  const { storage, access } = party.gateway.apis
  const audited = (await storage.audit.list({ limit: 100 })).map(({ action, outcome }) => [action, outcome])
  assert.deepEqual(audited, [['login.failed', 'failure']])
  assert.deepEqual(await access.users.list(), [])
  assert.doesNotMatch(await dumpStores(party.stores), /websession:/)
  const before = upstream.requests.length
  assert.equal((await party.browser.get('/api/x')).status, 401)
  assert.equal(upstream.requests.length, before, 'something went to the service behind')
}

async function assertLoggedIn(party: Party, answer: TestAnswer): Promise<void> {
  assert.deepEqual([answer.status, answer.headers.location], [303, '/account'])
  assert.equal((await party.browser.get('/api/x')).status, 200)
  const me = (await party.browser.get('/api/v1/me')).json() as { subject: string }
  assert.equal(me.subject, vendor.subjectOf('ada'))
}

type Run = (party: Party) => Promise<void>

const accept =
  (tampering: Tampering = {}, check: Run = async () => {}): Run =>
  async (party) => {
    provider.tamper(tampering)
    await assertLoggedIn(party, await logIn(party))
    await check(party)
  }

const deny =
  (tampering: Tampering, alter?: (callback: URL) => void): Run =>
  async (party) => {
    provider.tamper(tampering)
    await assertDenied(party, await logIn(party, alter))
  }

const sign = (parts: TokenParts, key = provider.key): string => signToken(parts, key)
const claims = (change: Json): Tampering => ({
  idToken: ({ header, payload }) => sign({ header, payload: { ...payload, ...change } }),
})
const unsigned = ({ header, payload }: TokenParts, alg: unknown): string =>
  `${encodeJson({ ...header, alg })}.${encodeJson(payload)}.`
const sigNone: Tampering = { idToken: (parts) => unsigned(parts, 'none') }

/** Values that later checks look at. */
const seen = { authorization: '', userinfo: '', discoveries: 0 }

const countOf = (call: string): number => provider.calls.get(call) ?? 0

const basic: Readonly<Record<string, Run>> = {
  'client-test': accept(),
  'client-secret-basic': accept(
    {
      token: (body, request) => {
        seen.authorization = request.headers.authorization ?? ''
        return body
      },
    },
    async () => {
      const [scheme, credentials = ''] = seen.authorization.split(' ')
      assert.deepEqual(
        [scheme, decodeURIComponent(Buffer.from(credentials, 'base64').toString())],
        ['Basic', `gatehouse:${CLIENT_SECRET}`],
      )
    },
  ),
  'idtoken-sig-none': deny(sigNone),
  'idtoken-sig-rs256': accept({
    idToken: ({ header, payload }) => sign({ header: { ...header, alg: 'RS256' }, payload }),
  }),
  'invalid-aud': deny(claims({ aud: 'another' })),
  'invalid-sig-rs256': deny({ idToken: (parts) => sign(parts, attacker) }),
  'invalid-iss': deny(claims({ iss: 'https://evil.test' })),
  'userinfo-invalid-sub': deny({ userinfo: (body) => ({ ...body, sub: 'grace' }) }),
  'kid-absent-multiple-jwks': deny({
    jwks: ({ keys }) => ({ keys: [...keys, createRsaKey('second').publicJwk] }),
    idToken: ({ header: { kid: _kid, ...header }, payload }) => sign({ header, payload }),
  }),
  'kid-absent-single-jwks': accept({
    idToken: ({ header: { kid: _kid, ...header }, payload }) => sign({ header, payload }),
  }),
  'missing-iat': deny(claims({ iat: undefined })),
  'missing-sub': deny(claims({ sub: undefined })),
  'nonce-invalid': deny(claims({ nonce: 'another' })),
  'scope-userinfo-claims': accept(
    {
      ...claims({ email: undefined, email_verified: undefined, name: undefined }),
      userinfo: (body) => ({
        ...body,
        name: 'Ada of Userinfo',
        email: 'ada@userinfo.test',
        email_verified: true,
      }),
    },
    async ({ browser }) => {
      const { displayName, email } = (await browser.get('/api/v1/me')).json() as Record<string, string>
      assert.match(displayName ?? '', /^Ada of Userinfo\b/)
      assert.equal(email, 'ada@userinfo.test')
    },
  ),
  'userinfo-bearer-header': accept(
    {
      userinfo: (body, request) => {
        seen.userinfo = `${request.method} ${request.headers.authorization} ${request.url}`
        return body
      },
    },
    async () => {
      const [method, scheme, token = '', target] = seen.userinfo.split(' ')
      const path = `${vendor.issuerPath}${vendor.paths['/me'] ?? '/me'}`
      assert.deepEqual([method, scheme, target], ['GET', 'Bearer', path])
      assert.match(token, /^[\w.-]+$/)
    },
  ),
}

const mismatch: Tampering = { discovery: (document) => ({ ...document, issuer: 'https://evil.test' }) }

/** What has to be so before the gateway starts, because it reads the discovery document then. */
const beforehand: Readonly<Record<string, () => void>> = {
  'discovery-openid-config': () => {
    seen.discoveries = countOf('GET /.well-known/openid-configuration')
  },
  'discovery-issuer-mismatch': () => provider.tamper(mismatch),
}

const configuration: Readonly<Record<string, Run>> = {
  'discovery-openid-config': async (party) => {
    await accept()(party)
    assert.equal(countOf('GET /.well-known/openid-configuration') - seen.discoveries, 1)
  },
  'discovery-jwks-uri-keys': async (party) => {
    const before = countOf('GET /jwks')
    await accept()(party)
    assert.equal(countOf('GET /jwks') - before, 1)
  },
  'discovery-issuer-mismatch': deny(mismatch),
  'signing-key-rotation': async (party) => {
    await accept()(party)
    provider.rotate(createRsaKey('rotated'))
    await assertLoggedIn(party, await logIn(party))
  },
  'signing-key-rotation-just-before-signing': async (party) => {
    await accept()(party)
    const before = countOf('GET /jwks')
    const answer = await logIn(party, () => provider.rotate(createRsaKey('rotated-late')))
    await assertLoggedIn(party, answer)
    assert.equal(countOf('GET /jwks') - before, 1, 'one more look at the keys')
  },
  'idtoken-sig-none': deny(sigNone),
}

/** A login whose token is at its end, with the answer to its refresh altered; then one request. */
const refresh =
  (tampering: Tampering, check: (party: Party, status: number) => Promise<void>): Run =>
  async (party) => {
    await accept()(party)
    provider.tamper(tampering)
    party.clock.advance(TOKEN_SECONDS * 1000)
    const before = upstream.requests.length
    const { status } = await party.browser.get('/api/after')
    if (status !== 200) assert.equal(upstream.requests.length, before, 'something went to the service behind')
    await check(party, status)
  }

const refreshDenied = (tampering: Tampering): Run =>
  refresh(tampering, async ({ browser, gateway }, status) => {
    assert.equal(status, 401)
    assert.equal((await browser.get('/api/v1/me')).status, 401)
    const [ended] = await gateway.apis.storage.audit.list({ limit: 1, action: 'session.end' })
    assert.deepEqual(ended?.detail, { reason: 'provider-logout' })
  })

const refreshing: Readonly<Record<string, Run>> = {
  'refresh-token': refresh({}, async (_party, status) => {
    assert.equal(status, 200)
    const [first, second] = upstream.requests.slice(-2).map(({ all }) => all('authorization')[0])
    assert.ok(first !== undefined && second !== undefined && first !== second)
  }),
  'refresh-token-invalid-issuer': refreshDenied(claims({ iss: 'https://evil.test' })),
  'refresh-token-invalid-sub': refreshDenied(claims({ sub: 'grace' })),
}

/** Ada logs out at the provider, whose announcement is altered. */
const announced =
  (expected: 200 | 400, logoutToken?: Tampering['logoutToken']): Run =>
  async (party) => {
    await accept()(party)
    provider.tamper(logoutToken === undefined ? {} : { logoutToken })
    await party.there.logout()
    const told = provider.announced.at(-1) ?? assert.fail('the provider announces logouts')
    assert.deepEqual([told.status, told.headers.get('cache-control')], [expected, 'no-store'])
    assert.equal((await party.browser.get('/api/v1/me')).status, expected === 200 ? 401 : 200)
    const [entry] = await party.gateway.apis.storage.audit.list({ limit: 1, action: 'logout.announced' })
    assert.equal(entry?.outcome, expected === 200 ? 'success' : 'failure')
  }

const logoutClaims =
  (change: Json): NonNullable<Tampering['logoutToken']> =>
  ({ header, payload }) =>
    sign({ header, payload: { ...payload, ...change } })

const backChannel: Readonly<Record<string, Run>> = {
  ok: announced(200),
  'alg-none': announced(400, (parts) => unsigned(parts, 'none')),
  'wrong-alg': announced(400, ({ header, payload }) => sign({ header: { ...header, alg: 'RS384' }, payload })),
  'wrong-aud': announced(400, logoutClaims({ aud: 'another' })),
  'wrong-iss': announced(400, logoutClaims({ iss: 'https://evil.test' })),
  'no-event': announced(400, logoutClaims({ events: undefined })),
  'wrong-event': announced(400, logoutClaims({ events: { 'https://evil.test/event': {} } })),
  'with-nonce': announced(400, logoutClaims({ nonce: 'a nonce' })),
}

/** Ada logs out here, is sent to the provider, and comes back. */
const initiated =
  (expected: number, alter: (back: URL) => void): Run =>
  async (party) => {
    await accept()(party)
    const sent = new URL(String((await party.browser.post('/auth/logout')).headers.location))
    const page = `${provider.issuer}${vendor.paths['/session/end'] ?? '/session/end'}`
    assert.equal(`${sent.origin}${sent.pathname}`, page)
    assert.equal(sent.searchParams.get('post_logout_redirect_uri'), `${url}/auth/logged-out`)
    assert.ok((sent.searchParams.get('id_token_hint') ?? '').startsWith('eyJ'))
    assert.equal((await party.browser.get('/api/v1/me')).status, 401, 'over here, whatever the provider does')
    const back = await party.there.logout(sent.href)
    assert.equal(back.searchParams.get('state'), sent.searchParams.get('state'))
    alter(back)
    assert.equal((await party.browser.get(back.href, { accept: 'text/html' })).status, expected)
    const again = await party.browser.get('/auth/logged-out', { accept: 'text/html' })
    assert.equal(again.status, 200, 'nothing is left of it')
  }

const initiatedLogout: Readonly<Record<string, Run>> = {
  'rp-init-logout': initiated(200, () => {}),
  'rp-init-logout-other-state': initiated(400, (back) => back.searchParams.set('state', 'another')),
  'rp-init-logout-no-state': initiated(400, (back) => back.searchParams.delete('state')),
}

/** Where the provider has no page to log out at. */
const ownLogout: Readonly<Record<string, Run>> = {
  'no page of the provider’s: both tokens are revoked there': async (party) => {
    await accept()(party)
    const before = countOf('POST /token/revocation')
    const { location } = (await party.browser.post('/auth/logout')).headers
    assert.equal(location, '/auth/logged-out')
    assert.equal(countOf('POST /token/revocation') - before, 2)
    assert.equal((await party.browser.get('/api/v1/me')).status, 401)
  },
}

/** Only a provider that promises to name itself can be held to it (RFC 9207 §2.4). */
const namesItself = ({ discovery }: Vendor): boolean => !(ISS_PROMISED in discovery) || discovery[ISS_PROMISED] === true
const ISS_PROMISED = 'authorization_response_iss_parameter_supported'
const hasLogoutPage = ({ discovery }: Vendor): boolean => !('end_session_endpoint' in discovery)

const borrowed: Readonly<Record<string, Run>> = {
  'missing-state': deny({}, (callback) => callback.searchParams.delete('state')),
  'invalid-state': deny({}, (callback) => callback.searchParams.set('state', 'another')),
  'invalid-authorization-response-iss': deny({}, (callback) => callback.searchParams.set('iss', 'https://evil.test')),
  'remove-authorization-response-iss': deny({}, (callback) => callback.searchParams.delete('iss')),
  'invalid-expired-exp': deny(claims({ exp: Math.floor(Date.now() / 1000) - 300 })),
  'invalid-missing-exp': deny(claims({ exp: undefined })),
  'invalid-missing-aud': deny(claims({ aud: undefined })),
  'invalid-missing-iss': deny(claims({ iss: undefined })),
  'invalid-missing-nonce': deny(claims({ nonce: undefined })),
  'invalid-secondary-aud': deny(claims({ aud: ['gatehouse', 'another'] })),
  'invalid-null-alg': deny({ idToken: (parts) => unsigned(parts, null) }),
  'invalid-alternate-alg': deny({
    idToken: ({ header, payload }) => sign({ header: { ...header, alg: 'PS256' }, payload }),
  }),
  'valid-aud-as-array': accept(claims({ aud: ['gatehouse'] })),
  'token-type-case-insensitivity': accept({ token: (body) => ({ ...body, token_type: 'bEaReR' }) }),
  'token-endpoint-response-without-expires-in': accept({
    token: ({ expires_in: _seconds, ...body }) => body,
  }),
}

type Cases = Readonly<Record<string, Run>>

function plansFor(whose: Vendor): readonly (readonly [plan: string, size: number, cases: Cases])[] {
  const { 'remove-authorization-response-iss': _promised, ...others } = borrowed
  const logout = hasLogoutPage(whose)
    ? (['RP-initiated logout', 3, initiatedLogout] as const)
    : (['logout here', 1, ownLogout] as const)
  return [
    ['basic (code flow)', 15, basic],
    ['configuration', 6, configuration],
    ['refresh', 3, refreshing],
    ['back-channel logout', 8, backChannel],
    logout,
    ['borrowed from FAPI 2', namesItself(whose) ? 15 : 14, namesItself(whose) ? borrowed : others],
  ]
}

for (const whose of [plain, keycloak, gitlab, cilogon]) {
  describe(`relying party, profile ${whose.profile}`, () => {
    const plans = plansFor(whose)
    let passed = 0
    before(async () => {
      vendor = whose
      await startPeers()
    })
    after(closePeers)

    for (const [plan, size, cases] of plans) {
      describe(plan, () => {
        test('no case is missing', () => assert.equal(Object.keys(cases).length, size))
        for (const [name, run] of Object.entries(cases)) {
          test(name, { timeout: 30_000 }, async () => {
            beforehand[name]?.()
            await using party = await startParty()
            try {
              await run(party)
              passed += 1
            } finally {
              provider.tamper({})
            }
          })
        }
      })
    }

    test('all of them', (t) => {
      const total = plans.reduce((sum, [, size]) => sum + size, 0)
      t.diagnostic(`${passed} of ${total} relying-party cases behave as the conformance suite asks`)
      assert.equal(passed, total)
    })
  })
}
