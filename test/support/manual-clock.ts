// A clock that moves only when a test says so.

import type { Clock } from '#kernel'

export interface ManualClock extends Clock {
  /** Moves both clocks on and runs what fell due, in order of time. */
  advance(ms: number): void
  /** Moves the wall clock only, as an administrator or NTP would. */
  stepWallClock(ms: number): void
}

interface Timer {
  dueAt: number
  readonly periodMs: number | undefined
  readonly run: () => void
}

/** @param startMs the wall clock's first value, ms since the epoch. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsedMs = 0
  let wallOffsetMs = startMs
  const timers = new Set<Timer>()

  const schedule = (delayMs: number, run: () => void, periodMs?: number) => {
    const timer: Timer = { dueAt: elapsedMs + delayMs, periodMs, run }
    timers.add(timer)
    return () => void timers.delete(timer)
  }

  const nextDue = (until: number): Timer | undefined =>
    [...timers].filter((timer) => timer.dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)[0]

  return Object.freeze({
    // Whole, as `Date.now()` is: databases have no room for fractions.
    now: () => Math.floor(wallOffsetMs + elapsedMs),
    monotonicMs: () => elapsedMs,
    after: (delayMs: number, run: () => void) => schedule(delayMs, run),
    every: (periodMs: number, run: () => void) => schedule(periodMs, run, periodMs),
    advance(ms: number) {
      const until = elapsedMs + ms
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        elapsedMs = Math.max(elapsedMs, timer.dueAt)
        if (timer.periodMs === undefined) timers.delete(timer)
        else timer.dueAt += timer.periodMs
        timer.run()
      }
      elapsedMs = until
    },
    stepWallClock(ms: number) {
      wallOffsetMs += ms
    },
  })
}

/** Nodes wait for each other on their clock, which goes like any other meanwhile. */
export async function whileTimePasses<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let atMs = performance.now()
  const ticking = setInterval(() => {
    const now = performance.now()
    clock.advance(now - atMs)
    atMs = now
  }, 5)
  try {
    return await work
  } finally {
    clearInterval(ticking)
  }
}
