// How many lines of one event are written: what strangers can cause at will must not fill a disk. Requests that were
// answered are all written; of every other event there are so many a second, and the next line says how many were left out.

import type { Clock } from '#kernel'

export interface LineLimit {
  /** @returns how many lines of the event were left out before this one, or undefined if this one is to be left out too. */
  take(event: string): number | undefined
}

export interface LineLimitOptions {
  readonly clock: Clock
  /** Told of each line that is left out. */
  readonly onLeftOut: (event: string) => void
}

const PER_SECOND = 50
const AT_ONCE = 500

interface EventLines {
  spare: number
  atMs: number
  leftOut: number
}

export function createLineLimit({ clock, onLeftOut }: LineLimitOptions): LineLimit {
  // The names of events stand in the code: they are few.
  const events = new Map<string, EventLines>()

  return Object.freeze({
    take(event: string) {
      const nowMs = clock.monotonicMs()
      const lines = events.get(event) ?? { spare: AT_ONCE, atMs: nowMs, leftOut: 0 }
      events.set(event, lines)
      lines.spare = Math.min(AT_ONCE, lines.spare + ((nowMs - lines.atMs) / 1000) * PER_SECOND)
      lines.atMs = nowMs
      if (lines.spare < 1) {
        lines.leftOut += 1
        onLeftOut(event)
        return undefined
      }
      lines.spare -= 1
      const { leftOut } = lines
      lines.leftOut = 0
      return leftOut
    },
  })
}

/** Whether the event is about a request that got what it wanted. */
export const isAnswered = ({ status }: Readonly<Record<string, unknown>>): boolean =>
  typeof status === 'number' && status >= 100 && status < 400
