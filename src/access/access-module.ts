// The module value of `access`: wires users, principals and decisions together.

import { defineFact, type HttpPart } from '#http'
import { type Clock, defineModule } from '#kernel'
import type { Sessions } from '#sessions'
import type { Storage } from '#storage'
import type { Logger } from '#telemetry'
import type { Access, PolicyRule, Principal } from './access.ts'
import { compileAllow } from './allow.ts'
import { type ActiveToken, createAuthenticators } from './authenticator.ts'
import { createAuthorizer } from './authorize.ts'
import { accessConfig } from './config.ts'
import { createLimits } from './limits.ts'
import { compilePolicy } from './policy.ts'
import { createPrincipals } from './principal.ts'
import { createAccessRoutes } from './routes.ts'
import { createStandings, standingPollMs } from './standing.ts'
import { createStandingStore } from './standing-store.ts'
import { createUserStore } from './user-store.ts'
import { userMigrations } from './user-tables.ts'
import { createUsers } from './users.ts'

export interface AccessDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger }
  readonly storage: Storage
  readonly sessions: Sessions
}

export const accessModule = defineModule({
  id: 'access',
  configKey: 'access',
  config: accessConfig,
  requires: ['storage', 'sessions'],
  create: (
    { clock, telemetry: { log }, storage, sessions }: AccessDeps,
    { admins, contact, signUp, recentLogin },
  ): HttpPart<Access> => {
    storage.addMigrations(userMigrations)
    const { keyValue, audit } = storage
    const standings = createStandings({ store: createStandingStore(storage, clock), keyValue, log })
    const users = createUsers({
      store: createUserStore(storage),
      standings,
      sessions,
      audit,
      clock,
      log,
      contact,
      signUp,
      admins,
    })
    const current = defineFact<Principal>('principal')
    const token = defineFact<ActiveToken>('token')
    const limits = createLimits({ session: sessions.current, token, clock, recentLoginMs: recentLogin })
    const principals = createPrincipals({
      session: sessions.current,
      current,
      admins: compileAllow(admins, () => true as const),
      standing: standings.current,
    })
    const api: Access = Object.freeze({
      users,
      compilePolicy: (owner: string, rules: readonly PolicyRule[]) => compilePolicy(owner, rules, contact),
      ...principals,
      ...createAuthorizer({ principal: principals.principal, limits, contact }),
      current,
      token,
      authenticators: createAuthenticators(),
      serviceRefusal: limits.serviceRefusal,
      contact,
    })
    let stopListening: (() => void) | undefined
    return {
      api,
      routes: createAccessRoutes(api, sessions),
      tasks: [{ name: 'access.people', everyMs: standingPollMs, run: standings.poll }],
      start: async () => {
        stopListening = standings.listen()
        await standings.reload()
      },
      stop: async () => stopListening?.(),
    }
  },
})
