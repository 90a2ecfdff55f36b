// A database that is away: who is logged in goes on, whose end might be written there is not let in, and no end is
// acknowledged.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adaLogin, createTestBrowser, createTestNode, createTestSite, minute, whoIs } from './sessions.fixture.ts'

const twentyMinutes = 20 * minute

async function start() {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  const { row } = await browser.request(here, (ctx) => here.sessions.begin(ctx, adaLogin()))
  let queries = 0
  const count = async (): Promise<void> => {
    queries += 1
  }
  for (const { faults } of [here, there]) faults.afterQuery = count
  const goAway = (): void => {
    for (const { faults } of [here, there]) {
      faults.afterQuery = async () => {
        throw new Error('the database is away')
      }
    }
  }
  const comeBack = (): void => {
    for (const { faults } of [here, there]) faults.afterQuery = count
  }
  const asked = (): number => {
    const since = queries
    queries = 0
    return since
  }
  return { site, here, there, browser, row, key: `websession:${row.ref}`, goAway, comeBack, asked }
}

test('a session is looked up in the database once, however often it is written', async () => {
  const { site, here, there, browser, asked } = await start()
  for (let turn = 0; turn < 10; turn += 1) {
    for (const node of [here, there]) {
      assert.equal(await whoIs(node, browser), 'ada')
      await browser.request(node, (ctx) => node.sessions.setCredential(ctx, `c${turn}`, undefined))
      await node.settled()
    }
    site.clock.advance(minute)
  }
  assert.equal(asked(), 2, 'once on each node')
})

test('who is logged in goes on without the database, on nodes that have asked it before', async () => {
  const { site, here, there, browser, goAway, comeBack } = await start()
  await whoIs(here, browser)
  goAway()
  for (let turn = 0; turn < 10; turn += 1) {
    assert.equal(await whoIs(here, browser), 'ada')
    await here.settled()
    site.clock.advance(minute)
  }
  await assert.rejects(whoIs(there, browser), /the database is away/)
  comeBack()
  assert.equal(await whoIs(there, browser), 'ada')
})

test('no end is acknowledged without the database', async () => {
  const { here, browser, goAway } = await start()
  await whoIs(here, browser)
  goAway()
  await assert.rejects(
    browser.request(here, (ctx) => here.sessions.end(ctx, 'logout')),
    /the database is away/,
  )
})

test('what may have ended unseen is not let in: after a gap in the feed, while it is silent, after a quarter of an hour', async () => {
  const unseen: readonly ((stage: Awaited<ReturnType<typeof start>>) => void)[] = [
    ({ here }) => here.faults.announceGap?.(),
    ({ here }) => {
      here.faults.isStale = true
    },
    ({ site }) => site.clock.advance(twentyMinutes),
  ]
  for (const happens of unseen) {
    const stage = await start()
    const { here, browser, goAway } = stage
    await whoIs(here, browser)
    goAway()
    assert.equal(await whoIs(here, browser), 'ada')
    happens(stage)
    await assert.rejects(whoIs(here, browser), /the database is away/)
  }
})

test('a value that a failover brings back is not believed, by who ended it nor by who had asked before', async () => {
  const { site, here, there, browser, key } = await start()
  for (const node of [here, there]) assert.equal(await whoIs(node, browser), 'ada')
  const stored = (await site.keyValue.get(key)) ?? ''
  const thief = browser.copy()
  await browser.request(here, (ctx) => here.sessions.end(ctx, 'logout'))
  await site.keyValue.set(key, stored, { ttlMs: minute })
  there.faults.announceGap?.()
  assert.equal(await whoIs(there, thief), undefined)
  await site.keyValue.set(key, stored, { ttlMs: minute })
  assert.equal(await whoIs(here, thief), undefined)
})

test('an end that overtakes the question is not forgotten', async () => {
  const { site, here, browser, key, row } = await start()
  const stored = (await site.keyValue.get(key)) ?? ''
  const thief = browser.copy()
  here.faults.afterQuery = async () => {
    here.faults.afterQuery = undefined
    await here.sessions.endByRef(row.userId, row.ref, 'revoked')
    await site.keyValue.set(key, stored, { ttlMs: minute })
  }
  await whoIs(here, thief)
  assert.equal(await whoIs(here, thief), undefined)
})
