// Local accounts as the people who run Gatehouse manage them (`gatehouse user`). Names and passwords must follow the
// rules here; logging in is the driver's business.

import type { Clock } from '#kernel'
import type { Storage } from '#storage'
import { accountErrors } from '../../errors.ts'
import { toPrintable } from '../../printable.ts'
import { toAccountName } from './account-name.ts'
import { createLocalAccountStore, type LocalAccount } from './account-store.ts'
import { createPasswordHasher, MAX_PASSWORD_LENGTH } from './password-hash.ts'

export interface LocalAccounts {
  /** The provider under which these accounts log in; undefined while the configuration has none of type `local`. */
  readonly provider: string | undefined
  /** @throws account.nameUnusable, account.nameTaken, account.passwordUnusable */
  add(account: NewLocalAccount): Promise<LocalAccountSummary>
  list(): Promise<readonly LocalAccountSummary[]>
  find(name: string): Promise<LocalAccountSummary | undefined>
  /** @throws account.unknown, account.passwordUnusable */
  setPassword(name: string, password: string): Promise<void>
  /** Whether the account can log in. Ends no session: that is `users.setDisabled`. @throws account.unknown */
  setDisabled(name: string, disabled: boolean): Promise<void>
}

export interface NewLocalAccount {
  readonly name: string
  readonly password: string
  readonly displayName?: string
  readonly email?: string
  readonly groups: readonly string[]
}

export type LocalAccountSummary = Omit<LocalAccount, 'passwordHash'>

/** Shorter ones are guessed; NIST SP 800-63B asks for no other rule. */
export const MIN_PASSWORD_LENGTH = 12

const MAX_TEXT_LENGTH = 128

export interface LocalAccountsDeps {
  readonly clock: Clock
  readonly storage: Pick<Storage, 'sql' | 'audit'>
  readonly provider: string | undefined
}

export function createLocalAccounts({ clock, storage, provider }: LocalAccountsDeps): LocalAccounts {
  const store = createLocalAccountStore(storage)
  const hasher = createPasswordHasher()

  const record = (action: string, name: string): Promise<void> =>
    storage.audit.record({ action, outcome: 'success', actor: 'cli', subject: name })

  const getName = (typed: string): string => {
    const name = toAccountName(typed)
    if (name === undefined) throw accountErrors.unknown({ name: toPrintable(typed, 64) })
    return name
  }

  return Object.freeze({
    provider,

    async add({ password, displayName, email, groups, ...typed }: NewLocalAccount) {
      const name = toAccountName(typed.name)
      if (name === undefined) throw accountErrors.nameUnusable({})
      checkPassword(password)
      const account: LocalAccountSummary = {
        name,
        displayName: toPrintable(displayName ?? '', MAX_TEXT_LENGTH) || name,
        ...(email !== undefined && { email: toPrintable(email, MAX_TEXT_LENGTH) }),
        groups: [...new Set(groups)],
        createdAt: clock.now(),
      }
      const isNew = await store.add({ ...account, passwordHash: await hasher.hash(password) })
      if (!isNew) throw accountErrors.nameTaken({ name })
      await record('account.add', name)
      return account
    },

    list: async () => (await store.list()).map(toSummary),

    async find(typed: string) {
      const name = toAccountName(typed)
      const account = name === undefined ? undefined : await store.find(name)
      return account && toSummary(account)
    },

    async setPassword(typed: string, password: string) {
      const name = getName(typed)
      checkPassword(password)
      if (!(await store.setPasswordHash(name, await hasher.hash(password)))) throw accountErrors.unknown({ name })
      await record('account.password', name)
    },

    async setDisabled(typed: string, disabled: boolean) {
      const name = getName(typed)
      if (!(await store.setDisabledAt(name, disabled ? clock.now() : undefined))) throw accountErrors.unknown({ name })
      await record(disabled ? 'account.disable' : 'account.enable', name)
    },
  })
}

function checkPassword(password: string): void {
  if (password.length < MIN_PASSWORD_LENGTH || password.length > MAX_PASSWORD_LENGTH)
    throw accountErrors.passwordUnusable({})
}

function toSummary({ passwordHash: _hash, ...account }: LocalAccount): LocalAccountSummary {
  return account
}
