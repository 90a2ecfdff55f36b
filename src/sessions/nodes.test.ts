import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '#kernel'
import type { SessionEnd, WatchEnd } from './session.ts'
import { userSet } from './session-index.ts'
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

const ada = 'user-ada' as UserId

const logIn = (node: TestNode, browser: TestBrowser, login = adaLogin()) =>
  browser.request(node, (ctx) => node.sessions.begin(ctx, login))

async function twoNodes(config: Readonly<Record<string, unknown>> = {}) {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site, config), createTestNode(site, config)]
  const browser = createTestBrowser()
  const { row } = await logIn(here, browser)
  const key = `websession:${row.ref}`
  return {
    site,
    here,
    there,
    browser,
    row,
    key,
    settled: async () => void (await Promise.all([here.settled(), there.settled()])),
  }
}

/** Opens something that lasts, such as a tunnel. */
async function open(node: TestNode, browser: TestBrowser) {
  const ends: WatchEnd[] = []
  const watch = await browser.request(node, (ctx) => node.sessions.watch(ctx, (reason) => ends.push(reason)))
  assert.ok(watch)
  return { ends, watch }
}

test('a logout on one node is a logout on the other, though it remembers the session', async () => {
  const { here, there, browser } = await twoNodes()
  assert.equal(await whoIs(there, browser), 'ada')
  const thief = browser.copy()
  await browser.request(here, (ctx) => here.sessions.end(ctx, 'logout'))
  assert.equal(await whoIs(there, thief), undefined)
  assert.equal(await whoIs(here, thief), undefined)
})

test('a change that overtakes a read is not forgotten: what was read is not remembered', async () => {
  const { here, there, browser, key } = await twoNodes()
  const thief = browser.copy()
  there.faults.afterGet = async () => {
    there.faults.afterGet = undefined
    await browser.request(here, (ctx) => here.sessions.setCredential(ctx, 'lab', undefined))
  }
  await whoIs(there, browser)
  const held = await browser.request(there, (ctx) => there.sessions.current.get(ctx)?.credentials)
  assert.deepEqual(Object.keys(held ?? {}), ['manager'])

  there.faults.isStale = true
  there.faults.afterQuery = async () => {
    there.faults.afterQuery = undefined
    await here.sessions.endAllOf(ada, 'revoked')
  }
  await whoIs(there, thief)
  there.faults.isStale = false
  there.operations.length = 0
  assert.equal(await whoIs(there, thief), undefined)
  assert.deepEqual(there.operations, [`get ${key}`])
})

test('while the feed is silent no request uses what another began to read before', async () => {
  const { here, there, browser } = await twoNodes()
  there.faults.isStale = true
  const reading = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  there.faults.afterQuery = () => {
    there.faults.afterQuery = undefined
    reading.resolve()
    return ended.promise
  }
  const early = whoIs(there, browser)
  await reading.promise
  await here.sessions.endAllOf(ada, 'revoked')
  const late = whoIs(there, browser)
  ended.resolve()
  assert.deepEqual([await early, await late], ['ada', undefined])
})

test('an end that comes while a change is being looked at is seen', async () => {
  const { here, there, browser, settled } = await twoNodes()
  const { ends } = await open(there, browser)
  await settled()
  there.faults.afterGet = async () => {
    there.faults.afterGet = undefined
    await here.sessions.endAllOf(ada, 'revoked')
  }
  await browser.request(here, (ctx) => here.sessions.extend(ctx))
  await settled()
  assert.deepEqual(ends, ['revoked'])
})

test('a gap in the feed that comes while a change is being looked at is looked into too', async () => {
  const { here, there, browser, settled } = await twoNodes()
  const { ends } = await open(there, browser)
  await settled()
  there.faults.afterGet = async () => {
    there.faults.afterGet = undefined
    there.faults.isDeaf = true
    await here.sessions.endAllOf(ada, 'revoked')
    there.faults.announceGap?.()
  }
  await browser.request(here, (ctx) => here.sessions.extend(ctx))
  await settled()
  assert.deepEqual(ends, ['revoked'])
})

test('one end is told once, however many ways this node learns of it', async () => {
  const { site, here, browser, settled } = await twoNodes({ idle: '10m' })
  const heard: SessionEnd[] = []
  here.sessions.onEnd((_ref, reason) => heard.push(reason))
  await open(here, browser)
  await settled()
  site.clock.stepWallClock(10 * minute)
  here.faults.announceGap?.()
  await settled()
  assert.deepEqual(heard, ['expired'])
})

test('this node tells its own ends at once, without the feed', async () => {
  const { here, browser } = await twoNodes()
  const { ends } = await open(here, browser)
  here.faults.isDeaf = true
  await here.sessions.endAllOf(ada, 'revoked')
  assert.deepEqual(ends, ['revoked'])
})

test('a failover that brings the value back does not bring the session back', async () => {
  const { site, here, there, browser, key } = await twoNodes()
  const stored = (await site.keyValue.get(key)) ?? ''
  const entries = await site.keyValue.members(userSet(ada))
  const thief = browser.copy()
  await browser.request(here, (ctx) => here.sessions.end(ctx, 'logout'))
  for (const node of [here, there]) {
    await site.keyValue.set(key, stored, { ttlMs: hour })
    for (const entry of entries) await site.keyValue.addMember(userSet(ada), entry, { ttlMs: hour })
    assert.deepEqual(await node.sessions.list(ada), [])
    assert.equal(await whoIs(node, thief), undefined)
    assert.equal(await site.keyValue.get(key), undefined, 'the value is taken away again')
  }
})

test('the tombstone is written before the value goes, and without it nothing is acknowledged', async () => {
  const { site, here, browser, key } = await twoNodes()
  await browser.request(here, async (ctx) => {
    await site.closeDatabase()
    await assert.rejects(here.sessions.end(ctx, 'logout'))
    assert.deepEqual(ctx.responseCookies, [])
  })
  assert.ok(await site.keyValue.get(key))
})

test('a session whose value could not be deleted is over all the same, and ending it again deletes it', async () => {
  const { site, here, there, browser, row, key } = await twoNodes()
  here.faults.afterGet = async () => {
    here.faults.isDown = true
  }
  await assert.rejects(here.sessions.endByRef(ada, row.ref, 'revoked'))
  assert.ok(await site.keyValue.get(key))
  here.faults.afterGet = undefined
  here.faults.isDown = false
  assert.equal(await here.sessions.endByRef(ada, row.ref, 'revoked'), true)
  assert.equal(await site.keyValue.get(key), undefined)
  assert.equal(site.audit.filter(({ action }) => action === 'session.end').length, 1)
  assert.equal(await whoIs(there, browser), undefined)
})

test('a value that outlived its session is taken away by whoever meets it', async () => {
  const { site, here, there, browser, row, key } = await twoNodes()
  here.faults.afterGet = async () => {
    here.faults.isDown = true
  }
  await assert.rejects(here.sessions.endByRef(ada, row.ref, 'revoked'))
  assert.equal(await whoIs(there, browser), undefined)
  assert.equal(await site.keyValue.get(key), undefined)
})

test('tombstones go when their session would have ended anyway', async () => {
  const { site, here, browser } = await twoNodes()
  const count = async () => (await site.database.selectFrom('session_tombstone').select('hash').execute()).length
  await browser.request(here, (ctx) => here.sessions.end(ctx, 'logout'))
  site.clock.advance(12 * hour + 59_000)
  await here.sweep()
  assert.equal(await count(), 1)
  site.clock.advance(minute)
  await here.sweep()
  assert.equal(await count(), 0)
})

test('what is open on any node is closed once, with the reason, wherever the end came from', async () => {
  const ends: readonly (readonly [SessionEnd, (node: TestNode, browser: TestBrowser) => Promise<unknown>])[] = [
    ['logout', (node, browser) => browser.request(node, (ctx) => node.sessions.end(ctx, 'logout'))],
    ['disabled', (node) => node.sessions.endAllOf(ada, 'disabled')],
    ['revoked', async (node) => node.sessions.endByRef(ada, (await node.sessions.list(ada))[0]?.ref ?? '', 'revoked')],
    [
      'provider-logout',
      (node) => node.sessions.endAllAt({ issuer: 'https://sso.test', sid: 'sid-1' }, 'provider-logout'),
    ],
    [
      'provider-logout',
      (node) => node.sessions.endAllAt({ issuer: 'https://sso.test', subject: 'ada' }, 'provider-logout'),
    ],
    ['replaced', (node, browser) => logIn(node, browser)],
  ]
  for (const [reason, end] of ends) {
    const { here, there, browser, settled } = await twoNodes()
    const opened = [await open(here, browser), await open(there, browser), await open(there, browser)]
    await end(here, browser)
    await settled()
    assert.deepEqual(
      opened.map((each) => each.ends),
      [[reason], [reason], [reason]],
    )
  }
})

test('onEnd tells each node that knows the session, once', async () => {
  const { here, there, browser, row, settled } = await twoNodes()
  const heard: string[] = []
  here.sessions.onEnd((ref, reason) => heard.push(`here ${ref} ${reason}`))
  const forget = there.sessions.onEnd((ref, reason) => heard.push(`there ${ref} ${reason}`))
  await whoIs(here, browser)
  await whoIs(there, browser)
  await open(there, browser)
  await browser.request(here, (ctx) => here.sessions.end(ctx, 'logout'))
  await settled()
  assert.deepEqual(heard.toSorted(), [`here ${row.ref} logout`, `there ${row.ref} logout`])
  forget()
})

test('a watch that was stopped hears nothing; the other watch of the session does', async () => {
  const { here, browser, settled } = await twoNodes()
  const [stopped, other] = [await open(here, browser), await open(here, browser)]
  stopped.watch.stop()
  await here.sessions.endAllOf(ada, 'revoked')
  await settled()
  assert.deepEqual([stopped.ends, other.ends], [[], ['revoked']])
})

test('what one listener throws keeps no other from hearing', async () => {
  const { here, browser, settled } = await twoNodes()
  here.sessions.onEnd(() => {
    throw new Error('a bad listener')
  })
  await browser.request(here, (ctx) =>
    here.sessions.watch(ctx, () => {
      throw new Error('a bad watcher')
    }),
  )
  const { ends } = await open(here, browser)
  await here.sessions.endAllOf(ada, 'revoked')
  await settled()
  assert.deepEqual(ends, ['revoked'])
  assert.equal(here.logged.filter(({ event }) => event === 'session_listener_failed').length, 1)
})

test('an open tunnel ends at the idle end and at the absolute end, on every node', async () => {
  for (const [config, lifeMs] of [
    [{ idle: '10m' }, 10 * minute],
    [{ idle: '1h', absolute: '20m' }, 20 * minute],
  ] as const) {
    const { site, here, there, browser, settled } = await twoNodes(config)
    const opened = [await open(here, browser), await open(there, browser)]
    await settled()
    site.clock.advance(lifeMs - 1)
    await settled()
    assert.deepEqual(
      opened.map((each) => each.ends),
      [[], []],
    )
    site.clock.advance(1)
    await settled()
    assert.deepEqual(
      opened.map((each) => each.ends),
      [['expired'], ['expired']],
    )
  }
})

test('a tunnel that is used keeps its session alive; use elsewhere keeps the tunnel open', async () => {
  const { site, here, there, browser, settled } = await twoNodes({ idle: '10m', absolute: '1h' })
  const [used, idle] = [await open(here, browser), await open(there, browser)]
  for (let minutes = 0; minutes < 59; minutes += 1) {
    site.clock.advance(minute)
    used.watch.used()
    await settled()
  }
  assert.deepEqual([used.ends, idle.ends], [[], []])
  assert.equal(await whoIs(there, browser), 'ada')
  site.clock.advance(minute)
  await settled()
  assert.deepEqual([used.ends, idle.ends], [['expired'], ['expired']])
})

test('a busy tunnel writes once a minute', async () => {
  const { site, here, browser, settled } = await twoNodes()
  const { watch } = await open(here, browser)
  here.operations.length = 0
  for (let i = 0; i < 120; i += 1) {
    site.clock.advance(1000)
    for (let frame = 0; frame < 10; frame += 1) watch.used()
    await settled()
  }
  assert.equal(here.operations.filter((each) => each.startsWith('set ')).length, 2)
})

test('a busy tunnel knows what it has written itself, whether or not the feed tells', async () => {
  const { site, here, browser, settled } = await twoNodes()
  const { watch } = await open(here, browser)
  await settled()
  here.faults.isDeaf = true
  site.clock.advance(minute)
  watch.used()
  await settled()
  here.operations.length = 0
  for (let frame = 0; frame < 10; frame += 1) watch.used()
  await settled()
  assert.deepEqual(here.operations, [])
})

test('a gap in the change feed makes this node forget what it remembers', async () => {
  const { here, there, browser } = await twoNodes()
  await whoIs(there, browser)
  there.faults.isDeaf = true
  await browser.request(here, (ctx) => here.sessions.setCredential(ctx, 'lab', undefined))
  there.faults.announceGap?.()
  const held = await browser.request(there, (ctx) => there.sessions.current.get(ctx)?.credentials)
  assert.deepEqual(Object.keys(held ?? {}), ['manager'])
})

test('an end between the request and its tunnel is noticed', async () => {
  const { here, there, browser, settled } = await twoNodes()
  const ends: WatchEnd[] = []
  await browser.request(there, async (ctx) => {
    await here.sessions.endAllOf(ada, 'revoked')
    await settled()
    there.sessions.watch(ctx, (reason) => ends.push(reason))
  })
  await settled()
  assert.deepEqual(ends, ['revoked'])
})

test('after a gap in the change feed everything is read again, and what ended meanwhile is closed', async () => {
  const { here, there, browser, settled } = await twoNodes()
  const { ends } = await open(there, browser)
  there.faults.isDeaf = true
  await here.sessions.endAllOf(ada, 'revoked')
  await settled()
  assert.deepEqual(ends, [])
  there.faults.isDeaf = false
  there.faults.announceGap?.()
  await settled()
  assert.deepEqual(ends, ['revoked'])
  assert.equal(await whoIs(there, browser), undefined)
})

test('while the store is silent a tunnel stays, is looked at each second, and ends at its absolute end', async () => {
  const { site, there, browser, settled } = await twoNodes({ idle: '10m', absolute: '20m' })
  const { ends } = await open(there, browser)
  await settled()
  there.faults.isDown = true
  site.clock.advance(10 * minute)
  await settled()
  there.operations.length = 0
  site.clock.advance(1000)
  await settled()
  assert.equal(there.operations.length, 1)
  assert.deepEqual(ends, [])
  for (let i = 0; i < 600; i += 1) {
    site.clock.advance(1000)
    await settled()
  }
  assert.deepEqual(ends, ['expired'])
})

test('ending all of a user ends all of theirs, none of others, and says how many were alive', async () => {
  const { here, there, browser } = await twoNodes()
  const [second, other] = [createTestBrowser(), createTestBrowser()]
  await logIn(there, second)
  await logIn(there, other, adaLogin({ userId: 'user-eve' as UserId, username: 'eve', subject: 'eve', sid: 'sid-2' }))
  assert.equal(await here.sessions.endAllOf(ada, 'disabled'), 2)
  assert.equal(await here.sessions.endAllOf(ada, 'disabled'), 0)
  for (const node of [here, there]) {
    assert.deepEqual(
      [await whoIs(node, browser), await whoIs(node, second), await whoIs(node, other)],
      [undefined, undefined, 'eve'],
    )
  }
})

test('a session can be ended by its reference by its owner only', async () => {
  const { here, there, browser, row } = await twoNodes()
  assert.equal(await there.sessions.endByRef('user-eve' as UserId, row.ref, 'revoked'), false)
  assert.equal(await there.sessions.endByRef(ada, 'f'.repeat(64), 'revoked'), false)
  assert.equal(await whoIs(here, browser), 'ada')
  assert.equal(await there.sessions.endByRef(ada, row.ref, 'revoked'), true)
  assert.equal(await whoIs(here, browser), undefined)
})

test('an admin who ends a session is named in the audit log', async () => {
  const { site, here } = await twoNodes()
  const by = { id: 'request-1', userId: 'user-grace', client: { address: '192.0.2.9' } }
  await here.sessions.endAllOf(ada, 'revoked', by)
  const { actor, userId, requestId, address } = site.audit.at(-1) ?? {}
  assert.deepEqual([actor, userId, requestId, address], ['user-grace', 'user-ada', 'request-1', '192.0.2.9'])
})

test('a session whose stored value is corrupt can still be ended by its owner', async () => {
  const { site, here, browser, row, key } = await twoNodes()
  await site.keyValue.set(key, 'corrupt', { ttlMs: hour })
  assert.deepEqual(await here.sessions.list(ada), [])
  assert.equal(await here.sessions.endByRef(ada, row.ref, 'revoked'), true)
  assert.equal(await site.keyValue.get(key), undefined)
  assert.equal(await whoIs(here, browser), undefined)
})

test('an end that races with the login loses nothing: the session is dead on arrival', async () => {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  const add = site.keyValue.addMember
  const raced = {
    ...site,
    keyValue: {
      ...site.keyValue,
      addMember: async (...args: Parameters<typeof add>) => {
        await add(...args)
        await there.sessions.endAllOf(ada, 'disabled')
      },
    },
  }
  await logIn(createTestNode(raced), browser)
  for (const node of [here, there]) assert.equal(await whoIs(node, browser), undefined)
})
