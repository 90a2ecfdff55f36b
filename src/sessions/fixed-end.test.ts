// Sessions that end when their login said: use does not move that, extending does, and nothing makes it earlier.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
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

const day = 24 * hour

const logIn = (node: TestNode, browser: TestBrowser, afterMs: number, extensionMs = afterMs) =>
  browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin({ fixedEnd: { afterMs, extensionMs } })))

/** A request that counts as a use. @returns the row that the store holds after it */
const use = (node: TestNode, browser: TestBrowser) =>
  browser.request(node, async (ctx) => {
    node.sessions.used(ctx)
    await node.settled()
    return (await node.sessions.list(adaLogin().userId))[0]
  })

const extend = (node: TestNode, browser: TestBrowser) =>
  browser.request(node, async (ctx) => (await node.sessions.extend(ctx)).row)

test('it ends when it was said, later than idle sessions do, however it is used or not', async () => {
  for (const isUsed of [true, false]) {
    const site = await createTestSite()
    const nodes = [createTestNode(site, { absolute: '7d' }), createTestNode(site, { absolute: '7d' })]
    const browser = createTestBrowser()
    const { row } = await logIn(nodes[0] as TestNode, browser, 3 * day)
    for (let passed = 0; passed < 3 * day; passed += 8 * hour) {
      for (const node of nodes) {
        assert.equal(await whoIs(node, browser), 'ada')
        if (!isUsed) continue
        const used = await use(node, browser)
        assert.deepEqual([used?.idleEndsAt, used?.lastSeenAt], [row.idleEndsAt, site.clock.now()])
      }
      site.clock.advance(8 * hour)
    }
    for (const node of nodes) assert.equal(await whoIs(node, browser), undefined)
  }
})

test('extending moves the end to so long from now, on every node', async () => {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  await logIn(here, browser, 2 * hour, hour)
  site.clock.advance(90 * minute)
  assert.equal((await extend(here, browser)).idleEndsAt, site.clock.now() + hour)
  site.clock.advance(hour - 1)
  assert.equal(await whoIs(there, browser), 'ada')
  site.clock.advance(1)
  for (const node of [here, there]) assert.equal(await whoIs(node, browser), undefined)
})

test('extending never makes the end earlier, and never passes the absolute one', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { absolute: '12h' })
  const browser = createTestBrowser()
  const { row } = await logIn(node, browser, 10 * hour, hour)
  assert.equal((await extend(node, browser)).idleEndsAt, row.idleEndsAt)
  site.clock.advance(9.5 * hour)
  assert.equal((await extend(node, browser)).idleEndsAt, row.createdAt + 10.5 * hour)
  site.clock.advance(hour - 1)
  assert.equal((await extend(node, browser)).idleEndsAt, row.createdAt + 11.5 * hour - 1)
  site.clock.advance(hour - 1)
  assert.equal((await extend(node, browser)).idleEndsAt, row.endsAt)
  site.clock.advance(row.endsAt - site.clock.now())
  assert.equal(await whoIs(node, browser), undefined)
})

test('an end beyond the absolute one is the absolute one', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { absolute: '12h' })
  const { row } = await logIn(node, createTestBrowser(), 7 * day)
  assert.deepEqual([row.idleEndsAt, row.endsAt], [row.createdAt + 12 * hour, row.createdAt + 12 * hour])
})

test('whatever is done when: use never moves the end, extending never moves it back, nothing passes the absolute end', async () => {
  const span = fc.integer({ min: 1, max: 20 * hour })
  const step = fc.record({ what: fc.constantFrom('use', 'extend'), afterMs: span, onNode: fc.nat(1) })
  await fc.assert(
    fc.asyncProperty(span, span, fc.array(step, { maxLength: 12 }), async (afterMs, extensionMs, steps) => {
      const site = await createTestSite()
      const nodes = [createTestNode(site), createTestNode(site)]
      const browser = createTestBrowser()
      let { row } = await logIn(nodes[0] as TestNode, browser, afterMs, extensionMs)
      const absolute = row.createdAt + 12 * hour
      assert.deepEqual([row.idleEndsAt, row.endsAt], [Math.min(row.createdAt + afterMs, absolute), absolute])
      for (const { what, afterMs: passed, onNode } of steps) {
        site.clock.advance(passed)
        const now = site.clock.now()
        const node = nodes[onNode] as TestNode
        if (now >= row.idleEndsAt) {
          assert.equal(await whoIs(node, browser), undefined)
          break
        }
        const before = row.idleEndsAt
        row = (await (what === 'use' ? use(node, browser) : extend(node, browser))) ?? assert.fail('it ended early')
        const expected = what === 'use' ? before : Math.min(Math.max(before, now + extensionMs), absolute)
        assert.deepEqual([row.idleEndsAt, row.endsAt], [expected, absolute])
      }
      for (const node of nodes) node.stop()
      await site.closeDatabase()
    }),
    { numRuns: 60 },
  )
})

test('ended on purpose, it stays ended for as long as it could have lasted, and no list names it', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { absolute: '7d' })
  const browser = createTestBrowser()
  const { row } = await logIn(node, browser, 7 * day)
  site.clock.advance(6 * day)
  assert.deepEqual(
    (await node.sessions.list(row.userId)).map(({ ref }) => ref),
    [row.ref],
    'after six days it is still listed',
  )
  const key = `websession:${row.ref}`
  const stored = (await site.keyValue.get(key)) ?? ''
  assert.equal(await node.sessions.endAllOf(row.userId, 'revoked'), 1)
  await site.keyValue.set(key, stored, { ttlMs: 7 * day })
  site.clock.advance(day - 1)
  await node.sweep()
  assert.equal(await whoIs(node, browser), undefined)
  assert.deepEqual(await node.sessions.list(row.userId), [])
})

test('what is open ends with it', async () => {
  const site = await createTestSite()
  const node = createTestNode(site, { absolute: '7d' })
  const browser = createTestBrowser()
  await logIn(node, browser, 3 * day)
  const heard: string[] = []
  const watch = await browser.request(node, (ctx) => node.sessions.watch(ctx, (reason) => heard.push(reason)))
  for (let hours = 1; hours < 72; hours += 1) {
    site.clock.advance(hour)
    watch?.used()
    await node.settled()
  }
  assert.deepEqual(heard, [])
  site.clock.advance(hour)
  await node.settled()
  assert.deepEqual(heard, ['expired'])
})
