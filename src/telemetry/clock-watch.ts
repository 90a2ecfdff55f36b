// How far another program's clock is from ours, by the Date of its answers (RFC 9110 §6.6.1). What is signed or vouched for
// holds only for so long: where the clocks differ by more, everything is refused, and nothing else says why.

import type { Clock } from '#kernel'
import type { Logger } from './logger.ts'

export interface ClockWatch<Peer extends object> {
  /** Told of each answer; looks at one now and then. */
  heard(peer: Peer, headers: DatedHeaders): void
  /** By how much its clock is ahead of ours, to the second; undefined until it has said. */
  aheadMs(peer: Peer): number | undefined
}

/** What an answer says of time; a header that stands twice says nothing. */
export interface DatedHeaders {
  readonly date?: unknown
  readonly age?: unknown
}

export interface ClockWatchOptions<Peer extends object> {
  readonly clock: Clock
  /** By how much the clocks may differ before something is refused. */
  readonly leewayMs: number
  readonly log: Logger
  /** Whose clock it is, for the log. */
  readonly describe: (peer: Peer) => Readonly<Record<string, string>>
  /** Warned of when the clocks have come apart by more than half of the leeway. */
  readonly differs: ClockEvent
  /** Said when they are near again. */
  readonly agrees: ClockEvent
}

interface ClockEvent {
  readonly event: string
  readonly message: string
}

interface Standing {
  readonly aheadMs: number
  readonly isFar: boolean
  /** On the monotonic clock: that ours is set is among what this is to notice. */
  readonly lookAgainAtMs: number
}

export function createClockWatch<Peer extends object>(options: ClockWatchOptions<Peer>): ClockWatch<Peer> {
  const { clock, leewayMs, log, describe, differs, agrees } = options
  // Peers come and go.
  const standings = new WeakMap<Peer, Standing>()

  const look = (peer: Peer, aheadMs: number): void => {
    const isFar = Math.abs(aheadMs) > leewayMs / 2
    const wasFar = standings.get(peer)?.isFar ?? false
    standings.set(peer, { aheadMs, isFar, lookAgainAtMs: clock.monotonicMs() + LOOK_EVERY_MS })
    if (isFar === wasFar) return
    const about = { ...describe(peer), ahead_s: Math.round(aheadMs / 1_000) }
    if (isFar) log.warn({ event: differs.event, ...about, leeway_s: leewayMs / 1_000 }, differs.message)
    else log.info({ event: agrees.event, ...about }, agrees.message)
  }

  return Object.freeze({
    heard(peer: Peer, { date, age }: DatedHeaders) {
      const lookAgainAtMs = standings.get(peer)?.lookAgainAtMs
      if (lookAgainAtMs !== undefined && clock.monotonicMs() < lookAgainAtMs) return
      // What comes out of a cache was dated when it went in (RFC 9111 §5.1).
      const saidMs = typeof date === 'string' && age === undefined ? Date.parse(date) : Number.NaN
      // It names the second that has begun.
      if (!Number.isNaN(saidMs)) look(peer, saidMs + 500 - clock.now())
    },
    aheadMs: (peer: Peer) => standings.get(peer)?.aheadMs,
  })
}

const LOOK_EVERY_MS = 10_000
