// Who has an account at the Manager stand-in, and what becomes of it: keypairs, passwords, one-time codes, logins.

import { randomBytes, randomUUID } from 'node:crypto'
import { oneTimeCode } from './totp.ts'

export interface ManagerAccount {
  /** An e-mail address. */
  readonly username: string
  readonly password: string
  readonly role?: 'user' | 'admin' | 'superadmin' | 'monitor'
  readonly accessKey?: string
  readonly secretKey?: string
  /** Single sign-on: who shows this token is this person. */
  readonly signInToken?: string
  /** Wants a one-time code at login: a secret in base32, or `register` for one who has yet to set it up. */
  readonly totp?: string
  /** Cannot log in before the password is changed; the date is part of the message. */
  readonly passwordExpiredOn?: string
  /** Shut out by the Manager itself (from 26.8 on). */
  readonly isLoginBlocked?: boolean
  /** Unlimited if absent (from 26.4 on). */
  readonly maxConcurrentLogins?: number
}

/** As it is now. */
export interface Person extends Required<Pick<ManagerAccount, 'username' | 'role' | 'accessKey' | 'secretKey'>> {
  readonly userId: string
  readonly status: 'active'
  readonly signInToken: string | undefined
  readonly isLoginBlocked: boolean
  readonly maxConcurrentLogins: number
  password: string
  passwordExpiredOn: string | undefined
  totpSecret: string | undefined
  /** Stands for the person until a second factor is set up. */
  totpRegistrationToken: string | undefined
  /** Session tokens of live logins, oldest first. */
  readonly logins: string[]
}

export interface AccountBook {
  add(account: ManagerAccount): Person
  remove(person: Person): void
  /** @throws if there is no such person */
  get(username: string): Person
  find(isThis: (person: Person) => boolean): Person | undefined
  findSecretKey(accessKey: string): string | undefined
  /** What the person's authenticator app shows now. */
  oneTimeCode(username: string): string
}

export function createAccountBook(accounts: readonly ManagerAccount[], now: () => number): AccountBook {
  const byKey = new Map<string, Person>()
  const find = (isThis: (person: Person) => boolean) => byKey.values().find(isThis)
  const add = (account: ManagerAccount): Person => {
    const person = toPerson(account)
    byKey.set(person.accessKey, person)
    return person
  }
  const get = (username: string): Person => {
    const person = find((each) => each.username === username)
    if (person === undefined) throw new Error(`the Manager stand-in knows no ${username}`)
    return person
  }
  for (const account of accounts) add(account)
  return Object.freeze({
    add,
    get,
    find,
    remove: (person: Person) => void byKey.delete(person.accessKey),
    findSecretKey: (accessKey: string) => byKey.get(accessKey)?.secretKey,
    oneTimeCode(username: string) {
      const { totpSecret } = get(username)
      if (totpSecret === undefined) throw new Error(`${username} has no second factor`)
      return oneTimeCode(totpSecret, now())
    },
  })
}

const toPerson = (account: ManagerAccount): Person => ({
  username: account.username,
  password: account.password,
  role: account.role ?? 'user',
  accessKey: account.accessKey ?? `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
  // The mark is one that no log and no answer may show.
  secretKey: account.secretKey ?? `CANARY-${randomBytes(20).toString('base64')}`,
  userId: randomUUID(),
  status: 'active',
  signInToken: account.signInToken,
  isLoginBlocked: account.isLoginBlocked ?? false,
  maxConcurrentLogins: account.maxConcurrentLogins ?? Number.POSITIVE_INFINITY,
  passwordExpiredOn: account.passwordExpiredOn,
  totpSecret: account.totp === 'register' ? undefined : account.totp,
  totpRegistrationToken: account.totp === 'register' ? randomBytes(16).toString('hex') : undefined,
  logins: [],
})
