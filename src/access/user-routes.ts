// Users, for administrators: lists, approval, roles, keeping somebody out.

import { z } from 'zod'
import { defineRoute, json, type RequestContext, type Route } from '#http'
import { type Access, type ChangedBy, ROLES, USER_STATES } from './access.ts'
import { accessErrors } from './errors.ts'
import {
  changedBy,
  idSchema,
  nextSchema,
  pageSchema,
  personOf,
  plainText,
  toPage,
  toShown,
  toUserId,
  userSchema,
} from './route-words.ts'

const BASE = '/api/v1/admin/users'

const querySchema = pageSchema.extend({
  search: plainText(100).min(1).optional().describe('Part of a name, an e-mail address or a subject.'),
  state: z.enum(USER_STATES).optional().describe('`active`: may come in.'),
})

const one = { 200: z.object({ user: userSchema }) }

export function createUserRoutes(access: Pick<Access, 'users' | 'principal' | 'principalOf'>): readonly Route[] {
  const { users } = access
  const answer = async (id: string) => json({ user: toShown(access, await users.get(id)) })

  const refuseOwn = (ctx: RequestContext, id: string): void => {
    if (personOf(access, ctx).userId === id) throw accessErrors.ownAccount({})
  }

  const change = (
    action: string,
    summary: string,
    apply: (ctx: RequestContext, id: string, by: ChangedBy) => Promise<void>,
  ): Route =>
    defineRoute({
      method: 'POST',
      path: `${BASE}/:id/${action}`,
      routeClass: 'api',
      access: 'admin',
      summary,
      params: idSchema,
      output: one,
      handle: async (ctx, { params }) => {
        await apply(ctx, params.id, changedBy(access, ctx))
        return answer(params.id)
      },
    })

  return [
    defineRoute({
      method: 'GET',
      path: BASE,
      routeClass: 'api',
      access: 'admin',
      summary: 'The users who have ever logged in, by provider and subject, a page at a time.',
      query: querySchema,
      output: { 200: z.object({ users: z.array(userSchema), next: nextSchema }) },
      handle: async (_ctx, { query: { limit, ...query } }) => {
        const found = await users.list({ ...withoutUndefined(query), limit: limit + 1 })
        const { items, ...next } = toPage(found, limit, ({ id }) => id)
        return json({ users: items.map((user) => toShown(access, user)), ...next })
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${BASE}/:id`,
      routeClass: 'api',
      access: 'admin',
      summary: 'One user.',
      params: idSchema,
      output: one,
      handle: (_ctx, { params }) => answer(params.id),
    }),
    change('approve', 'Lets in somebody who waits or was refused, and writes to them.', (_ctx, id, by) =>
      users.approve(toUserId(id), by),
    ),
    change(
      'refuse',
      'Keeps out somebody who waits, ends their sessions everywhere, and writes to them.',
      (_ctx, id, by) => users.refuse(toUserId(id), by),
    ),
    change('disable', 'Disables a user and ends their sessions everywhere.', async (ctx, id, by) => {
      refuseOwn(ctx, id)
      await users.setDisabled(toUserId(id), true, by)
    }),
    change('enable', 'Lets a disabled user log in again.', (_ctx, id, by) =>
      users.setDisabled(toUserId(id), false, by),
    ),
    defineRoute({
      method: 'PUT',
      path: `${BASE}/:id/roles`,
      routeClass: 'api',
      access: 'admin',
      // Whoever holds a token of an administrator must not make another one.
      recentLogin: true,
      summary: 'Gives a user exactly these roles. Needs a recent login.',
      params: idSchema,
      body: z.strictObject({ roles: z.array(z.enum(ROLES)).max(ROLES.length) }),
      output: one,
      handle: async (ctx, { params, body }) => {
        refuseOwn(ctx, params.id)
        await users.setRoles(toUserId(params.id), body.roles, changedBy(access, ctx))
        return answer(params.id)
      },
    }),
  ]
}

/** What was not asked for is left out, not undefined. */
const withoutUndefined = ({ after, search, state }: Omit<z.output<typeof querySchema>, 'limit'>) => ({
  ...(after !== undefined && { after }),
  ...(search !== undefined && { search }),
  ...(state !== undefined && { state }),
})
