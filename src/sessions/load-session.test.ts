import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestContext, Route } from '#http'
import { createLoadSessionStep } from './load-session.ts'
import { createSessionRoutes } from './routes.ts'
import {
  adaLogin,
  createTestBrowser,
  createTestContext,
  createTestNode,
  createTestSite,
  minute,
  type TestNode,
} from './sessions.fixture.ts'

async function loggedIn() {
  const site = await createTestSite()
  const node = createTestNode(site)
  const browser = createTestBrowser()
  const { row } = await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  const cookieHeader = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join()
  return { site, node, row, cookieHeader, step: createLoadSessionStep(node.sessions) }
}

const routeOf = (node: TestNode, method: string, path: string): Route => {
  const route = createSessionRoutes(node.sessions).find((each) => each.method === method && each.path === path)
  assert.ok(route)
  return route
}

test('the step sets the session and the user, for the log', async () => {
  const { node, step, cookieHeader } = await loggedIn()
  const ctx = createTestContext({ cookieHeader })
  assert.equal(await step(ctx), undefined)
  assert.equal(node.sessions.current.get(ctx)?.row.username, 'ada')
  assert.equal(ctx.userId, 'user-ada')
})

test('with a session that is remembered the step is synchronous', async () => {
  const { step, cookieHeader } = await loggedIn()
  await step(createTestContext({ cookieHeader }))
  assert.equal(step(createTestContext({ cookieHeader })), undefined)
})

test('a stranger and a dead cookie go on as nobody', async () => {
  const { node, step } = await loggedIn()
  for (const cookieHeader of [undefined, 'a=b', '__Host-gatehouse=x']) {
    const ctx = createTestContext(cookieHeader === undefined ? {} : { cookieHeader })
    assert.equal(await step(ctx), undefined)
    assert.equal(node.sessions.current.get(ctx), undefined)
    assert.equal(ctx.userId, undefined)
  }
})

test('a store that fails refuses the request', async () => {
  const { node, step, cookieHeader } = await loggedIn()
  node.faults.isDown = true
  await assert.rejects(async () => step(createTestContext({ cookieHeader })))
})

test('a request counts as a use; asking how long is left does not, neither the first time nor from memory', async () => {
  const { site, node, row, step, cookieHeader } = await loggedIn()
  const request = async (route?: Route) => {
    const ctx: RequestContext = { ...createTestContext({ cookieHeader }), method: route?.method ?? 'GET', route }
    await step(ctx)
    await node.settled()
  }
  const lastSeen = async () => (await node.sessions.list(row.userId))[0]?.lastSeenAt
  site.clock.advance(5 * minute)
  const question = routeOf(node, 'GET', '/api/v1/sessions/current')
  await request(question)
  await request(question)
  assert.equal(await lastSeen(), row.lastSeenAt)
  await request(routeOf(node, 'GET', '/api/v1/sessions'))
  assert.equal(await lastSeen(), row.lastSeenAt + 5 * minute)
  site.clock.advance(5 * minute)
  await request()
  assert.equal(await lastSeen(), row.lastSeenAt + 10 * minute)
})
