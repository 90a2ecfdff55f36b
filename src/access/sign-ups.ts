// Sign-ups that wait for an administrator: who has to wait, who is told, what follows from a decision.

import type { LoginIdentity } from '#identity'
import type { Clock } from '#kernel'
import type { Mail } from '#mail'
import type { KeyValueStore } from '#storage'
import type { Logger } from '#telemetry'
import type { User } from './access.ts'
import { compileAllow } from './allow.ts'
import type { ApprovalStore, Within } from './approval-store.ts'
import type { SignUpConfig } from './config.ts'
import type { Recipient, Recipients } from './recipients.ts'
import { signUpApproved, signUpAsked, signUpRefused } from './sign-up-mails.ts'

export interface SignUps {
  /** Whether somebody new has to wait, or which entry of the configuration decides that they need not. */
  judge(identity: LoginIdentity): Judgement
  /** Writes to the administrators that this person waits: once a day, however often they log in. */
  announce(user: User): Promise<void>
  /** What writes to the person, in the transaction of the decision. */
  toTell(user: User, decision: 'approved' | 'refused'): Promise<Within>
}

/** `free`: nobody decides about people like this. */
export type Judgement =
  | { readonly kind: 'waits' | 'free' }
  | {
      readonly kind: 'approved'
      /** `group:NAME` or `user:PROVIDER/SUBJECT`. */
      readonly by: string
    }

export interface SignUpsDeps {
  readonly config: SignUpConfig
  /** `access.admins`: they never wait. */
  readonly admins: readonly string[]
  readonly contact: string | undefined
  readonly store: Pick<ApprovalStore, 'mayBeAnnounced' | 'noteAnnounced'>
  readonly recipients: Recipients
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
/** Leads there wherever the pages of the portal are. */
const ADMIN_PATH = '/portal/admin/users?state=pending'

export function createSignUps(deps: SignUpsDeps): SignUps {
  const { config, admins, contact, store, recipients, keyValue, mail, urlTo, clock, log } = deps
  const { approval, providers, autoApproveGroups, notify } = config
  const trustedBy = compileAllow([...admins, ...autoApproveGroups.map((group) => `group:${group}`)], (entry) => entry)

  const whoDecides = async (): Promise<readonly Recipient[]> =>
    notify.length > 0 ? notify.map((to) => ({ to })) : recipients.admins()

  const isFlooded = async (): Promise<boolean> => {
    const hour = Math.floor(clock.now() / HOUR_MS)
    return (await keyValue.increment(`access:sign-up-mails:${hour}`, { by: 1, ttlMs: HOUR_MS })) > MAX_PER_HOUR
  }

  return Object.freeze({
    judge(identity: LoginIdentity): Judgement {
      const isAsked =
        approval === 'required' && identity.isInvited !== true && providers?.includes(identity.provider) !== false
      if (!isAsked) return { kind: 'free' }
      const by = trustedBy({ ...identity, isPending: false })
      return by === undefined ? { kind: 'waits' } : { kind: 'approved', by }
    },

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
      const found = await whoDecides()
      await store.noteAnnounced(user.id, now, now - DAY_MS, async (transaction) => {
        for (const recipient of found) await mail.send({ ...recipient, template: signUpAsked, data }, transaction)
      })
    },

    async toTell(user, decision) {
      const recipient = mail.isConfigured ? await recipients.person(user) : undefined
      if (recipient === undefined) return async () => {}
      const template = decision === 'approved' ? signUpApproved : signUpRefused
      const data = { name: user.displayName, link: urlTo('/'), contact: contact ?? '' }
      return async (transaction) => void (await mail.send({ ...recipient, template, data }, transaction))
    },
  } satisfies SignUps)
}
