import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineFact, type RequestContext } from '#http'
import type { UserId } from '#kernel'
import type { ActiveSession, Sessions } from '#sessions'
import { storageModule } from '#storage'
import { silentLog } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { startEdge } from '../../test/support/start-edge.ts'
import { accessModule } from './access-module.ts'
import { createSession } from './request.fixture.ts'

/** The module over an empty database, behind an edge whose sessions are named by a header. */
async function startAccess() {
  const base = { clock: createManualClock(), telemetry: { log: silentLog } }
  const stores = storageModule.config.parse({ sql: { type: 'memory' }, keyValue: { type: 'memory' } })
  const storage = storageModule.create(base, stores)
  const current = defineFact<ActiveSession>('session')
  const ended: string[] = []
  const endAllOf: Sessions['endAllOf'] = async (userId, reason, by) =>
    ended.push(`${userId} ${reason} by ${by?.userId}`)
  // Of sessions, access needs these two.
  const sessions = { current, endAllOf } as unknown as Sessions
  const config = accessModule.config.parse({ admins: ['group:admins'] })
  const access = accessModule.create({ ...base, storage: storage.api, sessions }, config)
  await storage.start?.()
  await access.start?.()

  const { users } = access.api
  const admit = (subject: string, groups: readonly string[]) =>
    users.admit({ provider: 'sso', issuer: 'https://sso', subject, username: subject, displayName: subject, groups })
  const people = new Map<string, ActiveSession>()
  for (const [subject, groups] of [
    ['ada', ['lab']],
    ['grace', ['admins']],
  ] as const) {
    const user = await admit(subject, groups)
    people.set(subject, createSession({ ...user, userId: user.id }))
  }
  const loadSession = (ctx: RequestContext): void => {
    const session = people.get(String(ctx.request.headers['x-test-user']))
    current.set(ctx, session)
    ctx.userId = session?.row.userId
  }
  const edge = await startEdge({ loadSession, routes: access.routes ?? [] })

  const ask = async (as: string, method: string, path: string) => {
    const headers = { 'x-test-user': as, origin: edge.url }
    const response = await fetch(`${edge.url}${path}`, { method, headers })
    const body = (await response.json()) as Readonly<Record<string, unknown>>
    return { status: response.status, body }
  }
  const idOf = (subject: string): UserId => people.get(subject)?.row.userId ?? assert.fail(subject)
  return {
    ask,
    admit,
    idOf,
    ended,
    users,
    routes: access.routes ?? [],
    [Symbol.asyncDispose]: async () => {
      await edge[Symbol.asyncDispose]()
      await access.stop?.()
      await storage.stop?.()
    },
  }
}

const subjectsOf = (body: Readonly<Record<string, unknown>>): unknown =>
  (body.users as readonly { readonly subject: string }[]).map(({ subject }) => subject)

test('a person is told who they are here', async () => {
  await using access = await startAccess()
  assert.deepEqual(await access.ask('ada', 'GET', '/api/v1/me'), {
    status: 200,
    body: {
      userId: access.idOf('ada'),
      provider: 'sso',
      subject: 'ada',
      username: 'ada',
      displayName: 'ada',
      groups: ['lab'],
      isAdmin: false,
      isPending: false,
    },
  })
  assert.equal((await access.ask('grace', 'GET', '/api/v1/me')).body.isAdmin, true)
})

test('users are listed a page at a time', async () => {
  await using access = await startAccess()
  await access.admit('hedy', [])
  const first = await access.ask('grace', 'GET', '/api/v1/admin/users?limit=2')
  assert.deepEqual(subjectsOf(first.body), ['ada', 'grace'])
  const second = await access.ask('grace', 'GET', `/api/v1/admin/users?limit=2&after=${String(first.body.next)}`)
  assert.deepEqual(subjectsOf(second.body), ['hedy'])
  assert.equal('next' in second.body, false)
  for (const query of ['limit=0', 'limit=1001', 'limit=x', `after=${'x'.repeat(40)}`]) {
    assert.equal((await access.ask('grace', 'GET', `/api/v1/admin/users?${query}`)).status, 400, query)
  }
})

test('an admin disables and enables a user', async () => {
  await using access = await startAccess()
  const id = access.idOf('ada')
  const disabled = await access.ask('grace', 'POST', `/api/v1/admin/users/${id}/disable`)
  assert.equal(disabled.status, 200)
  assert.equal(typeof (disabled.body.user as { readonly disabledAt?: number }).disabledAt, 'number')
  assert.equal(access.users.isDisabled(id), true)
  const enabled = await access.ask('grace', 'POST', `/api/v1/admin/users/${id}/enable`)
  assert.equal('disabledAt' in (enabled.body.user as object), false)
  assert.equal(access.users.isDisabled(id), false)
})

test('an admin ends the sessions of a user', async () => {
  await using access = await startAccess()
  const answer = await access.ask('grace', 'POST', `/api/v1/admin/users/${access.idOf('ada')}/end-sessions`)
  assert.deepEqual(answer, { status: 200, body: { ended: 1 } })
  assert.deepEqual(access.ended, [`${access.idOf('ada')} revoked by ${access.idOf('grace')}`])
})

test('an admin does not lock themselves out', async () => {
  await using access = await startAccess()
  const answer = await access.ask('grace', 'POST', `/api/v1/admin/users/${access.idOf('grace')}/disable`)
  assert.equal(answer.status, 409)
  assert.equal(answer.body.code, 'access.ownAccount')
  assert.equal(access.users.isDisabled(access.idOf('grace')), false)
})

test('only an id names a user here', async () => {
  await using access = await startAccess()
  for (const name of ['nobody', 'ada', 'sso%2Fada']) {
    for (const action of ['disable', 'enable', 'end-sessions']) {
      const answer = await access.ask('grace', 'POST', `/api/v1/admin/users/${name}/${action}`)
      assert.equal(answer.status, 404, `${action} ${name}`)
      assert.equal(answer.body.code, 'access.userUnknown')
    }
  }
  assert.deepEqual(access.ended, [])
})

test('every route says who may, and those about others are for admins', async () => {
  await using access = await startAccess()
  const table = access.routes.map(({ method, path, routeClass, access: who }) => [method, path, routeClass, who])
  assert.deepEqual(table, [
    ['GET', '/api/v1/me', 'api', 'self'],
    ['GET', '/api/v1/admin/users', 'api', 'admin'],
    ['POST', '/api/v1/admin/users/:id/end-sessions', 'api', 'admin'],
    ['GET', '/api/v1/admin/users/:id/sessions', 'api', 'admin'],
    ['DELETE', '/api/v1/admin/users/:id/sessions/:ref', 'api', 'admin'],
    ['POST', '/api/v1/admin/users/:id/disable', 'api', 'admin'],
    ['POST', '/api/v1/admin/users/:id/enable', 'api', 'admin'],
  ])
})
