// The clock of a service that accepts what we sign only for so long: that it is far from ours is said before all is refused.

import type { Clock } from '#kernel'
import { type ClockWatch, createClockWatch, type Logger } from '#telemetry'

/** An endpoint, as far as it is named here. */
interface Place {
  readonly url: { readonly label: string }
}

export interface ServiceClockOptions {
  readonly upstream: string
  readonly clock: Clock
  /** By how much the clocks may differ before the service refuses what we sign. */
  readonly leewayMs: number
  readonly log: Logger
}

export const watchServiceClock = ({ upstream, clock, leewayMs, log }: ServiceClockOptions): ClockWatch<Place> =>
  createClockWatch<Place>({
    clock,
    leewayMs,
    log,
    describe: ({ url }) => ({ upstream, endpoint: url.label }),
    differs: {
      event: 'service_clock_differs',
      message: 'the clock of a service is far from ours: it will refuse what is signed, if it does not already',
    },
    agrees: { event: 'service_clock_agrees', message: 'the clock of a service is near ours again' },
  })
