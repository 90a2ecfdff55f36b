// The clock of an OpenID provider, by the answers of its own address: what it signs holds by that clock, and beyond the
// leeway every login is refused.

import type { Clock } from '#kernel'
import { createClockWatch, type Logger } from '#telemetry'
import type { LimitedFetch } from '../../limited-fetch.ts'
import { CLOCK_LEEWAY_SECONDS } from './clock-leeway.ts'

export interface ProviderClock {
  /** The same, with a look at each answer. */
  readonly fetch: LimitedFetch
  /** By how much it is ahead of ours; undefined until it has said. */
  readonly aheadMs: () => number | undefined
}

export interface ProviderClockOptions {
  readonly provider: { readonly id: string; readonly issuer: string }
  readonly fetch: LimitedFetch
  readonly clock: Clock
  readonly log: Logger
}

export function watchProviderClock({ provider, fetch, clock, log }: ProviderClockOptions): ProviderClock {
  const watch = createClockWatch<ProviderClockOptions['provider']>({
    clock,
    leewayMs: CLOCK_LEEWAY_SECONDS * 1000,
    log,
    describe: ({ id }) => ({ provider: id }),
    differs: {
      event: 'provider_clock_differs',
      message: 'the clock of a login provider is far from ours: logins will fail, if they do not already',
    },
    agrees: { event: 'provider_clock_agrees', message: 'the clock of a login provider is near ours again' },
  })
  const { origin } = new URL(provider.issuer)
  return Object.freeze({
    async fetch(url: string, request: Parameters<LimitedFetch>[1]) {
      const answer = await fetch(url, request)
      // Keys may lie with somebody else, who signs nothing.
      if (new URL(url).origin === origin) {
        const { date, age } = Object.fromEntries(answer.headers)
        watch.heard(provider, { date, age })
      }
      return answer
    },
    aheadMs: () => watch.aheadMs(provider),
  })
}
