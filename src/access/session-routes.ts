// The sessions of a user, for administrators.

import { z } from 'zod'
import { defineRoute, json, noContent, type Route } from '#http'
import { listedSession, type Sessions, toListedSession } from '#sessions'
import type { Access } from './access.ts'
import { accessErrors } from './errors.ts'
import { getUser, idSchema } from './route-words.ts'

export const createSessionRoutes = (
  access: Pick<Access, 'users'>,
  sessions: Pick<Sessions, 'list' | 'endByRef' | 'endAllOf'>,
): readonly Route[] => [
  defineRoute({
    method: 'POST',
    path: '/api/v1/admin/users/:id/end-sessions',
    routeClass: 'api',
    access: 'admin',
    summary: 'Ends all sessions of a user everywhere; they may log in again.',
    params: idSchema,
    output: { 200: z.object({ ended: z.number().describe('How many there were.') }) },
    handle: async (ctx, { params }) => {
      const { id } = await getUser(access, params.id)
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
      const { id } = await getUser(access, params.id)
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
      const { id } = await getUser(access, params.id)
      if (!(await sessions.endByRef(id, params.ref, 'revoked', ctx))) throw accessErrors.sessionUnknown({})
      return noContent()
    },
  }),
]
