// What a host's cookie opens, and what it does not, whoever had a hand in the store; and what it costs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AppHost, createAppHosts, type Mount } from '#http'
import {
  adaLogin,
  createTestBrowser,
  createTestNode,
  createTestSite,
  hour,
  minute,
  type TestBrowser,
  type TestNode,
  type TestSite,
} from './sessions.fixture.ts'

const hosts = createAppHosts(['https://notes.example.org', 'https://plots.example.org'])
const [notes, plots] = hosts.all as readonly [AppHost, AppHost]
const mount = { id: 'notes', prefix: '/', host: notes.name, credentials: ['lab'] } as unknown as Mount

/** A browser that is logged in at the portal, and as it is known on the host. */
async function arrive(node: TestNode, appHost = notes): Promise<{ portal: TestBrowser; there: TestBrowser }> {
  const [portal, there] = [createTestBrowser(), createTestBrowser()]
  await portal.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  const challenge = await there.request(node, (ctx) => node.sessions.hosts.challenge(ctx), { appHost })
  const goal = { host: appHost.name, path: '/p', challenge }
  const ticket = await portal.request(node, (ctx) => node.sessions.hosts.issue(ctx, goal))
  const path = await there.request(node, (ctx) => node.sessions.hosts.arrive(ctx, ticket), { appHost })
  assert.equal(path, '/p')
  return { portal, there }
}

const who = (node: TestNode, browser: TestBrowser, place: { appHost?: AppHost; mount?: Mount } = { appHost: notes }) =>
  browser.request(node, (ctx) => node.sessions.current.get(ctx), place)

const keyOf = (node: TestNode): string =>
  node.operations.findLast((operation) => operation.startsWith('set hostsession:'))?.slice('set '.length) ??
  assert.fail()

test('a request on a host has the person, and of their credentials those of the service', async () => {
  const node = createTestNode(await createTestSite())
  const { there } = await arrive(node)
  const session = await who(node, there, { appHost: notes, mount })
  assert.equal(session?.row.username, 'ada')
  assert.deepEqual(Object.keys(session?.credentials ?? {}), ['lab'])
  assert.deepEqual((await who(node, there))?.credentials, {}, 'where nothing answers, none')
  assert.equal(await who(node, there), await who(node, there), 'made once')
})

test('what a request on a host changes is changed in the one session, with all that it holds', async () => {
  const node = createTestNode(await createTestSite())
  const { portal, there } = await arrive(node)
  await there.request(node, (ctx) => node.sessions.setCredential(ctx, 'lab', undefined), { appHost: notes, mount })
  const session = await portal.request(node, (ctx) => node.sessions.current.get(ctx))
  assert.deepEqual(Object.keys(session?.credentials ?? {}), ['manager'])
})

test('once known, a request on a host asks no store', async () => {
  const node = createTestNode(await createTestSite())
  const { there } = await arrive(node)
  await who(node, there)
  const before = node.operations.length
  await who(node, there)
  assert.deepEqual(node.operations.slice(before), [])
  node.faults.isStale = true
  await who(node, there)
  assert.deepEqual(
    node.operations.slice(before).map((operation) => operation.split(':')[0]),
    ['get hostsession', 'get websession'],
    'while changes may have been missed, it does',
  )
})

test('a store that does not answer is an error, never a stranger', async () => {
  const node = createTestNode(await createTestSite())
  const { there } = await arrive(node)
  node.faults.isDown = true
  await assert.rejects(who(node, there), /the store is down/)
})

test('nothing in the store names the portal’s token, and the record opens with its own cookie only', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const { portal, there } = await arrive(node)
  const { there: other } = await arrive(node)
  const token = portal.cookies.get('__Host-gatehouse') ?? assert.fail()
  const keys = node.operations
    .filter((operation) => operation.startsWith('set host'))
    .map((operation) => operation.slice(4))
  for (const key of keys) {
    const stored = (await site.keyValue.get(key)) ?? ''
    for (const half of token.split('.')) assert.ok(!`${key}${stored}`.includes(half), key)
  }
  const [mine = '', theirs = ''] = [there, other].map(({ cookies }) => cookies.get('__Host-gatehouse-host'))
  const mixed = `${mine.split('.')[0]}.${theirs.split('.')[1]}`
  assert.equal(await who(node, createTestBrowser(new Map([['__Host-gatehouse-host', mixed]]))), undefined)
  assert.equal(node.counted.get('session_violations_total session_value_corrupt'), 1)
  assert.notEqual(await who(node, there), undefined)
})

test('a record that was edited, swapped, cut or moved to another host is nobody', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const { there } = await arrive(node)
  const key = keyOf(node)
  const stored = (await site.keyValue.get(key)) ?? assert.fail()
  await arrive(node, plots)
  const foreign = (await site.keyValue.get(keyOf(node))) ?? assert.fail()
  const [line = '', sealed = ''] = stored.split('\n')
  const hostile = [
    stored.replace(notes.name, plots.name),
    foreign,
    `${foreign.split('\n')[0]}\n${sealed}`,
    line,
    sealed,
    '',
    '\n',
    `${line}\n`,
    stored.replace(/"endsAt":\d+/, `"endsAt":${Number.MAX_SAFE_INTEGER}`),
    `${stored.slice(0, -1)}x`,
  ]
  for (const value of hostile) {
    await site.keyValue.set(key, value, { ttlMs: hour })
    assert.equal(await who(node, there), undefined, value)
    if (value.includes(plots.name)) assert.equal(await who(node, there, { appHost: plots }), undefined, value)
  }
  await site.keyValue.set(key, stored, { ttlMs: hour })
  assert.notEqual(await who(node, there), undefined)
})

test('another node hears within moments that a browser has arrived anew', async () => {
  const site: TestSite = await createTestSite()
  const [here, elsewhere] = [createTestNode(site), createTestNode(site)]
  const { portal, there } = await arrive(here)
  const old = there.copy()
  assert.notEqual(await who(elsewhere, old), undefined)
  const challenge = await there.request(here, (ctx) => here.sessions.hosts.challenge(ctx), { appHost: notes })
  const goal = { host: notes.name, path: '/', challenge }
  const ticket = await portal.request(here, (ctx) => here.sessions.hosts.issue(ctx, goal))
  await there.request(here, (ctx) => here.sessions.hosts.arrive(ctx, ticket), { appHost: notes })
  assert.equal(await who(elsewhere, old), undefined)
  assert.notEqual(await who(elsewhere, there), undefined)
})

test('a read that a change overtook is not remembered', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const { there } = await arrive(node)
  const key = keyOf(node)
  node.faults.afterGet = async (read) => {
    if (read !== key) return
    node.faults.afterGet = undefined
    await site.keyValue.delete(key)
  }
  await who(node, there)
  assert.equal(await who(node, there), undefined)
})

test('records end with the session at the latest, and tickets after half a minute', async () => {
  const site = await createTestSite()
  const node = createTestNode(site)
  const { there } = await arrive(node)
  const [record, ticket] = [
    keyOf(node),
    node.operations.find((each) => each.startsWith('set host-ticket:'))?.slice(4) ?? '',
  ]
  assert.equal(await site.keyValue.get(ticket), undefined, 'taken')
  site.clock.advance(12 * hour - minute)
  assert.notEqual(await site.keyValue.get(record), undefined)
  site.clock.advance(minute)
  assert.equal(await site.keyValue.get(record), undefined)
  assert.equal(await who(node, there), undefined)
})

test('a session that is over clears the host’s cookie on a page, and no cookie of the portal', async () => {
  const node = createTestNode(await createTestSite())
  const { portal, there } = await arrive(node)
  await portal.request(node, (ctx) => node.sessions.end(ctx, 'logout'))
  await there.request(node, (ctx) => assert.deepEqual(ctx.responseCookies, []), { appHost: notes })
  assert.ok(there.cookies.has('__Host-gatehouse-host'), 'an answer in the background clears nothing')
  await there.request(node, () => {}, { appHost: notes, wantsPage: true })
  assert.deepEqual([...there.cookies.keys()], ['__Host-gatehouse-arrival'])
})
