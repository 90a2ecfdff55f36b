// Sessions that a feature names and carries itself, beside those of the portal's cookie.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RequestContext } from '#http'
import { newId, type UserId } from '#kernel'
import { createNamingMount } from '../../test/support/naming-mount.ts'
import { createAccountRoutes } from './account-page.ts'
import { createCompactName, isCompactName } from './index.ts'
import { createSessionToken } from './session-token.ts'
import {
  adaLogin,
  createTestBrowser,
  createTestNode,
  createTestSite,
  hour,
  type TestNode,
  type TestRequest,
  whoIs,
} from './sessions.fixture.ts'
import type { NewSession } from './sessions.ts'

const grace = (): NewSession =>
  adaLogin({ userId: 'user-grace' as UserId, subject: 'grace', username: 'grace', sid: 's2' })

/** Where a request is that brings this name; with undefined it brings none. */
const at = (name: string | undefined, extra: TestRequest = {}): TestRequest => ({
  ...extra,
  mount: createNamingMount(() => name),
})

/** Logs in at the mount, bringing `presented`. @returns the new name */
async function logIn(
  node: TestNode,
  browser = createTestBrowser(),
  {
    login = adaLogin(),
    presented,
    name = createCompactName(),
  }: Partial<Record<'presented' | 'name', string>> & { login?: NewSession } = {},
): Promise<string> {
  await browser.request(node, (ctx) => node.sessions.begin(ctx, login, { name }), at(presented))
  return name
}

const whoIsAt = (node: TestNode, name: string | undefined, browser = createTestBrowser(), extra: TestRequest = {}) =>
  browser.request(node, (ctx) => node.sessions.current.get(ctx)?.row.username, at(name, extra))

const portalCookie = '__Host-gatehouse'

test('a name is 32 lower-case hexadecimal digits, and no two are alike', () => {
  const names = Array.from({ length: 1000 }, createCompactName)
  for (const name of names) assert.match(name, /^[0-9a-f]{32}$/)
  assert.ok(names.every(isCompactName))
  assert.equal(new Set(names).size, 1000)
})

test('the name that a login was given names its session from then on, on every node, and no cookie is touched', async () => {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  const name = await logIn(here, browser)
  assert.equal(browser.cookies.size, 0)
  for (const node of [here, there, here, there]) assert.equal(await whoIsAt(node, name), 'ada')
  assert.equal(await whoIsAt(here, createCompactName()), undefined)
  assert.equal(await whoIsAt(here, undefined), undefined)
})

test('the request that logs in holds the session at once', async () => {
  const node = createTestNode(await createTestSite())
  const begin = async (ctx: RequestContext) => {
    await node.sessions.begin(ctx, adaLogin(), { name: createCompactName() })
    assert.equal(ctx.userId, 'user-ada')
    assert.deepEqual(Object.keys(node.sessions.current.get(ctx)?.credentials ?? {}), ['lab', 'manager'])
    assert.deepEqual(ctx.responseCookies, [])
  }
  await createTestBrowser().request(node, begin, at(undefined))
})

test('a malformed name is a stranger, never an error, and never the session of the cookie', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  const name = await logIn(node)
  await whoIsAt(node, name)
  await whoIs(node, browser)
  const cookie = browser.cookies.get(portalCookie) ?? ''
  const malformed = [
    '',
    ' ',
    name.toUpperCase(),
    `${name} `,
    ` ${name}`,
    `${name}\n`,
    name.slice(1),
    `${name}0`,
    `"${name}"`,
    cookie,
    '\u0000',
    '__proto__',
  ]
  for (const each of malformed) assert.equal(await whoIsAt(node, each, browser), undefined, JSON.stringify(each))
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      assert.equal(await whoIsAt(node, text, browser), undefined)
    }),
  )
  assert.equal(await whoIs(node, browser), 'ada', 'the cookie is still good')
})

test('a name is worth nothing as the cookie, remembered or not', async () => {
  const node = createTestNode(await createTestSite())
  const name = await logIn(node)
  const asCookie = { cookieHeader: `${portalCookie}=${name}` }
  const who = () => createTestBrowser().request(node, (ctx) => node.sessions.current.get(ctx)?.row.username, asCookie)
  assert.equal(await who(), undefined)
  assert.equal(await whoIsAt(node, name), 'ada')
  assert.equal(await who(), undefined)
})

test('of two sessions that a request brings, the name wins, and only its session is used and ended', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  const name = await logIn(node, createTestBrowser(), { login: grace() })
  assert.equal(await whoIsAt(node, name, browser), 'grace')
  assert.equal(await whoIsAt(node, undefined, browser), 'ada', 'without a name it is the cookie')
  await browser.request(node, (ctx) => node.sessions.end(ctx, 'logout'), at(name))
  assert.equal(
    await whoIsAt(node, name, browser),
    undefined,
    'its session is over, and the cookie is not asked instead',
  )
  assert.equal(await whoIs(node, browser), 'ada')
})

test('an unknown name takes no cookie away, not even on a page, and ending nothing does not either', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  for (const name of [createCompactName(), 'malformed']) {
    assert.equal(await whoIsAt(node, name, browser, { wantsPage: true }), undefined)
    await browser.request(node, (ctx) => node.sessions.end(ctx, 'logout'), at(name))
  }
  assert.equal(await whoIs(node, browser), 'ada')
})

test('ending at such a mount without a name ends the session of the cookie, and clears it', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  const thief = browser.copy()
  await browser.request(node, (ctx) => node.sessions.end(ctx, 'logout'), at(undefined))
  assert.equal(browser.cookies.size, 0)
  assert.equal(await whoIs(node, thief), undefined)
})

test('a login ends the session that its request had, whatever named that', async () => {
  const node = createTestNode(await createTestSite())
  const first = await logIn(node)
  const second = await logIn(node, createTestBrowser(), { presented: first })
  assert.equal(await whoIsAt(node, first), undefined)
  assert.equal(await whoIsAt(node, second), 'ada')

  const browser = createTestBrowser()
  await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  const third = await logIn(node, browser)
  assert.ok(browser.cookies.has(portalCookie), 'neither set nor cleared')
  assert.equal(await whoIs(node, browser), undefined)
  assert.equal(await whoIsAt(node, third), 'ada')
})

test('a name that was presented before the login is nobody before and after it', async () => {
  const node = createTestNode(await createTestSite())
  const planted = createCompactName()
  assert.equal(await whoIsAt(node, planted), undefined)
  await logIn(node, createTestBrowser(), { presented: planted })
  assert.equal(await whoIsAt(node, planted), undefined)
})

test("a taken name is refused, and nothing is ended by it: neither its owner's session nor the one that the request had", async () => {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const name = await logIn(here)
  const present = await logIn(there, createTestBrowser(), { login: grace() })
  for (const node of [here, there]) {
    const again = logIn(node, createTestBrowser(), { login: grace(), presented: present, name })
    await assert.rejects(again, { code: 'session.nameTaken', status: 409 })
  }
  assert.equal(await whoIsAt(here, name), 'ada')
  assert.equal(await whoIsAt(here, present), 'grace')
  assert.equal((await here.sessions.list('user-grace' as UserId)).length, 1)
  assert.equal(await here.sessions.endAllOf('user-grace' as UserId, 'revoked'), 1)
  assert.equal(await whoIsAt(there, name), 'ada', 'no list of anybody else names it')
})

test('a name cannot be used twice: not by its own person, not after its end, whatever ended it', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const isRefused = (name: string, presented: string) =>
    assert.rejects(logIn(node, createTestBrowser(), { login: grace(), presented, name }), { code: 'session.nameTaken' })
  const own = await logIn(node)
  await assert.rejects(logIn(node, createTestBrowser(), { presented: own, name: own }), { code: 'session.nameTaken' })
  assert.equal(await whoIsAt(node, own), 'ada')
  await createTestBrowser().request(node, (ctx) => node.sessions.end(ctx, 'logout'), at(own))
  await isRefused(own, own)
  const silent = await logIn(node)
  site.clock.advance(2 * hour)
  assert.equal(await whoIsAt(node, silent), undefined)
  await isRefused(silent, silent)
})

test('of many logins that are given one name at once, one begins and the others leave nothing behind', async () => {
  const site = await createTestSite()
  const nodes = [createTestNode(site), createTestNode(site)]
  const name = createCompactName()
  const people = Array.from({ length: 12 }, (_, index) => `user-${index}` as UserId)
  const outcomes = await Promise.allSettled(
    people.map((userId, index) =>
      logIn(nodes[index % 2] as TestNode, createTestBrowser(), {
        login: adaLogin({ userId, username: userId, subject: userId }),
        name,
      }),
    ),
  )
  const winners = people.filter((_, index) => outcomes[index]?.status === 'fulfilled')
  assert.equal(winners.length, 1)
  const node = nodes[0] as TestNode
  for (const userId of people) if (userId !== winners[0]) await node.sessions.endAllOf(userId, 'revoked')
  assert.equal(await whoIsAt(node, name), winners[0])
})

test('what is not a name begins nothing', async () => {
  const node = createTestNode(await createTestSite())
  const present = await logIn(node)
  for (const name of ['', createSessionToken().value, present.toUpperCase(), newId()]) {
    await assert.rejects(logIn(node, createTestBrowser(), { presented: present, name }), /32 lower-case/)
  }
  assert.equal(await whoIsAt(node, present), 'ada')
})

test('lists, revocation, logouts at the provider and the account page know such sessions like any other', async () => {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  const { row } = await browser.request(here, (ctx) => here.sessions.begin(ctx, adaLogin()))
  const name = await logIn(here)
  const ref = (await there.sessions.list(row.userId)).find((each) => each.ref !== row.ref)?.ref ?? ''
  assert.match(ref, /^[0-9a-f]{64}$/)

  const overview = createAccountRoutes(there.sessions).find(
    ({ method, path }) => method === 'GET' && path === '/account',
  )
  const shown = await browser.request(there, (ctx) => overview?.handle(ctx, { params: {}, query: {}, body: {} }))
  assert.ok(JSON.stringify(shown).includes(ref), 'the account page shows it')

  assert.equal(await whoIsAt(there, name), 'ada')
  assert.equal(await here.sessions.endByRef(row.userId, ref, 'revoked'), true)
  for (const node of [here, there]) assert.equal(await whoIsAt(node, name), undefined)

  const other = await logIn(here)
  assert.equal(await there.sessions.endAllAt({ issuer: 'https://sso.test', subject: 'ada' }, 'provider-logout'), 2)
  assert.equal(await whoIsAt(here, other), undefined)
  assert.equal(await whoIs(here, browser), undefined)
})

test('what is open by a name hears of the end of its session, and a value that comes back is buried', async () => {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const name = await logIn(here)
  const heard: string[] = []
  const watch = (ctx: RequestContext) => here.sessions.watch(ctx, (reason) => heard.push(reason))
  assert.ok(await createTestBrowser().request(here, watch, at(name)))
  const ref = (await there.sessions.list('user-ada' as UserId))[0]?.ref ?? ''
  const stored = (await site.keyValue.get(`websession:${ref}`)) ?? ''
  await createTestBrowser().request(there, (ctx) => there.sessions.end(ctx, 'logout'), at(name))
  await here.settled()
  assert.deepEqual(heard, ['logout'])
  await site.keyValue.set(`websession:${ref}`, stored, { ttlMs: hour })
  for (const node of [here, there]) assert.equal(await whoIsAt(node, name), undefined)
})

test('the stores never hold the name, nor do log and audit: only a hash, and the seal needs the name', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const name = await logIn(node)
  await whoIsAt(node, name)
  await whoIsAt(node, name.toUpperCase())
  const ref = (await node.sessions.list('user-ada' as UserId))[0]?.ref ?? ''
  const stored = (await site.keyValue.get(`websession:${ref}`)) ?? ''
  await assert.rejects(logIn(node, createTestBrowser(), { name }))
  await createTestBrowser().request(node, (ctx) => node.sessions.end(ctx, 'logout'), at(name))
  const told = JSON.stringify([stored, node.operations, node.logged, site.audit, [...node.counted.keys()]])
  assert.ok(told.includes(ref))
  assert.ok(!told.includes(name) && !told.includes('CANARY'))
  assert.ok(!told.includes(hash('sha256', name, 'base64url')))
  const error: unknown = await logIn(node, createTestBrowser(), { name }).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof Error && !`${error.stack}${JSON.stringify(error)}`.includes(name))
})

test('a store that cannot say refuses whoever brings a name; nobody known is taken for a stranger', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const name = await logIn(node)
  node.faults.isDown = true
  await assert.rejects(whoIsAt(node, name))
  await assert.rejects(logIn(node))
  assert.equal(await whoIsAt(node, 'malformed'), undefined)
  node.faults.isDown = false
  assert.equal(await whoIsAt(node, name), 'ada')
})

test('a login that could not be written down leaves no session under its name', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const name = createCompactName()
  site.audit.push = () => {
    throw new Error('the audit log is full')
  }
  await assert.rejects(logIn(node, createTestBrowser(), { name }), /full/)
  assert.equal(await whoIsAt(node, name), undefined)
})

test('a login about which the lists cannot be asked leaves no session under its name', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const name = createCompactName()
  node.faults.failsAt = (operation) => operation.startsWith('members websession-index:')
  await assert.rejects(logIn(node, createTestBrowser(), { name }), /the store is down/)
  node.faults.failsAt = undefined
  assert.equal(await whoIsAt(node, name), undefined)
})
