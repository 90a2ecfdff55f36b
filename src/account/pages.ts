// The pages under /account/ that the SPT-3G data service has: to log in and out, which Gatehouse does at its own addresses, and
// to get a token. Everything works without script.

import { z } from 'zod'
import { type Access, accessErrors } from '#access'
import { type Answer, defineRoute, type PublicUrl, page, type RequestContext, type Route, seeOther } from '#http'
import { toReturnTo } from '#identity'
import { GatewayError } from '#kernel'
import type { SessionRow, Sessions } from '#sessions'
import { createErrorAnswer, tokenAnswer, tokenBody, toTimestamp } from './answers.ts'
import type { AccountConfig } from './config.ts'
import type { AccountTokens } from './service.ts'

export interface AccountPagesDeps {
  readonly tokens: AccountTokens
  readonly access: Pick<Access, 'principal'>
  readonly sessions: Pick<Sessions, 'current'>
  readonly identity: {
    /** Ends the session of the request. @returns where to send the browser */
    logout(ctx: RequestContext): Promise<string>
  }
  readonly publicUrl: Pick<PublicUrl, 'belowBase' | 'pathTo'>
}

export const TOKEN_PATH = '/account/token'
const CREATE_PATH = '/account/token/create'
const LOGIN_PATH = '/account/login'

export function createAccountPages(deps: AccountPagesDeps, config: AccountConfig): readonly Route[] {
  const { tokens, access, sessions, identity, publicUrl } = deps
  const tellProgram = createErrorAnswer(config.realm)

  const whoAsks = (ctx: RequestContext): SessionRow => {
    const session = sessions.current.get(ctx)?.row
    if (session === undefined) throw accessErrors.loginRequired({})
    return session
  }

  const create = (ctx: RequestContext) => tokens.create(ctx, whoAsks(ctx))

  const toLogin = (ctx: RequestContext): Answer => ({
    kind: 'redirect',
    status: 302,
    location: `${LOGIN_PATH}?next=${encodeURIComponent(publicUrl.pathTo(ctx.target.raw))}`,
  })

  return [
    defineRoute({
      method: 'GET',
      path: LOGIN_PATH,
      routeClass: 'public',
      access: 'public',
      query: z.object({ next: z.string().optional() }),
      handle: (_ctx, { query: { next } }) => {
        // With the base path, as the original wrote it; without, as we do.
        const returnTo = toReturnTo(next === undefined ? '/account' : publicUrl.belowBase(next))
        return { kind: 'redirect', status: 302, location: `/auth/login?returnTo=${encodeURIComponent(returnTo)}` }
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/account/logout',
      routeClass: 'auth',
      access: 'public',
      handle: (ctx) => page('account-logout', 'Log out', { isLoggedIn: access.principal(ctx) !== undefined }),
    }),
    defineRoute({
      method: 'POST',
      path: '/account/logout',
      routeClass: 'auth',
      access: 'public',
      endsSession: true,
      handle: async (ctx) => seeOther(await identity.logout(ctx)),
    }),
    defineRoute({
      method: 'GET',
      path: CREATE_PATH,
      routeClass: 'page',
      access: 'self',
      recentLogin: true,
      summary:
        'A token for scripts, for who is logged in with a browser. Opened by a link on another site: a page to ask for one.',
      output: { 200: tokenBody },
      errorAnswer: (ctx, error) => {
        if (ctx.wantsPage) return undefined
        return error.status === 401 ? toLogin(ctx) : tellProgram(ctx, error)
      },
      handle: async (ctx) => (isSentByAnotherSite(ctx) ? seeOther(TOKEN_PATH) : tokenAnswer(await create(ctx))),
    }),
    defineRoute({
      method: 'GET',
      path: TOKEN_PATH,
      routeClass: 'page',
      access: 'self',
      handle: async (ctx) => showPage(await refusalOf(() => tokens.getPerson(whoAsks(ctx).userId))),
    }),
    defineRoute({
      method: 'POST',
      path: TOKEN_PATH,
      routeClass: 'page',
      access: 'self',
      recentLogin: true,
      handle: async (ctx) => {
        const { token, claims } = await create(ctx)
        return page('account-token', 'Your token', { token, expiresAt: toTimestamp(claims.exp) })
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${TOKEN_PATH}/revoke-all`,
      routeClass: 'page',
      access: 'self',
      sessionOnly: true,
      handle: async (ctx) => {
        const { userId } = whoAsks(ctx)
        await tokens.revokeAllOf(ctx, userId, userId)
        return page('account-token', 'Tokens for scripts', { areRevoked: true })
      },
    }),
  ]
}

const showPage = (refusal: string | undefined): Answer => page('account-token', 'Tokens for scripts', { refusal })

/** Why the person may not have what the page offers. @throws what is no refusal */
async function refusalOf(check: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'accountToken.notAllowed') return error.detail
    throw error
  }
}

/**
 * Another site cannot read what it makes a browser open here, but it can ask the person to copy it. A page that a person
 * types in, or comes to from ours, says otherwise; so does a browser that says nothing (Fetch Metadata §2).
 */
const isSentByAnotherSite = ({ request: { headers } }: RequestContext): boolean => {
  const site = headers['sec-fetch-site']
  return site !== undefined && site !== 'none' && site !== 'same-origin'
}
