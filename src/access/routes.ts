// The JSON API of access: who am I, and users for admins.

import { z } from 'zod'
import { defineRoute, json, noContent, type RequestContext, type Route } from '#http'
import type { UserId } from '#kernel'
import { listedSession, type Sessions, toListedSession } from '#sessions'
import type { Access, ChangedBy, User } from './access.ts'
import { accessErrors } from './errors.ts'

const userSchema = z.object({
  id: z.string(),
  provider: z.string(),
  subject: z.string(),
  username: z.string(),
  displayName: z.string(),
  email: z.string().optional(),
  groups: z.array(z.string()).describe('As of the last login.'),
  createdAt: z.number(),
  lastLoginAt: z.number(),
  disabledAt: z.number().optional(),
})

const principalSchema = z.object({
  userId: z.string(),
  provider: z.string(),
  subject: z.string(),
  username: z.string(),
  displayName: z.string(),
  email: z.string().optional(),
  groups: z.array(z.string()),
  isAdmin: z.boolean(),
  isPending: z.boolean().describe('Nobody has approved the account yet.'),
})

const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(36).optional().describe('`next` of the page before.'),
})

const idSchema = z.object({ id: z.string().max(36) })

export function createAccessRoutes(
  { users, principal }: Pick<Access, 'users' | 'principal'>,
  sessions: Pick<Sessions, 'list' | 'endByRef' | 'endAllOf'>,
): readonly Route[] {
  const currentPrincipal = (ctx: RequestContext) => {
    const person = principal(ctx)
    if (person === undefined) throw accessErrors.loginRequired({})
    return person
  }

  const setDisabled = (path: string, disabled: boolean, summary: string): Route =>
    defineRoute({
      method: 'POST',
      path,
      routeClass: 'api',
      access: 'admin',
      summary,
      params: idSchema,
      output: { 200: z.object({ user: userSchema }) },
      handle: async (ctx, { params }) => {
        const admin = currentPrincipal(ctx)
        if (disabled && admin.userId === params.id) throw accessErrors.ownAccount({})
        // The id is only looked up: if no row has it, the store says so.
        await users.setDisabled(params.id as UserId, disabled, changedBy(ctx, admin.userId))
        return json({ user: await getUser(params.id) })
      },
    })

  const getUser = async (id: string): Promise<User> => {
    const user = await users.find(id)
    if (user?.id !== id) throw accessErrors.userUnknown({})
    return user
  }

  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/me',
      routeClass: 'api',
      access: 'self',
      summary: 'Who I am here: names, groups, and whether I am an administrator.',
      output: { 200: principalSchema },
      handle: (ctx) => json(currentPrincipal(ctx)),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/admin/users',
      routeClass: 'api',
      access: 'admin',
      summary: 'The users who have ever logged in, by provider and subject, a page at a time.',
      query: pageSchema,
      output: { 200: z.object({ users: z.array(userSchema), next: z.string().optional() }) },
      handle: async (_ctx, { query }) => {
        const { limit, after } = query
        const found = await users.list({ limit: limit + 1, ...(after !== undefined && { after }) })
        const page = found.slice(0, limit)
        return json({ users: page, ...(found.length > limit && { next: page.at(-1)?.id }) })
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/admin/users/:id/end-sessions',
      routeClass: 'api',
      access: 'admin',
      summary: 'Ends all sessions of a user everywhere; they may log in again.',
      params: idSchema,
      output: { 200: z.object({ ended: z.number().describe('How many there were.') }) },
      handle: async (ctx, { params }) => {
        const { id } = await getUser(params.id)
        return json({ ended: await sessions.endAllOf(id, 'revoked', ctx) })
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/admin/users/:id/sessions',
      routeClass: 'api',
      access: 'admin',
      summary: 'The sessions of a user, the one used last first.',
      params: idSchema,
      output: { 200: z.object({ sessions: z.array(listedSession) }) },
      handle: async (_ctx, { params }) => {
        const { id } = await getUser(params.id)
        return json({ sessions: (await sessions.list(id)).map(toListedSession) })
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/v1/admin/users/:id/sessions/:ref',
      routeClass: 'api',
      access: 'admin',
      summary: 'Ends one session of a user, on every node and with everything that it has open.',
      params: idSchema.extend({ ref: z.string().max(64).describe('The reference of the session, from the list.') }),
      handle: async (ctx, { params }) => {
        const { id } = await getUser(params.id)
        if (!(await sessions.endByRef(id, params.ref, 'revoked', ctx))) throw accessErrors.sessionUnknown({})
        return noContent()
      },
    }),
    setDisabled('/api/v1/admin/users/:id/disable', true, 'Disables a user and ends their sessions everywhere.'),
    setDisabled('/api/v1/admin/users/:id/enable', false, 'Lets a disabled user log in again.'),
  ]
}

const changedBy = (ctx: RequestContext, adminId: UserId): ChangedBy => ({
  actor: adminId,
  address: ctx.client.address,
  requestId: ctx.id,
})
