// The identity drivers, by hand: a new one is a file in `drivers/` and a line in each of the two lists.

import type { z } from 'zod'
import { backendAiDriver } from './drivers/backend-ai.ts'
import { localDriver } from './drivers/local.ts'
import { oidcDriver } from './drivers/oidc.ts'
import type { DriverDeps, IdentityProvider } from './provider.ts'

/** What an entry of the configuration may be. */
export const driverConfigs = [oidcDriver.config, localDriver.config, backendAiDriver.config] as const

export type ProviderConfig = z.infer<(typeof driverConfigs)[number]>

/** The provider that an entry of the configuration describes. No I/O. */
export function createProvider(config: ProviderConfig, deps: DriverDeps): IdentityProvider {
  switch (config.type) {
    case 'oidc':
      return oidcDriver.create(config, deps)
    case 'local':
      return localDriver.create(config, deps)
    case 'backend-ai':
      return backendAiDriver.create(config, deps)
  }
}
