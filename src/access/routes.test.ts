import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineFact, type RequestContext } from '#http'
import type { UserId } from '#kernel'
import { mailModule } from '#mail'
import type { ActiveSession, Sessions } from '#sessions'
import { storageModule } from '#storage'
import { countingMetrics } from '../../test/support/counting-metrics.ts'
import { silentLog } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { startEdge } from '../../test/support/start-edge.ts'
import { accessModule } from './access-module.ts'
import { createSession } from './request.fixture.ts'

/** The module over an empty database, behind an edge whose sessions are named by a header. */
async function startAccess(settings: object = {}) {
  const base = { clock: createManualClock(), telemetry: { log: silentLog } }
  const stores = storageModule.config.parse({ sql: { type: 'memory' }, keyValue: { type: 'memory' } })
  const storage = storageModule.create(base, stores)
  const current = defineFact<ActiveSession>('session')
  const ended: string[] = []
  const endAllOf: Sessions['endAllOf'] = async (userId, reason, by) =>
    ended.push(`${userId} ${reason} by ${by?.userId}`)
  // Of sessions, access needs these.
  const sessions = { current, endAllOf, loseGroups: () => {} } as unknown as Sessions
  const config = accessModule.config.parse({ admins: ['group:admins'], ...settings })
  const telemetry = { log: silentLog, metrics: countingMetrics(new Map()) }
  const mail = mailModule.create(
    { ...base, telemetry, storage: storage.api },
    mailModule.config.parse({ from: 'gate@lab.test', file: '/nowhere' }),
  )
  const publicUrl = { urlTo: (path: string) => `https://gate.test${path}` }
  const deps = { ...base, publicUrl, storage: storage.api, sessions, mail: mail.api }
  const access = accessModule.create(deps, config)
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

  const ask = async (as: string, method: string, path: string, sent?: unknown) => {
    const headers = {
      'x-test-user': as,
      origin: edge.url,
      ...(sent !== undefined && { 'content-type': 'application/json' }),
    }
    const request = { method, headers, ...(sent !== undefined && { body: JSON.stringify(sent) }) }
    const response = await fetch(`${edge.url}${path}`, request)
    const text = await response.text()
    const body = (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>
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

test('a user is shown with everything that an administrator decides about', async () => {
  await using access = await startAccess()
  const id = access.idOf('ada')
  const { body } = await access.ask('grace', 'GET', `/api/v1/admin/users/${id}`)
  const { createdAt, lastLoginAt, ...user } = body.user as Readonly<Record<string, unknown>>
  assert.deepEqual([typeof createdAt, typeof lastLoginAt], ['number', 'number'])
  assert.deepEqual(user, {
    id,
    provider: 'sso',
    subject: 'ada',
    username: 'ada',
    displayName: 'ada',
    groups: ['lab'],
    localGroups: [],
    roles: [],
    isAdmin: false,
    approval: 'approved',
  })
  assert.equal((await access.ask('grace', 'GET', '/api/v1/admin/users/nobody')).status, 404)
})

test('who waits is listed, let in, or kept out', async () => {
  await using access = await startAccess({ signUp: { approval: 'required', notify: ['office@lab.test'] } })
  const [eve, bob] = [await access.admit('eve', []), await access.admit('bob', [])]
  const waiting = () => access.ask('grace', 'GET', '/api/v1/admin/users?state=pending')
  assert.deepEqual(subjectsOf((await waiting()).body), ['ada', 'bob', 'eve'])
  const approved = await access.ask('grace', 'POST', `/api/v1/admin/users/${bob.id}/approve`)
  assert.deepEqual([approved.status, (approved.body.user as { approval: string }).approval], [200, 'approved'])
  const refused = await access.ask('grace', 'POST', `/api/v1/admin/users/${eve.id}/refuse`)
  assert.deepEqual([refused.status, (refused.body.user as { approval: string }).approval], [200, 'refused'])
  assert.equal(
    (await access.ask('grace', 'POST', `/api/v1/admin/users/${bob.id}/refuse`)).body.code,
    'access.notPending',
  )
  assert.deepEqual(subjectsOf((await waiting()).body), ['ada'])
  const mails = (await access.ask('grace', 'GET', '/api/v1/admin/mails')).body
  assert.equal(mails.isConfigured, true)
  assert.deepEqual(
    (mails.mails as { to: string; template: string }[]).map(({ to, template }) => `${to} ${template}`),
    Array.from({ length: 3 }, () => 'office@lab.test access.signUpAsked'),
  )
})

test('roles are given and taken, of nobody’s own account', async () => {
  await using access = await startAccess()
  const path = (who: string) => `/api/v1/admin/users/${access.idOf(who)}/roles`
  const given = await access.ask('grace', 'PUT', path('ada'), { roles: ['admin'] })
  assert.deepEqual(
    [given.status, given.body.user],
    [200, { ...(given.body.user as object), roles: ['admin'], isAdmin: true }],
  )
  const taken = await access.ask('grace', 'PUT', path('ada'), { roles: [] })
  assert.equal((taken.body.user as { isAdmin: boolean }).isAdmin, false)
  assert.equal((await access.ask('grace', 'PUT', path('grace'), { roles: [] })).body.code, 'access.ownAccount')
  for (const body of [
    { roles: ['root'] },
    { roles: 'admin' },
    {},
    { roles: [], isAdmin: true },
    { roles: ['admin', 'admin'] },
  ]) {
    assert.equal((await access.ask('grace', 'PUT', path('ada'), body)).status, 400, JSON.stringify(body))
  }
})

test('groups are made, filled and removed', async () => {
  await using access = await startAccess()
  const id = access.idOf('ada')
  const base = '/api/v1/admin/groups'
  const made = await access.ask('grace', 'POST', base, { name: 'beam', description: 'Beam time' })
  assert.equal(made.status, 201)
  const { createdAt, ...group } = made.body.group as Readonly<Record<string, unknown>>
  assert.deepEqual([typeof createdAt, group], ['number', { name: 'beam', description: 'Beam time', memberCount: 0 }])
  assert.equal((await access.ask('grace', 'POST', base, { name: 'beam' })).body.code, 'access.groupExists')
  assert.equal((await access.ask('grace', 'POST', base, { name: 'Beam' })).body.code, 'access.groupNameUnusable')
  assert.equal((await access.ask('grace', 'POST', base, { name: 'x', memberCount: 7 })).status, 400)
  assert.equal((await access.ask('grace', 'PUT', `${base}/beam/members/${id}`)).status, 204)
  assert.equal((await access.ask('grace', 'PUT', `${base}/beam/members/nobody`)).body.code, 'access.userUnknown')
  assert.equal((await access.ask('grace', 'PUT', `${base}/ghosts/members/${id}`)).body.code, 'access.groupUnknown')
  const { body } = await access.ask('grace', 'GET', `${base}/beam`)
  assert.deepEqual(
    (body.members as { subject: string; localGroups: string[] }[]).map((user) => [user.subject, user.localGroups]),
    [['ada', ['beam']]],
  )
  assert.deepEqual((await access.ask('grace', 'GET', base)).body, {
    groups: [{ ...(made.body.group as object), memberCount: 1 }],
  })
  assert.equal((await access.ask('grace', 'DELETE', `${base}/beam/members/${id}`)).status, 204)
  assert.equal((await access.ask('grace', 'DELETE', `${base}/beam`)).status, 204)
  assert.equal((await access.ask('grace', 'GET', `${base}/beam`)).status, 404)
})

test('the audit log is read by person, action, outcome and time', async () => {
  await using access = await startAccess()
  const id = access.idOf('ada')
  await access.ask('grace', 'POST', `/api/v1/admin/users/${id}/disable`)
  await access.ask('grace', 'POST', `/api/v1/admin/users/${id}/enable`)
  const read = async (query: string) => {
    const { body } = await access.ask('grace', 'GET', `/api/v1/admin/audit?${query}`)
    return [(body.entries as { action: string }[]).map(({ action }) => action), body.next] as const
  }
  const [first, next] = await read('limit=1')
  assert.deepEqual(first, ['user.enable'])
  assert.deepEqual(await read(`limit=1&after=${String(next)}`), [['user.disable'], undefined])
  assert.deepEqual(await read('action=user.disable'), [['user.disable'], undefined])
  assert.deepEqual(await read(`user=${id}&outcome=success&since=0`), [['user.enable', 'user.disable'], undefined])
  assert.deepEqual((await read('user=nobody'))[0], [])
  assert.deepEqual((await read('outcome=failure'))[0], [])
  assert.deepEqual((await read(`since=${Date.UTC(2100, 0)}`))[0], [])
  assert.equal((await access.ask('grace', 'GET', '/api/v1/admin/audit?outcome=other')).status, 400)
})

test('every route says who may, and those about others are for admins', async () => {
  await using access = await startAccess()
  const others = access.routes.filter(({ path }) => !path.startsWith('/api/v1/admin/'))
  assert.deepEqual(
    others.map(({ method, path, access: who }) => [method, path, who]),
    [
      ['GET', '/auth/pending', 'self'],
      ['GET', '/api/v1/me', 'self'],
    ],
  )
  for (const { method, path, access: who } of access.routes) {
    if (path.startsWith('/api/v1/admin/')) assert.equal(who, 'admin', `${method} ${path}`)
  }
  assert.equal(access.routes.find(({ path }) => path.endsWith('/roles'))?.recentLogin, true)
})
