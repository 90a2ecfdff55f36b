// Writes to people before their tokens end: one mail for all of somebody's that end soon, and of each token once. To
// administrators about old keys of service accounts that are still used.

import type { Access, Recipient, User } from '#access'
import type { Clock, UserId } from '#kernel'
import type { Mail } from '#mail'
import type { KeyValueStore } from '#storage'
import { keyEnds, tokenEnds } from './expiry-mails.ts'
import { iso } from './listed-token.ts'
import { onOneNode } from './on-one-node.ts'
import type { EndingToken, WarningStore } from './warning-store.ts'

export interface ExpiryWarningsDeps {
  readonly clock: Clock
  readonly keyValue: KeyValueStore
  readonly store: WarningStore
  readonly users: Pick<Access['users'], 'findById'>
  readonly recipients: Access['recipients']
  readonly mail: Pick<Mail, 'send'>
  /** A path of ours as a whole address. */
  readonly urlTo: (path: string) => string
  /** So long before their end; ms. */
  readonly warnBeforeMs: number
}

/** How often to look, in ms. */
export const warningLookMs = 10 * 60_000

// These lead there wherever the pages of the portal are.
const TOKENS_PATH = '/portal/settings/tokens'
const ACCOUNTS_PATH = '/portal/admin/service-accounts'

/** @returns one look */
export function createExpiryWarnings(deps: ExpiryWarningsDeps): () => Promise<void> {
  const { clock, keyValue, store, users, recipients, mail, urlTo, warnBeforeMs } = deps
  const ending = () => store.ending(clock.now(), warnBeforeMs)

  const findEnabled = async (userId: UserId): Promise<User | undefined> => {
    const user = await users.findById(userId)
    return user?.disabledAt === undefined ? user : undefined
  }

  /** Whoever cannot be reached is not looked for again. */
  const warnOwner = async (userId: UserId, tokens: readonly EndingToken[]): Promise<void> => {
    const user = await findEnabled(userId)
    const recipient = user && (await recipients.person(user))
    await store.noteWarned(tokens, clock.now(), async ([first, ...others], transaction) => {
      if (first === undefined || recipient === undefined) return
      const data = {
        name: user?.displayName ?? '',
        token: first.name,
        prefix: first.prefix,
        endsAt: iso(first.expiresAt),
        more: others.length === 0 ? '' : String(others.length),
        link: urlTo(TOKENS_PATH),
      }
      await mail.send({ ...recipient, template: tokenEnds, data }, transaction)
    })
  }

  const warnAdmins = async (key: EndingToken, admins: readonly Recipient[]): Promise<void> => {
    const reached = (await findEnabled(key.userId)) === undefined ? [] : admins
    await store.noteWarned([key], clock.now(), async ([taken], transaction) => {
      if (taken === undefined) return
      const data = {
        account: taken.name,
        prefix: taken.prefix,
        endsAt: iso(taken.expiresAt),
        usedAt: iso(taken.lastUsedAt ?? taken.createdAt),
        usedFrom: taken.lastUsedFrom ?? '',
        link: urlTo(ACCOUNTS_PATH),
      }
      for (const admin of reached) await mail.send({ ...admin, template: keyEnds, data }, transaction)
    })
  }

  const warn = async (): Promise<void> => {
    const { 'api-token': own = [], 'service-account': keys = [] } = Object.groupBy(await ending(), ({ kind }) => kind)
    for (const [userId, tokens] of Map.groupBy(own, (token) => token.userId)) await warnOwner(userId, tokens)
    const admins = keys.length === 0 ? [] : await recipients.admins()
    for (const key of keys) await warnAdmins(key, admins)
  }

  return async () => {
    if ((await ending()).length > 0) await onOneNode(keyValue, clock, 'token-warnings', warn)
  }
}
