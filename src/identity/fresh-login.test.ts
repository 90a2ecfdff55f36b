// A login counts as of when the person showed who they are, not of when the provider said so again; and where it must be of
// just now, nothing else will do. With a real provider, whose clock moves with ours.

import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { Secret } from '#kernel'
import { createCompactName } from '#sessions'
import { createProviderVisitor, type OidcProvider, startOidcProvider } from '../../test/support/oidc-provider.ts'
import { signToken, startTamperingProvider, type TamperingProvider } from '../../test/support/tampering-provider.ts'
import { createOidcSite, createProviderOptions, type OidcSite } from './drivers/oidc/oidc.fixture.ts'
import type { TestBrowser } from './identity.fixture.ts'

const MINUTE = 60_000
const options = createProviderOptions()
let provider: OidcProvider
let site: OidcSite

beforeEach(async () => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  provider = await startOidcProvider(options)
  site = await createOidcSite(provider, options.accounts)
})
afterEach(async () => {
  await site.close()
  await provider.close()
  mock.timers.reset()
})

/** Here and at the provider. */
function advance(ms: number): void {
  site.clock.advance(ms)
  mock.timers.setTime(site.clock.now())
}

const loginTime = async (browser: TestBrowser) => (await browser.session())?.row.authenticatedAt ?? Number.NaN
const isAt = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1000, `${actual - expected} ms`)

/** Begins a login that must be fresh. @returns where the browser is sent */
async function beginAgain(browser: TestBrowser): Promise<URL> {
  const begun = await browser.post('/auth/login/sso', { again: '1', returnTo: '/jobs' })
  assert.equal(begun.status, 303, JSON.stringify(begun))
  return new URL(begun.location ?? '')
}

const [ada = assert.fail(), grace = assert.fail()] = options.accounts
const asked = (): number => [...provider.calls].filter(([call]) => call.startsWith('POST /interaction/')).length

test('a login that rides on one at the provider is as old as that one', async () => {
  const then = site.clock.now()
  await site.logIn(site.browser())
  advance(50 * MINUTE)
  const browser = site.browser()
  await site.logIn(browser)
  assert.equal(asked(), 1, 'the second was silent')
  const { row } = (await browser.session()) ?? assert.fail()
  assert.equal(row.createdAt, then + 50 * MINUTE)
  isAt(row.authenticatedAt ?? 0, then)
})

test('asked for a login of just now, the provider asks the person, who has a session of then afterwards', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const before = (await browser.session())?.row.ref
  advance(50 * MINUTE)
  const page = await browser.get('/auth/login?again=1&returnTo=/jobs')
  assert.deepEqual([page.status, page.data?.mustBeFresh, page.data?.returnTo], [200, true, '/jobs'])
  const there = await beginAgain(browser)
  assert.deepEqual([there.searchParams.get('prompt'), there.searchParams.get('max_age')], ['login', '0'])
  const back = await site.visitor.login(there.href, ada)
  assert.equal(asked(), 2)
  assert.deepEqual(await browser.get(back.href), { status: 303, location: 'https://gate.test/jobs' })
  isAt(await loginTime(browser), site.clock.now())
  assert.notEqual((await browser.session())?.row.ref, before)
})

test('who takes what asks for it out of the address is refused, keeps the session they had, and may try again', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const before = (await browser.session())?.row
  advance(50 * MINUTE)
  const there = await beginAgain(browser)
  for (const name of ['prompt', 'max_age']) there.searchParams.delete(name)
  const back = await site.visitor.login(there.href, ada)
  assert.equal(asked(), 1)
  const refused = await browser.get(back.href)
  assert.deepEqual([refused.status, refused.data?.mustBeFresh, refused.data?.returnTo], [401, true, '/jobs'])
  assert.match(String(refused.data?.error), /show once more who you are/)
  assert.deepEqual((await browser.session())?.row, before)
  const [, failure] = site.audited.filter(({ action }) => action.startsWith('login.'))
  assert.deepEqual([failure?.action, failure?.detail?.result], ['login.failed', 'unverified'])
  assert.match(String(failure?.detail?.reason), /login.notFresh: the person logged in there before/)
})

test('somebody else who logs in anew has a session of their own', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const elsewhere = createProviderVisitor(provider.issuer)
  await browser.get((await elsewhere.login((await beginAgain(browser)).href, grace)).href)
  assert.equal((await browser.session())?.row.subject, 'grace')
})

test('an attempt that has gone stale logs nobody in anew', async () => {
  const browser = site.browser()
  await site.logIn(browser)
  const then = await loginTime(browser)
  const there = await beginAgain(browser)
  advance(11 * MINUTE)
  await browser.get((await site.visitor.login(there.href, ada)).href)
  assert.equal(await loginTime(browser), then)
})

test('a password that was typed here is of now; what stands for one is of no time', async () => {
  const proof = {
    identity: { provider: 'lab', issuer: 'x', subject: 'ada', username: 'ada', displayName: 'Ada', groups: [] },
    credential: { kind: 'keypair', accessKey: 'x', secretKey: new Secret('y'), role: 'user' },
  } as const
  const entrants = [
    { provider: 'lab', username: 'ada' },
    { provider: 'lab', isByToken: true },
    { provider: 'lab', username: 'ada', isByToken: true },
    { provider: 'lab' },
  ] as const
  const times = await Promise.all(
    entrants.map((entrant) =>
      site.browser().request(async (ctx) => {
        const name = createCompactName()
        await site.identities.enter(ctx, entrant, async () => ({ kind: 'proven', proof, name }))
        return site.sessions.current.get(ctx)?.row.authenticatedAt
      }),
    ),
  )
  assert.deepEqual(times, [site.clock.now(), undefined, undefined, undefined])
})

const BELIEVED = { dangerouslyBelieveFreshLogins: true }

/** What the ID token says of when, in place of the truth, and how long before the login was begun that is. */
const SAID: readonly {
  readonly name: string
  readonly authTime: (now: number) => unknown
  readonly again: number
  readonly silent: number
  readonly extra?: Readonly<Record<string, unknown>>
}[] = [
  { name: 'nothing', authTime: () => undefined, again: 401, silent: 303 },
  {
    name: 'nothing, and the operator believes it',
    authTime: () => undefined,
    again: 303,
    silent: 303,
    extra: BELIEVED,
  },
  {
    name: 'an hour ago, whatever the operator believes',
    authTime: (now) => now - 3600,
    again: 401,
    silent: 303,
    extra: BELIEVED,
  },
  { name: 'a minute ago and more', authTime: (now) => now - 62, again: 401, silent: 303 },
  { name: 'nearly a minute ago, by a clock that is behind', authTime: (now) => now - 58, again: 303, silent: 303 },
  { name: 'at the epoch', authTime: () => 0, again: 401, silent: 303 },
  { name: 'an hour ahead', authTime: (now) => now + 3600, again: 401, silent: 401 },
  { name: 'as text', authTime: String, again: 401, silent: 401 },
  { name: 'null', authTime: () => null, again: 401, silent: 401 },
  { name: 'negative', authTime: () => -1, again: 401, silent: 401 },
]

for (const { name, authTime, again, silent, extra } of SAID) {
  test(`a provider says of when: ${name}`, async () => {
    const tampering: TamperingProvider = await startTamperingProvider(options)
    tampering.tamper({
      idToken: ({ header, payload }) => {
        const { auth_time: _, ...others } = payload
        const said = authTime(Math.floor(Date.now() / 1000))
        return signToken(
          { header, payload: { ...others, ...(said !== undefined && { auth_time: said }) } },
          tampering.key,
        )
      },
    })
    const tampered = await createOidcSite(tampering, options.accounts, extra)
    try {
      const browser = tampered.browser()
      const outcome = await tampered.logIn(browser)
      assert.equal(outcome.status, silent)
      const { location = '' } = await browser.post('/auth/login/sso', { again: '1' })
      const before = (await browser.session())?.row
      const after = await browser.get((await tampered.visitor.login(location, ada)).href)
      assert.equal(after.status, again)
      if (again !== 303) assert.deepEqual((await browser.session())?.row, before)
      const time = (await browser.session())?.row.authenticatedAt
      assert.ok(time === undefined || time <= tampered.clock.now())
    } finally {
      await tampered.close()
      await tampering.close()
    }
  })
}
