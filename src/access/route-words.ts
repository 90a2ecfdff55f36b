// What the routes of access have in common: pages of lists, ids, how a user is shown, who did it.

import { z } from 'zod'
import type { RequestContext } from '#http'
import type { UserId } from '#kernel'
import { type Access, type ChangedBy, type Principal, ROLES, type User } from './access.ts'
import { accessErrors } from './errors.ts'

/** A text to look for: a database may refuse a NUL, and nothing that is kept has a control character. */
export const plainText = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^\P{Cc}*$/u, { error: 'it has no control characters' })

export const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: plainText(36).optional().describe('`next` of the page before.'),
})

export const idSchema = z.object({ id: z.string().max(36) })

export const nextSchema = z
  .string()
  .optional()
  .describe('Give it as `after` for the next page; absent on the last one.')

export const userSchema = z.object({
  id: z.string(),
  provider: z.string(),
  subject: z.string(),
  username: z.string(),
  displayName: z.string(),
  email: z.string().optional(),
  groups: z.array(z.string()).describe('What the login provider said at the last login.'),
  localGroups: z.array(z.string()).describe('Groups of Gatehouse’s own, by name; `group:local:NAME` in policies.'),
  roles: z.array(z.enum(ROLES)).describe('What was given to the person here.'),
  isAdmin: z.boolean().describe('By a role, or by `access.admins`.'),
  approval: z.enum(['approved', 'pending', 'refused']),
  createdAt: z.number(),
  lastLoginAt: z.number(),
  disabledAt: z.number().optional(),
})

/** A user as administrators see them. */
export const toShown = ({ users, principalOf }: Pick<Access, 'users' | 'principalOf'>, user: User) => ({
  ...user,
  groups: [...user.groups],
  localGroups: [...users.localGroupsOf(user.id)],
  roles: [...users.rolesOf(user.id)],
  isAdmin: principalOf(user).isAdmin,
})

/** @throws access.loginRequired */
export function personOf({ principal }: Pick<Access, 'principal'>, ctx: RequestContext): Principal {
  const person = principal(ctx)
  if (person === undefined) throw accessErrors.loginRequired({})
  return person
}

/** The id is only looked up: if no row has it, the service says so. */
export const toUserId = (id: string): UserId => id as UserId

export const changedBy = (access: Pick<Access, 'principal'>, ctx: RequestContext): ChangedBy => ({
  actor: personOf(access, ctx).userId,
  address: ctx.client.address,
  requestId: ctx.id,
})

/** The first `limit` of what was found with one more, and where the next page begins. */
export function toPage<Item>(found: readonly Item[], limit: number, keyOf: (item: Item) => string) {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, ...(found.length > limit && last !== undefined && { next: keyOf(last) }) }
}
