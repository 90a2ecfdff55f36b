import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '#kernel'
import type { SessionRow } from './session.ts'
import {
  adaLogin,
  createTestBrowser,
  createTestNode,
  createTestSite,
  hour,
  minute,
  type TestBrowser,
  type TestNode,
  whoIs,
} from './sessions.fixture.ts'

const logIn = (node: TestNode, browser: TestBrowser) =>
  browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))

/** A request that counts as a use, as the step makes it. */
const use = (node: TestNode, browser: TestBrowser): Promise<SessionRow | undefined> =>
  browser.request(node, async (ctx) => {
    node.sessions.used(ctx)
    await node.settled()
    return node.sessions.current.get(ctx)?.row
  })

const writes = (node: TestNode): number => node.operations.filter((each) => each.startsWith('set websession:')).length

test('silence ends a session at its idle end, on every node', async () => {
  const site = await createTestSite()
  const nodes = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  await logIn(nodes[0] as TestNode, browser)
  for (const node of nodes) assert.equal(await whoIs(node, browser), 'ada')
  site.clock.advance(hour - 1)
  for (const node of nodes) assert.equal(await whoIs(node, browser), 'ada')
  site.clock.advance(1)
  for (const node of nodes) assert.equal(await whoIs(node, browser), undefined)
})

test('use keeps a session alive, but never beyond its absolute end', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { idle: '2s', absolute: '6s' })
  const browser = createTestBrowser()
  await logIn(node, browser)
  for (let second = 1; second < 6; second += 1) {
    site.clock.advance(1000)
    assert.ok(await use(node, browser), `after ${second} s`)
  }
  site.clock.advance(999)
  assert.ok(await use(node, browser))
  site.clock.advance(1)
  assert.equal(await use(node, browser), undefined)
})

test('an idle time longer than the absolute one changes nothing', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { idle: '1h', absolute: '5s' })
  const browser = createTestBrowser()
  const { row } = await logIn(node, browser)
  assert.equal(row.idleEndsAt, row.endsAt)
  site.clock.advance(5000)
  assert.equal(await whoIs(node, browser), undefined)
})

test('last seen is written once a minute, however many requests there are, and nobody waits for it', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  await logIn(node, browser)
  const before = writes(node)
  for (let second = 0; second < 180; second += 1) {
    site.clock.advance(1000)
    await use(node, browser)
  }
  assert.equal(writes(node) - before, 3)
  const [row] = await node.sessions.list('user-ada' as UserId)
  assert.equal(row?.lastSeenAt, site.clock.now())
  assert.equal(row?.idleEndsAt, site.clock.now() + hour)
})

test('with a short idle time, last seen is written each quarter of it', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { idle: '40s' })
  const browser = createTestBrowser()
  await logIn(node, browser)
  const before = writes(node)
  for (let second = 0; second < 30; second += 1) {
    site.clock.advance(1000)
    await use(node, browser)
  }
  assert.equal(writes(node) - before, 3)
})

test('many requests at the same moment write last seen once', async () => {
  const site = await createTestSite()
  const nodes = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  await logIn(nodes[0] as TestNode, browser)
  for (const node of nodes) await whoIs(node, browser)
  site.clock.advance(2 * minute)
  const before = nodes.map(writes)
  await Promise.all(nodes.flatMap((node) => Array.from({ length: 25 }, () => use(node, browser))))
  const won = nodes.map((node, i) => writes(node) - (before[i] ?? 0))
  assert.ok(
    won.every((count) => count <= 1),
    String(won),
  )
  assert.equal((await nodes[0]?.sessions.list('user-ada' as UserId))?.[0]?.lastSeenAt, site.clock.now())
})

test('a node that was not told of the use elsewhere still finds the session alive', async () => {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  await logIn(here, browser)
  await whoIs(here, browser)
  here.faults.isDeaf = true
  site.clock.advance(hour - 1)
  await use(there, browser)
  site.clock.advance(minute)
  assert.equal(await whoIs(here, browser), 'ada')
})

test('a failure to write last seen harms no request and is tried again', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  await logIn(node, browser)
  await whoIs(node, browser)
  site.clock.advance(2 * minute)
  node.faults.isDown = true
  assert.ok(await use(node, browser))
  node.faults.isDown = false
  assert.ok(await use(node, browser))
  assert.ok(node.logged.some(({ event }) => event === 'session_background_failed'))
  site.clock.advance(1000)
  const before = writes(node)
  assert.ok(await use(node, browser))
  assert.equal(writes(node) - before, 1)
})

test('asking how long is left extends nothing; extending moves the idle end only', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const { row } = await logIn(node, browser)
  site.clock.advance(30 * minute)
  await browser.request(node, async (ctx) => {
    const session = node.sessions.current.get(ctx)
    assert.ok(session)
    const asked = { now: row.createdAt + 30 * minute, idleEndsAt: row.idleEndsAt, endsAt: row.endsAt }
    assert.deepEqual(node.sessions.remaining(session), asked)
    const extended = await node.sessions.extend(ctx)
    assert.deepEqual(node.sessions.remaining(extended), { ...asked, idleEndsAt: asked.now + hour })
    assert.equal(node.sessions.current.get(ctx), extended)
  })
  site.clock.advance(45 * minute)
  assert.equal(await whoIs(node, browser), 'ada')
})

test('extending near the absolute end stops there', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { idle: '40m', absolute: '1h' })
  const browser = createTestBrowser()
  const { row } = await logIn(node, browser)
  site.clock.advance(39 * minute)
  const extended = await browser.request(node, (ctx) => node.sessions.extend(ctx))
  assert.equal(extended.row.idleEndsAt, row.endsAt)
})

test('a stored session never outlives its ends: its time to live is the shorter of the two', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { idle: '40m', absolute: '1h' })
  const browser = createTestBrowser()
  const { row } = await logIn(node, browser)
  site.clock.advance(39 * minute)
  await use(node, browser)
  site.clock.advance(21 * minute - 1)
  assert.ok(await site.keyValue.get(`websession:${row.ref}`))
  site.clock.advance(1)
  assert.equal(await site.keyValue.get(`websession:${row.ref}`), undefined)
})

test('a session whose time is over by the clock is cleared away even if the store still has it', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const { row } = await logIn(node, browser)
  site.clock.stepWallClock(hour)
  assert.equal(await whoIs(node, browser), undefined)
  assert.equal(await site.keyValue.get(`websession:${row.ref}`), undefined)
  assert.equal(node.counted.get('sessions_ended_total expired'), 1)
})

test('what is remembered is forgotten after five minutes, used or not', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  await logIn(node, browser)
  await whoIs(node, browser)
  for (const sweep of [node.sweep, async () => {}]) {
    site.clock.advance(5 * minute - 1)
    await sweep()
    node.operations.length = 0
    await whoIs(node, browser)
    assert.equal(node.operations.length, 0)
    site.clock.advance(1)
    await sweep()
    await whoIs(node, browser)
    assert.equal(node.operations.length, 1)
  }
})

test('the list is the live sessions of that user, last used first, and entries of dead ones go', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const [first, second, other] = [createTestBrowser(), createTestBrowser(), createTestBrowser()]
  const early = await logIn(node, first)
  site.clock.advance(30 * minute)
  const late = await logIn(node, second)
  await other.request(node, (ctx) => node.sessions.begin(ctx, adaLogin({ userId: 'user-eve' as UserId })))
  const refs = async () => (await node.sessions.list('user-ada' as UserId)).map(({ ref }) => ref)
  assert.deepEqual(await refs(), [late.row.ref, early.row.ref])
  await use(node, first)
  site.clock.advance(minute)
  await use(node, first)
  assert.deepEqual(await refs(), [early.row.ref, late.row.ref])

  site.clock.advance(59 * minute + 30_000)
  assert.deepEqual(await refs(), [early.row.ref])
  node.operations.length = 0
  await node.settled()
  await refs()
  assert.equal(node.operations.filter((each) => each.startsWith('get ')).length, 1, 'the dead entry is gone')
})

test('an entry without a session yet is left for the login that made it', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const keyValue = site.keyValue
  const { row } = await logIn(node, browser)
  const stored = (await keyValue.get(`websession:${row.ref}`)) ?? ''
  await keyValue.delete(`websession:${row.ref}`)
  const seenDuringLogin = (await node.sessions.list('user-ada' as UserId)).length
  await node.settled()
  await keyValue.set(`websession:${row.ref}`, stored, { ttlMs: hour })
  assert.equal(seenDuringLogin, 0)
  assert.equal((await node.sessions.list('user-ada' as UserId)).length, 1)
})
