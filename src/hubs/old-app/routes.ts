// `/api/v1/auth/…`: the logins of the ARCmanager backend, for its web app as it is. What they answer is what that app reads;
// how they work is the gateway's: PKCE, everything on the server, and proof of where a request comes from. See README.md.

import { z } from 'zod'
import { type Answer, defineRoute, page, type RequestContext, type Route, seeOther } from '#http'
import type { Identities } from '#identity'
import { GatewayError } from '#kernel'
import type { Sessions } from '#sessions'
import { hubErrors } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { AppCookies } from './cookies.ts'
import { mayBeForged } from './forged-navigation.ts'

export interface OldAppDeps {
  readonly hubs: readonly Hub[]
  /** Where a login ends: a URL, or a path below the base path. */
  readonly app: string
  readonly identity: Pick<Identities, 'redirectLogins' | 'logout' | 'credential'>
  readonly sessions: Pick<Sessions, 'current' | 'extend'>
  readonly cookies: AppCookies
}

const BASE = '/api/v1/auth'
/** Also in the form of the page that asks again. */
export const LOGIN_PATH = `${BASE}/login`

/** A hub named twice could be meant either way. */
const hubQuery = z.object({ datahub: z.string().optional() })

export function createOldAppRoutes({ hubs, app, identity, sessions, cookies }: OldAppDeps): readonly Route[] {
  const getHub = (name: string | undefined): Hub => {
    const hub = hubs.find(({ id }) => id === name)
    if (hub === undefined) throw hubErrors.unknownHub({ known: hubs.map(({ id }) => id) })
    return hub
  }

  const backToApp = (ctx: RequestContext, error: GatewayError): Answer => {
    cookies.failed(ctx, error.code === 'login.providerUnavailable' ? NOT_AVAILABLE : NOT_LOGGED_IN)
    return seeOther(app)
  }

  const begin = async (ctx: RequestContext, hub: Hub): Promise<Answer> => {
    cookies.forgetError(ctx)
    try {
      const location = await identity.redirectLogins.begin(ctx, hub.provider, `${BASE}/callback?datahub=${hub.id}`)
      return { kind: 'redirect', status: 302, location }
    } catch (error) {
      if (!isUnavailable(error)) throw error
      return backToApp(ctx, error)
    }
  }

  const refresh = async (ctx: RequestContext): Promise<Answer> => {
    const session = await sessions.extend(ctx)
    const held = hubs.filter(({ provider }) => Object.hasOwn(session.credentials, provider))
    for (const { provider } of held) await identity.credential(ctx, provider)
    cookies.renewed(ctx)
    return text('Session refresh was successful!')
  }

  const logout = async (ctx: RequestContext): Promise<Answer> => {
    cookies.loggedOut(ctx)
    await identity.logout(ctx)
    return text('logout successful')
  }

  return [
    defineRoute({
      method: 'GET',
      path: LOGIN_PATH,
      routeClass: 'auth',
      access: 'public',
      query: hubQuery,
      handle: (ctx, { query }) => {
        const hub = getHub(query.datahub)
        if (mayBeForged(ctx, sessions.current.get(ctx) !== undefined)) return askAgain(hub)
        return begin(ctx, hub)
      },
    }),
    defineRoute({
      method: 'POST',
      path: LOGIN_PATH,
      routeClass: 'auth',
      access: 'public',
      body: hubQuery,
      handle: (ctx, { body }) => begin(ctx, getHub(body.datahub)),
    }),
    defineRoute({
      method: 'GET',
      path: `${BASE}/callback`,
      routeClass: 'callback',
      access: 'public',
      query: z.object({ datahub: z.string().optional() }).loose(),
      handle: async (ctx, { query }) => {
        const error = await identity.redirectLogins.complete(ctx, getHub(query.datahub).provider)
        if (error !== undefined) return backToApp(ctx, error)
        cookies.loggedIn(ctx, sessions.current.get(ctx)?.row.displayName ?? '')
        return seeOther(app)
      },
    }),
    ...(['GET', 'POST'] as const).flatMap((method) => [
      defineRoute({
        method,
        path: `${BASE}/refresh`,
        routeClass: 'api',
        access: 'self',
        ...(method === 'GET' && { changesState: true }),
        handle: refresh,
      }),
      defineRoute({
        method,
        path: `${BASE}/logout`,
        routeClass: 'api',
        access: 'public',
        endsSession: true,
        ...(method === 'GET' && { changesState: true }),
        handle: logout,
      }),
    ]),
    defineRoute({
      method: 'PUT',
      path: `${BASE}/addPAT`,
      routeClass: 'api',
      access: 'self',
      handle: () => {
        throw hubErrors.noPersonalTokens({})
      },
    }),
  ]
}

const NOT_AVAILABLE = 'DataHUB not available'
const NOT_LOGGED_IN = 'The login was not completed'

const isUnavailable = (error: unknown): error is GatewayError =>
  error instanceof GatewayError && error.code === 'login.providerUnavailable'

const askAgain = ({ id, label }: Hub): Answer => page('hub-login', 'Log in', { id, label, path: LOGIN_PATH })

const text = (body: string): Answer => ({ kind: 'bytes', status: 200, contentType: 'text/plain; charset=utf-8', body })
