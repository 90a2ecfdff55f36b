// The opened sessions that this process remembers, by cookie value. Filled by reads from the store only, never by
// writes: only a read can be told apart from a change that overtook it. Bounded in number and age, so that a secret
// does not stay in memory long after its session was used.

import type { Clock } from '#kernel'
import type { ActiveSession } from './session.ts'
import type { SessionToken } from './session-token.ts'

/** A session as it was found: what the store held, and what came out of it. */
export interface HeldSession {
  readonly token: SessionToken
  readonly stored: string
  readonly session: ActiveSession
}

export interface SessionCache {
  find(cookieValue: string): HeldSession | undefined
  findByRef(ref: string): HeldSession | undefined
  /**
   * Call before a read from the store, and what it returns with what was found: that is remembered unless the session
   * was dropped in the meantime, because then nobody knows which of the two came first.
   */
  beginRead(ref: string): (found: HeldSession | undefined) => void
  drop(ref: string): void
  clear(): void
  /** Drops what has grown old. */
  sweep(): void
  size(): number
}

export interface SessionCacheOptions {
  readonly maxEntries: number
  readonly maxAgeMs: number
}

interface Entry {
  readonly held: HeldSession
  readonly readAtMs: number
}

export function createSessionCache(clock: Clock, { maxEntries, maxAgeMs }: SessionCacheOptions): SessionCache {
  // In order of reading, so the first is the oldest.
  const entries = new Map<string, Entry>()
  const valueByRef = new Map<string, string>()
  const reads = new Set<{ readonly ref: string; overtaken: boolean }>()

  const isOld = ({ readAtMs }: Entry): boolean => clock.monotonicMs() - readAtMs >= maxAgeMs

  const remove = ({ token }: HeldSession): void => {
    entries.delete(token.value)
    valueByRef.delete(token.ref)
  }

  const put = (held: HeldSession): void => {
    remove(held)
    entries.set(held.token.value, { held, readAtMs: clock.monotonicMs() })
    valueByRef.set(held.token.ref, held.token.value)
    const [oldest] = entries.values()
    if (entries.size > maxEntries && oldest !== undefined) remove(oldest.held)
  }

  const find = (cookieValue: string): HeldSession | undefined => {
    const entry = entries.get(cookieValue)
    return entry === undefined || isOld(entry) ? undefined : entry.held
  }

  const findByRef = (ref: string): HeldSession | undefined => {
    const value = valueByRef.get(ref)
    return value === undefined ? undefined : entries.get(value)?.held
  }

  return Object.freeze({
    find,
    findByRef,
    beginRead(ref: string) {
      const read = { ref, overtaken: false }
      reads.add(read)
      return (found: HeldSession | undefined) => {
        reads.delete(read)
        if (found !== undefined && !read.overtaken) put(found)
      }
    },
    drop(ref: string) {
      for (const read of reads) if (read.ref === ref) read.overtaken = true
      const held = findByRef(ref)
      if (held !== undefined) remove(held)
    },
    clear() {
      for (const read of reads) read.overtaken = true
      entries.clear()
      valueByRef.clear()
    },
    sweep() {
      for (const entry of entries.values()) {
        if (!isOld(entry)) break
        remove(entry.held)
      }
    },
    size: () => entries.size,
  })
}
