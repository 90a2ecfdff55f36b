// Users: who has ever logged in, and whether they still may. A login creates the row; nobody signs up,
// and a new user may do only what a policy gives to everybody or to their groups.

import type { LoginIdentity } from '#identity'
import type { Clock, UserId } from '#kernel'
import type { Sessions } from '#sessions'
import type { KeyValueStore } from '#storage'
import type { Audit, Logger } from '#telemetry'
import type { ChangedBy, UserPage, Users } from './access.ts'
import { accessErrors } from './errors.ts'
import type { UserStore } from './user-store.ts'

export interface UsersDeps {
  readonly store: UserStore
  readonly sessions: Pick<Sessions, 'endAllOf'>
  readonly keyValue: Pick<KeyValueStore, 'set' | 'changes'>
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Logger
  readonly contact?: string | undefined
}

/** The service, and what keeps its picture of disabled users true. */
export interface UserService {
  readonly users: Users
  /** Reads who is disabled; called at start and now and then after. */
  readonly reload: () => Promise<void>
  /** Hears of changes by other nodes and by the command line until the returned function is called. */
  readonly listen: () => () => void
}

const SIGNAL_PREFIX = 'access:disabled:'
const SIGNAL_TTL_MS = 60_000
const MAX_NAME_LENGTH = 255
const CONTROL = /\p{Cc}/u
const CONTROLS = /\p{Cc}/gu

export function createUsers(deps: UsersDeps): UserService {
  const { store, sessions, keyValue, audit, clock, log, contact } = deps
  let disabled: ReadonlySet<UserId> = new Set()

  const reload = async (): Promise<void> => {
    disabled = new Set(await store.disabledIds())
  }

  const reloadSoon = (): void => {
    reload().catch((error: unknown) => {
      log.error({ event: 'disabled_users_unread', err: error }, 'could not read which users are disabled')
    })
  }

  const users: Users = Object.freeze({
    async admit(identity: LoginIdentity) {
      if (!isUsableSubject(identity.subject)) throw accessErrors.identityUnusable({ provider: identity.provider })
      const user = await store.admit(presentable(identity), clock.now())
      if (user === undefined) throw accessErrors.userDisabled({ contact })
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
      await reload()
      // Tells the other nodes; the value says nothing, they read the table.
      await keyValue.set(`${SIGNAL_PREFIX}${id}`, String(isDisabled), { ttlMs: SIGNAL_TTL_MS })
      const ended = isDisabled ? await sessions.endAllOf(id, 'disabled') : 0
      const action = isDisabled ? 'user.disable' : 'user.enable'
      await audit.record({ action, outcome: 'success', userId: id, ...by, detail: { sessionsEnded: ended } })
      log.info({ event: isDisabled ? 'user_disable' : 'user_enable', user_id: id, sessions_ended: ended }, action)
    },

    isDisabled: (id: UserId) => disabled.has(id),
  })

  return Object.freeze({ users, reload, listen: () => keyValue.changes.subscribe(SIGNAL_PREFIX, reloadSoon) })
}

const isUsableSubject = (subject: string): boolean =>
  subject.length > 0 && subject.length <= MAX_NAME_LENGTH && !CONTROL.test(subject)

/** What is only shown may be shortened; databases refuse NUL, and a log line should stay one line. */
function presentable(identity: LoginIdentity): LoginIdentity {
  const { email, ...rest } = identity
  return {
    ...rest,
    username: shown(identity.username),
    displayName: shown(identity.displayName),
    ...(email !== undefined && { email: shown(email) }),
  }
}

const shown = (text: string): string => text.replace(CONTROLS, ' ').slice(0, MAX_NAME_LENGTH)
