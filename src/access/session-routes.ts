// The sessions of people, for administrators: who is logged in, and ending that.

import { z } from 'zod'
import { defineRoute, json, noContent, type RequestContext, type Route } from '#http'
import { listedSession, type Sessions, toListedSession } from '#sessions'
import type { Access } from './access.ts'
import { accessErrors } from './errors.ts'
import { idSchema, nextSchema, plainText } from './route-words.ts'
import { CURSOR, type ListSessions, type UserSession } from './session-list.ts'

const querySchema = z.object({
  user: plainText(36).optional().describe('The id of a user: only theirs.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().regex(CURSOR, { error: 'this is no `next` of a page before' }).optional(),
})

const sessionOfUser = listedSession.extend({
  user: z.object({ id: z.string(), username: z.string(), displayName: z.string(), subject: z.string() }),
  current: z.boolean().describe('Whether this is the session that asks.'),
})

export interface SessionRoutesDeps {
  readonly users: Pick<Access['users'], 'get'>
  readonly sessions: Pick<Sessions, 'current' | 'find' | 'endByRef' | 'endAllOf'>
  readonly listSessions: ListSessions
}

export function createSessionRoutes({ users, sessions, listSessions }: SessionRoutesDeps): readonly Route[] {
  const toShown = (ctx: RequestContext, { user, row }: UserSession): z.input<typeof sessionOfUser> => {
    const { id, username, displayName, subject } = user
    const current = sessions.current.get(ctx)?.row.ref === row.ref
    return { ...toListedSession(row), user: { id, username, displayName, subject }, current }
  }

  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/admin/sessions',
      routeClass: 'api',
      access: 'admin',
      summary:
        'Who is logged in, a page at a time: the people who logged in last first. A page may hold fewer than asked for, or none, where others follow.',
      query: querySchema,
      output: { 200: z.object({ sessions: z.array(sessionOfUser), next: nextSchema }) },
      handle: async (ctx, { query: { user: id, limit, after } }) => {
        const user = id === undefined ? undefined : await users.get(id)
        const { items, next } = await listSessions({ limit, ...(user && { user }), ...(after && { after }) })
        return json({ sessions: items.map((each) => toShown(ctx, each)), ...(next !== undefined && { next }) })
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/v1/admin/sessions/:ref',
      routeClass: 'api',
      access: 'admin',
      summary: 'Ends a session, on every node and with everything that it has open.',
      params: z.object({ ref: z.string().max(64).describe('The reference of the session, from the list.') }),
      handle: async (ctx, { params: { ref } }) => {
        const row = await sessions.find(ref)
        if (row === undefined || !(await sessions.endByRef(row.userId, ref, 'revoked', ctx))) {
          throw accessErrors.sessionUnknown({})
        }
        return noContent()
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
        const { id } = await users.get(params.id)
        return json({ ended: await sessions.endAllOf(id, 'revoked', ctx) })
      },
    }),
  ]
}
