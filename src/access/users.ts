// Users: who has ever logged in, and whether they still may. A login creates the row; a new user may do only what a
// policy gives to everybody or to their groups, and nothing before the account is approved, where that is asked for.

import type { LoginIdentity } from '#identity'
import type { Clock, UserId } from '#kernel'
import type { Sessions } from '#sessions'
import type { Audit, Logger } from '#telemetry'
import type { ChangedBy, UserPage, Users } from './access.ts'
import { compileAllow } from './allow.ts'
import type { SignUpConfig } from './config.ts'
import { accessErrors } from './errors.ts'
import { withoutLocalGroups } from './local-group-names.ts'
import type { Standings } from './standing.ts'
import type { UserStore } from './user-store.ts'

export interface UsersDeps {
  readonly store: UserStore
  readonly sessions: Pick<Sessions, 'endAllOf'>
  readonly standings: Pick<Standings, 'announce' | 'current'>
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Logger
  readonly contact?: string | undefined
  readonly signUp: SignUpConfig
  /** `access.admins`: they never wait. */
  readonly admins: readonly string[]
}

const MAX_NAME_LENGTH = 255
const CONTROL = /\p{Cc}/u
const CONTROLS = /\p{Cc}/gu

export function createUsers(deps: UsersDeps): Users {
  const { store, standings, sessions, audit, clock, log, contact, signUp, admins } = deps
  const mustWait = compileSignUp(signUp, admins)

  return Object.freeze({
    async admit(identity: LoginIdentity) {
      if (!isUsableSubject(identity.subject)) throw accessErrors.identityUnusable({ provider: identity.provider })
      const shown = presentable(identity)
      const user = await store.admit(shown, clock.now(), mustWait(shown))
      if (user.disabledAt !== undefined) throw accessErrors.userDisabled({ contact })
      if (user.approval === 'refused') throw accessErrors.signUpRefused({ contact })
      // What waits, or waits no more, is in the picture before there is a session.
      if (user.approval !== (standings.current().approvals.get(user.id) ?? 'approved')) await standings.announce()
      return user
    },

    list: (page: UserPage = {}) => store.list(page),

    async find(name: string) {
      const slash = name.indexOf('/')
      if (slash !== -1) return store.findBySubject(name.slice(0, slash), name.slice(slash + 1))
      const user = await store.findById(name)
      if (user !== undefined) return user
      const [first, second] = await store.findByUsername(name, 2)
      return second === undefined ? first : undefined
    },

    async setDisabled(id: UserId, isDisabled: boolean, by: ChangedBy = { actor: 'cli' }) {
      const found = await store.setDisabledAt(id, isDisabled ? clock.now() : null)
      if (!found) throw accessErrors.userUnknown({})
      await standings.announce()
      const ended = isDisabled ? await sessions.endAllOf(id, 'disabled') : 0
      const action = isDisabled ? 'user.disable' : 'user.enable'
      await audit.record({ action, outcome: 'success', userId: id, ...by, detail: { sessionsEnded: ended } })
      log.info({ event: isDisabled ? 'user_disable' : 'user_enable', user_id: id, sessions_ended: ended }, action)
    },

    isDisabled: (id: UserId) => standings.current().disabled.has(id),
  })
}

/** Whether somebody new has to wait for approval. */
function compileSignUp(
  { approval, providers, autoApproveGroups }: SignUpConfig,
  admins: readonly string[],
): (identity: LoginIdentity) => boolean {
  if (approval === 'none') return () => false
  const isTrusted = compileAllow(
    [...admins, ...autoApproveGroups.map((group) => `group:${group}`)],
    () => true as const,
  )
  return (identity) =>
    identity.isInvited !== true &&
    providers?.includes(identity.provider) !== false &&
    isTrusted({ ...identity, isPending: false }) === undefined
}

const isUsableSubject = (subject: string): boolean =>
  subject.length > 0 && subject.length <= MAX_NAME_LENGTH && !CONTROL.test(subject)

/** What is only shown may be shortened; databases refuse NUL, and a log line should stay one line. */
function presentable(identity: LoginIdentity): LoginIdentity {
  const { email, ...rest } = identity
  return {
    ...rest,
    groups: withoutLocalGroups(identity.groups),
    username: shown(identity.username),
    displayName: shown(identity.displayName),
    ...(email !== undefined && { email: shown(email) }),
  }
}

const shown = (text: string): string => text.replace(CONTROLS, ' ').slice(0, MAX_NAME_LENGTH)
