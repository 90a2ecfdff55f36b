import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  createTestBrowser,
  createTestNode,
  createTestSite,
  minute,
  type TestBrowser,
  type TestNode,
} from './sessions.fixture.ts'
import type { LoginAttempt } from './sessions.ts'

const cookieName = '__Host-gatehouse-login'

const attempt = (returnTo = '/jobs'): LoginAttempt => ({
  provider: 'lab',
  purpose: 'login',
  returnTo,
  data: { nonce: 'CANARY-nonce', verifier: 'CANARY-verifier' },
})

const begin = (node: TestNode, browser: TestBrowser, kept = attempt()) =>
  browser.request(node, (ctx) => node.sessions.attempts.begin(ctx, kept))

const take = (node: TestNode, browser: TestBrowser, state: string) =>
  browser.request(node, (ctx) => node.sessions.attempts.take(ctx, state))

test('an attempt comes back once, on any node', async () => {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  const state = await begin(here, browser)
  assert.match(state, /^[A-Za-z0-9_-]{43}$/)
  assert.deepEqual(await take(there, browser, state), attempt())
  assert.equal(await take(there, browser, state), undefined)
  assert.equal(await take(here, browser, state), undefined)
})

test('of many callbacks at once, one has it', async () => {
  const site = await createTestSite()
  const nodes = [createTestNode(site), createTestNode(site)] as const
  const browser = createTestBrowser()
  const state = await begin(nodes[0], browser)
  const taken = await Promise.all(Array.from({ length: 20 }, (_, i) => take(nodes[(i % 2) as 0 | 1], browser, state)))
  assert.equal(taken.filter((each) => each !== undefined).length, 1)
})

test('another browser cannot take it, nor use it up', async () => {
  const node = createTestNode(await createTestSite())
  const [ada, mallory] = [createTestBrowser(), createTestBrowser()]
  const state = await begin(node, ada)
  assert.equal(await take(node, mallory, state), undefined, 'a browser without a cookie')
  await begin(node, mallory)
  assert.equal(await take(node, mallory, state), undefined, 'a browser with a cookie of its own')
  assert.deepEqual(await take(node, ada, state), attempt())
})

test('after ten minutes it is gone', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const [early, late] = [await begin(node, browser), await begin(node, browser)]
  site.clock.advance(10 * minute - 1)
  assert.ok(await take(node, browser, early))
  site.clock.advance(1)
  assert.equal(await take(node, browser, late), undefined)
})

test('its time also ends by the clock, should the store keep it longer', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const state = await begin(node, browser)
  site.clock.stepWallClock(10 * minute)
  assert.equal(await take(node, browser, state), undefined)
})

test('many tabs log in at once, each with an attempt of its own and one cookie', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  const paths = Array.from({ length: 10 }, (_, i) => `/tab/${i}`)
  const states: string[] = []
  for (const path of paths) states.push(await begin(node, browser, attempt(path)))
  assert.equal(browser.cookies.size, 1)
  for (const [i, state] of states.toReversed().entries()) {
    assert.equal((await take(node, browser, state))?.returnTo, paths[9 - i])
  }
})

test('the cookie is bound to the host, lasts ten minutes and is prolonged by the next attempt', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  for (let i = 0; i < 2; i += 1) {
    await browser.request(node, async (ctx) => {
      await node.sessions.attempts.begin(ctx, attempt())
      const [cookie] = ctx.responseCookies
      assert.deepEqual({ ...cookie, value: '' }, { name: cookieName, value: '', maxAgeSeconds: 600, sameSite: 'Lax' })
      assert.ok(i === 0 || cookie?.value === browser.cookies.get(cookieName))
    })
  }
})

test('a planted, doubled or malformed cookie is not built upon', async () => {
  const node = createTestNode(await createTestSite())
  for (const value of ['x', '', `${'A'.repeat(42)}B`, `${'A'.repeat(43)}; ${cookieName}=${'B'.repeat(42)}A`]) {
    const browser = createTestBrowser(new Map([[cookieName, value]]))
    await begin(node, browser)
    assert.notEqual(browser.cookies.get(cookieName), value)
    assert.match(browser.cookies.get(cookieName) ?? '', /^[A-Za-z0-9_-]{43}$/)
  }
})

test('one browser keeps twenty; the oldest gives way, and only its own', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const [browser, other] = [createTestBrowser(), createTestBrowser()]
  const untouched = await begin(node, other)
  const states: string[] = []
  for (let i = 0; i < 25; i += 1) {
    states.push(await begin(node, browser))
    site.clock.advance(1)
  }
  const alive = await Promise.all(states.map(async (state) => (await take(node, browser, state)) !== undefined))
  assert.deepEqual(alive, [...Array<boolean>(5).fill(false), ...Array<boolean>(20).fill(true)])
  assert.ok(await take(node, other, untouched))
})

test('an attempt that was taken makes room', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const first = await begin(node, browser)
  for (let i = 0; i < 40; i += 1) {
    site.clock.advance(1)
    assert.ok(await take(node, browser, await begin(node, browser)))
  }
  assert.ok(await take(node, browser, first))
})

test('the store holds it sealed, under the hash of its state', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const state = await begin(node, browser)
  const key = node.operations.find((each) => each.startsWith('set attempt:'))?.slice(4) ?? ''
  const value = (await site.keyValue.get(key)) ?? ''
  assert.match(key, /^attempt:[0-9a-f]{64}$/)
  assert.doesNotMatch(
    `${value} ${node.operations.join()}`,
    new RegExp(`CANARY|jobs|${state}|${browser.cookies.get(cookieName)}`),
  )
})

test('a value moved to another state does not open, and a corrupt one neither', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const [one, two] = [await begin(node, browser, attempt('/one')), await begin(node, browser, attempt('/two'))]
  const [keyOne = '', keyTwo = ''] = node.operations
    .filter((each) => each.startsWith('set attempt:'))
    .map((each) => each.slice(4))
  await site.keyValue.set(keyTwo, (await site.keyValue.get(keyOne)) ?? '', { ttlMs: minute })
  assert.equal(await take(node, browser, two), undefined)
  await site.keyValue.set(keyOne, 'corrupt', { ttlMs: minute })
  assert.equal(await take(node, browser, one), undefined)
})

test('whatever comes as a state is answered without a fault', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await begin(node, browser)
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), async (state) => {
      assert.equal(await take(node, browser, state), undefined)
    }),
  )
})

test('a store that fails is an error, not an unknown attempt', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  const state = await begin(node, browser)
  node.faults.isDown = true
  await assert.rejects(take(node, browser, state), /the store is down/)
})
