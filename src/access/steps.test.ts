import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineFact, type RequestContext, type RouteAccess, seeOther } from '#http'
import { GatewayError, type UserId } from '#kernel'
import type { ActiveSession } from '#sessions'
import { createManualClock } from '../../test/support/manual-clock.ts'
import type { PolicyRule, Principal } from './access.ts'
import { compileAllow } from './allow.ts'
import type { ActiveToken } from './authenticator.ts'
import { createAuthorizer } from './authorize.ts'
import { createLimits } from './limits.ts'
import { compilePolicy } from './policy.ts'
import { createPolicyStep } from './policy-step.ts'
import { createPrincipals } from './principal.ts'
import { type AskedRequest, createMount, createRequest, createSession } from './request.fixture.ts'
import { createRequireIdentityStep } from './require-identity-step.ts'
import { NOBODY } from './standing.ts'

function createDoor({ disabled = [] as readonly string[], standing = NOBODY } = {}) {
  const session = defineFact<ActiveSession>('session')
  const current = defineFact<Principal>('principal')
  const admins = compileAllow(['group:admins'], () => true as const)
  const principals = createPrincipals({ session, current, admins, standing: () => standing })
  const token = defineFact<ActiveToken>('token')
  const limits = createLimits({ session, token, clock: createManualClock(), recentLoginMs: 3_600_000 })
  const authorizer = createAuthorizer({ principal: principals.principal, limits, contact: 'the desk' })
  const users = { isDisabled: (id: UserId) => disabled.includes(id) }
  const forget = (ctx: RequestContext) => session.set(ctx, undefined)
  const access = { users, contact: 'the desk', forget, ...principals, ...authorizer }
  const refusals: string[] = []
  const requireIdentity = createRequireIdentityStep(access, () => seeOther('/away'))
  const policy = createPolicyStep(access, (_ctx, because) => void refusals.push(because))
  const mountWith = (rules: readonly PolicyRule[], prefix?: string) =>
    createMount(access.authorizeBy(compilePolicy('manager', rules), prefix ?? '/api/manager/'), prefix)

  /** What comes of a request: `pass`, where it is sent, or the code it is refused with. */
  const knock = (asked: AskedRequest, person?: ActiveSession): string => {
    const ctx = createRequest(asked)
    session.set(ctx, person)
    try {
      for (const step of [requireIdentity, policy]) {
        const answer = step(ctx)
        if (answer !== undefined) return 'location' in answer ? answer.location : 'an answer'
      }
      return 'pass'
    } catch (error) {
      if (error instanceof GatewayError) return `${error.status} ${error.code}`
      throw error
    }
  }
  return { access, session, current, knock, mountWith, refusals }
}

const ada = createSession()
const grace = createSession({ userId: 'user-grace' as UserId, subject: 'grace', groups: ['admins'] })

test('routes of our own let in whom their access says', () => {
  const { knock } = createDoor()
  const table: readonly (readonly [RouteAccess, stranger: string, person: string, admin: string])[] = [
    ['public', 'pass', 'pass', 'pass'],
    ['self', '401 access.loginRequired', 'pass', 'pass'],
    ['admin', '401 access.loginRequired', '403 access.refused', 'pass'],
    [{ scope: 'jobs' }, '401 access.loginRequired', 'pass', 'pass'],
  ]
  for (const [route, ...expected] of table) {
    const met = [undefined, ada, grace].map((person) => knock({ route, routeClass: 'api' }, person))
    assert.deepEqual(met, expected, JSON.stringify(route))
  }
})

test('a mount asks its policy for the path below its prefix', () => {
  const { knock, mountWith } = createDoor()
  const mount = mountWith([
    { paths: ['/open'], allow: ['public'] },
    { paths: ['/folders/**'], allow: ['group:lab'] },
  ])
  const ask = (raw: string, person?: ActiveSession) => knock({ mount, raw, routeClass: 'proxied' }, person)
  assert.equal(ask('/api/manager/open'), 'pass')
  assert.equal(ask('/api/manager/open?x=/folders'), 'pass')
  assert.equal(ask('/api/manager/open/more'), '401 access.loginRequired')
  assert.equal(ask('/api/manager/private?x=/open'), '401 access.loginRequired')
  assert.equal(ask('/api/manager/private;/open'), '401 access.loginRequired')
  assert.equal(ask('/api/manager/folders/1', ada), 'pass')
  assert.equal(ask('/api/manager/folders/1', grace), '403 access.refused')
  assert.equal(ask('/api/manager/', ada), '403 access.refused')
})

test('the home page can ask a mount about its root', () => {
  const { mountWith, session } = createDoor()
  const mount = mountWith([{ paths: ['/'], allow: ['group:lab'] }])
  const ctx = createRequest({ raw: '/', route: 'self' })
  session.set(ctx, ada)
  assert.equal(mount.authorize(ctx).allow, true)
})

test('a route of ours decides over a mount at the same path', () => {
  const { knock, mountWith } = createDoor()
  assert.equal(
    knock({ route: 'admin', mount: mountWith([{ allow: ['public'] }], '/'), routeClass: 'api' }, ada),
    '403 access.refused',
  )
})

test('what nothing answers is left to the edge, which says 404', () => {
  const { knock } = createDoor()
  assert.equal(knock({ raw: '/nowhere' }), 'pass')
})

test('a browser that wants a page is sent to log in and comes back', () => {
  const { knock, mountWith } = createDoor()
  const mount = mountWith([{ allow: ['group:lab'] }])
  const page: AskedRequest = { mount, routeClass: 'proxied', raw: '/api/manager/a%2Fb;c?x=1&y=%20', wantsPage: true }
  const login = `/auth/login?returnTo=${encodeURIComponent('/api/manager/a%2Fb;c?x=1&y=%20')}`
  assert.equal(knock(page), login)
  assert.equal(knock({ route: 'self', wantsPage: true, raw: '/settings' }), '/auth/login?returnTo=%2Fsettings')
  assert.equal(knock({ ...page, raw: `/api/manager/${'x'.repeat(3000)}` }), '/auth/login?returnTo=%2F')
  assert.equal(knock({ ...page, wantsPage: false }), '401 access.loginRequired')
  assert.equal(knock({ ...page, method: 'POST' }), '401 access.loginRequired')
  assert.equal(knock({ ...page, isUpgrade: true, routeClass: 'socket' }), '401 access.loginRequired')
  assert.equal(
    knock({ route: 'self', routeClass: 'api', wantsPage: true, raw: '/api/v1/me' }),
    '401 access.loginRequired',
  )
})

test('a stranger learns nothing of the rules', () => {
  const { knock, mountWith, refusals } = createDoor()
  for (const rules of [[{ allow: [] }], [{ paths: ['/x'], allow: ['public'] }], [{ allow: ['group:lab'] }]]) {
    assert.equal(
      knock({ mount: mountWith(rules), raw: '/api/manager/y', routeClass: 'proxied' }),
      '401 access.loginRequired',
    )
  }
  assert.deepEqual(refusals, [])
})

test('without the row requireIdentity the policy still holds', () => {
  const { access, session } = createDoor()
  const policy = createPolicyStep(access, () => {})
  const ctx = createRequest({ route: 'self', routeClass: 'auth' })
  assert.throws(() => policy(ctx), { code: 'access.loginRequired' })
  session.set(ctx, ada)
  assert.equal(policy(createRequest({ route: 'public' })), undefined)
})

test('a refusal is recorded once per request with its reason', () => {
  const { knock, mountWith, refusals } = createDoor()
  knock({ mount: mountWith([{ allow: ['group:staff'] }]), raw: '/api/manager/', routeClass: 'proxied' }, ada)
  assert.equal(refusals.length, 1)
  assert.match(refusals[0] ?? '', /needs the group staff/)
})

test('a disabled user is refused even where everybody may go', () => {
  const { knock } = createDoor({ disabled: ['user-ada'] })
  assert.equal(knock({ route: 'self' }, ada), '403 access.userDisabled')
  assert.equal(knock({ route: 'public' }, ada), '403 access.userDisabled')
  assert.equal(knock({ route: 'self' }, grace), 'pass')
})

test('a page of another person than the one who is logged in is refused', () => {
  const { knock } = createDoor()
  const from = (id: string): AskedRequest => ({ route: 'self', headers: { 'gatehouse-person': id } })
  assert.equal(knock(from('user-ada'), ada), 'pass')
  assert.equal(knock(from('user-ada'), grace), '409 access.otherPerson')
  assert.equal(knock(from(''), ada), '409 access.otherPerson')
  assert.equal(knock(from('user-ada')), '401 access.loginRequired', 'nobody is no other person')
})

test('who waits for approval goes where strangers may, as a stranger, and to what says that they wait', () => {
  const { knock, mountWith, access, session } = createDoor()
  const waiting = createSession({ awaitsApproval: true, groups: ['lab', 'admins'] })
  assert.equal(knock({ route: 'public' }, waiting), 'pass')
  for (const route of ['self', 'admin', { scope: 'jobs' }] as const) {
    assert.equal(knock({ route, routeClass: 'api' }, waiting), '403 access.pending', JSON.stringify(route))
    assert.equal(knock({ route, wantsPage: true }, waiting), '/auth/pending', JSON.stringify(route))
  }
  const mount = mountWith([{ paths: ['/open'], allow: ['public'] }, { allow: ['authenticated', 'group:lab'] }])
  const ask = (raw: string, facts: AskedRequest = {}) => knock({ mount, raw, routeClass: 'proxied', ...facts }, waiting)
  assert.equal(ask('/api/manager/x'), '403 access.pending')
  assert.equal(ask('/api/manager/x', { wantsPage: true }), '/auth/pending')
  assert.equal(ask('/api/manager/x', { wantsPage: true, method: 'POST' }), '403 access.pending')
  assert.equal(ask('/api/manager/x', { isUpgrade: true, routeClass: 'socket' }), '403 access.pending')
  assert.equal(ask('/api/manager/open'), 'pass')
  const ctx = createRequest({ mount, raw: '/api/manager/open' })
  session.set(ctx, waiting)
  assert.equal(createRequireIdentityStep(access, () => seeOther('/away'))(ctx), undefined)
  assert.equal(access.principal(ctx), undefined, 'no service hears of them')
  assert.equal(access.principal(createRequest({})), undefined)
})

test('an approval counts for the sessions from before it, a refusal against all', () => {
  const waiting = createSession({ awaitsApproval: true })
  const isPending = (row: ActiveSession, approval?: 'approved' | 'pending' | 'refused'): boolean | undefined => {
    const approvals = new Map(approval === undefined ? [] : [[row.row.userId, approval]])
    const { access, session } = createDoor({ standing: { ...NOBODY, approvals } })
    const ctx = createRequest({})
    session.set(ctx, row)
    return access.principal(ctx)?.isPending
  }
  assert.deepEqual(
    [isPending(waiting), isPending(waiting, 'pending'), isPending(waiting, 'approved')],
    [true, true, false],
  )
  assert.deepEqual([isPending(ada), isPending(ada, 'pending'), isPending(ada, 'refused')], [false, true, true])
})

test('groups of ours come from what is kept here, never from a session', () => {
  const localGroups = new Map([['user-ada', ['local:beam']]])
  const { access, session } = createDoor({ standing: { ...NOBODY, localGroups } })
  const ctx = createRequest({})
  session.set(ctx, createSession({ groups: ['lab', 'local:admins', 'local:'] }))
  assert.deepEqual(access.principal(ctx)?.groups, ['lab', 'local:beam'])
})

test('a request is decided once', () => {
  const { access } = createDoor()
  let asked = 0
  const mount = createMount(() => {
    asked += 1
    return { allow: true, rule: 'counted' }
  })
  const ctx = createRequest({ mount, raw: '/api/manager/x' })
  access.decide(ctx)
  access.decide(ctx)
  assert.equal(asked, 1)
})

test('an error in a decision refuses', () => {
  const { knock } = createDoor()
  const mount = createMount(() => {
    throw new Error('broken policy')
  })
  assert.throws(() => knock({ mount, raw: '/api/manager/x' }), /broken policy/)
})

test('the principal is made once per session and knows its admins', () => {
  const { access, session, current } = createDoor()
  const first = createRequest({})
  const second = createRequest({})
  session.set(first, grace)
  session.set(second, grace)
  assert.equal(access.principal(first), access.principal(second))
  assert.deepEqual(access.principal(first), {
    userId: 'user-grace',
    provider: 'sso',
    subject: 'grace',
    username: 'ada',
    displayName: 'Ada',
    groups: ['admins'],
    isAdmin: true,
    isPending: false,
  })
  assert.equal(access.principal(createRequest({})), undefined)
  const speaking = createRequest({})
  const given = access.principalOf({ ...grace.row, id: grace.row.userId, approval: 'approved', lastLoginAt: 0 }, [])
  current.set(speaking, given)
  assert.equal(access.principal(speaking), given)
  assert.equal(given.isAdmin, false)
})
