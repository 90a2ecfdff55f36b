// How far the clock of a service is from ours, by the Date of its answers (RFC 9110 §6.6.1). For services that accept
// what we sign only for so long: where the clocks differ by more, every request is a 401, and nothing else says why.

import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import type { AnswerHeaders } from './headers.ts'

export interface ClockWatch {
  /** Told of each answer; looks at one now and then. */
  heard(endpoint: Place, headers: AnswerHeaders): void
  /** By how much its clock is ahead of ours, to the second; undefined until it has said. */
  aheadMs(endpoint: Place): number | undefined
}

/** An endpoint, as far as it is named here. */
interface Place {
  readonly url: { readonly label: string }
}

export interface ClockWatchOptions {
  readonly upstream: string
  readonly clock: Clock
  /** By how much the clocks may differ before the service refuses what we sign. */
  readonly leewayMs: number
  readonly log: Logger
}

interface Standing {
  readonly aheadMs: number
  readonly isFar: boolean
  /** On the monotonic clock: that ours is set is among what this is to notice. */
  readonly lookAgainAtMs: number
}

export function createClockWatch({ upstream, clock, leewayMs, log }: ClockWatchOptions): ClockWatch {
  // Endpoints come and go.
  const standings = new WeakMap<Place, Standing>()

  const look = (endpoint: Place, aheadMs: number): void => {
    const isFar = Math.abs(aheadMs) > leewayMs / 2
    const wasFar = standings.get(endpoint)?.isFar ?? false
    standings.set(endpoint, { aheadMs, isFar, lookAgainAtMs: clock.monotonicMs() + LOOK_EVERY_MS })
    if (isFar === wasFar) return
    const about = { upstream, endpoint: endpoint.url.label, ahead_s: Math.round(aheadMs / 1_000) }
    if (!isFar) log.info({ event: 'service_clock_agrees', ...about }, 'the clock of a service is near ours again')
    else {
      const facts = { event: 'service_clock_differs', ...about, leeway_s: leewayMs / 1_000 }
      log.warn(facts, 'the clock of a service is far from ours: it will refuse what is signed, if it does not already')
    }
  }

  return Object.freeze({
    heard(endpoint: Place, { date, age }: AnswerHeaders) {
      const lookAgainAtMs = standings.get(endpoint)?.lookAgainAtMs
      if (lookAgainAtMs !== undefined && clock.monotonicMs() < lookAgainAtMs) return
      // What comes out of a cache was dated when it went in (RFC 9111 §5.1).
      const saidMs = typeof date === 'string' && age === undefined ? Date.parse(date) : Number.NaN
      // It names the second that has begun.
      if (!Number.isNaN(saidMs)) look(endpoint, saidMs + 500 - clock.now())
    },
    aheadMs: (endpoint: Place) => standings.get(endpoint)?.aheadMs,
  })
}

const LOOK_EVERY_MS = 10_000
