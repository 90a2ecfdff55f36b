// Account pages and tokens as the SPT-3G data service has them. See README.md.

import type { Access } from '#access'
import { parseDuration } from '#config'
import type { HttpPart, PublicUrl } from '#http'
import type { Identities } from '#identity'
import { type Clock, defineModule } from '#kernel'
import type { Sessions } from '#sessions'
import type { Storage } from '#storage'
import type { Logger } from '#telemetry'
import { createAccountAuthenticator } from './authenticator.ts'
import { accountConfig, LONGEST_LIFETIME } from './config.ts'
import { createAccountPages, TOKEN_PATH } from './pages.ts'
import { createPeople } from './people.ts'
import { createRevocations } from './revocations.ts'
import { createAccountRoutes } from './routes.ts'
import { createAccountTokens } from './service.ts'
import { createSigningKeys } from './signing-keys.ts'
import { createRevocationStore, revocationMigrations } from './store.ts'
import { createTokenFormat } from './token-format.ts'
import { type AccountWatches, createAccountWatches } from './watches.ts'

export { accountTokenErrors } from './errors.ts'

export interface AccountDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger }
  readonly storage: Storage
  readonly sessions: Sessions
  readonly access: Access
  readonly identity: Pick<Identities, 'logout'>
  readonly publicUrl: PublicUrl
}

/** What a reload hands over to. Absent where the section is not configured. */
export type AccountApi = Pick<AccountWatches, 'adopt'> | undefined

export const accountModule = defineModule({
  id: 'account',
  configKey: 'account',
  config: accountConfig,
  requires: ['storage', 'sessions', 'access', 'identity'],
  create(deps: AccountDeps, config): HttpPart<AccountApi> {
    const { clock, telemetry, storage, access, publicUrl } = deps
    // Also where it is not configured: what was revoked before it was switched off must be revoked when it is back.
    storage.addMigrations(revocationMigrations)
    if (config === undefined) return { api: undefined }
    const { audience, realm, keys } = config
    const issuer = (): string => publicUrl.href
    const revocations = createRevocations({
      clock,
      log: telemetry.log,
      store: createRevocationStore(storage),
      keyValue: storage.keyValue,
      longestMs: parseDuration(LONGEST_LIFETIME) ?? Number.NaN,
    })
    const tokens = createAccountTokens(
      {
        clock,
        format: createTokenFormat({ clock, keys: createSigningKeys(keys), issuer, audience }),
        revocations,
        people: createPeople(access.users, clock),
        access,
        audit: storage.audit,
        issuer,
      },
      config,
    )
    const watches = createAccountWatches({ clock, log: telemetry.log, tokens, revocations, access })
    const authenticator = createAccountAuthenticator({ tokens, watches, realm })
    access.authenticators.add(authenticator)
    return {
      api: watches,
      routes: [
        ...createAccountRoutes({ tokens, access, realm, accepted: authenticator.accepted }),
        ...createAccountPages({ ...deps, tokens }, config),
      ],
      accountPages: [
        {
          path: TOKEN_PATH,
          title: 'Tokens for scripts',
          description: 'Let a script use the services here in your name, and revoke what it was given.',
        },
      ],
      templates: new URL('./templates/', import.meta.url),
      tasks: [{ name: 'account.revocations', everyMs: 600_000, run: revocations.sweep }],
      async start() {
        await revocations.start()
        watches.start()
      },
      retire: async (next) => watches.handOver(next),
      async stop() {
        watches.stop()
        revocations.stop()
      },
    }
  },
})
