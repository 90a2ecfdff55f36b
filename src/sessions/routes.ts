// The API of a person's own sessions: list them, end one, ask how long this one has, extend it.

import { z } from 'zod'
import { defineRoute, json, noContent, type RequestContext, type Route } from '#http'
import { sessionErrors } from './errors.ts'
import { iso, listedSession, toListedSession } from './listed-session.ts'
import type { ActiveSession } from './session.ts'
import type { Sessions } from './sessions.ts'

/** Asking here does not extend the session. */
export const currentSessionPath = '/api/v1/sessions/current'

export const createSessionRoutes = (sessions: Sessions): readonly Route[] => [
  defineRoute({
    method: 'GET',
    path: '/api/v1/sessions',
    routeClass: 'api',
    access: 'self',
    sessionOnly: true,
    summary: 'Lists your sessions, the one used last first.',
    output: { 200: z.object({ sessions: z.array(sessionBody) }) },
    handle: async (ctx) => {
      const { row } = requireSession(sessions, ctx)
      const rows = await sessions.list(row.userId)
      return json({ sessions: rows.map((each) => ({ ...toListedSession(each), current: each.ref === row.ref })) })
    },
  }),
  defineRoute({
    method: 'GET',
    path: currentSessionPath,
    routeClass: 'api',
    access: 'self',
    sessionOnly: true,
    summary: 'Says who you are and how long your session has. Asking does not extend it.',
    output: { 200: currentBody },
    handle: (ctx) => json(toCurrentBody(sessions, requireSession(sessions, ctx))),
  }),
  defineRoute({
    method: 'POST',
    path: `${currentSessionPath}/extend`,
    routeClass: 'api',
    access: 'self',
    sessionOnly: true,
    summary: 'Moves the idle end of your session as far as it goes. The absolute end stays.',
    output: { 200: currentBody },
    handle: async (ctx) => json(toCurrentBody(sessions, await sessions.extend(ctx))),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/sessions/:ref',
    routeClass: 'api',
    access: 'self',
    sessionOnly: true,
    summary: 'Ends one of your sessions, on every node and with everything that it has open.',
    params: sessionRefParams,
    handle: async (ctx, { params }) => {
      await revokeOwn(sessions, ctx, params.ref)
      return noContent()
    },
  }),
]

/** Ends a session of the person who asks; their own one with its cookie. @throws session.unknown */
export async function revokeOwn(sessions: Sessions, ctx: RequestContext, ref: string): Promise<void> {
  const { row } = requireSession(sessions, ctx)
  if (ref === row.ref) return sessions.end(ctx, 'revoked')
  if (!(await sessions.endByRef(row.userId, ref, 'revoked', ctx))) throw sessionErrors.unknown({})
}

/** @throws session.expired if the request holds no session. */
export function requireSession(sessions: Sessions, ctx: RequestContext): ActiveSession {
  const session = sessions.current.get(ctx)
  if (session === undefined) throw sessionErrors.expired({})
  return session
}

const sessionBody = listedSession.extend({
  current: z.boolean().describe('Whether this is the session that asks.'),
})

const currentBody = z.object({
  user: z.object({
    id: z.string(),
    username: z.string(),
    displayName: z.string(),
    email: z.string().optional(),
    provider: z.string(),
    groups: z.array(z.string()),
  }),
  session: z.object({ ref: z.string() }),
  now: z.iso.datetime().describe("The server's clock, to count down from without trusting one's own."),
  idleEndsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
})

const sessionRefParams = z.object({ ref: z.string().describe('The reference of a session, from the list.') })

function toCurrentBody(sessions: Sessions, session: ActiveSession): z.input<typeof currentBody> {
  const { row } = session
  const { now, idleEndsAt, endsAt } = sessions.remaining(session)
  return {
    user: {
      id: row.userId,
      username: row.username,
      displayName: row.displayName,
      ...(row.email !== undefined && { email: row.email }),
      provider: row.provider,
      groups: [...row.groups],
    },
    session: { ref: row.ref },
    now: iso(now),
    idleEndsAt: iso(idleEndsAt),
    endsAt: iso(endsAt),
  }
}
