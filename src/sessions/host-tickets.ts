// How a session comes to a host of its own: a ticket that the portal gives and the host takes, once, within 30 seconds.
// It is sealed under itself, for one host and one browser: that which holds the cookie whose hash the portal was told.

import { hash } from 'node:crypto'
import { z } from 'zod'
import type { AppHost, RequestContext } from '#http'
import { type Clock, randomToken } from '#kernel'
import type { KeyValueStore, SealContext, Sealer } from '#storage'
import type { OwnCookie } from './session-cookies.ts'
import { parseSessionToken, type SessionToken } from './session-token.ts'

export interface HostTicket {
  /** The portal's session that it stands for. */
  readonly owner: SessionToken
  /** Where to go on the host. */
  readonly path: string
}

export interface TicketGoal {
  /** `AppHost.name` */
  readonly host: string
  readonly path: string
  /** What `challenge` gave on that host. */
  readonly challenge: string
}

export interface HostTickets {
  /** Marks the browser on this host. @returns what the portal is told of the mark: its hash */
  challenge(ctx: RequestContext): string
  issue(owner: SessionToken, goal: TicketGoal): Promise<string>
  /** Takes it out, once. undefined if unknown, used, expired, for another host, or asked for by another browser. */
  take(ctx: RequestContext, host: AppHost, ticket: string): Promise<HostTicket | undefined>
}

export interface HostTicketsDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly sealer: Sealer
  readonly cookie: OwnCookie
}

export function createHostTickets({ clock, keyValue, sealer, cookie }: HostTicketsDeps): HostTickets {
  const markOf = (ctx: RequestContext): string | undefined => {
    const value = cookie.read(ctx)
    return typeof value === 'string' && isToken(value) ? value : undefined
  }

  return Object.freeze({
    challenge(ctx: RequestContext) {
      // One mark for all tabs of the browser: each has a ticket of its own.
      const mark = markOf(ctx) ?? randomToken(32)
      cookie.set(ctx, mark, markSeconds)
      return challengeOf(mark)
    },

    async issue(owner: SessionToken, { host, path, challenge }: TicketGoal) {
      const ticket = randomToken(32)
      const value = JSON.stringify({ owner: owner.value, path, endsAt: clock.now() + lifetimeMs })
      const sealed = sealer.seal(value, sealContext(ticket, host, challenge))
      await keyValue.set(ticketKey(ticket), sealed, { ttlMs: lifetimeMs, onlyIf: 'absent' })
      return ticket
    },

    async take(ctx: RequestContext, host: AppHost, ticket: string) {
      const mark = markOf(ctx)
      if (mark === undefined || !isToken(ticket)) return undefined
      const key = ticketKey(ticket)
      const sealed = await keyValue.get(key)
      const opened = sealed && sealer.open(sealed, sealContext(ticket, host.name, challengeOf(mark)))
      // Of several that come with the same ticket, the one that deletes it has it.
      if (!sealed || !opened || !(await keyValue.delete(key, { onlyIf: sealed }))) return undefined
      const { owner, path, endsAt } = keptTicket.parse(JSON.parse(opened.toString()))
      const token = parseSessionToken(owner)
      return token !== undefined && clock.now() < endsAt ? { owner: token, path } : undefined
    },
  })
}

/** Whether a text could be a challenge: the hash of a mark. */
export const isChallenge = (text: string): boolean => isToken(text)

const lifetimeMs = 30_000

/** As long as a login may take in between. */
const markSeconds = 600

/** 32 bytes in canonical base64url. */
const isToken = (text: string): boolean => /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text)

const challengeOf = (mark: string): string => hash('sha256', mark, 'base64url')

const ticketKey = (ticket: string): string => `host-ticket:${hash('sha256', ticket, 'hex')}`

// Neither a name nor a challenge has a line break.
const sealContext = (ticket: string, host: string, challenge: string): SealContext => ({
  purpose: 'host-ticket',
  boundTo: `${ticketKey(ticket)}\n${host}\n${challenge}`,
  secret: ticket,
})

const keptTicket = z.strictObject({ owner: z.string(), path: z.string(), endsAt: z.number() })
