// What the operator sees of the login providers, at each scrape.

import type { Metrics } from '#telemetry'
import type { IdentityProvider } from './provider.ts'

/** @param isRetired whether a reload has put others in their place, which know better */
export function measureProviders(
  metrics: Pick<Metrics, 'gauge'>,
  providers: readonly IdentityProvider[],
  isRetired: () => boolean,
): void {
  metrics.gauge(
    {
      name: 'login_provider_clock_ahead_seconds',
      help: 'By how much the clock of a login provider is ahead of ours; negative where it is behind.',
      labels: ['provider'],
      combine: 'max',
    },
    () =>
      isRetired()
        ? []
        : providers.flatMap(({ id, clockAheadMs }) => {
            const aheadMs = clockAheadMs?.()
            return aheadMs === undefined ? [] : [{ labels: { provider: id }, value: aheadMs / 1_000 }]
          }),
  )
}
