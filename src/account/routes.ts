// The token API of the SPT-3G data service, under /api/v1/account/, and what administrators add to it.

import { z } from 'zod'
import type { Access, Principal } from '#access'
import { accessErrors } from '#access'
import { defineRoute, type Fact, json, type RequestContext, type Route } from '#http'
import { createErrorAnswer, doneAnswer, doneBody, tokenAnswer, tokenBody, toTimestamp } from './answers.ts'
import { ACCOUNT_SCOPE } from './authenticator.ts'
import type { Claims } from './claims.ts'
import { accountTokenErrors } from './errors.ts'
import type { AccountTokens } from './service.ts'

export interface AccountRoutesDeps {
  readonly tokens: AccountTokens
  readonly access: Pick<Access, 'principal' | 'users'>
  /** What the token of the request says; none for a session. */
  readonly accepted: Fact<Claims>
  readonly realm: string
}

export function createAccountRoutes({ tokens, access, accepted, realm }: AccountRoutesDeps): readonly Route[] {
  const asked = { routeClass: 'api', errorAnswer: createErrorAnswer(realm) } as const
  const byToken = { ...asked, access: { scope: ACCOUNT_SCOPE } } as const

  const requirePrincipal = (ctx: RequestContext): Principal => {
    const principal = access.principal(ctx)
    if (principal === undefined) throw accessErrors.loginRequired({})
    return principal
  }

  const requireClaims = (ctx: RequestContext): Claims => {
    const claims = accepted.get(ctx)
    if (claims === undefined) throw accountTokenErrors.missing({ realm })
    return claims
  }

  const refresh = (method: 'GET' | 'POST'): Route =>
    defineRoute({
      ...byToken,
      method,
      path: '/api/v1/account/token/refresh',
      summary: 'A new token for one that is still good, as long as the login is not too long ago.',
      output: { 200: tokenBody },
      handle: async (ctx) => tokenAnswer(await tokens.refresh(ctx, requireClaims(ctx))),
    })

  return [
    refresh('GET'),
    refresh('POST'),
    defineRoute({
      ...byToken,
      method: 'GET',
      path: '/api/v1/account/whoami',
      summary: 'Who you are here, and until when your token is good.',
      output: { 200: whoamiBody },
      handle: async (ctx) => json(toWhoami(await tokens.getPerson(requirePrincipal(ctx).userId), accepted.get(ctx))),
    }),
    defineRoute({
      ...byToken,
      method: 'POST',
      path: '/api/v1/account/token/revoke',
      summary: 'Revokes the token that you send, and all that it was refreshed from or to.',
      output: { 200: doneBody },
      handle: async (ctx) => {
        await tokens.revokeChain(ctx, requireClaims(ctx))
        return doneAnswer('The token is revoked, with all that it was refreshed from or to.')
      },
    }),
    defineRoute({
      ...asked,
      method: 'POST',
      path: '/api/v1/account/token/revoke-all',
      access: 'self',
      sessionOnly: true,
      summary: 'Revokes all account tokens that you have had until now.',
      output: { 200: doneBody },
      handle: async (ctx) => {
        const { userId } = requirePrincipal(ctx)
        await tokens.revokeAllOf(ctx, userId, userId)
        return doneAnswer('All tokens until now are revoked.')
      },
    }),
    defineRoute({
      routeClass: 'api',
      method: 'POST',
      path: '/api/v1/admin/users/:id/account-tokens/revoke',
      access: 'admin',
      summary: 'Revokes all account tokens that a user has had until now.',
      params: z.object({ id: z.string().max(36) }),
      output: { 200: doneBody },
      handle: async (ctx, { params }) => {
        const { id } = await access.users.get(params.id)
        await tokens.revokeAllOf(ctx, requirePrincipal(ctx).userId, id)
        return doneAnswer('All tokens of the user until now are revoked.')
      },
    }),
    defineRoute({
      routeClass: 'api',
      method: 'DELETE',
      path: '/api/v1/admin/account-tokens/:jti',
      access: 'admin',
      summary:
        'Revokes an account token by its id (`jti`), which the audit log has; by that of the first of a chain, all of it.',
      params: z.object({ jti: z.uuid() }),
      output: { 200: doneBody },
      handle: async (ctx, { params }) => {
        await tokens.revokeToken(ctx, requirePrincipal(ctx).userId, params.jti)
        return doneAnswer('The token is revoked.')
      },
    }),
  ]
}

const whoamiBody = z.object({
  status: z.literal('ok'),
  message: z.string(),
  user_id: z.string(),
  username: z.string(),
  name: z.string(),
  email: z.string().optional(),
  groups: z.array(z.string()),
  is_admin: z.boolean(),
  jti: z.string().optional().describe('Of the token that was sent; absent for a session.'),
  expires_at: z.iso.datetime().optional().describe('The same.'),
})

const toWhoami = (principal: Principal, claims: Claims | undefined): z.input<typeof whoamiBody> => ({
  status: 'ok',
  message: '',
  user_id: principal.userId,
  username: principal.username,
  name: principal.displayName,
  ...(principal.email !== undefined && { email: principal.email }),
  groups: [...principal.groups],
  is_admin: principal.isAdmin,
  ...(claims !== undefined && { jti: claims.jti, expires_at: toTimestamp(claims.exp) }),
})
