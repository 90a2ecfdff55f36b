import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineFact, type Mount, type RequestContext, type Route } from '#http'
import { GatewayError, type UserId } from '#kernel'
import type { ActiveSession, StandIn } from '#sessions'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import type { Principal } from './access.ts'
import { type ActiveToken, createAuthenticators, type TokenPrincipal } from './authenticator.ts'
import { createBearerTokenStep } from './bearer-token-step.ts'
import { accessErrors } from './errors.ts'
import { createLimits } from './limits.ts'
import { createSession } from './request.fixture.ts'

const grace = { userId: 'user-grace' as UserId, groups: ['lab'] } as unknown as Principal

const tokenOf = (...scopes: readonly string[]): TokenPrincipal => ({
  principal: grace,
  scopes,
  tokenId: 'token-1',
  kind: 'api-token',
  watch: () => () => {},
})

const service: Mount = {
  id: 'service',
  prefix: '/api/service/',
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async () => undefined,
}

function createDoor(token: TokenPrincipal = tokenOf('self:read')) {
  const clock = createManualClock()
  const session = defineFact<ActiveSession>('session')
  const access = {
    authenticators: createAuthenticators(),
    current: defineFact<Principal>('principal'),
    token: defineFact<ActiveToken>('token'),
  }
  access.authenticators.add({ id: 'nothing', authenticate: async () => undefined, isIn: () => false })
  access.authenticators.add({
    id: 'words',
    authenticate: async (_ctx, presented) => {
      if (presented.scheme !== 'bearer') return undefined
      if (presented.token.reveal() === 'old') throw accessErrors.loginRequired({})
      return presented.token.reveal() === 'good' ? token : undefined
    },
    isIn: (text) => text.includes('our-mark'),
  })
  const standIns: StandIn[] = []
  const step = createBearerTokenStep(access, {
    standIn: (ctx, standIn) => {
      session.set(ctx, undefined)
      standIns.push(standIn)
    },
  })
  const limits = createLimits({ session, token: access.token, clock, recentLoginMs: 1000 })
  const enter = async (authorization?: string, more: readonly string[] = [], url = '/'): Promise<RequestContext> => {
    const headers = authorization === undefined ? {} : { authorization }
    const rawHeaders = [...more, ...(authorization === undefined ? [] : ['Authorization', authorization])]
    const ctx = createFakeContext({ mount: service, request: { headers, rawHeaders, url } })
    session.set(ctx, createSession())
    await step(ctx)
    return ctx
  }
  return { access, session, standIns, limits, clock, enter }
}

test('a token of ours wins over the session, and nothing behind sees it', async () => {
  const { access, session, standIns, enter } = createDoor()
  const ctx = await enter('Bearer good')
  assert.equal(access.current.get(ctx), grace)
  assert.deepEqual([access.token.get(ctx)?.scheme, access.token.get(ctx)?.tokenId], ['bearer', 'token-1'])
  assert.deepEqual([session.get(ctx), ctx.userId, standIns.length], [undefined, 'user-grace', 1])
  assert.deepEqual([ctx.request.rawHeaders, ctx.request.headers], [[], {}])
})

test('what nobody owns stays the client’s own header, and the session counts', async () => {
  const { access, session, enter } = createDoor()
  for (const header of [undefined, 'Bearer other', 'Basic YTpi', 'Digest x']) {
    const ctx = await enter(header)
    assert.deepEqual([access.current.get(ctx), access.token.get(ctx)], [undefined, undefined])
    assert.notEqual(session.get(ctx), undefined)
    assert.equal(ctx.request.headers.authorization, header)
  }
})

test('one that is ours and not valid is refused, whatever session came along', async () => {
  const { enter } = createDoor()
  await assert.rejects(enter('Bearer old'), (error) => error instanceof GatewayError && error.status === 401)
})

test('one that stands elsewhere is refused, beside a good one and alone', async () => {
  const { enter } = createDoor()
  const basic = Buffer.from('x:our-mark').toString('base64')
  const places: readonly (readonly [authorization: string | undefined, headers: readonly string[], url?: string])[] = [
    ['Token our-mark', []],
    ['Basic b3VyLW1hcms=', []],
    [undefined, ['PRIVATE-TOKEN', 'our-mark']],
    [undefined, ['X-Api-Key', 'key=our-mark;']],
    [undefined, ['X-Original-Authorization', `basic ${basic}`]],
    [undefined, ['Referer', 'https://gate.test/?token=our%2Dmark']],
    [undefined, [], '/x?private_token=our-mark'],
    [undefined, [], '/x?%61=%6f%75r%2dmark&%'],
    ['Bearer good', ['Cookie', 'a=b; token=our-mark']],
    ['Bearer other', ['X-Token', 'our-mark']],
  ]
  for (const [authorization, headers, url] of places) {
    const misplaced = (error: unknown) => error instanceof GatewayError && error.code === 'token.misplaced'
    await assert.rejects(enter(authorization, headers, url), misplaced, JSON.stringify([authorization, headers, url]))
  }
  await assert.rejects(enter(undefined, [], '/x?our-mark'), { detail: /stands in the address,/ })
  await assert.rejects(enter(undefined, ['Cookie', 'our-mark']), { detail: /stands in the header “cookie”,/ })
  const others = ['X-Api-Key', 'our mark', 'Referer', 'https://gate.test/%zz%', 'Cookie', 'our=mark']
  await enter('Bearer good', others, '/x?%zz=our&mark=%')
})

test('two authenticators of one name are a mistake', () => {
  const { access } = createDoor()
  assert.throws(() =>
    access.authenticators.add({ id: 'words', authenticate: async () => undefined, isIn: () => false }),
  )
})

const routeWith = (route: Partial<Route>): Route => ({ method: 'GET', access: 'self', ...route }) as Route

test('the scopes of a token narrow what a route and a service allow', async () => {
  const table: readonly (readonly [Partial<Route>, scopeThatIsEnough: string | undefined])[] = [
    [{ access: 'public' }, undefined],
    [{ access: 'self' }, 'self:read'],
    [{ access: 'self', method: 'POST' }, 'self:write'],
    [{ access: 'self', method: 'DELETE' }, 'self:write'],
    [{ access: 'admin' }, 'admin'],
    [{ access: { scope: 'jobs' } }, 'jobs'],
  ]
  const all = ['self:read', 'self:write', 'admin', 'jobs', 'services']
  for (const [route, enough] of table) {
    for (const scope of all) {
      const { limits, enter } = createDoor(tokenOf(scope))
      const refusal = limits.routeRefusal(await enter('Bearer good'), routeWith(route))
      assert.equal(refusal === undefined, enough === undefined || scope === enough, JSON.stringify([route, scope]))
    }
  }
  for (const [scope, isEnough] of [
    ['services', true],
    ['service:a', true],
    ['service:ab', false],
    ['admin', false],
  ] as const) {
    const { limits, enter } = createDoor(tokenOf(scope))
    assert.equal(limits.serviceRefusal(await enter('Bearer good'), 'a') === undefined, isEnough, scope)
  }
})

test('a session has every scope', async () => {
  const { limits, enter } = createDoor()
  const ctx = await enter()
  assert.equal(limits.routeRefusal(ctx, routeWith({ access: { scope: 'jobs' } })), undefined)
  assert.equal(limits.serviceRefusal(ctx, 'a'), undefined)
})

test('a refusal for want of a scope names it, for programs too (RFC 6750 §3.1)', async () => {
  const { limits, enter } = createDoor(tokenOf())
  const refusal = limits.serviceRefusal(await enter('Bearer good'), 'a')
  assert.ok(refusal?.allow === false)
  const error = refusal.error?.()
  assert.equal(error?.code, 'token.scopeMissing')
  assert.match(error?.headers['WWW-Authenticate'] ?? '', /^Bearer .*error="insufficient_scope", scope="service:a"$/)
})

const codeOf = (refusal: ReturnType<ReturnType<typeof createLimits>['routeRefusal']>): string | undefined =>
  refusal?.allow === false ? refusal.error?.().code : undefined

test('some routes take no token, whatever its scopes, and some a login of just now only', async () => {
  const { session, limits, clock, enter } = createDoor(tokenOf('self:read', 'self:write', 'admin'))
  const withToken = await enter('Bearer good')
  for (const route of [{ sessionOnly: true }, { recentLogin: true }, { sessionOnly: true, access: 'public' }] as const)
    assert.equal(codeOf(limits.routeRefusal(withToken, routeWith(route))), 'token.sessionOnly')
  const withSession = await enter()
  assert.equal(limits.routeRefusal(withSession, routeWith({ sessionOnly: true })), undefined)
  session.set(withSession, createSession({ authenticatedAt: clock.now() }))
  const ask = () => codeOf(limits.routeRefusal(withSession, routeWith({ recentLogin: true })))
  clock.advance(1000)
  assert.equal(ask(), undefined)
  clock.advance(1)
  assert.equal(ask(), 'access.loginNotRecent')
})
