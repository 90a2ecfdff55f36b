// The API of what happened to a token: to its owner without whom else and from where, to administrators with both.

import { z } from 'zod'
import type { Access } from '#access'
import { defineRoute, json, type Route } from '#http'
import { tokenErrors } from './errors.ts'
import { iso, listedToken, toListedToken } from './listed-token.ts'
import { requirePrincipal } from './routes.ts'
import { type TellHistory, type TokenEvent, type TokenHistory, WHATS } from './token-history.ts'

const params = z.object({ id: z.string().max(64).describe('The id of a token, also of one that is good no more.') })
const query = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.coerce.number().int().min(1).optional().describe('`next` of the page before.'),
})

const event = z.object({
  at: z.iso.datetime(),
  what: z
    .enum(WHATS)
    .describe('`used`: from another address than before. `replaced`: a newer key of the account was made.'),
  by: z.enum(['owner', 'other', 'itself']).describe('`other`: an administrator, or the command line.'),
  address: z.string().optional().describe('Where the owner did it.'),
})

const adminEvent = event.extend({
  actor: z.string().optional().describe('A user’s id, or `cli`.'),
  address: z.string().optional(),
})

const body = <Event extends z.ZodType>(shown: Event) =>
  z.object({
    token: listedToken,
    events: z.array(shown).describe('The newest first.'),
    next: z.string().optional().describe('Give it as `after` for the next page; absent on the last one.'),
  })

export function createHistoryRoutes(tellHistory: TellHistory, access: Pick<Access, 'principal'>): readonly Route[] {
  const tell = async (id: string, { limit, after }: z.output<typeof query>): Promise<TokenHistory> => {
    const history = await tellHistory(id, { limit, ...(after !== undefined && { before: after }) })
    if (history === undefined) throw tokenErrors.unknown({})
    return history
  }

  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/tokens/:id/history',
      routeClass: 'api',
      access: 'self',
      summary: 'What happened to one of your tokens, the newest first; for 30 days after it was good.',
      params,
      query,
      output: { 200: body(event) },
      handle: async (ctx, input) => {
        const { userId } = requirePrincipal(access, ctx)
        const history = await tell(input.params.id, input.query)
        // A stranger's token is as unknown as one that is not there.
        if (history.token.userId !== userId || history.token.kind !== 'api-token') throw tokenErrors.unknown({})
        return json(toBody(history, (each) => ({ ...shared(each, history), ...ownAddress(each, history) })))
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/admin/tokens/:id/history',
      routeClass: 'api',
      access: 'admin',
      summary: 'What happened to any token or key, the newest first, and who did it.',
      params,
      query,
      output: { 200: body(adminEvent) },
      handle: async (_ctx, input) => {
        const history = await tell(input.params.id, input.query)
        return json(
          toBody(history, (each) => ({
            ...shared(each, history),
            ...(each.actor !== undefined && { actor: each.actor }),
            ...(each.address !== undefined && { address: each.address }),
          })),
        )
      },
    }),
  ]
}

const byOf = ({ actor }: TokenEvent, { token }: TokenHistory): 'owner' | 'other' | 'itself' => {
  if (actor === undefined) return 'itself'
  return actor === token.userId ? 'owner' : 'other'
}

const shared = (each: TokenEvent, history: TokenHistory) => ({
  at: iso(each.at),
  what: each.what,
  by: byOf(each, history),
})

/** Where administrators work is nothing to tell. */
const ownAddress = (each: TokenEvent, history: TokenHistory) =>
  byOf(each, history) === 'owner' && each.address !== undefined ? { address: each.address } : {}

const toBody = <Shown>({ token, events, next }: TokenHistory, show: (each: TokenEvent) => Shown) => ({
  token: toListedToken(token),
  events: events.map(show),
  ...(next !== undefined && { next: String(next) }),
})
