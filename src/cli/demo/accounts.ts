// The three people of the demo. Their passwords are random in each run and printed once, on the screen that started it.

import { randomToken, Secret } from '#kernel'

export interface DemoAccount {
  readonly username: string
  readonly displayName: string
  readonly email: string
  readonly groups: readonly string[]
  /** The role at the Manager stand-in. */
  readonly role: 'user' | 'admin' | 'superadmin'
  readonly password: Secret
}

const people = [
  { username: 'member', displayName: 'Mira Member', groups: ['lab'], role: 'user' },
  { username: 'staff', displayName: 'Stefan Staff', groups: ['lab', 'staff'], role: 'user' },
  { username: 'admin', displayName: 'Ada Admin', groups: ['lab', 'staff', 'admins'], role: 'superadmin' },
] as const

/** @param newPassword for tests that must recognise the passwords of their run. */
export const createDemoAccounts = (newPassword: () => string = () => randomToken(12)): readonly DemoAccount[] =>
  people.map((person) => ({ ...person, email: `${person.username}@example.org`, password: new Secret(newPassword()) }))
