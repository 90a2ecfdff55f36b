// Sign-ups that wait for an administrator: who has to wait, who is told, what follows from a decision.

import type { Kysely } from 'kysely'
import type { LoginIdentity } from '#identity'
import type { Clock } from '#kernel'
import type { Mail, MailTemplate } from '#mail'
import type { KeyValueStore } from '#storage'
import type { Logger } from '#telemetry'
import type { User } from './access.ts'
import { compileAllow } from './allow.ts'
import type { ApprovalStore } from './approval-store.ts'
import type { SignUpConfig } from './config.ts'
import { signUpApproved, signUpAsked, signUpRefused } from './sign-up-mails.ts'

export interface SignUps {
  /** Whether somebody new has to wait. */
  mustWait(identity: LoginIdentity): boolean
  /** Writes to the administrators that this person waits: once a day, however often they log in. */
  announce(user: User): Promise<void>
  /** Writes to the person, in the transaction of the decision. */
  tell<Tables>(user: User, decision: 'approved' | 'refused', transaction: Kysely<Tables>): Promise<void>
}

export interface SignUpsDeps {
  readonly config: SignUpConfig
  /** `access.admins`: they never wait. */
  readonly admins: readonly string[]
  readonly contact: string | undefined
  readonly store: Pick<ApprovalStore, 'mayBeAnnounced' | 'noteAnnounced'>
  /** Everybody who administers now, with what they are reached by. */
  readonly findAdmins: () => Promise<readonly User[]>
  readonly keyValue: Pick<KeyValueStore, 'increment'>
  readonly mail: Pick<Mail, 'send' | 'isConfigured'>
  /** A path of ours as a whole address. */
  readonly urlTo: (path: string) => string
  readonly clock: Clock
  readonly log: Logger
}

const DAY_MS = 24 * 3_600_000
const HOUR_MS = 3_600_000
/** Whoever can make accounts at an open provider must not fill anybody's mailbox. */
const MAX_PER_HOUR = 20
const ADMIN_PATH = '/admin/users?state=pending'

export function createSignUps(deps: SignUpsDeps): SignUps {
  const { config, admins, contact, store, findAdmins, keyValue, mail, urlTo, clock, log } = deps
  const { approval, providers, autoApproveGroups, notify } = config
  const isTrusted = compileAllow(
    [...admins, ...autoApproveGroups.map((group) => `group:${group}`)],
    () => true as const,
  )

  const recipients = async (): Promise<readonly string[]> => {
    if (notify.length > 0) return notify
    const found = await findAdmins()
    return [...new Set(found.flatMap(({ email }) => (email === undefined ? [] : [email])))]
  }

  const isFlooded = async (): Promise<boolean> => {
    const hour = Math.floor(clock.now() / HOUR_MS)
    return (await keyValue.increment(`access:sign-up-mails:${hour}`, { by: 1, ttlMs: HOUR_MS })) > MAX_PER_HOUR
  }

  return Object.freeze({
    mustWait: (identity: LoginIdentity) =>
      approval === 'required' &&
      identity.isInvited !== true &&
      providers?.includes(identity.provider) !== false &&
      isTrusted({ ...identity, isPending: false }) === undefined,

    async announce(user: User) {
      if (!mail.isConfigured) return
      const now = clock.now()
      if (!(await store.mayBeAnnounced(user.id, now - DAY_MS))) return
      if (await isFlooded()) {
        log.warn({ event: 'sign_up_mails_bounded', user_id: user.id }, 'no mail about this sign-up: there are too many')
        return
      }
      const { displayName: name, username, provider, email = '' } = user
      const data = { name, username, provider, email, link: urlTo(ADMIN_PATH) }
      const addresses = await recipients()
      await store.noteAnnounced(user.id, now, now - DAY_MS, async (transaction) => {
        for (const to of addresses) await mail.send({ to, template: signUpAsked, data }, transaction)
      })
    },

    async tell(user, decision, transaction) {
      if (user.email === undefined) return
      const template: MailTemplate<{ readonly [fact: string]: string; name: string; link: string; contact: string }> =
        decision === 'approved' ? signUpApproved : signUpRefused
      const data = { name: user.displayName, link: urlTo('/'), contact: contact ?? '' }
      await mail.send({ to: user.email, template, data }, transaction)
    },
  } satisfies SignUps)
}
