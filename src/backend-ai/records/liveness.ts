// Whether logins that the Manager named are still logins there. It ends one by deleting its record and tells nobody, so the
// record is asked about: at most once a second for a session in use, and again and again while something of it is open.

import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import type { SessionRow } from '#sessions'
import type { LoginRecords } from './records.ts'

/** What is open: a response, or the socket of a WebSocket. */
export interface Opened {
  once(event: 'close', listener: () => void): unknown
}

export interface Liveness {
  /**
   * What was found within the last second stands, even while the store does not answer.
   * @throws storage.unavailable
   */
  isLive(name: string): Promise<boolean>
  /** From now on until it is closed, the session is looked after by `sweep`. */
  hold(ctx: RequestContext, opened: Opened, name: string, row: SessionRow): void
  /** Ends sessions of which something is open and whose record is gone. Called every few hundred milliseconds. */
  sweep(): Promise<void>
  /** How many sessions are looked after. */
  size(): number
}

export interface LivenessDeps {
  readonly clock: Clock
  readonly records: Pick<LoginRecords, 'find'>
  readonly end: (row: SessionRow) => Promise<unknown>
}

interface Check {
  readonly atMs: number
  readonly answer: Promise<boolean>
}

interface Held {
  readonly row: SessionRow
  readonly openings: Set<object>
}

const BELIEVED_MS = 1000
/** The sweep comes every half second, and asks again each time. */
const SWEEP_BELIEVED_MS = 250

export function createLiveness({ clock, records, end }: LivenessDeps): Liveness {
  const checks = new Map<string, Check>()
  const held = new Map<string, Held>()

  const ask = (name: string, believedMs: number): Promise<boolean> => {
    const nowMs = clock.monotonicMs()
    const known = checks.get(name)
    if (known !== undefined && nowMs - known.atMs < believedMs) return known.answer
    const check = { atMs: nowMs, answer: records.find(name).then((record) => record !== undefined) }
    checks.set(name, check)
    // What could not be found out is asked again.
    check.answer.catch(() => checks.get(name) === check && restore(name, check, known))
    return check.answer
  }

  /** A store that does not answer takes nothing away from what it said before. */
  const restore = (name: string, failed: Check, before: Check | undefined): void => {
    if (before === undefined) checks.delete(name)
    else if (checks.get(name) === failed) checks.set(name, before)
  }

  const lookAfter = async (name: string, { row }: Held): Promise<void> => {
    // While the store is away nobody can end a login there either.
    const isLive = await ask(name, SWEEP_BELIEVED_MS).catch(() => true)
    if (!isLive) await end(row)
  }

  return Object.freeze({
    isLive: (name: string) => ask(name, BELIEVED_MS),
    hold(ctx: RequestContext, opened: Opened, name: string, row: SessionRow) {
      // Whoever has left is not told of the close any more.
      if (ctx.aborted.aborted) return
      const entry = held.get(name) ?? { row, openings: new Set() }
      held.set(name, entry)
      entry.openings.add(opened)
      opened.once('close', () => {
        entry.openings.delete(opened)
        if (entry.openings.size === 0 && held.get(name) === entry) held.delete(name)
      })
    },
    async sweep() {
      const nowMs = clock.monotonicMs()
      for (const [name, { atMs }] of checks) if (nowMs - atMs >= BELIEVED_MS) checks.delete(name)
      await Promise.all([...held].map(([name, entry]) => lookAfter(name, entry)))
    },
    size: () => held.size,
  })
}
