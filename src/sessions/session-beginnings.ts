// From a login to a session in the store: entered in its lists, written down, kept. Which token names it, and what carries
// that to the person, is decided before.

import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import { sessionErrors } from './errors.ts'
import type { ActiveSession, SessionRow } from './session.ts'
import type { HeldSession } from './session-cache.ts'
import type { SessionEndings } from './session-endings.ts'
import type { SessionIndex } from './session-index.ts'
import type { SessionJournal } from './session-journal.ts'
import type { SessionStore } from './session-store.ts'
import type { SessionToken } from './session-token.ts'
import type { NewSession } from './sessions.ts'

export interface SessionBeginnings {
  /** @throws session.expired if the provider has announced the end of what it proved meanwhile */
  begin(ctx: RequestContext, token: SessionToken, login: NewSession): Promise<HeldSession>
}

export interface BeginningsDeps {
  readonly clock: Clock
  readonly index: SessionIndex
  readonly store: SessionStore
  readonly endings: SessionEndings
  readonly journal: SessionJournal
  readonly lifetime: Lifetime
}

interface Lifetime {
  readonly idle: number
  readonly absolute: number
}

export function createSessionBeginnings(deps: BeginningsDeps): SessionBeginnings {
  const { clock, index, store, endings, journal, lifetime } = deps

  const hasEnded = async (login: NewSession, abandon: () => Promise<unknown>): Promise<boolean> => {
    try {
      return await index.hasEnded('login', login)
    } catch (error) {
      // Others may know its name: what could not be asked about must not stay.
      await abandon()
      throw error
    }
  }

  return Object.freeze({
    async begin(ctx: RequestContext, token: SessionToken, login: NewSession) {
      const session = newSession(ctx, token, login, clock.now(), lifetime)
      // The entries come first: a session that no list names could not be ended from outside.
      await index.add(session.row, lifetime.absolute)
      await journal.created(session.row, ctx)
      const held = await store.create(token, session)
      const abandon = (): Promise<boolean> => endings.end(token.ref, 'provider-logout', ctx)
      if (await hasEnded(login, abandon)) {
        await abandon()
        throw sessionErrors.expired({})
      }
      return held
    },
  })
}

function newSession(
  ctx: RequestContext,
  { ref }: SessionToken,
  login: NewSession,
  now: number,
  lifetime: Lifetime,
): ActiveSession {
  const { credentials, provenAt: _, authenticatedAt, fixedEnd, ...who } = login
  const row: SessionRow = {
    ref,
    ...who,
    groups: Object.freeze([...who.groups]),
    createdAt: now,
    // A clock that is ahead of ours must not make a login younger than it is.
    ...(authenticatedAt !== undefined && { authenticatedAt: Math.min(authenticatedAt, now) }),
    lastSeenAt: now,
    idleEndsAt: now + Math.min(fixedEnd?.afterMs ?? lifetime.idle, lifetime.absolute),
    endsAt: now + lifetime.absolute,
    address: ctx.client.address,
    userAgent: (ctx.request.headers['user-agent'] ?? '').slice(0, 256),
    ...(fixedEnd !== undefined && { extensionMs: fixedEnd.extensionMs }),
    version: 1,
  }
  return Object.freeze({ row: Object.freeze(row), credentials: Object.freeze({ ...credentials }) })
}
