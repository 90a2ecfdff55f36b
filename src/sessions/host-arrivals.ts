// The way of a session from the portal to a host of its own, as the features above use it.

import type { RequestContext } from '#http'
import { sessionErrors } from './errors.ts'
import type { HostSessions } from './host-sessions.ts'
import type { HostTickets, TicketGoal } from './host-tickets.ts'
import type { HeldSession } from './session-cache.ts'
import type { OwnCookie } from './session-cookies.ts'
import type { SessionJournal } from './session-journal.ts'
import type { SessionStore } from './session-store.ts'

export interface HostArrivals {
  /** On a host: marks the browser. @returns what the portal is told of the mark */
  challenge(ctx: RequestContext): string
  /** At the portal: a ticket for the request's own session. @throws session.expired */
  issue(ctx: RequestContext, goal: TicketGoal): Promise<string>
  /**
   * On a host: takes the ticket and sets the host's cookie; one that the browser had is worth nothing from then on.
   *
   * @returns the path to go to
   * @throws session.ticketRefused
   */
  arrive(ctx: RequestContext, ticket: string): Promise<string>
}

export interface HostArrivalsDeps {
  readonly tickets: HostTickets
  readonly hostSessions: HostSessions
  readonly store: Pick<SessionStore, 'read'>
  readonly cookie: OwnCookie
  readonly journal: SessionJournal
  /** @throws session.expired */
  readonly requireHeld: (ctx: RequestContext) => HeldSession
}

export function createHostArrivals(deps: HostArrivalsDeps): HostArrivals {
  const { tickets, hostSessions, store, cookie, journal } = deps
  return Object.freeze({
    challenge: tickets.challenge,
    issue: async (ctx: RequestContext, goal: TicketGoal) => tickets.issue(deps.requireHeld(ctx).token, goal),

    async arrive(ctx: RequestContext, ticket: string) {
      const { appHost } = ctx
      const taken = appHost && (await tickets.take(ctx, appHost, ticket))
      const reading = taken && (await store.read(taken.owner))
      if (appHost === undefined || taken === undefined || reading?.kind !== 'live')
        throw sessionErrors.ticketRefused({})
      const { row } = reading.held.session
      const previous = cookie.read(ctx)
      if (typeof previous === 'string') await hostSessions.drop(previous)
      const { value } = await hostSessions.create(appHost, taken.owner, row.endsAt)
      await journal.arrived(row, appHost.name, ctx)
      cookie.set(ctx, value)
      return taken.path
    },
  })
}
