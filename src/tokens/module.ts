// The tokens feature as a part of Gatehouse: puts its pieces together; nothing is decided here.

import type { Access } from '#access'
import type { Rate } from '#config'
import type { HttpPart, PublicUrl } from '#http'
import { type Clock, defineModule } from '#kernel'
import type { Mail } from '#mail'
import { createExactBudget, type Storage } from '#storage'
import type { Logger, Metrics } from '#telemetry'
import { createTokenAuthenticator } from './authenticator.ts'
import { tokensConfig } from './config.ts'
import { createExpiryNotes, expiryLookMs } from './expiry-notes.ts'
import { createExpiryWarnings, warningLookMs } from './expiry-warnings.ts'
import { createHistoryRoutes } from './history-routes.ts'
import { createKeyFiles } from './key-files.ts'
import { createLiveTokens, type LiveTokens } from './live-tokens.ts'
import { createRotation, rotationLookMs } from './rotation.ts'
import { createTokenRoutes } from './routes.ts'
import { createTokens, KEPT_MS } from './service.ts'
import { createServiceAccountRoutes } from './service-account-routes.ts'
import { createServiceAccountStore } from './service-account-store.ts'
import { createServiceAccounts } from './service-accounts.ts'
import { createTokenFailures } from './token-failures.ts'
import { createTokenHistory } from './token-history.ts'
import { createTokenReader } from './token-reader.ts'
import { createTokenStore } from './token-store.ts'
import { tokenMigrations } from './token-tables.ts'
import { createTokenUse } from './token-use.ts'
import { createLiveTokenWatches } from './token-watches.ts'
import type { Tokens } from './tokens.ts'
import { createWarningStore } from './warning-store.ts'

export interface TokensModuleDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger; readonly metrics: Metrics }
  readonly publicUrl: Pick<PublicUrl, 'urlTo'>
  readonly storage: Storage
  readonly access: Access
  readonly mail: Mail
  /** What logins may cost: wrong tokens are counted like wrong passwords from one address, apart from them. */
  readonly loginLimits: { readonly failuresPerAddress: Rate | undefined }
}

/** With what a reload hands over. */
export interface TokensApi extends Tokens {
  readonly live: Pick<LiveTokens, 'adopt'>
}

export const tokensModule = defineModule({
  id: 'tokens',
  configKey: 'tokens',
  config: tokensConfig,
  requires: ['storage', 'access', 'mail'],
  create: (
    { clock, telemetry: { log, metrics }, publicUrl, storage, access, mail, loginLimits }: TokensModuleDeps,
    { lifetime, maxLifetime, warnBefore, keyFolder },
  ): HttpPart<TokensApi> => {
    storage.addMigrations(tokenMigrations)
    const { keyValue, audit } = storage
    const store = createTokenStore(storage)
    const accountStore = createServiceAccountStore(storage)
    const accountScopes = async (userId: string) => (await accountStore.findByUser(userId))?.scopes ?? []
    const { users, principalOf } = access
    const reader = createTokenReader({ clock, store, users, accountScopes })
    const watches = createLiveTokenWatches({ clock, log, reader, isDisabled: users.isDisabled, principalOf })
    const live = createLiveTokens({ clock, log, reader, watches, version: store.version, keyValue })
    const use = createTokenUse({ clock, store, audit })
    const { failuresPerAddress } = loginLimits
    const budget =
      failuresPerAddress && createExactBudget({ name: 'token-address', rate: failuresPerAddress, clock, keyValue })
    const failures = createTokenFailures(budget, clock)
    const refused = metrics.counter({
      name: 'tokens_refused_total',
      help: 'Requests with a token that is not good, by why.',
      labels: ['reason'],
    })
    access.authenticators.add(createTokenAuthenticator({ live, principalOf, use, clock, failures, refused }))
    const files = keyFolder === undefined ? undefined : createKeyFiles(keyFolder)
    const serviceAccounts = createServiceAccounts({
      clock,
      log,
      users,
      store: accountStore,
      tokens: store,
      live,
      files,
      keyValue,
      audit,
    })
    const tokens = createTokens({
      clock,
      store,
      live,
      audit,
      lifetimeMs: lifetime,
      maxLifetimeMs: maxLifetime,
      warnBeforeMs: warnBefore,
      serviceAccounts,
    })
    const warn = createExpiryWarnings({
      clock,
      keyValue,
      store: createWarningStore(storage),
      users,
      recipients: access.recipients,
      mail,
      urlTo: publicUrl.urlTo,
      warnBeforeMs: warnBefore,
    })
    const warns = mail.isConfigured && warnBefore > 0
    return {
      api: Object.freeze({ ...tokens, live }),
      routes: [
        ...createTokenRoutes(tokens, access),
        ...createHistoryRoutes(createTokenHistory(store, audit), access),
        ...createServiceAccountRoutes(serviceAccounts),
      ],
      tasks: [
        {
          name: 'tokens.rotate',
          everyMs: rotationLookMs,
          run: createRotation({ clock, log, keyValue, serviceAccounts }),
        },
        { name: 'tokens.expire', everyMs: expiryLookMs, run: createExpiryNotes({ clock, store, audit }) },
        ...(warns ? [{ name: 'tokens.warn', everyMs: warningLookMs, run: warn }] : []),
        { name: 'tokens.sweep', everyMs: 3_600_000, run: () => store.sweep(clock.now() - KEPT_MS) },
      ],
      start: async () => {
        live.start()
        await live.poll()
      },
      retire: async (next) => live.handOver(next.live),
      stop: async () => {
        live.stop()
        await use.settled()
      },
    }
  },
})
