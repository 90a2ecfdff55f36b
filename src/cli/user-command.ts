// `gatehouse user add | list | approve | refuse | disable | enable | role | password`: local accounts, who of all users may
// come in, and who administers. Works on the stores with the gateway up or down; a running one hears of it within a second.

import { Argument, type Command } from 'commander'
import { ROLES, type Role, type User } from '#access'
import type { LocalAccountSummary } from '#identity'
import type { Gateway } from '../gateway.ts'
import { type CommandContext, collect, withConfigOption } from './command-context.ts'
import { readPassword } from './read-password.ts'
import { failUnknown, findUser, withApis } from './with-apis.ts'

type Apis = Gateway['apis']

interface Options {
  readonly config?: readonly string[]
  readonly json?: boolean
}

interface AddOptions extends Options {
  readonly group?: readonly string[]
  readonly displayName?: string
  readonly email?: string
}

/** One line of the list: somebody who has logged in, or a local account that has not yet. */
export interface ListedUser {
  readonly name: string
  readonly displayName: string
  readonly provider: string
  readonly groups: readonly string[]
  readonly isDisabled: boolean
  /** Absent where nobody was asked, and before the first login. */
  readonly approval?: 'pending' | 'refused'
  /** What was given to the person here. */
  readonly roles?: readonly string[]
  readonly lastLoginAt?: string
  /** Absent until the first login. */
  readonly id?: string
}

const EXAMPLES = `
Examples:
  $ gatehouse user add ada --group lab            asks for the password, twice
  $ gatehouse user add ada < password.txt         takes the first line
  $ gatehouse user list --json
  $ gatehouse user approve orcid/0000-0001        lets in somebody who waits
  $ gatehouse user role sso/8f2c41 admin          makes an administrator; none takes every role
  $ gatehouse user disable sso/8f2c41             ends their sessions at once, on every node
`

export function addUserCommand(program: Command, context: CommandContext): void {
  const user = program
    .command('user')
    .description('Local accounts, which users may come in, and who administers.')
    .addHelpText('after', EXAMPLES)

  const add = (name: string, description: string): Command =>
    withConfigOption(user.command(name))
      .description(description)
      .option('--json', 'print JSON')
      .addHelpText('after', EXAMPLES)

  add('add', 'Make a local account. The password comes from a prompt or from standard input.')
    .argument('<name>', 'letters, digits, dots, hyphens and underscores')
    .option('-g, --group <name>', 'a group that policies may name; repeat it for several', collect)
    .option('--display-name <text>', 'the full name')
    .option('--email <address>', 'the e-mail address')
    .action((name: string, options: AddOptions) =>
      withApis(context, options, (apis) => addUser(apis, context, name, options)),
    )

  add('list', 'List everybody who has logged in, and the local accounts.').action((options: Options) =>
    withApis(context, options, async (apis) => printUsers(context, await listUsers(apis), options)),
  )

  add('approve', 'Let in somebody who waits for approval, or was refused; they get a mail.')
    .argument('<user>', 'PROVIDER/SUBJECT, a user id, or a username that only one user has')
    .action((name: string, options: Options) => decide(context, name, options, 'approved'))

  add('refuse', 'Keep out somebody who waits for approval; they get a mail.')
    .argument('<user>', 'PROVIDER/SUBJECT, a user id, or a username that only one user has')
    .action((name: string, options: Options) => decide(context, name, options, 'refused'))

  add('role', 'Give a user exactly this role.')
    .argument('<user>', 'PROVIDER/SUBJECT, a user id, or a username that only one user has')
    .addArgument(new Argument('<role>', 'the role').choices([...ROLES, 'none']))
    .action((name: string, role: Role | 'none', options: Options) => setRole(context, name, role, options))

  add('disable', 'Keep a user out: no login, and every session of theirs ends at once.')
    .argument('<user>', 'a local account, PROVIDER/SUBJECT, or a user id')
    .action((name: string, options: Options) =>
      withApis(context, options, (apis) => setDisabled(apis, context, name, true, options)),
    )

  add('enable', 'Let a disabled user in again.')
    .argument('<user>', 'a local account, PROVIDER/SUBJECT, or a user id')
    .action((name: string, options: Options) =>
      withApis(context, options, (apis) => setDisabled(apis, context, name, false, options)),
    )

  add('password', 'Change the password of a local account and end its sessions.')
    .argument('<name>', 'the local account')
    .action((name: string, options: Options) =>
      withApis(context, options, (apis) => changePassword(apis, context, name, options)),
    )
}

async function addUser({ identity }: Apis, context: CommandContext, name: string, options: AddOptions): Promise<void> {
  const { group: groups = [], displayName, email } = options
  const password = await readPassword(context, name)
  const account = await identity.accounts.add({
    name,
    password,
    groups,
    ...(displayName !== undefined && { displayName }),
    ...(email !== undefined && { email }),
  })
  if (identity.accounts.provider === undefined) {
    context.printError(
      'warning: the configuration has no identity provider of type local, so nobody can log in with it.',
    )
  }
  say(context, options, account, `${account.name} can log in now.`)
}

const decide = (
  context: CommandContext,
  name: string,
  options: Options,
  approval: 'approved' | 'refused',
): Promise<void> =>
  withApis(context, options, async (apis) => {
    const { id, provider, subject } = await findUser(apis, context, name)
    if (approval === 'approved') await apis.access.users.approve(id)
    else await apis.access.users.refuse(id)
    const shown = `${provider}/${subject}`
    say(context, options, { name: shown, approval }, `${shown} is ${approval}.`)
  })

const setRole = (context: CommandContext, name: string, role: Role | 'none', options: Options): Promise<void> =>
  withApis(context, options, async (apis) => {
    const { id, provider, subject } = await findUser(apis, context, name)
    const roles = role === 'none' ? [] : [role]
    await apis.access.users.setRoles(id, roles)
    const shown = `${provider}/${subject}`
    say(context, options, { name: shown, roles }, `${shown} has ${role === 'none' ? 'no role' : `the role ${role}`}.`)
  })

async function listUsers({ access, identity }: Apis): Promise<readonly ListedUser[]> {
  const { accounts } = identity
  const provider = accounts.provider ?? 'local'
  const users = await access.users.list()
  const local = new Map((await accounts.list()).map((account) => [account.name, account]))
  const seen = users.map((user) => {
    const account = user.provider === provider ? local.get(user.subject) : undefined
    if (account !== undefined) local.delete(account.name)
    return toListed(user, account, access.users.rolesOf(user.id))
  })
  const unseen = [...local.values()].map((account): ListedUser => {
    const { name, displayName, groups, disabledAt } = account
    return { name, displayName, provider, groups, isDisabled: disabledAt !== undefined }
  })
  return [...seen, ...unseen].toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
}

const toListed = (user: User, account: LocalAccountSummary | undefined, roles: readonly Role[]): ListedUser => ({
  name: user.username,
  displayName: user.displayName,
  provider: user.provider,
  groups: user.groups,
  isDisabled: user.disabledAt !== undefined || account?.disabledAt !== undefined,
  ...(user.approval !== 'approved' && { approval: user.approval }),
  ...(roles.length > 0 && { roles }),
  lastLoginAt: new Date(user.lastLoginAt).toISOString(),
  id: user.id,
})

function printUsers(context: CommandContext, users: readonly ListedUser[], { json }: Options): void {
  if (json === true) {
    context.print(JSON.stringify(users))
    return
  }
  if (users.length === 0) context.print('Nobody has logged in yet, and there is no local account.')
  for (const { name, provider, groups, isDisabled, approval, roles = [], lastLoginAt } of users) {
    const facts = [
      `${provider}/${name}`,
      `groups: ${groups.join(', ') || 'none'}`,
      lastLoginAt === undefined ? 'has not logged in yet' : `last login ${lastLoginAt}`,
      ...(roles.length > 0 ? [`roles: ${roles.join(', ')}`] : []),
      ...(approval === 'pending' ? ['waits for approval'] : []),
      ...(approval === 'refused' ? ['refused'] : []),
      ...(isDisabled ? ['disabled'] : []),
    ]
    context.print(facts.join('  '))
  }
}

async function setDisabled(
  apis: Apis,
  context: CommandContext,
  name: string,
  disabled: boolean,
  options: Options,
): Promise<void> {
  const { accounts } = apis.identity
  const account = await findAccount(apis, name)
  const user = await apis.access.users.find(
    account === undefined ? name : `${accounts.provider ?? 'local'}/${account.name}`,
  )
  if (account === undefined && user === undefined) return failUnknown(context, name)
  if (account !== undefined) await accounts.setDisabled(account.name, disabled)
  if (user !== undefined) await apis.access.users.setDisabled(user.id, disabled, { actor: 'cli' })
  const shown = account?.name ?? `${user?.provider}/${user?.subject}`
  say(context, options, { name: shown, isDisabled: disabled }, `${shown} is ${disabled ? 'disabled' : 'enabled'}.`)
}

async function changePassword(apis: Apis, context: CommandContext, name: string, options: Options): Promise<void> {
  const account = await findAccount(apis, name)
  if (account === undefined) return failUnknown(context, name)
  await apis.identity.accounts.setPassword(account.name, await readPassword(context, account.name))
  const user = await apis.access.users.find(`${apis.identity.accounts.provider ?? 'local'}/${account.name}`)
  // Whoever knew the old password may be logged in with it.
  const ended = user === undefined ? 0 : await apis.sessions.endAllOf(user.id, 'revoked')
  say(
    context,
    options,
    { name: account.name, sessionsEnded: ended },
    `The password of ${account.name} is changed; ${ended} sessions ended.`,
  )
}

/** A bare name, or `PROVIDER/NAME` with the local provider. */
async function findAccount({ identity: { accounts } }: Apis, name: string): Promise<LocalAccountSummary | undefined> {
  const prefix = `${accounts.provider ?? 'local'}/`
  if (name.includes('/') && !name.startsWith(prefix)) return undefined
  return accounts.find(name.startsWith(prefix) ? name.slice(prefix.length) : name)
}

const say = (context: CommandContext, { json }: Options, facts: object, text: string): void =>
  context.print(json === true ? JSON.stringify(facts) : text)
