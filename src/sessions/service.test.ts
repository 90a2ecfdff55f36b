import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret, type UserId } from '#kernel'
import { generateRingKey } from '#storage'
import { parseSessionToken } from './session-token.ts'
import {
  adaLogin,
  createTestBrowser,
  createTestContext,
  createTestNode,
  createTestSite,
  hour,
  type TestBrowser,
  type TestNode,
  whoIs,
} from './sessions.fixture.ts'

const cookieName = '__Host-gatehouse'

const logIn = (node: TestNode, browser: TestBrowser, login = adaLogin()) =>
  browser.request(node, (ctx) => node.sessions.begin(ctx, login))

const keyOf = (browser: TestBrowser): string =>
  `websession:${parseSessionToken(browser.cookies.get(cookieName) ?? '')?.ref}`

test('a login gives a cookie that proves who it is on the next request', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  assert.equal(await whoIs(node, browser), undefined)
  const begun = await logIn(node, browser)
  assert.equal(begun.row.username, 'ada')
  assert.equal(await whoIs(node, browser), 'ada')
})

test('the request that logs in holds the session at once, with its credentials', async () => {
  const node = createTestNode(await createTestSite())
  await createTestBrowser().request(node, async (ctx) => {
    await node.sessions.begin(ctx, adaLogin())
    assert.equal(ctx.userId, 'user-ada')
    const lab = node.sessions.current.get(ctx)?.credentials.lab
    assert.ok(lab?.kind === 'oauth' && lab.accessToken.reveal() === 'CANARY-access-0')
    const dropped = await node.sessions.setCredential(ctx, 'lab', undefined)
    assert.deepEqual(Object.keys(dropped.credentials), ['manager'])
  })
})

test('the cookie is a __Host- cookie for as long as the browser, SameSite=Lax', async () => {
  const node = createTestNode(await createTestSite())
  await createTestBrowser().request(node, async (ctx) => {
    await node.sessions.begin(ctx, adaLogin())
    const [cookie, ...others] = ctx.responseCookies
    assert.deepEqual({ ...cookie, value: '' }, { name: cookieName, value: '', sameSite: 'Lax' })
    assert.deepEqual(others, [])
  })
})

test('a suffix keeps two instances on one host apart', async () => {
  const site = await createTestSite()
  const [plain, other] = [createTestNode(site), createTestNode(site, { cookieSuffix: '-b' })]
  const browser = createTestBrowser()
  await logIn(other, browser)
  assert.deepEqual([...browser.cookies.keys()], ['__Host-gatehouse-b'])
  assert.equal(await whoIs(plain, browser), undefined)
  assert.deepEqual(other.sessions.cookieNames, [
    '__Host-gatehouse-b',
    '__Host-gatehouse-login-b',
    '__Host-gatehouse-host-b',
    '__Host-gatehouse-arrival-b',
  ])
})

test('every login has a new id; the old cookie is dead and a planted one is not taken over', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await logIn(node, browser)
  const thief = browser.copy()
  await logIn(node, browser, adaLogin({ username: 'grace', userId: 'user-grace' as UserId }))
  assert.notEqual(browser.cookies.get(cookieName), thief.cookies.get(cookieName))
  assert.equal(await whoIs(node, thief), undefined)
  assert.equal(await whoIs(node, browser), 'grace')
  assert.equal(node.counted.get('sessions_ended_total replaced'), 1)

  const planted = createTestBrowser(new Map([[cookieName, `${'A'.repeat(22)}.${'A'.repeat(43)}`]]))
  await logIn(node, planted)
  assert.doesNotMatch(planted.cookies.get(cookieName) ?? '', /AAAAAAAA/)
})

test('a logout ends the session everywhere, deletes its value and clears the cookie', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  await logIn(node, browser)
  const [thief, key] = [browser.copy(), keyOf(browser)]
  await browser.request(node, async (ctx) => {
    await node.sessions.end(ctx, 'logout')
    assert.equal(node.sessions.current.get(ctx), undefined)
  })
  assert.equal(browser.cookies.has(cookieName), false)
  assert.equal(await site.keyValue.get(key), undefined)
  assert.equal(await whoIs(node, thief), undefined)
  node.operations.length = 0
  assert.deepEqual(await node.sessions.list('user-ada' as UserId), [])
  assert.equal(node.operations.length, 1, 'no list names it any more')
})

test('the store knows neither the id nor a secret, and names the session by the hash of its id', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  await logIn(node, browser)
  const value = (await site.keyValue.get(keyOf(browser))) ?? ''
  assert.match(value, /"username":"ada"/)
  const [id = '', secret = ''] = (browser.cookies.get(cookieName) ?? '').split('.')
  for (const hidden of ['CANARY', id, secret]) assert.ok(!value.includes(hidden))
  assert.doesNotMatch(JSON.stringify([node.logged, site.audit, node.operations]), new RegExp(`CANARY|${id}|${secret}`))
})

test('corrupt, cut, edited and swapped values are strangers, and are counted', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const [ada, mallory] = [createTestBrowser(), createTestBrowser()]
  await logIn(node, ada)
  await logIn(node, mallory, adaLogin({ username: 'mallory', userId: 'user-mallory' as UserId }))
  const genuine = (await site.keyValue.get(keyOf(ada))) ?? ''
  const forgeries = [
    '',
    'x',
    genuine.slice(0, -1),
    genuine.slice(0, genuine.indexOf('\n')),
    genuine.replace('"ada"', '"eve"'),
    (await site.keyValue.get(keyOf(mallory))) ?? '',
  ]
  for (const [index, forged] of forgeries.entries()) {
    await site.keyValue.set(keyOf(ada), forged, { ttlMs: hour })
    assert.equal(await whoIs(node, ada), undefined)
    await node.settled()
    assert.ok((node.counted.get('session_violations_total session_value_corrupt') ?? 0) > index)
  }
  assert.ok(node.logged.some(({ event }) => event === 'security_violation'))
  assert.deepEqual(await node.sessions.list('user-ada' as UserId), [], 'a row of another session is not listed')
  await site.keyValue.set(keyOf(ada), genuine, { ttlMs: hour })
  assert.equal(await whoIs(node, ada), 'ada')
})

test('two different session cookies are nobody; the same one twice is itself', async () => {
  const node = createTestNode(await createTestSite())
  const [ada, mallory] = [createTestBrowser(), createTestBrowser()]
  await logIn(node, ada)
  await logIn(node, mallory, adaLogin({ username: 'mallory' }))
  const [a, m] = [ada.cookies.get(cookieName), mallory.cookies.get(cookieName)]
  const seen = (cookieHeader: string) =>
    ada.request(node, (ctx) => node.sessions.current.get(ctx)?.row.username, { cookieHeader })
  assert.equal(await seen(`${cookieName}=${a}; ${cookieName}=${m}`), undefined)
  assert.equal(await seen(`${cookieName}=${m}; x=1; ${cookieName}=${a}`), undefined)
  assert.equal(await seen(`${cookieName}=; ${cookieName}=${a}`), undefined)
  assert.equal(await seen(`${cookieName}=${a}; ${cookieName}=${a}`), 'ada')
  assert.equal(await seen(`=${cookieName}=${a}`), undefined)
  assert.equal(await seen(`\u00a0${cookieName}=${a}`), undefined)
  assert.equal(await seen(`${cookieName}="${a}"`), undefined)
  assert.equal(node.counted.get('session_violations_total session_cookie_ambiguous'), 3)
})

test('a dead cookie is taken away on a page, and left alone in the background', async () => {
  const node = createTestNode(await createTestSite())
  const dead = new Map([[cookieName, `${'A'.repeat(22)}.${'A'.repeat(43)}`]])
  for (const value of [dead.get(cookieName) ?? '', 'rubbish']) {
    const browser = createTestBrowser(new Map([[cookieName, value]]))
    assert.equal(await whoIs(node, browser), undefined)
    assert.ok(browser.cookies.has(cookieName))
    await browser.request(node, () => {}, { wantsPage: true })
    assert.equal(browser.cookies.has(cookieName), false)
  }
})

test('logging in over a dead cookie sends one cookie, the new one', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser(new Map([[cookieName, 'rubbish']]))
  await browser.request(
    node,
    async (ctx) => {
      await node.sessions.begin(ctx, adaLogin())
      assert.equal(ctx.responseCookies.length, 1)
    },
    { wantsPage: true },
  )
  assert.equal(await whoIs(node, browser), 'ada')
})

test('a store that fails is an error, never a stranger', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await logIn(node, browser)
  node.faults.isDown = true
  await assert.rejects(whoIs(node, browser), /the store is down/)
})

test('what is remembered needs no store, is believed only while the feed is alive, and is synchronous', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await logIn(node, browser)
  await whoIs(node, browser)
  node.operations.length = 0
  const ctx = createTestContext({ cookieHeader: `${cookieName}=${browser.cookies.get(cookieName)}` })
  const loaded = node.sessions.load(ctx)
  assert.ok(loaded !== undefined && !(loaded instanceof Promise))
  assert.equal(loaded, node.sessions.current.get(ctx))
  assert.deepEqual(node.operations, [])

  node.faults.isStale = true
  assert.equal(await whoIs(node, browser), 'ada')
  assert.equal(node.operations.length, 1)
  node.faults.isDown = true
  await assert.rejects(whoIs(node, browser))
})

test('requests that come together share one read', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await logIn(node, browser)
  node.operations.length = 0
  const seen = await Promise.all(Array.from({ length: 50 }, () => whoIs(node, browser)))
  assert.ok(seen.every((name) => name === 'ada'))
  assert.equal(node.operations.length, 1)
})

test('an unknown cookie costs one look and no more', async () => {
  const node = createTestNode(await createTestSite())
  const stranger = createTestBrowser(new Map([[cookieName, `${'A'.repeat(22)}.${'A'.repeat(43)}`]]))
  assert.equal(await whoIs(node, stranger), undefined)
  assert.equal(node.operations.length, 1)
  assert.equal(await whoIs(node, createTestBrowser(new Map([[cookieName, 'rubbish']]))), undefined)
  assert.equal(node.operations.length, 1)
})

test('rotation of the key ring signs nobody out; a removed key ends only what it sealed', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const [early, late] = [createTestBrowser(), createTestBrowser()]
  await logIn(node, early)
  const [older] = site.keyRing.keys
  assert.ok(older)
  const newer = generateRingKey(1)
  site.keyRing.keys = [newer, older]
  await logIn(node, late)
  node.faults.isStale = true
  assert.equal(await whoIs(node, early), 'ada')
  assert.equal(await whoIs(node, late), 'ada')
  site.keyRing.keys = [newer]
  assert.equal(await whoIs(node, early), undefined)
  assert.equal(await whoIs(node, late), 'ada')
})

test('a credential can be added and dropped, and both are stored before they are answered', async () => {
  const site = await createTestSite()
  const [node, other] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  await logIn(node, browser)
  const added = { kind: 'password', username: 'a', password: new Secret('CANARY-p') } as const
  await browser.request(node, (ctx) => node.sessions.setCredential(ctx, 'store', added))
  const names = (where: TestNode) =>
    browser.request(where, (ctx) => Object.keys(where.sessions.current.get(ctx)?.credentials ?? {}).toSorted())
  assert.deepEqual(await names(other), ['lab', 'manager', 'store'])
  assert.deepEqual(await names(node), ['lab', 'manager', 'store'])
  await browser.request(node, (ctx) => node.sessions.setCredential(ctx, 'lab', undefined))
  assert.deepEqual(await names(node), ['manager', 'store'])
  assert.deepEqual(await names(other), ['manager', 'store'])
})

test('a change is seen by the next request even before this node hears of it', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await logIn(node, browser)
  await whoIs(node, browser)
  node.faults.isDeaf = true
  await browser.request(node, (ctx) => node.sessions.setCredential(ctx, 'lab', undefined))
  const held = await browser.request(node, (ctx) => node.sessions.current.get(ctx)?.credentials)
  assert.deepEqual(Object.keys(held ?? {}), ['manager'])
})

test('changes from many requests at once are all kept', async () => {
  const site = await createTestSite()
  const nodes = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  await logIn(nodes[0] as TestNode, browser)
  const add = (node: TestNode, name: string) =>
    browser.request(node, (ctx) =>
      node.sessions.setCredential(ctx, name, { kind: 'password', username: name, password: new Secret('x') }),
    )
  await Promise.all(nodes.flatMap((node, n) => Array.from({ length: 20 }, (_, i) => add(node, `n${n}-${i}`))))
  const held = await browser.request(nodes[1] as TestNode, (ctx) => nodes[1]?.sessions.current.get(ctx)?.credentials)
  assert.equal(Object.keys(held ?? {}).length, 42)
})

test('what needs a session says 401 without one', async () => {
  const node = createTestNode(await createTestSite())
  const stranger = createTestBrowser()
  await stranger.request(node, async (ctx) => {
    await assert.rejects(node.sessions.extend(ctx), { code: 'session.expired', status: 401 })
    await assert.rejects(node.sessions.setCredential(ctx, 'a', undefined), { code: 'session.expired' })
    assert.equal(
      node.sessions.watch(ctx, () => {}),
      undefined,
    )
    await node.sessions.end(ctx, 'logout')
  })
})

test('a change of a session that ended meanwhile says 401 and does not bring it back', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  await logIn(node, browser)
  await browser.request(node, async (ctx) => {
    await node.sessions.endAllOf('user-ada' as UserId, 'revoked')
    await assert.rejects(node.sessions.extend(ctx), { code: 'session.expired' })
    await assert.rejects(node.sessions.setCredential(ctx, 'lab', undefined), { code: 'session.expired' })
  })
  assert.equal(await site.keyValue.get(keyOf(browser)), undefined)
})

test('begin and end are logged, counted and audited, with the address and the request', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const begun = await logIn(node, browser)
  await browser.request(node, (ctx) => node.sessions.end(ctx, 'logout'))
  const facts = site.audit.map(({ action, userId, subject, detail, address }) => [
    action,
    userId,
    subject,
    detail,
    address,
  ])
  assert.deepEqual(facts, [
    ['session.create', 'user-ada', begun.row.ref, { provider: 'lab' }, '192.0.2.7'],
    ['session.end', 'user-ada', begun.row.ref, { reason: 'logout' }, '192.0.2.7'],
  ])
  assert.ok(site.audit.every((entry) => entry.requestId !== undefined && !('actor' in entry)))
  assert.deepEqual(
    node.logged.map(({ event }) => event),
    ['session_create', 'session_end'],
  )
  assert.equal(node.counted.get('sessions_started_total lab'), 1)
  assert.equal(node.counted.get('sessions_ended_total logout'), 1)
})

test('ids with separators do not address the sets of others', async () => {
  const node = createTestNode(await createTestSite())
  const users = ['a', 'a:b', 'a\nb', 'a b', ':', '', 'a","b'].map((id) => id as UserId)
  for (const userId of users) await logIn(node, createTestBrowser(), adaLogin({ userId }))
  for (const userId of users) assert.equal((await node.sessions.list(userId)).length, 1, userId)
  await logIn(node, createTestBrowser(), adaLogin({ issuer: 'https://x', subject: 'y:z', sid: 's:t' }))
  assert.equal(await node.sessions.endAllAt({ issuer: 'https://x:y', subject: 'z' }, 'provider-logout'), 0)
  assert.equal(await node.sessions.endAllAt({ issuer: 'https://x', sid: 'y:z' }, 'provider-logout'), 0)
  assert.equal(await node.sessions.endAllAt({ issuer: 'https://x', subject: 'y:z' }, 'provider-logout'), 1)
})
