// Sessions seen from outside, without their cookies: a user's own list, and ending one, all of a user, or all that a
// provider's logout names.

import type { Clock, UserId } from '#kernel'
import type { KeyValueStore } from '#storage'
import type { Background } from './background.ts'
import type { SessionEnd, SessionRow } from './session.ts'
import type { SessionEndings } from './session-endings.ts'
import { type IndexedSession, providerSet, type SessionIndex, userSet } from './session-index.ts'
import type { SessionJournal } from './session-journal.ts'
import { readSessionRow, sessionKey } from './session-record.ts'
import { timeLeftMs } from './session-store.ts'
import type { EndedBy, ProviderSession, Sessions } from './sessions.ts'
import type { Tombstones } from './tombstones.ts'

export type SessionDirectory = Pick<Sessions, 'list' | 'endByRef' | 'endAllOf' | 'endAllAt'>

export interface DirectoryDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly index: SessionIndex
  readonly tombstones: Tombstones
  readonly endings: SessionEndings
  readonly journal: SessionJournal
  readonly background: Background
}

export function createSessionDirectory(deps: DirectoryDeps): SessionDirectory {
  const { clock, keyValue, index, tombstones, endings, journal, background } = deps

  /** The row of an entry, if it is a live session of this user. Entries whose session is gone are taken out. */
  const rowOf = async (userId: UserId, entry: IndexedSession): Promise<SessionRow | undefined> => {
    const stored = await keyValue.get(sessionKey(entry.ref))
    if (stored === undefined) {
      const isSettled = clock.now() - entry.createdAt > settleMs
      if (isSettled) background.run('pruning a list of sessions', index.removeFrom(userSet(userId), entry))
      return undefined
    }
    const row = readSessionRow(stored)
    if (row?.ref === entry.ref && row.userId === userId) return row
    journal.violation('session_value_corrupt', entry.ref)
    return undefined
  }

  const endAllIn = async (set: string, reason: SessionEnd, by?: EndedBy): Promise<number> => {
    const entries = await index.in(set)
    const ended = await Promise.all(entries.map(({ ref }) => endings.end(ref, reason, by)))
    return ended.filter((wasAlive) => wasAlive).length
  }

  return Object.freeze({
    async list(userId: UserId) {
      const entries = await index.in(userSet(userId))
      const rows = (await Promise.all(entries.map((entry) => rowOf(userId, entry)))).filter((row) => row !== undefined)
      const ended = await tombstones.among(rows.map(({ ref }) => ref))
      return rows
        .filter((row) => !ended.has(row.ref) && timeLeftMs(row, clock.now()) > 0)
        .toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)
    },
    async endByRef(userId: UserId, ref: string, reason: SessionEnd, by?: EndedBy) {
      const entry = (await index.in(userSet(userId))).find((each) => each.ref === ref)
      if (entry === undefined) return false
      await endings.end(ref, reason, by)
      await index.removeFrom(userSet(userId), entry)
      return true
    },
    endAllOf: (userId: UserId, reason: SessionEnd, by?: EndedBy) => endAllIn(userSet(userId), reason, by),
    endAllAt: (provider: ProviderSession, reason: SessionEnd) => endAllIn(providerSet(provider), reason),
  })
}

/** An entry comes before its session; after this long without one there will be none. */
const settleMs = 60_000
