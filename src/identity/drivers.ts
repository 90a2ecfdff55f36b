// The identity drivers, by hand: a new one is a file in `drivers/` and a line in each of the lists here.

import type { z } from 'zod'
import type { Credential } from '#sessions'
import { backendAiDriver } from './drivers/backend-ai.ts'
import { facilityDriver } from './drivers/facility.ts'
import { ldapDriver } from './drivers/ldap.ts'
import { localDriver } from './drivers/local.ts'
import { oauth2Driver } from './drivers/oauth2.ts'
import { oidcDriver } from './drivers/oidc.ts'
import { samlDriver } from './drivers/saml.ts'
import { trustedHeaderDriver } from './drivers/trusted-header.ts'
import type { DriverDeps, IdentityProvider } from './provider.ts'

/** What an entry of the configuration may be. */
export const driverConfigs = [
  oidcDriver.config,
  oauth2Driver.config,
  localDriver.config,
  facilityDriver.config,
  ldapDriver.config,
  backendAiDriver.config,
  trustedHeaderDriver.config,
  samlDriver.config,
] as const

export type ProviderConfig = z.infer<(typeof driverConfigs)[number]>

/** Which credential a login with each type brings, for signers that need one; undefined if it brings none. */
export const credentialKinds: Readonly<Record<ProviderConfig['type'], Credential['kind'] | undefined>> = {
  oidc: 'oauth',
  oauth2: 'oauth',
  local: undefined,
  facility: undefined,
  ldap: undefined,
  'backend-ai': 'keypair',
  'trusted-header': undefined,
  saml: undefined,
}

/** The provider that an entry of the configuration describes. No I/O. */
export function createProvider(config: ProviderConfig, deps: DriverDeps): IdentityProvider {
  switch (config.type) {
    case 'oidc':
      return oidcDriver.create(config, deps)
    case 'oauth2':
      return oauth2Driver.create(config, deps)
    case 'local':
      return localDriver.create(config, deps)
    case 'facility':
      return facilityDriver.create(config, deps)
    case 'ldap':
      return ldapDriver.create(config, deps)
    case 'backend-ai':
      return backendAiDriver.create(config, deps)
    case 'trusted-header':
      return trustedHeaderDriver.create(config, deps)
    case 'saml':
      return samlDriver.create(config, deps)
  }
}
