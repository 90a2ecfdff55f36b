// How much of a rate is left: the window that runs, and as much of the one before as still overlaps the last `windowMs`.
// So an edge between two windows brings nobody a second budget. Windows are those of the wall clock, alike on all nodes.

import type { Rate } from '#config'

export interface Use {
  /** Taken in the window before this one. */
  readonly before: number
  /** Taken in this one. */
  readonly spent: number
}

/** The number of the window that runs. */
export const windowAt = ({ windowMs }: Rate, nowMs: number): number => Math.floor(nowMs / windowMs)

/** How many may still be taken now, as a fraction; below 1 there is none. */
export function remainingOf({ limit, windowMs }: Rate, { before, spent }: Use, nowMs: number): number {
  const passed = (nowMs % windowMs) / windowMs
  return limit - Math.min(before, limit) * (1 - passed) - spent
}

/** Milliseconds until one more may be taken, if nobody takes any until then. */
export function waitFor({ limit, windowMs }: Rate, { before, spent }: Use, nowMs: number): number {
  const untilNext = windowMs - (nowMs % windowMs)
  const spare = limit - 1 - spent
  // What was taken in a window has passed to the needed part when this much of it overlaps no more.
  if (spare >= 0) return Math.max(1, Math.ceil(untilNext - windowMs * Math.min(1, spare / Math.min(before, limit))))
  return Math.ceil(untilNext + windowMs / limit)
}
