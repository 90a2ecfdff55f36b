// The module value of `access`: wires users, principals and decisions together.

import { defineFact, type HttpPart, type PublicUrl, type RequestContext } from '#http'
import { type Clock, defineModule } from '#kernel'
import type { Mail } from '#mail'
import type { Sessions } from '#sessions'
import type { Storage } from '#storage'
import type { Logger } from '#telemetry'
import type { Access, PolicyRule, Principal } from './access.ts'
import { compileAllow } from './allow.ts'
import { createApprovalStore } from './approval-store.ts'
import { type ActiveToken, createAuthenticators } from './authenticator.ts'
import { createAuthorizer } from './authorize.ts'
import { createChosenLanguages } from './chosen-languages.ts'
import { accessConfig } from './config.ts'
import { createFindAdmins } from './find-admins.ts'
import { createLimits } from './limits.ts'
import { LOCAL_GROUP_PREFIX } from './local-group-names.ts'
import { createLocalGroupStore } from './local-group-store.ts'
import { createLocalGroups } from './local-groups.ts'
import { createPendingRoute } from './pending-route.ts'
import { compilePolicy } from './policy.ts'
import { createPrincipals } from './principal.ts'
import { createRecipients } from './recipients.ts'
import { createRoleStore } from './role-store.ts'
import { createAccessRoutes } from './routes.ts'
import { createSessionList } from './session-list.ts'
import { createSignUps } from './sign-ups.ts'
import { createStandings, standingPollMs } from './standing.ts'
import { createStandingStore } from './standing-store.ts'
import { createUserStore } from './user-store.ts'
import { userMigrations } from './user-tables.ts'
import { createUsers } from './users.ts'

export interface AccessDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger }
  readonly publicUrl: Pick<PublicUrl, 'urlTo'>
  readonly storage: Storage
  readonly sessions: Sessions
  readonly mail: Mail
}

export const accessModule = defineModule({
  id: 'access',
  configKey: 'access',
  config: accessConfig,
  requires: ['storage', 'sessions', 'mail'],
  create: (deps: AccessDeps, { admins, contact, signUp, recentLogin }): HttpPart<Access> => {
    const { clock, storage, sessions, mail } = deps
    const { log } = deps.telemetry
    storage.addMigrations(userMigrations)
    const { keyValue, audit } = storage
    const standings = createStandings({
      store: createStandingStore(storage, clock),
      keyValue,
      log,
      onGroupsLost: sessions.loseGroups,
    })
    const current = defineFact<Principal>('principal')
    const token = defineFact<ActiveToken>('token')
    const makesAdmins = (group: string): boolean => admins.includes(`group:${LOCAL_GROUP_PREFIX}${group}`)
    const limits = createLimits({ session: sessions.current, token, clock, recentLoginMs: recentLogin })
    const principals = createPrincipals({
      session: sessions.current,
      current,
      admins: compileAllow(admins, () => true as const),
      standing: standings.current,
    })
    const store = createUserStore(storage)
    const approvals = createApprovalStore(storage)
    const findAdmins = createFindAdmins({
      entries: admins,
      store,
      standing: standings.current,
      principalOf: principals.principalOf,
    })
    const languages = createChosenLanguages(log)
    const recipients = createRecipients({ findAdmins, languageOf: languages.find })
    const signUps = createSignUps({
      config: signUp,
      admins,
      contact,
      store: approvals,
      recipients,
      keyValue,
      mail,
      urlTo: deps.publicUrl.urlTo,
      clock,
      log,
    })
    const common = { standings, audit, clock, log }
    const roles = createRoleStore(storage)
    const api: Access = Object.freeze({
      users: createUsers({ ...common, store, approvals, roles, signUps, sessions, contact }),
      groups: createLocalGroups({ ...common, store: createLocalGroupStore(storage), users: store }),
      compilePolicy: (owner: string, rules: readonly PolicyRule[]) => compilePolicy(owner, rules, contact),
      ...principals,
      ...createAuthorizer({ principal: principals.principal, limits, contact }),
      forget(ctx: RequestContext) {
        sessions.current.set(ctx, undefined)
        current.set(ctx, undefined)
      },
      reload: standings.reload,
      current,
      token,
      authenticators: createAuthenticators(),
      languages,
      recipients,
      serviceRefusal: limits.serviceRefusal,
      contact,
    })
    let stopListening: (() => void) | undefined
    return {
      api,
      routes: [
        createPendingRoute(api, mail.isConfigured),
        ...createAccessRoutes({
          access: api,
          sessions,
          listSessions: createSessionList({ clock, users: api.users, sessions }),
          audit,
          mail,
          groupRights: { makesAdmins, ...limits },
        }),
      ],
      templates: new URL('./templates/', import.meta.url),
      tasks: [{ name: 'access.people', everyMs: standingPollMs, run: standings.poll }],
      start: async () => {
        stopListening = standings.listen()
        await standings.reload()
      },
      stop: async () => stopListening?.(),
    }
  },
})
