// Last seen, and with it the idle end unless that is fixed: moved by use, but written at most once a minute (or a quarter
// of the idle time, if that is shorter), and never waited for.

import type { Clock } from '#kernel'
import type { Background } from './background.ts'
import type { ActiveSession } from './session.ts'
import type { HeldSession } from './session-cache.ts'
import type { SessionStore } from './session-store.ts'

export interface SessionUse {
  /** Counts a use. @returns what was written, where something was due. */
  note(held: HeldSession): Promise<HeldSession | undefined> | undefined
  /** Moves the idle end now. @returns undefined if the session has ended. */
  extend(held: HeldSession): Promise<HeldSession | undefined>
}

export interface SessionUseDeps {
  readonly clock: Clock
  readonly store: SessionStore
  readonly background: Background
  readonly idleMs: number
}

export function createSessionUse({ clock, store, background, idleMs }: SessionUseDeps): SessionUse {
  const periodMs = Math.min(60_000, idleMs / 4)
  const underWay = new Set<string>()

  const isDue = ({ row }: ActiveSession): boolean => clock.now() - row.lastSeenAt >= periodMs
  const usedNow = (session: ActiveSession): ActiveSession => {
    const now = clock.now()
    const { extensionMs, idleEndsAt } = session.row
    return seenAt(session, now, extensionMs === undefined ? now + idleMs : idleEndsAt)
  }
  const extendedNow = (session: ActiveSession): ActiveSession => {
    const now = clock.now()
    const { extensionMs, idleEndsAt } = session.row
    return seenAt(session, now, extensionMs === undefined ? now + idleMs : Math.max(idleEndsAt, now + extensionMs))
  }

  const write = async (held: HeldSession): Promise<HeldSession | undefined> => {
    const { ref } = held.token
    try {
      const written = await store.update(held, (session) => (isDue(session) ? usedNow(session) : session))
      underWay.delete(ref)
      return written
    } catch (error) {
      // A store in trouble is asked again in a second, not at each request.
      clock.after(1000, () => underWay.delete(ref))
      throw error
    }
  }

  return Object.freeze({
    note(held: HeldSession) {
      if (!isDue(held.session) || underWay.has(held.token.ref)) return undefined
      underWay.add(held.token.ref)
      const written = write(held)
      background.run('noting the use of a session', written)
      return written
    },
    extend: (held: HeldSession) => store.update(held, extendedNow),
  })
}

const seenAt = (session: ActiveSession, now: number, idleEndsAt: number): ActiveSession =>
  Object.freeze({
    ...session,
    row: Object.freeze({
      ...session.row,
      lastSeenAt: now,
      idleEndsAt: Math.min(idleEndsAt, session.row.endsAt),
    }),
  })
