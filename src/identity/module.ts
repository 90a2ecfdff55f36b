// The value of this feature: providers from the configuration, routes, and the api for the features above.

import type { HttpPart } from '#http'
import { type Clock, defineModule } from '#kernel'
import type { Sessions } from '#sessions'
import type { Storage } from '#storage'
import type { Logger, Metrics } from '#telemetry'
import { createAnnouncedLogouts } from './announced-logout.ts'
import { createEnter } from './carried-login.ts'
import { identityConfig } from './config.ts'
import { createCredentials } from './credentials.ts'
import { localAccountMigrations } from './drivers/local/account-store.ts'
import { createLocalAccounts } from './drivers/local/local-accounts.ts'
import { createProvider } from './drivers.ts'
import type { Identities } from './identity.ts'
import { createKnownBrowsers } from './known-browsers.ts'
import { createLoginGuard } from './login-guard.ts'
import { createLoginJournal } from './login-journal.ts'
import { createLoginMemories } from './login-memory.ts'
import { createLoginService } from './login-service.ts'
import { createLogout } from './logout.ts'
import { createLogoutWays } from './logout-memory.ts'
import { createPendingLogins } from './pending-logins.ts'
import type { Accounts, LoginLimits, PublicAddress } from './ports.ts'
import { createPostedAnswers } from './posted-answers.ts'
import { createLogIn } from './proven-login.ts'
import { measureProviders } from './provider-metrics.ts'
import { createRedirectLogins } from './redirect-logins.ts'
import { createIdentityRoutes } from './routes.ts'

export interface IdentityDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger; readonly metrics: Metrics }
  readonly storage: Storage
  readonly sessions: Sessions
  readonly access: { readonly users: Accounts }
  readonly publicUrl: PublicAddress
  readonly loginLimits: LoginLimits
}

export const identityModule = defineModule({
  id: 'identity',
  configKey: 'identity',
  config: identityConfig,
  requires: ['storage', 'sessions', 'access'],
  create: (deps: IdentityDeps, config): HttpPart<Identities> => {
    const { clock, telemetry, storage, sessions, publicUrl } = deps
    // Also where no local provider is configured yet: accounts can be made before it is.
    storage.addMigrations(localAccountMigrations)
    const driverDeps = { clock, log: telemetry.log, storage, urlTo: publicUrl.urlTo }
    const providers = new Map(config.map((entry) => [entry.id, createProvider(entry, driverDeps)]))
    let isRetired = false
    measureProviders(telemetry.metrics, [...providers.values()], () => isRetired)
    const journal = createLoginJournal({
      clock,
      audit: storage.audit,
      metrics: telemetry.metrics,
      accounts: deps.access.users,
    })
    const browsers = createKnownBrowsers({ clock, sealer: storage.sealer, cookie: sessions.cookie('known') })
    const memories = createLoginMemories(sessions.cookie('last'))
    const ways = createLogoutWays(sessions.cookie('logout'))
    const counting = { clock, keyValue: storage.keyValue, browsers, limits: deps.loginLimits }
    const guard = createLoginGuard(counting)
    const logIn = createLogIn({ sessions, accounts: deps.access.users, journal })
    const login = createLoginService({
      clock,
      sessions,
      logIn,
      journal,
      publicUrl,
      memories,
      browsers,
      guard,
      pending: createPendingLogins(counting),
      answers: createPostedAnswers({ clock, ...storage, attempts: sessions.attempts }),
    })
    const logout = createLogout({ sessions, journal, providers, publicUrl, ways })
    const announced = createAnnouncedLogouts({ clock, keyValue: storage.keyValue, sessions, journal })
    const api: Identities = Object.freeze({
      ...createCredentials({ clock, sessions, journal, accounts: deps.access.users, providers }),
      enter: createEnter({ clock, logIn, journal, guard }),
      redirectLogins: createRedirectLogins({ providers, login }),
      logout: logout.logout,
      providers: [...providers.values()].map(({ id, type, label, yieldsCredential }) => ({
        id,
        type,
        label,
        groupsPrefix: config.find((entry) => entry.id === id)?.groupsPrefix ?? '',
        canConnect: yieldsCredential,
      })),
      frontHeaders: [...providers.values()].flatMap(({ frontHeaders = [] }) => frontHeaders),
      accounts: createLocalAccounts({ clock, storage, provider: config.find(({ type }) => type === 'local')?.id }),
    })
    return {
      api,
      routes: createIdentityRoutes({ providers, sessions, login, logout, announced, memories, ways }),
      templates: new URL('./templates/', import.meta.url),
      start: async () => {
        for (const provider of providers.values()) provider.start?.()
      },
      async retire() {
        isRetired = true
      },
    }
  },
})
