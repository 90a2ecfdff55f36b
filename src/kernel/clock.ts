// Time, as a dependency: everything that waits or compares instants takes a Clock, so that tests can step it.
// Deadlines use `monotonicMs`, which no change of the wall clock moves; `now` is for what is stored or shown.

export interface Clock {
  /** Wall clock, whole milliseconds since the epoch. */
  now(): number
  /** Milliseconds since some fixed point; never goes back. */
  monotonicMs(): number
  /** Calls `run` once after `delayMs`, however long that is. Does not keep the process alive. Returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void
  /** Calls `run` each `periodMs`. Does not keep the process alive. Returns a function that cancels. */
  every(periodMs: number, run: () => void): () => void
}

/**
 * A long wait is made of steps of one length. For each length that an unref'd timer ever had, Node keeps a list until that
 * time has passed, cancelled or not, and the time that a session has left is another one with each request.
 */
const STEP_MS = 60_000

/** Some 24 days: of anything longer a timer of Node's makes a millisecond. */
const LONGEST_PERIOD_MS = 2 ** 31 - 1

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs: number, run: () => void) => {
    const dueMs = performance.now() + delayMs
    let timer: NodeJS.Timeout
    const wait = (leftMs: number): void => {
      timer = (
        leftMs > STEP_MS
          ? setTimeout(() => wait(Math.ceil(dueMs - performance.now())), STEP_MS)
          : setTimeout(run, leftMs)
      ).unref()
    }
    wait(delayMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs: number, run: () => void) => {
    const timer = setInterval(run, Math.min(periodMs, LONGEST_PERIOD_MS)).unref()
    return () => clearInterval(timer)
  },
})

/** Resolves after `delayMs` on the given clock. */
export const sleep = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve)
  })
