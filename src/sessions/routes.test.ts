import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import type { Answer, RequestContext } from '#http'
import type { UserId } from '#kernel'
import { createAccountRoutes } from './account-page.ts'
import { createSessionRoutes } from './routes.ts'
import { adaLogin, createTestBrowser, createTestNode, createTestSite, hour, minute, whoIs } from './sessions.fixture.ts'

async function loggedIn() {
  const site = await createTestSite()
  const node = createTestNode(site)
  const routes = [...createSessionRoutes(node.sessions), ...createAccountRoutes(node.sessions)]
  const browser = createTestBrowser()
  const { row } = await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin({ email: 'ada@lab.test' })))
  const call = async (method: string, path: string, params: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const route = routes.find((each) => each.method === method && each.path === path)
    assert.ok(route, `${method} ${path}`)
    return browser.request(node, (ctx: RequestContext) => route.handle(ctx, { params, query: {}, body: undefined }))
  }
  /** The answer as it leaves: through the route's schema. */
  const ask = async (method: string, path: string): Promise<unknown> => {
    const answer = await call(method, path)
    assert.ok(answer.kind === 'json')
    const output = routes.find((each) => each.method === method && each.path === path)?.output?.[answer.status]
    assert.ok(output)
    return output.parse(answer.body)
  }
  return { site, node, routes, browser, row, call, ask }
}

const iso = (ms: number): string => new Date(ms).toISOString()

test('every route is for the person themselves, and every API route says what may leave', async () => {
  const { routes } = await loggedIn()
  for (const route of routes) {
    assert.equal(route.access, 'self', route.path)
    assert.ok(route.routeClass !== 'api' || route.summary !== undefined)
    assert.ok(route.method === 'DELETE' || route.routeClass === 'page' || route.output !== undefined, route.path)
    for (const schema of Object.values(route.output ?? {})) z.toJSONSchema(schema)
  }
})

test('the list says which session asks, and nothing that is held', async () => {
  const { site, node, row, ask } = await loggedIn()
  site.clock.advance(minute)
  const other = createTestBrowser()
  const authenticatedAt = site.clock.now() - hour
  await other.request(node, (ctx) => node.sessions.begin(ctx, adaLogin({ authenticatedAt })), { userAgent: 'other' })
  const { sessions } = (await ask('GET', '/api/v1/sessions')) as {
    readonly sessions: readonly { readonly ref: string; readonly authenticatedAt?: string }[]
  }
  assert.equal(sessions.find(({ ref }) => ref !== row.ref)?.authenticatedAt, iso(authenticatedAt))
  assert.equal(sessions.length, 2)
  assert.deepEqual(
    sessions.find(({ ref }) => ref === row.ref),
    {
      ref: row.ref,
      current: true,
      provider: 'lab',
      createdAt: iso(row.createdAt),
      lastSeenAt: iso(row.createdAt),
      idleEndsAt: iso(row.createdAt + hour),
      endsAt: iso(row.createdAt + 12 * hour),
      address: '192.0.2.7',
      userAgent: 'test',
      device: 'Unknown program',
    },
  )
  assert.doesNotMatch(JSON.stringify(sessions), /CANARY/)
})

test('the current session says who and how long, by the server’s clock', async () => {
  const { site, row, ask } = await loggedIn()
  site.clock.advance(minute)
  const expected = {
    user: {
      id: 'user-ada',
      username: 'ada',
      displayName: 'Ada',
      email: 'ada@lab.test',
      provider: 'lab',
      groups: ['staff'],
    },
    session: { ref: row.ref },
    now: iso(row.createdAt + minute),
    idleEndsAt: iso(row.createdAt + hour),
    endsAt: iso(row.createdAt + 12 * hour),
  }
  assert.deepEqual(await ask('GET', '/api/v1/sessions/current'), expected)
  const extended = { ...expected, idleEndsAt: iso(row.createdAt + minute + hour) }
  assert.deepEqual(await ask('POST', '/api/v1/sessions/current/extend'), extended)
})

test('a person ends one of their sessions, and no other person’s', async () => {
  const { node, browser, call } = await loggedIn()
  const [mine, others] = [createTestBrowser(), createTestBrowser()]
  const { row } = await mine.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  const eve = await others.request(node, (ctx) => node.sessions.begin(ctx, adaLogin({ userId: 'eve' as UserId })))
  const path = '/api/v1/sessions/:ref'
  assert.deepEqual(await call('DELETE', path, { ref: row.ref }), { kind: 'empty', status: 204 })
  assert.equal(await whoIs(node, mine), undefined)
  for (const ref of [eve.row.ref, 'x', '', `${row.ref}\n`, '../current', 'f'.repeat(64)]) {
    await assert.rejects(call('DELETE', path, { ref }), { code: 'session.unknown', status: 404 })
  }
  assert.equal(await whoIs(node, others), 'ada')
  assert.equal(await whoIs(node, browser), 'ada')
})

test('revoking the session that asks logs out, cookie included', async () => {
  const { node, browser, row, call } = await loggedIn()
  const thief = browser.copy()
  const answer = await call('POST', '/account/sessions/:ref/revoke', { ref: row.ref })
  assert.deepEqual(answer, { kind: 'redirect', status: 303, location: '/account' })
  assert.equal(browser.cookies.size, 0)
  assert.equal(await whoIs(node, thief), undefined)
  await assert.rejects(call('GET', '/account'), { code: 'session.expired', status: 401 })
  await assert.rejects(call('GET', '/api/v1/sessions/current'), { code: 'session.expired' })
})

test('the forms of the account page come back to it', async () => {
  const { site, node, row, call } = await loggedIn()
  site.clock.advance(minute)
  assert.deepEqual(await call('POST', '/account/extend'), { kind: 'redirect', status: 303, location: '/account' })
  assert.equal((await node.sessions.list(row.userId))[0]?.idleEndsAt, row.createdAt + minute + hour)
})
