// How sessions end, and how this node tells those who have something of them open. On purpose: a tombstone first, which
// is the point of no return, then the stored value, then the rest. By time: the value has its own end already.

import { type Clock, createEvents } from '#kernel'
import type { KeyValueStore } from '#storage'
import type { SessionEnd, SessionRow } from './session.ts'
import type { HeldSession, SessionCache } from './session-cache.ts'
import type { IndexedConnection, SessionIndex } from './session-index.ts'
import type { SessionJournal } from './session-journal.ts'
import { readSessionRow, sessionKey } from './session-record.ts'
import type { EndedBy } from './sessions.ts'
import { timeLeftMs } from './time-left.ts'
import type { Tombstones } from './tombstones.ts'

export interface SessionEndings {
  /**
   * Resolves when no node will accept the session again, be the key-value store there or not.
   * @returns whether it was alive, as far as is known.
   */
  end(ref: string, reason: SessionEnd, by?: EndedBy): Promise<boolean>
  /** Ends one connected account of a session; no node will use its credential again. @returns whether it was there. */
  disconnect(connection: IndexedConnection, by?: EndedBy): Promise<boolean>
  /** Clears away a session whose time is over, unless another node has moved its end. */
  expire(held: HeldSession): Promise<void>
  /** Takes away the value of a session that has a tombstone and yet came back. */
  bury(ref: string, reason: SessionEnd): Promise<void>
  /** Says on this node that the session is over. */
  announce(ref: string, reason: SessionEnd): void
  /** Each announcement; one session may be announced more than once. */
  onAnnounce(listener: (ref: string, reason: SessionEnd) => void): () => void
  /** Each session once. */
  onEnd(listener: (ref: string, reason: SessionEnd) => void): () => void
}

export interface EndingsDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly cache: SessionCache
  readonly index: SessionIndex
  readonly tombstones: Tombstones
  readonly journal: SessionJournal
  readonly absoluteMs: number
  /** Receives what a listener threw. */
  readonly report: (error: unknown) => void
}

interface Ended {
  readonly ref: string
  readonly reason: SessionEnd
}

export function createSessionEndings(deps: EndingsDeps): SessionEndings {
  const { clock, keyValue, cache, index, tombstones, journal } = deps
  const events = createEvents<{ announced: Ended; ended: Ended }>(deps.report)
  const isNews = createOnce(10_000)

  const announce = (ref: string, reason: SessionEnd): void => {
    cache.drop(ref)
    events.emit('announced', { ref, reason })
    if (isNews(ref)) events.emit('ended', { ref, reason })
  }

  const end = async (ref: string, reason: SessionEnd, by?: EndedBy): Promise<boolean> => {
    const stored = await keyValue.get(sessionKey(ref)).catch((): typeof unread => unread)
    const row = typeof stored === 'string' ? readSessionRow(stored) : undefined
    const endedAt = clock.now()
    const keepUntil = Math.max(row?.endsAt ?? 0, endedAt + deps.absoluteMs) + leewayMs
    const isFirst = await tombstones.put({ ref, endedAt, keepUntil, reason })
    announce(ref, reason)
    const wasAlive = isFirst && stored !== undefined
    if (wasAlive) await journal.ended(ref, reason, row, by)
    // Without an answer it is over all the same: the other nodes see the tombstone, and whoever meets the value buries it.
    await clearAway(ref, row).catch((error: unknown) => journal.notClearedAway(ref, error))
    return wasAlive
  }

  const clearAway = async (ref: string, row: SessionRow | undefined): Promise<void> => {
    await keyValue.delete(sessionKey(ref))
    if (row !== undefined) await index.remove(row)
  }

  return Object.freeze({
    announce,
    onAnnounce: (listener: (ref: string, reason: SessionEnd) => void) =>
      events.on('announced', ({ ref, reason }) => listener(ref, reason)),
    onEnd: (listener: (ref: string, reason: SessionEnd) => void) =>
      events.on('ended', ({ ref, reason }) => listener(ref, reason)),

    end,

    async disconnect({ ref, connection }: IndexedConnection, by?: EndedBy) {
      const endedAt = clock.now()
      const keepUntil = endedAt + deps.absoluteMs + leewayMs
      const isFirst = await tombstones.put({ ref: connection, endedAt, keepUntil, reason: 'provider-logout' })
      const stored = await keyValue.get(sessionKey(ref))
      const row = stored === undefined ? undefined : readSessionRow(stored)
      if (stored === undefined || row === undefined) return false
      // Written as it is, or by somebody else meanwhile: either way every node reads it again, and sees the tombstone.
      const ttlMs = timeLeftMs(row, clock.now())
      if (ttlMs > 0) await keyValue.set(sessionKey(ref), stored, { ttlMs, onlyIf: { equals: stored } })
      cache.drop(ref)
      const account = row.connected?.find(({ id }) => id === connection)
      if (account === undefined) return false
      // Logged in anew there from within the session: it is the login itself that is over.
      if (account.provider === row.provider) return end(ref, 'provider-logout', by)
      await index.removeConnection(row, account)
      if (isFirst) await journal.disconnected(ref, account.provider, row, by)
      return isFirst
    },

    async expire({ token: { ref }, stored, session: { row } }: HeldSession) {
      announce(ref, 'expired')
      // Of several nodes that notice, the one that deletes the value writes the entry.
      if (!(await keyValue.delete(sessionKey(ref), { onlyIf: stored }))) return
      await index.remove(row)
      await journal.ended(ref, 'expired', row, undefined)
    },

    async bury(ref: string, reason: SessionEnd) {
      announce(ref, reason)
      await keyValue.delete(sessionKey(ref))
    },
  })
}

/** In place of a value that could not be asked for. */
const unread = Symbol('unread')

/** Clocks of nodes may differ by this much. */
const leewayMs = 60_000

/** Answers true the first time it sees a text, as far as its memory reaches. */
function createOnce(size: number): (text: string) => boolean {
  const seen = new Set<string>()
  return (text) => {
    if (seen.has(text)) return false
    seen.add(text)
    const [oldest] = seen
    if (seen.size > size && oldest !== undefined) seen.delete(oldest)
    return true
  }
}
