// Logins that a feature carries itself: to the person's account, the budgets, the audit log and the lists they are logins
// like any other.

import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { RequestContext } from '#http'
import { Secret } from '#kernel'
import { type ActiveSession, createCompactName } from '#sessions'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createNamingMount } from '../../test/support/naming-mount.ts'
import type { Entry } from './carried-login.ts'
import { createLocalAccountStore } from './drivers/local/account-store.ts'
import { createPasswordHasher } from './drivers/local/password-hash.ts'
import { loginErrors } from './errors.ts'
import { createTestSite, type TestSite } from './identity.fixture.ts'
import type { Proof } from './provider.ts'

const hour = 3_600_000
const PASSWORD = 'CANARY correct horse'
const ada = { provider: 'manager', username: 'ada@lab.test' }
const refused: Entry = { kind: 'refused', reason: 'credentials' }
/** As many wrong passwords as the default allows. */
const LIMIT = 5

let site: TestSite

beforeEach(async () => {
  site = await createTestSite([{ id: 'sso', type: 'local', label: 'Lab account' }])
})
afterEach(() => site.close())

const proofOf = (provider = 'manager', subject = 'ada@lab.test'): Proof => ({
  identity: {
    provider,
    issuer: 'https://manager.test',
    subject,
    username: subject,
    displayName: subject,
    groups: ['manager:user'],
  },
  credential: { kind: 'keypair', accessKey: 'CANARY-key', secretKey: new Secret('CANARY-secret'), role: 'user' },
})

const enter = (found: Entry, entrant: { provider: string; username?: string } = ada, browser = site.browser()) =>
  browser.request((ctx) => site.identities.enter(ctx, entrant, async () => found))

/** Fails so many times. @returns the codes of what was thrown, '' where nothing was */
async function failTimes(times: number, entrant: { provider: string; username?: string } = ada): Promise<string[]> {
  const codes: string[] = []
  for (let i = 0; i < times; i += 1) {
    codes.push(
      await enter(refused, entrant).then(
        () => '',
        ({ code }: { code: string }) => code,
      ),
    )
  }
  return codes
}

const TOO_MANY = 'login.tooManyFailures'

/** A request that brings the name. */
async function at(name: string): Promise<{ ctx: RequestContext; session: ActiveSession | undefined }> {
  const ctx = createFakeContext({ mount: createNamingMount(() => name) })
  return { ctx, session: await site.sessions.load(ctx) }
}

test('a proven entry is a person, an entry in the audit log, a count and a session with its name and its end', async () => {
  const browser = site.browser()
  const name = createCompactName()
  const fixedEnd = { afterMs: 5 * hour, extensionMs: hour }
  const found = { kind: 'proven', proof: proofOf(), name, fixedEnd, told: { status: 'active' } } as const
  const given = await browser.request(async (ctx) => {
    const outcome = await site.identities.enter(ctx, ada, async () => found)
    assert.equal(site.sessions.current.get(ctx)?.row.username, 'ada@lab.test', 'the request holds it')
    return outcome
  })
  assert.equal(given.told.status, 'active', 'what the check found comes back as it is')
  const { session } = await at(name)
  assert.equal(session?.row.userId, 'user-manager-ada@lab.test')
  assert.equal(session.row.idleEndsAt, site.clock.now() + 5 * hour)
  assert.equal(session.row.extensionMs, hour)
  assert.deepEqual(
    site.admitted.map(({ provider, subject }) => `${provider}/${subject}`),
    ['manager/ada@lab.test'],
  )
  assert.deepEqual(
    site.audited.map(({ action }) => action),
    ['login.success', 'session.create'],
  )
  assert.equal(site.counted.get('logins_total manager success'), 1)
  assert.deepEqual([...browser.cookies.keys()], ['__Host-gatehouse-known'], 'nothing of the portal but its memory')
  assert.ok(!JSON.stringify([site.audited, site.logged]).includes(name))
})

test('without a name the session is the portal’s, with its cookie', async () => {
  const browser = site.browser()
  await enter({ kind: 'proven', proof: proofOf() }, ada, browser)
  const { row } = (await browser.session()) ?? assert.fail()
  assert.deepEqual([row.provider, row.extensionMs], ['manager', undefined])
})

test('the provider need not be configured: its credential is fit for use, and nothing is to be renewed', async () => {
  const name = createCompactName()
  await enter({ kind: 'proven', proof: proofOf(), name })
  site.clock.advance(hour / 2)
  const { ctx } = await at(name)
  assert.equal(site.identities.renewLogin(ctx), undefined)
  const credential = await site.identities.credential(ctx, 'manager')
  assert.ok(credential.kind === 'keypair' && credential.secretKey.reveal() === 'CANARY-secret')
  const stop = site.identities.keepLogin(ctx)
  site.clock.advance(hour / 4)
  stop()
  assert.throws(() => site.identities.credential(ctx, 'sso'), { code: 'credential.missing' })
})

test('refusals count: then nobody is asked any more, right or wrong, and the next try is told', async () => {
  assert.deepEqual(await failTimes(LIMIT + 1), ['', '', '', '', '', TOO_MANY])
  let asked = 0
  const right = () =>
    site.browser().request((ctx) =>
      site.identities.enter(ctx, ada, async (): Promise<Entry> => {
        asked += 1
        return { kind: 'proven', proof: proofOf() }
      }),
    )
  await assert.rejects(right(), ({ code, status, headers }: Record<string, unknown>) => {
    assert.deepEqual([code, status], [TOO_MANY, 429])
    return Number((headers as Record<string, string>)['retry-after']) > 0
  })
  assert.equal(asked, 0)
  assert.equal(site.counted.get('logins_total manager refused'), LIMIT)
  assert.equal(site.counted.get('logins_total manager throttled'), 2)
  site.clock.advance(hour)
  await right()
  assert.equal(asked, 1)
})

test('many at once gain nothing', async () => {
  let asked = 0
  const check = async (): Promise<Entry> => {
    asked += 1
    await new Promise((resolve) => setImmediate(resolve))
    return refused
  }
  const tries = Array.from({ length: 40 }, () =>
    site.browser().request((ctx) => site.identities.enter(ctx, ada, check)),
  )
  const outcomes = await Promise.allSettled(tries)
  assert.equal(asked, LIMIT)
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, LIMIT)
})

test('the budget is that of the account, whichever way in is tried', async () => {
  const accounts = createLocalAccountStore(site.storage)
  const hasher = createPasswordHasher({ memoryKib: 64, passes: 1, lanes: 1 })
  const passwordHash = await hasher.hash(PASSWORD)
  await accounts.add({ name: 'ada', displayName: 'Ada', groups: [], passwordHash, createdAt: site.clock.now() })
  await failTimes(LIMIT, { provider: 'sso', username: 'ADA' })
  const form = { username: 'ada', password: PASSWORD }
  assert.equal((await site.browser().post('/auth/login/sso', form)).status, 429)
  await enter(refused, { provider: 'manager', username: 'ada' })
})

test('where a person has an entry of that provider by the portal too, it is the same person', async () => {
  const accounts = createLocalAccountStore(site.storage)
  const hasher = createPasswordHasher({ memoryKib: 64, passes: 1, lanes: 1 })
  const passwordHash = await hasher.hash(PASSWORD)
  await accounts.add({ name: 'ada', displayName: 'Ada', groups: [], passwordHash, createdAt: site.clock.now() })
  const browser = site.browser()
  await browser.post('/auth/login/sso', { username: 'ada', password: PASSWORD })
  const name = createCompactName()
  await enter({ kind: 'proven', proof: proofOf('sso', 'ada'), name }, { provider: 'sso', username: 'ada' })
  const { userId } = (await browser.session())?.row ?? assert.fail()
  assert.equal((await at(name)).session?.row.userId, userId)
  assert.equal((await site.sessions.list(userId)).length, 2)
})

test('what is undecided counts as no failure, and neither does what the check throws', async () => {
  for (let i = 0; i < 2 * LIMIT; i += 1) {
    assert.deepEqual(await enter({ kind: 'undecided' }), { kind: 'undecided' })
    const away = site.browser().request((ctx) =>
      site.identities.enter(ctx, ada, async () => {
        throw loginErrors.providerUnavailable({ label: 'Manager' })
      }),
    )
    await assert.rejects(away, { code: 'login.providerUnavailable' })
  }
  assert.equal(site.counted.get('logins_total manager unavailable'), 2 * LIMIT)
  assert.equal(site.counted.get('logins_total manager refused'), undefined)
  assert.deepEqual(await failTimes(LIMIT), ['', '', '', '', ''])
})

test('without a name that somebody typed nothing is counted, and every refusal is written down', async () => {
  await failTimes(3 * LIMIT, { provider: 'manager' })
  assert.equal(site.counted.get('logins_total manager refused'), 3 * LIMIT)
  assert.equal(site.audited.filter(({ action }) => action === 'login.failed').length, 3 * LIMIT)
  const name = createCompactName()
  await enter({ kind: 'proven', proof: proofOf(), name }, { provider: 'manager' })
  assert.ok((await at(name)).session)
})

test('a name that somebody typed is kept only if it is somebody’s', async () => {
  await enter(refused, { provider: 'manager', username: 'CANARY-typed' })
  assert.ok(!JSON.stringify([site.audited, site.logged]).includes('CANARY-typed'))
  assert.equal(site.audited.at(-1)?.detail?.reason, 'credentials')
})

test('who waits for approval gets a session at the portal, which says so, and none by a name', async () => {
  site.pending.add('ada@lab.test')
  const name = createCompactName()
  await assert.rejects(enter({ kind: 'proven', proof: proofOf(), name }), { code: 'login.awaitsApproval', status: 403 })
  const browser = site.browser()
  const row = await browser.request(async (ctx) => {
    await site.identities.enter(ctx, ada, async () => ({ kind: 'proven', proof: proofOf() }))
    return site.sessions.current.get(ctx)?.row
  })
  assert.equal(row?.awaitsApproval, true)
})

test('who is disabled, and a proof of another provider, begin nothing', async () => {
  const name = createCompactName()
  site.disabled.add('ada@lab.test')
  await assert.rejects(enter({ kind: 'proven', proof: proofOf(), name }), { code: 'access.userDisabled' })
  await assert.rejects(enter({ kind: 'proven', proof: proofOf('sso', 'ada'), name }), /the proof is not of manager/)
  assert.equal((await at(name)).session, undefined)
  assert.deepEqual(site.admitted, [])
  assert.ok(!site.audited.some(({ action }) => action === 'login.success' || action === 'session.create'))
})
