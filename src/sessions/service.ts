// Sessions as the rest of Gatehouse sees them: what a request holds, how sessions begin, change and end.
// Everything about one session goes through the store; everything about a cookie through `session-cookies.ts`.

import { type AppHost, defineFact, type RequestContext } from '#http'
import type { Clock } from '#kernel'
import { connectionsOf, createConnection, withConnection } from './connected-accounts.ts'
import { sessionErrors } from './errors.ts'
import { createHostArrivals } from './host-arrivals.ts'
import type { HostSessions } from './host-sessions.ts'
import type { HostTickets } from './host-tickets.ts'
import { createNarrowing } from './narrowing.ts'
import { createOpenRequests } from './open-requests.ts'
import { createRenewer, type Lock } from './renewal.ts'
import type { ActiveSession, Credential, SessionEnd, WatchEnd } from './session.ts'
import type { SessionBeginnings } from './session-beginnings.ts'
import type { HeldSession } from './session-cache.ts'
import { ambiguous, type OwnCookie, type SessionCookies } from './session-cookies.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { SessionEndings } from './session-endings.ts'
import type { Proven, SessionIndex } from './session-index.ts'
import type { SessionJournal } from './session-journal.ts'
import type { SessionNames } from './session-names.ts'
import type { Reading, SessionStore } from './session-store.ts'
import {
  createSessionToken,
  isCompactName,
  parseCompactName,
  parseSessionToken,
  type SessionToken,
} from './session-token.ts'
import type { SessionUse } from './session-use.ts'
import type { SessionWatches } from './session-watches.ts'
import type { LoginAttempts, NewSession, RenewedCredential, Sessions, SessionWatch, StandIn } from './sessions.ts'

export interface SessionsDeps {
  readonly clock: Clock
  readonly cookies: SessionCookies
  readonly store: SessionStore
  readonly index: SessionIndex
  readonly directory: SessionDirectory
  readonly names: SessionNames
  readonly beginnings: SessionBeginnings
  readonly endings: SessionEndings
  readonly watches: SessionWatches
  readonly use: SessionUse
  readonly journal: SessionJournal
  readonly attempts: LoginAttempts
  readonly tickets: HostTickets
  readonly hostSessions: HostSessions
  readonly lock: Lock
  readonly isFresh: () => boolean
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { clock, cookies, store, index, directory, endings, watches, use, journal } = deps
  const current = defineFact<ActiveSession>('session')
  const heldBy = defineFact<HeldSession>('held session')
  const standInBy = defineFact<StandIn>('stands in for the session')
  /** What the cookie says, where the stores could not say whether it is true. */
  const unreadBy = defineFact<SessionToken>('unread session')
  /** That the request's session is named by something else than the portal's cookie. */
  const isNamed = defineFact<boolean>('named session')
  const reads = new Map<string, Promise<Reading>>()
  const renewer = createRenewer(store, deps.lock)
  const narrow = createNarrowing()
  const cookieAt = ({ appHost }: RequestContext): OwnCookie => (appHost === undefined ? cookies.session : cookies.host)

  const adopt = (ctx: RequestContext, held: HeldSession): ActiveSession => {
    const session = ctx.appHost === undefined ? held.session : narrow(held.session, ctx.mount)
    heldBy.set(ctx, held)
    current.set(ctx, session)
    ctx.userId = session.row.userId
    return session
  }

  /** Requests that come together share a read, as long as a change would be heard of before it is used. */
  const readShared = (token: SessionToken): Promise<Reading> => {
    if (!deps.isFresh()) return store.read(token)
    const shared = reads.get(token.value) ?? store.read(token)
    reads.set(token.value, shared)
    const forget = (): void => void (reads.get(token.value) === shared && reads.delete(token.value))
    shared.then(forget, forget)
    return shared
  }

  const stranger = (ctx: RequestContext): undefined => {
    // Only on a page: an answer to something in the background could overtake a login and take its new cookie away.
    if (ctx.wantsPage && isNamed.get(ctx) !== true) cookieAt(ctx).clear(ctx)
    return undefined
  }

  /** @param token the portal's, whichever cookie said it */
  const loadBy = (ctx: RequestContext, token: SessionToken): ActiveSession | Promise<ActiveSession | undefined> => {
    const held = store.remembered(token.value)
    if (held !== undefined) return adopt(ctx, held)
    return readShared(token).then(
      (reading) => (reading.kind === 'live' ? adopt(ctx, reading.held) : stranger(ctx)),
      (error: unknown) => {
        unreadBy.set(ctx, token)
        throw error
      },
    )
  }

  /** What is not of the form, or of no session, is nobody: the cookie is not asked instead. */
  const loadNamed = (
    ctx: RequestContext,
    name: string,
  ): ActiveSession | undefined | Promise<ActiveSession | undefined> => {
    isNamed.set(ctx, true)
    const held = isCompactName(name) ? store.remembered(name) : undefined
    if (held !== undefined) return adopt(ctx, held)
    const token = parseCompactName(name)
    return token && loadBy(ctx, token)
  }

  const load = (ctx: RequestContext): ActiveSession | undefined | Promise<ActiveSession | undefined> => {
    const name = ctx.mount?.sessionName?.(ctx)
    if (name !== undefined) return loadNamed(ctx, name)
    const value = cookieAt(ctx).read(ctx)
    if (value === undefined) return undefined
    if (value === ambiguous) {
      journal.violation('session_cookie_ambiguous')
      return undefined
    }
    if (ctx.appHost !== undefined) return loadAt(ctx, ctx.appHost, value)
    // What is remembered by a name is not to be had by the cookie.
    const held = isCompactName(value) ? undefined : store.remembered(value)
    if (held !== undefined) return adopt(ctx, held)
    const token = parseSessionToken(value)
    return token === undefined ? stranger(ctx) : loadBy(ctx, token)
  }

  const loadAt = (
    ctx: RequestContext,
    host: AppHost,
    value: string,
  ): ActiveSession | undefined | Promise<ActiveSession | undefined> => {
    const owner = deps.hostSessions.findOwner(host, value)
    if (owner instanceof Promise)
      return owner.then((found) => (found === undefined ? stranger(ctx) : loadBy(ctx, found)))
    return owner === undefined ? stranger(ctx) : loadBy(ctx, owner)
  }

  /** What the request holds after a change, or the news that its session is over. */
  const adoptChanged = (ctx: RequestContext, held: HeldSession | undefined): ActiveSession => {
    if (held === undefined) throw sessionErrors.expired({})
    return adopt(ctx, held)
  }

  const requireHeld = (ctx: RequestContext): HeldSession => {
    const held = heldBy.get(ctx)
    if (held === undefined) throw sessionErrors.expired({})
    return held
  }

  const endHeld = async (ctx: RequestContext, held: HeldSession, reason: SessionEnd): Promise<void> => {
    // Whoever ends a session waits for the answer, however long it takes.
    openRequests.finish(ctx)
    await endings.end(held.token.ref, reason, ctx)
    heldBy.set(ctx, undefined)
    current.set(ctx, undefined)
  }

  const endPrevious = async (ctx: RequestContext): Promise<void> => {
    await load(ctx)
    const previous = heldBy.get(ctx)
    if (previous !== undefined) await endHeld(ctx, previous, 'replaced')
  }

  const watch = (ctx: RequestContext, ended: (reason: WatchEnd) => void): SessionWatch | undefined => {
    const standIn = standInBy.get(ctx)
    if (standIn !== undefined) return standIn.watch(ended)
    const held = heldBy.get(ctx)
    return held && watches.watch(held, ctx.mount?.credentials ?? [], ended)
  }
  const openRequests = createOpenRequests(watch)

  return Object.freeze({
    load,
    current,
    attempts: deps.attempts,
    hosts: createHostArrivals({
      tickets: deps.tickets,
      hostSessions: deps.hostSessions,
      store,
      cookie: cookies.host,
      journal,
      requireHeld,
    }),
    cookieNames: Object.freeze(
      [cookies.session, cookies.login, cookies.host, cookies.arrival].map(({ name }: OwnCookie) => name),
    ),
    cookie: cookies.named,
    list: directory.list,
    find: directory.find,
    endByRef: directory.endByRef,
    endAllOf: directory.endAllOf,
    endAllAt: directory.endAllAt,
    disconnectAllAt: directory.disconnectAllAt,
    onEnd: endings.onEnd,

    used(ctx: RequestContext) {
      const held = heldBy.get(ctx)
      if (held !== undefined) void use.note(held)
    },

    async begin(ctx: RequestContext, login: NewSession, how?: { readonly name: string }) {
      const token = how === undefined ? createSessionToken() : await deps.names.claim(how.name)
      await endPrevious(ctx)
      const held = await deps.beginnings.begin(ctx, token, login)
      if (how === undefined) cookies.session.set(ctx, token.value)
      isNamed.set(ctx, how !== undefined)
      return adopt(ctx, held)
    },

    async end(ctx: RequestContext, reason: SessionEnd) {
      const held = heldBy.get(ctx)
      const unread = unreadBy.get(ctx)
      if (held !== undefined) await endHeld(ctx, held, reason)
      // Who knows the random name of a session may end it; nothing else is decided by what is not proven.
      else if (unread !== undefined) await endings.end(unread.ref, reason, ctx)
      if (isNamed.get(ctx) !== true) cookieAt(ctx).clear(ctx)
    },

    isUnread: (ctx: RequestContext) => unreadBy.get(ctx) !== undefined,

    async extend(ctx: RequestContext) {
      return adoptChanged(ctx, await use.extend(requireHeld(ctx)))
    },

    remaining: ({ row: { idleEndsAt, endsAt } }: ActiveSession) => ({ now: clock.now(), idleEndsAt, endsAt }),

    async renewCredential(
      ctx: RequestContext,
      name: string,
      isStale: (credential: Credential) => boolean,
      renew: (credential: Credential) => Promise<RenewedCredential>,
    ) {
      return adopt(ctx, await renewer(requireHeld(ctx), { name, isStale, renew }))
    },

    async setCredential(ctx: RequestContext, name: string, credential: Credential | undefined, account?: Proven) {
      const held = requireHeld(ctx)
      const { row } = held.session
      const connection = account && createConnection(name, account, clock.now())
      // Like that of a session, the entry comes first: a connection that no list names could not be ended from outside.
      if (connection !== undefined) await index.addConnection(row, connection, row.endsAt - clock.now())
      const change = (session: ActiveSession): ActiveSession => withConnection(session, name, credential, connection)
      const changed = adoptChanged(ctx, await store.update(held, change))
      if (connection !== undefined && account !== undefined && (await index.hasEnded('connected', account))) {
        await endings.disconnect({ ref: row.ref, createdAt: row.createdAt, connection: connection.id }, ctx)
        throw sessionErrors.expired({})
      }
      const replaced = connectionsOf({ row }).filter(({ provider }) => provider === name)
      await Promise.all(replaced.map((each) => index.removeConnection(row, each)))
      return changed
    },

    watch,
    loseGroups: watches.loseGroups,
    standIn(ctx: RequestContext, standIn: StandIn) {
      heldBy.set(ctx, undefined)
      unreadBy.set(ctx, undefined)
      current.set(ctx, undefined)
      standInBy.set(ctx, standIn)
    },
    holder: (ctx: RequestContext) => standInBy.get(ctx) ?? current.get(ctx)?.row,
    openRequests,
  })
}
