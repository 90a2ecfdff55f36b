// The sessions that the database has vouched for: it was asked, and knew of no end. While the change feed is unbroken
// whoever ends one takes its stored value away, so what is read of it needs no database, and one that restarts is not
// felt. A failover of the key-value store, which may bring such a value back, breaks the feed: then the database is asked.

import type { Clock } from '#kernel'
import type { ChangeFeed } from '#storage'
import { sessionKeyPrefix } from './session-record.ts'

export interface VouchedSessions {
  /** Listens to the feed; until then nothing is vouched for. */
  start(): void
  stop(): void
  has(ref: string): boolean
  /** Call before the database is asked, and what it returns if it knew of no end. */
  beginCheck(ref: string): () => void
  drop(ref: string): void
}

export interface VouchedSessionsDeps {
  readonly clock: Clock
  readonly changes: ChangeFeed
  readonly maxEntries: number
  /** After this the database is asked again. */
  readonly maxAgeMs: number
}

export function createVouchedSessions({ clock, changes, maxEntries, maxAgeMs }: VouchedSessionsDeps): VouchedSessions {
  // When the database was asked, by session; the oldest first.
  const askedAtMs = new Map<string, number>()
  // Counts whatever may have overtaken a check that is under way.
  let generation = 0
  let unfollow: (() => void) | undefined

  const clear = (): void => {
    generation += 1
    askedAtMs.clear()
  }

  return Object.freeze({
    start() {
      unfollow ??= changes.subscribe(sessionKeyPrefix, (key) => {
        if (key === undefined) clear()
      })
    },
    stop() {
      unfollow?.()
      unfollow = undefined
      clear()
    },
    has(ref: string) {
      const askedAt = askedAtMs.get(ref)
      const isKnown = askedAt !== undefined && clock.monotonicMs() - askedAt < maxAgeMs
      return isKnown && unfollow !== undefined && changes.isFresh()
    },
    beginCheck(ref: string) {
      const [begunIn, nowMs] = [generation, clock.monotonicMs()]
      return () => {
        if (begunIn !== generation) return
        askedAtMs.delete(ref)
        askedAtMs.set(ref, nowMs)
        const [oldest] = askedAtMs.keys()
        if (askedAtMs.size > maxEntries && oldest !== undefined) askedAtMs.delete(oldest)
      }
    },
    drop(ref: string) {
      generation += 1
      askedAtMs.delete(ref)
    },
  })
}
