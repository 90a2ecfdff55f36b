// Groups that Gatehouse keeps itself, for administrators.

import { z } from 'zod'
import { defineRoute, json, noContent, type RequestContext, type Route } from '#http'
import type { Access, ChangedBy } from './access.ts'
import { accessErrors } from './errors.ts'
import type { Limits } from './limits.ts'
import { changedBy, nextSchema, pageSchema, plainText, toPage, toShown, toUserId, userSchema } from './route-words.ts'

const BASE = '/api/v1/admin/groups'

const groupSchema = z.object({
  name: z.string().describe('`group:local:NAME` in policies.'),
  description: z.string(),
  createdAt: z.number(),
  memberCount: z.number(),
})

const nameSchema = z.object({ name: z.string().max(64) })
const memberSchema = nameSchema.extend({ userId: z.string().max(64) })

export interface GroupRights extends Pick<Limits, 'requireRecentLogin'> {
  /** Whether everybody in the group administers, by `access.admins`. */
  makesAdmins(group: string): boolean
}

export function createGroupRoutes(
  access: Pick<Access, 'users' | 'groups' | 'principal' | 'principalOf'>,
  { makesAdmins, requireRecentLogin }: GroupRights,
): readonly Route[] {
  const { groups } = access

  /** Whether the person is in it, from now on. */
  const membership = (
    method: 'PUT' | 'DELETE',
    summary: string,
    apply: (name: string, userId: ReturnType<typeof toUserId>, by: ChangedBy) => Promise<void>,
  ): Route =>
    defineRoute({
      method,
      path: `${BASE}/:name/members/:userId`,
      routeClass: 'api',
      access: 'admin',
      summary,
      params: memberSchema,
      handle: async (ctx: RequestContext, { params }) => {
        // Like a role: whoever holds a token of an administrator must not make another one.
        if (method === 'PUT' && makesAdmins(params.name)) requireRecentLogin(ctx)
        await apply(params.name, toUserId(params.userId), changedBy(access, ctx))
        return noContent()
      },
    })

  return [
    defineRoute({
      method: 'GET',
      path: BASE,
      routeClass: 'api',
      access: 'admin',
      summary: 'The groups that Gatehouse keeps itself, by name.',
      output: { 200: z.object({ groups: z.array(groupSchema) }) },
      handle: async () => json({ groups: await groups.list() }),
    }),
    defineRoute({
      method: 'POST',
      path: BASE,
      routeClass: 'api',
      access: 'admin',
      summary: 'Makes a group, with nobody in it.',
      body: z.strictObject({ name: z.string().max(64), description: plainText(300).default('') }),
      output: { 201: z.object({ group: groupSchema }) },
      handle: async (ctx, { body }) => json({ group: await groups.create(body, changedBy(access, ctx)) }, 201),
    }),
    defineRoute({
      method: 'GET',
      path: `${BASE}/:name`,
      routeClass: 'api',
      access: 'admin',
      summary: 'A group and who is in it, by provider and subject, a page at a time.',
      params: nameSchema,
      query: pageSchema,
      output: { 200: z.object({ group: groupSchema, members: z.array(userSchema), next: nextSchema }) },
      handle: async (_ctx, { params, query: { limit, after } }) => {
        const group = await groups.find(params.name)
        if (group === undefined) throw accessErrors.groupUnknown({})
        const page = { limit: limit + 1, ...(after !== undefined && { after }) }
        const { items, ...next } = toPage(await groups.members(group.name, page), limit, ({ id }) => id)
        return json({ group, members: items.map((user) => toShown(access, user)), ...next })
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${BASE}/:name`,
      routeClass: 'api',
      access: 'admin',
      summary: 'Removes a group: nobody is in it any more.',
      params: nameSchema,
      handle: async (ctx, { params }) => {
        await groups.delete(params.name, changedBy(access, ctx))
        return noContent()
      },
    }),
    membership(
      'PUT',
      'Puts a user into a group. Needs a recent login if the group is one of administrators.',
      groups.add,
    ),
    membership('DELETE', 'Takes a user out of a group; what they have open ends.', groups.remove),
  ]
}
