// Sessions seen from outside, without their cookies: a user's own list, and ending one, all of a user, or all that a
// provider's logout names, with the accounts that were connected there.

import type { Clock, UserId } from '#kernel'
import type { KeyValueStore } from '#storage'
import type { Background } from './background.ts'
import type { SessionEnd, SessionRow } from './session.ts'
import type { SessionEndings } from './session-endings.ts'
import type { IndexedSession, SessionIndex } from './session-index.ts'
import type { SessionJournal } from './session-journal.ts'
import { readSessionRow, sessionKey } from './session-record.ts'
import type { EndedBy, ProviderSession, Sessions } from './sessions.ts'
import { timeLeftMs } from './time-left.ts'
import type { Tombstones } from './tombstones.ts'

export type SessionDirectory = Pick<
  Sessions,
  'list' | 'find' | 'endByRef' | 'endAllOf' | 'endAllAt' | 'disconnectAllAt'
>

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
      if (isSettled) background.run('pruning a list of sessions', index.removeOf(userId, entry))
      return undefined
    }
    const row = readSessionRow(stored)
    if (row?.ref === entry.ref && row.userId === userId) return row
    journal.violation('session_value_corrupt', entry.ref)
    return undefined
  }

  const endEach = async (entries: readonly IndexedSession[], reason: SessionEnd, by?: EndedBy): Promise<number> => {
    const ended = await Promise.all(entries.map(({ ref }) => endings.end(ref, reason, by)))
    return ended.filter((wasAlive) => wasAlive).length
  }

  return Object.freeze({
    async list(userId: UserId) {
      const entries = await index.of(userId)
      const rows = (await Promise.all(entries.map((entry) => rowOf(userId, entry)))).filter((row) => row !== undefined)
      const ended = await tombstones.among(rows.map(({ ref }) => ref))
      return rows
        .filter((row) => !ended.has(row.ref) && timeLeftMs(row, clock.now()) > 0)
        .toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)
    },
    async find(ref: string) {
      const stored = await keyValue.get(sessionKey(ref))
      const row = stored === undefined ? undefined : readSessionRow(stored)
      if (row?.ref !== ref || timeLeftMs(row, clock.now()) <= 0) return undefined
      return (await tombstones.among([ref])).has(ref) ? undefined : row
    },
    async endByRef(userId: UserId, ref: string, reason: SessionEnd, by?: EndedBy) {
      const entry = (await index.of(userId)).find((each) => each.ref === ref)
      if (entry === undefined) return false
      await endings.end(ref, reason, by)
      await index.removeOf(userId, entry)
      return true
    },
    endAllOf: async (userId: UserId, reason: SessionEnd, by?: EndedBy) => endEach(await index.of(userId), reason, by),
    async endAllAt(provider: ProviderSession, reason: SessionEnd, by?: EndedBy) {
      await index.noteEnd('login', provider)
      return endEach(await index.at(provider), reason, by)
    },
    async disconnectAllAt(provider: ProviderSession, by?: EndedBy) {
      await index.noteEnd('connected', provider)
      const entries = await index.connectionsAt(provider)
      const dropped = await Promise.all(entries.map((entry) => endings.disconnect(entry, by)))
      return dropped.filter((wasThere) => wasThere).length
    },
  })
}

/** An entry comes before its session; after this long without one there will be none. */
const settleMs = 60_000
