// Users: who has ever logged in, and whether they still may. A login creates the row; a new user may do only what a
// policy gives to everybody or to their groups, and nothing before the account is approved, where that is asked for.

import type { LoginIdentity } from '#identity'
import type { Clock, UserId } from '#kernel'
import type { Sessions } from '#sessions'
import type { Audit, AuditEntry, Logger } from '#telemetry'
import type { ChangedBy, Role, User, UserQuery, Users } from './access.ts'
import type { ApprovalStore } from './approval-store.ts'
import { accessErrors } from './errors.ts'
import type { HeardGroups } from './heard-groups-store.ts'
import { toLocalName, withoutLocalGroups } from './local-group-names.ts'
import type { RoleStore } from './role-store.ts'
import type { SignUps } from './sign-ups.ts'
import type { Standings } from './standing.ts'
import type { UserStore } from './user-store.ts'

export interface UsersDeps {
  readonly store: UserStore
  readonly approvals: Pick<ApprovalStore, 'decide'>
  readonly roles: RoleStore
  readonly signUps: SignUps
  readonly standings: Pick<Standings, 'announce' | 'current'>
  readonly sessions: Pick<Sessions, 'endAllOf'>
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Logger
  readonly contact?: string | undefined
}

const CLI: ChangedBy = { actor: 'cli' }
/** The configuration decided, not a person. */
const BY_CONFIGURATION: ChangedBy = { actor: 'config' }

/** What the audit log calls it, and how the log does. */
const EVENTS = {
  'user.approve': 'user_approve',
  'user.refuse': 'user_refuse',
  'user.disable': 'user_disable',
  'user.enable': 'user_enable',
  'user.roles': 'user_roles',
} as const
const OTHER_ISSUER =
  'a name that another issuer has given before: if the server moved, put its former issuer into formerIssuers; if it is ' +
  'another server, give the entry another id'
const MAX_NAME_LENGTH = 255
const CONTROL = /\p{Cc}/u
const CONTROLS = /\p{Cc}/gu

export function createUsers(deps: UsersDeps): Users {
  const { store, approvals, roles, signUps, standings, sessions, audit, clock, log, contact } = deps

  const getUser = async (id: string): Promise<User> => {
    const user = await store.findById(id)
    if (user === undefined) throw accessErrors.userUnknown({})
    return user
  }

  /** What was changed about a person: for the log, and for those who must answer for it. */
  const note = async (
    action: keyof typeof EVENTS,
    id: UserId,
    by: ChangedBy,
    detail: AuditEntry['detail'] = {},
  ): Promise<void> => {
    await audit.record({ action, outcome: 'success', userId: id, ...by, detail })
    log.info({ event: EVENTS[action], user_id: id }, action)
  }

  return Object.freeze({
    async admit(identity: LoginIdentity) {
      if (!isUsableSubject(identity.subject)) throw accessErrors.identityUnusable({ provider: identity.provider })
      const shown = presentable(identity)
      const judgement = signUps.judge(shown)
      const { user, didLetIn, isOtherIssuers } = await store.admit(shown, clock.now(), judgement.kind === 'waits')
      if (isOtherIssuers) {
        const { provider, issuer } = identity
        log.warn({ event: 'login_other_issuer', provider, issuer, user_id: user.id }, OTHER_ISSUER)
        throw accessErrors.otherIssuer({ contact })
      }
      if (user.disabledAt !== undefined) throw accessErrors.userDisabled({ contact })
      if (user.approval === 'refused') throw accessErrors.signUpRefused({ contact })
      // What waits, or waits no more, is in the picture before there is a session.
      if (user.approval !== (standings.current().approvals.get(user.id) ?? 'approved')) await standings.announce()
      if (user.approval === 'pending') await signUps.announce(user)
      if (didLetIn && judgement.kind === 'approved')
        await note('user.approve', user.id, BY_CONFIGURATION, { entry: judgement.by })
      return user
    },

    async setGroups(id: UserId, { groups, askedAt }: HeardGroups) {
      await getUser(id)
      await store.setGroups(id, { groups: withoutLocalGroups(groups), askedAt }, clock.now())
    },

    list: (query: UserQuery = {}) => store.list(query),
    byLastLogin: store.byLastLogin,

    get: getUser,
    findById: store.findById,

    async find(name: string) {
      const slash = name.indexOf('/')
      if (slash !== -1) return store.findBySubject(name.slice(0, slash), name.slice(slash + 1))
      const user = await store.findById(name)
      if (user !== undefined) return user
      const [first, second] = await store.findByUsername(name, 2)
      return second === undefined ? first : undefined
    },

    async setDisabled(id: UserId, isDisabled: boolean, by = CLI) {
      const found = await store.setDisabledAt(id, isDisabled ? clock.now() : null)
      if (!found) throw accessErrors.userUnknown({})
      await standings.announce()
      const ended = isDisabled ? await sessions.endAllOf(id, 'disabled') : 0
      await note(isDisabled ? 'user.disable' : 'user.enable', id, by, { sessionsEnded: ended })
    },

    async approve(id: UserId, by = CLI) {
      const user = await getUser(id)
      const decision = { from: ['pending', 'refused'], to: 'approved' } as const
      const tell = await signUps.toTell(user, 'approved')
      if (!(await approvals.decide(id, decision, clock.now(), tell))) return
      await standings.announce()
      await note('user.approve', id, by)
    },

    async refuse(id: UserId, by = CLI) {
      const user = await getUser(id)
      if (user.approval === 'approved') throw accessErrors.notPending({})
      const decision = { from: ['pending'], to: 'refused' } as const
      const tell = await signUps.toTell(user, 'refused')
      if (!(await approvals.decide(id, decision, clock.now(), tell))) return
      await standings.announce()
      const ended = await sessions.endAllOf(id, 'disabled')
      await note('user.refuse', id, by, { sessionsEnded: ended })
    },

    async setRoles(id: UserId, wanted: readonly Role[], by = CLI) {
      await getUser(id)
      const { given, taken } = await roles.set(id, wanted, clock.now())
      if (given.length + taken.length === 0) return
      await standings.announce()
      await note('user.roles', id, by, { given: given.join(' '), taken: taken.join(' ') })
    },

    isDisabled(id: UserId) {
      const { disabled, approvals: known } = standings.current()
      return disabled.has(id) || known.get(id) === 'refused'
    },

    rolesOf: (id: UserId) => (standings.current().admins.has(id) ? ['admin'] : []),

    localGroupsOf: (id: UserId) => (standings.current().localGroups.get(id) ?? []).map(toLocalName),
  } satisfies Users)
}

/** Half a character (an unpaired surrogate) is written to a database as U+FFFD, whichever it was: two people in one row. */
const isUsableSubject = (subject: string): boolean =>
  subject.length > 0 && subject.length <= MAX_NAME_LENGTH && subject.isWellFormed() && !CONTROL.test(subject)

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
