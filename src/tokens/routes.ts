// The API of tokens: a person's own, and everybody's for administrators. What makes a secret, or takes one away, needs a
// session; making one needs a login of just now.

import { z } from 'zod'
import { type Access, accessErrors, type ChangedBy, type Principal } from '#access'
import { defineRoute, json, noContent, type RequestContext, type Route } from '#http'
import { tokenErrors } from './errors.ts'
import { iso, listedToken, shownSecret, toListedToken } from './listed-token.ts'
import { SCOPES } from './scopes.ts'
import type { EndedToken, Tokens } from './tokens.ts'

const tokenParams = z.object({ id: z.string().max(64).describe('The id of a token, from the list.') })
const userParams = z.object({ id: z.string().max(36) })
const listBody = z.object({ tokens: z.array(listedToken) })
const ownListBody = z.object({
  tokens: z.array(
    listedToken.extend({
      endsSoon: z.boolean().describe('Within `tokens.warnBefore`, for one that was made to last.'),
    }),
  ),
})

const endedBody = z.object({
  tokens: z.array(
    listedToken.extend({
      endedAt: z.iso.datetime().describe('When it was revoked, or else when its time was over.'),
      isRevoked: z.boolean(),
    }),
  ),
})
const toEndedBody = (tokens: readonly EndedToken[]) => ({
  tokens: tokens.map((token) => ({
    ...toListedToken(token),
    endedAt: iso(token.endedAt),
    isRevoked: token.isRevoked,
  })),
})

const DAY_MS = 86_400_000

const newToken = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^\P{Cc}*$/u, { error: 'a name has no control characters' })
    .describe('What it is for; shown in lists.'),
  scopes: z.array(z.string().max(110)).min(1).max(50).describe('What it may be used for; see `/api/v1/tokens/scopes`.'),
  expiresInDays: z.int().min(1).max(36_500).optional().describe('How long it is good for; as configured if absent.'),
})

export function createTokenRoutes(
  tokens: Pick<Tokens, 'mint' | 'list' | 'listEnded' | 'endsSoon' | 'revoke'>,
  access: Pick<Access, 'principal' | 'users'>,
): readonly Route[] {
  const personOf = (ctx: RequestContext): Principal => requirePrincipal(access, ctx)

  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/tokens',
      routeClass: 'api',
      access: 'self',
      summary: 'Your tokens that are good now, the newest first.',
      output: { 200: ownListBody },
      handle: async (ctx) => {
        const own = await tokens.list(personOf(ctx).userId)
        return json({ tokens: own.map((token) => ({ ...toListedToken(token), endsSoon: tokens.endsSoon(token) })) })
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/tokens/ended',
      routeClass: 'api',
      access: 'self',
      summary: 'Your tokens that are good no more, for 30 days after, whichever was made last first; 100 at most.',
      output: { 200: endedBody },
      handle: async (ctx) => json(toEndedBody(await tokens.listEnded(personOf(ctx).userId))),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/tokens/scopes',
      routeClass: 'api',
      access: 'self',
      summary: 'What a token can be used for, in words. An administrator’s scope is listed for administrators.',
      output: {
        200: z.object({
          scopes: z.array(z.object({ scope: z.string(), title: z.string(), description: z.string() })),
        }),
      },
      handle: (ctx) => {
        const { isAdmin } = personOf(ctx)
        return json({ scopes: SCOPES.filter(({ scope }) => scope !== 'admin' || isAdmin) })
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/tokens',
      routeClass: 'api',
      access: 'self',
      recentLogin: true,
      summary: 'Makes a token. Needs a login of just now; the secret is in this answer and nowhere else.',
      body: newToken,
      output: { 201: z.object({ token: listedToken, secret: shownSecret }) },
      handle: async (ctx, { body }) => {
        const { name, scopes, expiresInDays } = body
        const wanted = { name, scopes, ...(expiresInDays !== undefined && { lifetimeMs: expiresInDays * DAY_MS }) }
        const { token, secret } = await tokens.mint(personOf(ctx), wanted, changedBy(ctx))
        return json({ token: toListedToken(token), secret: secret.reveal() }, 201)
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/v1/tokens/:id',
      routeClass: 'api',
      access: 'self',
      sessionOnly: true,
      summary: 'Revokes one of your tokens, on every node and with everything that was opened with it.',
      params: tokenParams,
      handle: async (ctx, { params }) => {
        if (!(await tokens.revoke(params.id, changedBy(ctx), personOf(ctx).userId))) throw tokenErrors.unknown({})
        return noContent()
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/admin/users/:id/tokens',
      routeClass: 'api',
      access: 'admin',
      summary: 'The tokens of a user that are good now, the newest first.',
      params: userParams,
      output: { 200: listBody },
      handle: async (_ctx, { params }) => {
        const { id } = await access.users.get(params.id)
        return json({ tokens: (await tokens.list(id)).map(toListedToken) })
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/admin/users/:id/tokens/ended',
      routeClass: 'api',
      access: 'admin',
      summary:
        'The tokens of a user that are good no more, for 30 days after, whichever was made last first; 100 at most.',
      params: userParams,
      output: { 200: endedBody },
      handle: async (_ctx, { params }) => {
        const { id } = await access.users.get(params.id)
        return json(toEndedBody(await tokens.listEnded(id)))
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/v1/admin/tokens/:id',
      routeClass: 'api',
      access: 'admin',
      summary: 'Revokes any token or key, on every node and with everything that was opened with it.',
      params: tokenParams,
      handle: async (ctx, { params }) => {
        if (!(await tokens.revoke(params.id, changedBy(ctx)))) throw tokenErrors.unknown({})
        return noContent()
      },
    }),
  ]
}

export function requirePrincipal(access: Pick<Access, 'principal'>, ctx: RequestContext): Principal {
  const principal = access.principal(ctx)
  if (principal === undefined) throw accessErrors.loginRequired({})
  return principal
}

export const changedBy = (ctx: RequestContext): ChangedBy => ({
  actor: ctx.userId ?? 'nobody',
  address: ctx.client.address,
  requestId: ctx.id,
})
