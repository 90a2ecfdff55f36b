// The other way to hear of ends: this node asks the database, twice a second, for tombstones that are new. So an end is
// seen everywhere within a second even if the key-value store could not tell of it: because it did not answer, or because
// the node that ended the session was talking to a server that is the primary no more.

import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import type { SessionEnd } from './session.ts'
import type { Tombstones } from './tombstones.ts'

export interface TombstoneFeedDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly tombstones: Tombstones
  /** Says on this node that the session is over. */
  readonly announce: (ref: string, reason: SessionEnd) => void
}

export interface TombstoneFeed {
  /** Asks once. A database that does not answer is logged once, and asked again the next time. */
  poll(): Promise<void>
}

/** How often to ask, in ms. */
export const tombstonePollMs = 500

/** Clocks of nodes may differ by a minute, and an answer may take a while. */
const windowMs = 70_000

export function createTombstoneFeed({ clock, log, tombstones, announce }: TombstoneFeedDeps): TombstoneFeed {
  let heard: ReadonlySet<string> = new Set()
  let isFailing = false
  let answeredFor = clock.now()

  return Object.freeze({
    async poll() {
      const now = clock.now()
      try {
        // Also what was written while the database did not answer.
        const recent = await tombstones.since(Math.min(now, answeredFor) - windowMs)
        for (const [ref, reason] of recent) if (!heard.has(ref)) announce(ref, reason)
        heard = new Set(recent.keys())
        answeredFor = now
        isFailing = false
      } catch (error) {
        if (!isFailing) log.warn({ event: 'session_ends_unheard', err: error }, 'ends of sessions cannot be looked up')
        isFailing = true
      }
    },
  })
}
