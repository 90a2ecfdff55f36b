// The pages and forms under `/auth/`: log in, come back from a provider, connect accounts, log out. Everything works
// without script. Nothing is decided here; what a form may send is listed here, field by field.

import { z } from 'zod'
import { type Answer, defineRoute, page, type RequestContext, type Route, seeOther } from '#http'
import { GatewayError } from '#kernel'
import type { Sessions } from '#sessions'
import type { AnnouncedLogouts } from './announced-logout.ts'
import { createAnswerRoutes } from './answer-routes.ts'
import { loginErrors, logoutErrors } from './errors.ts'
import { isForm } from './is-form.ts'
import type { LoginMemories } from './login-memory.ts'
import { type LoginPageData, lastUsedFirst, loginPage, type PageProvider } from './login-page.ts'
import { callbackPath, type Goal, type LoginService, type PasswordOutcome, requireSession } from './login-service.ts'
import { LOGGED_OUT_PATH, type Logout, providerUntold } from './logout.ts'
import type { LogoutWays } from './logout-memory.ts'
import type { IdentityProvider, PasswordProvider } from './provider.ts'
import { toReturnTo } from './return-to.ts'

export interface IdentityRoutesDeps {
  readonly providers: ReadonlyMap<string, IdentityProvider>
  readonly sessions: Sessions
  readonly login: LoginService
  readonly logout: Logout
  readonly announced: AnnouncedLogouts
  readonly memories: Pick<LoginMemories, 'read'>
  readonly ways: Pick<LogoutWays, 'end'>
}

const CONNECT_PATH = '/auth/connect'
/** The value of `again` that asks for a login of just now. */
const AGAIN = '1'

const loginQuery = z.object({
  returnTo: z.string().optional(),
  /** `1`: also who is logged in may log in, for what needs a login of just now. */
  again: z.string().optional(),
})
const providerParams = z.object({ provider: z.string() })
const loginForm = z.object({
  username: z.string().max(255).default(''),
  password: z.string().max(4096).default(''),
  otp: z.string().max(64).optional(),
  /** Brings back an attempt that waits for its second factor. */
  state: z.string().max(128).optional(),
  returnTo: z.string().optional(),
  again: z.string().optional(),
})
/** Other fields are ignored (OpenID Connect Back-Channel Logout 1.0 §2.5). */
const logoutForm = z.object({ logout_token: z.string().min(1).max(16_384) })
type LoginForm = z.infer<typeof loginForm>

export function createIdentityRoutes(deps: IdentityRoutesDeps): readonly Route[] {
  const { providers, sessions, login, logout, announced, memories, ways } = deps
  const all = [...providers.values()]

  const getProvider = (id: string): IdentityProvider => {
    const provider = providers.get(id)
    if (provider === undefined) throw loginErrors.unknownProvider({})
    return provider
  }

  const showLogin = (ctx: RequestContext, goal: Goal, data: LoginPageData, status?: number): Answer => {
    const shown =
      goal.purpose === 'login'
        ? lastUsedFirst(all.map(toPageProvider), memories.read(ctx)?.provider)
        : all.filter(canConnect).map(toPageProvider)
    return loginPage(goal, shown, data, status)
  }

  /** What of an error belongs on the login page, with its headers: Retry-After, for one. @throws the others */
  const showFailure = (ctx: RequestContext, goal: Goal, error: unknown): Answer => {
    if (!(error instanceof GatewayError && ON_PAGE.has(error.code))) throw error
    for (const [name, value] of Object.entries(error.headers)) ctx.responseHeaders.set(name, value)
    return showLogin(ctx, goal, { error: `${error.detail} ${error.hint}` }, error.status)
  }

  const showOutcome = (
    ctx: RequestContext,
    provider: PasswordProvider,
    { goal, withCode }: { readonly goal: Goal; readonly withCode: boolean },
    outcome: PasswordOutcome,
  ): Answer => {
    switch (outcome.kind) {
      case 'done':
        return seeOther(outcome.returnTo)
      case 'otp-required':
        return showLogin(
          ctx,
          goal,
          { otp: { provider: provider.id, label: provider.label, state: outcome.state } },
          401,
        )
      case 'refused':
        return showLogin(ctx, goal, { error: outcome.notice ?? (withCode ? REFUSED_WITH_CODE : REFUSED) }, 401)
    }
  }

  const checkPassword = (ctx: RequestContext, provider: PasswordProvider, form: LoginForm, goal: Goal) => {
    const { username, password, otp, state } = form
    if (state !== undefined) return login.checkOtp(ctx, provider, state, otp ?? '')
    return login.check(ctx, provider, { username, password, ...(otp !== undefined && { otp }) }, goal)
  }

  /** A form was sent to one provider: check the password, or go where the provider asks for it. */
  const submit = async (ctx: RequestContext, id: string, form: LoginForm, goal: Goal): Promise<Answer> => {
    const provider = getProvider(id)
    try {
      if (provider.kind === 'redirect') return elsewhere(await login.begin(ctx, provider, goal))
      if (form.state === undefined && (form.username === '' || form.password === '')) {
        return showLogin(ctx, goal, { error: 'Type your name and your password.' }, 400)
      }
      const withCode = form.state !== undefined
      return showOutcome(ctx, provider, { goal, withCode }, await checkPassword(ctx, provider, form, goal))
    } catch (error) {
      return showFailure(ctx, goal, error)
    }
  }

  return [
    defineRoute({
      method: 'GET',
      path: '/auth/login',
      routeClass: 'auth',
      access: 'public',
      query: loginQuery,
      handle: (ctx, { query }) => {
        const returnTo = toReturnTo(query.returnTo)
        const mustBeFresh = query.again === AGAIN
        if (sessions.current.get(ctx) !== undefined && !mustBeFresh) return seeOther(returnTo)
        return showLogin(ctx, { purpose: 'login', returnTo, mustBeFresh }, {})
      },
    }),

    defineRoute({
      method: 'POST',
      path: '/auth/login/:provider',
      routeClass: 'auth',
      access: 'public',
      params: providerParams,
      body: loginForm,
      handle: (ctx, { params, body }) => {
        const mustBeFresh = body.again === AGAIN
        return submit(ctx, params.provider, body, {
          purpose: 'login',
          returnTo: toReturnTo(body.returnTo),
          mustBeFresh,
        })
      },
    }),

    defineRoute({
      method: 'GET',
      path: callbackPath(':provider'),
      routeClass: 'callback',
      access: 'public',
      params: providerParams,
      handle: async (ctx, { params }) => {
        const provider = getProvider(params.provider)
        if (provider.kind !== 'redirect') throw loginErrors.unknownProvider({})
        const outcome = await login.complete(ctx, provider)
        switch (outcome.kind) {
          case 'done':
            return seeOther(outcome.returnTo)
          case 'again':
            return elsewhere(outcome.url)
          case 'stopped':
            return showFailure(ctx, outcome.goal, outcome.error)
        }
      },
    }),

    ...createAnswerRoutes({ getProvider, login }),

    defineRoute({
      method: 'POST',
      path: '/auth/logout',
      routeClass: 'auth',
      access: 'public',
      endsSession: true,
      handle: async (ctx) => elsewhere(await logout.logout(ctx)),
    }),

    defineRoute({
      method: 'GET',
      path: LOGGED_OUT_PATH,
      routeClass: 'public',
      access: 'public',
      handle: (ctx) => {
        if (!ways.end(ctx)) throw logoutErrors.unverified({})
        return page('logged-out', 'Logged out', { isProviderUntold: ctx.target.query.includes(providerUntold) })
      },
    }),

    defineRoute({
      method: 'POST',
      path: '/auth/backchannel/:provider',
      routeClass: 'callback',
      access: 'public',
      params: providerParams,
      body: logoutForm,
      handle: async (ctx, { params, body }) => {
        if (!isForm(ctx)) throw logoutErrors.tokenRefused({ reason: 'it was not sent as a form' })
        await announced.receive(ctx, getProvider(params.provider), body.logout_token)
        return { kind: 'empty', status: 200 }
      },
    }),

    defineRoute({
      method: 'GET',
      path: CONNECT_PATH,
      routeClass: 'page',
      access: 'self',
      handle: (ctx) => {
        const { row, credentials } = requireSession(sessions, ctx)
        const accounts = all.filter(canConnect).map(({ id, label }) => ({
          id,
          label,
          isPrincipal: id === row.provider,
          isConnected: Object.hasOwn(credentials, id),
        }))
        return page('connect', 'Connected accounts', { accounts })
      },
    }),

    defineRoute({
      method: 'POST',
      path: `${CONNECT_PATH}/:provider`,
      routeClass: 'page',
      access: 'self',
      params: providerParams,
      body: loginForm,
      handle: (ctx, { params, body }) => {
        requireSession(sessions, ctx)
        const provider = getProvider(params.provider)
        if (!canConnect(provider))
          throw loginErrors.cannotConnect({ reason: 'It brings nothing that could be kept for you.' })
        const goal: Goal = { purpose: 'connect', returnTo: toReturnTo(body.returnTo ?? CONNECT_PATH) }
        if (provider.kind === 'password' && body.state === undefined && body.username === '') {
          return loginPage(goal, [toPageProvider(provider)], {})
        }
        return submit(ctx, provider.id, body, goal)
      },
    }),

    defineRoute({
      method: 'POST',
      path: '/auth/disconnect/:provider',
      routeClass: 'page',
      access: 'self',
      params: providerParams,
      handle: async (ctx, { params }) => {
        await logout.disconnect(ctx, getProvider(params.provider).id)
        return seeOther(CONNECT_PATH)
      },
    }),
  ]
}

/** The same whatever it was that did not fit. */
const REFUSED = 'Name or password is not right.'
const REFUSED_WITH_CODE = 'Name, password or code is not right. Log in again.'

const elsewhere = (location: string): Answer => ({ kind: 'redirect', status: 303, location })

const canConnect = (provider: IdentityProvider): boolean => provider.yieldsCredential

const toPageProvider = (provider: IdentityProvider): PageProvider => {
  const { id, label, kind } = provider
  return { id, label, kind, canBeFresh: provider.kind === 'password' || provider.canBeFresh }
}

const ON_PAGE: ReadonlySet<string> = new Set([
  'login.providerUnavailable',
  'login.cancelled',
  'login.notFresh',
  'login.cannotBeFresh',
  'login.busy',
  'login.tooManyFailures',
  'login.tooManyPending',
  'login.attemptUnknown',
  'access.userDisabled',
])
