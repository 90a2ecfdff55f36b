// `gatehouse session list | revoke`: who is logged in, and whose login is to end. Works on the stores with the gateway up
// or down; every running node hears of it within a second, and closes what the session has open.

import { type Command, InvalidArgumentError } from 'commander'
import type { User } from '#access'
import { type EndedBy, type ListedSession, toListedSession } from '#sessions'
import type { Gateway } from '../gateway.ts'
import { type CommandContext, CommandExit, withConfigOption } from './command-context.ts'
import { findUser, withApis } from './with-apis.ts'

type Apis = Gateway['apis']

interface Options {
  readonly config?: readonly string[]
  readonly json?: boolean
  readonly user?: string
  readonly all?: boolean
}

/** One line of the list. */
export interface SessionOfUser extends ListedSession {
  readonly userId: string
  /** `provider/subject`. */
  readonly user: string
  readonly username: string
}

const EXIT_NO_SESSION = 3
const MIN_PREFIX = 8
const USERS_AT_ONCE = 500

const EXAMPLES = `
USER is provider/subject, a user id, or a username that only one user has.
REF is the reference of a session from the list, or at least ${MIN_PREFIX} characters of its beginning.

A session that is revoked is over for good and on every node within a second: open WebSockets are closed (4401),
downloads, uploads and event streams are broken off. The person may log in again; "gatehouse user disable" prevents that.

Exit codes: 0 done, 1 failed (no such user, stores away), 2 misused, 3 there is no such session.

Examples:
  $ gatehouse session list                          everybody who is logged in
  $ gatehouse session list --user sso/8f2c41 --json
  $ gatehouse session revoke 3f9a0c11               one session
  $ gatehouse session revoke --user ada             all of one user
  $ gatehouse session revoke --all                  everybody, after an incident
`

/** For the audit log. */
const BY_COMMAND: EndedBy = { id: 'cli', userId: 'cli', client: { address: 'local' } }

export function addSessionCommand(program: Command, context: CommandContext): void {
  const session = program
    .command('session')
    .description('Who is logged in, and ending that.')
    .addHelpText('after', EXAMPLES)

  const add = (name: string, description: string): Command =>
    withConfigOption(session.command(name))
      .description(description)
      .option('-u, --user <user>', 'only sessions of this user')
      .option('--json', 'print JSON')
      .addHelpText('after', EXAMPLES)

  add('list', 'List the sessions that are alive, the ones used last first.').action((options: Options) =>
    withApis(context, options, async (apis) => {
      const found: SessionOfUser[] = []
      for await (const each of sessionsOf(apis, context, options)) found.push(each)
      printSessions(
        context,
        found.toSorted((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt, 'en')),
        options,
      )
    }),
  )

  add('revoke', 'End one session, all of a user, or all there are.')
    .argument('[ref]', 'the session', parseRef)
    .option('--all', 'every session of everybody')
    .action((ref: string | undefined, options: Options, command: Command) => {
      const isAmbiguous = options.all === true && (ref !== undefined || options.user !== undefined)
      if (isAmbiguous || (ref === undefined && options.user === undefined && options.all !== true)) {
        command.error('error: say which: a session, --user USER, or --all', { exitCode: 2 })
      }
      return withApis(context, options, (apis) => revoke(apis, context, ref, options))
    })
}

function parseRef(text: string): string {
  if (/^[0-9A-Za-z_-]+$/.test(text) && text.length >= MIN_PREFIX) return text
  throw new InvalidArgumentError(`it has at least ${MIN_PREFIX} letters and digits; "gatehouse session list" shows it.`)
}

/** Sessions of one user, or of all, a user at a time. @throws CommandExit 1 if there is no such user */
async function* sessionsOf(
  apis: Apis,
  context: CommandContext,
  { user: name }: Options,
): AsyncGenerator<SessionOfUser> {
  for await (const user of usersOf(apis, context, name)) {
    for (const row of await apis.sessions.list(user.id)) yield toSessionOfUser(user, toListedSession(row))
  }
}

async function* usersOf(apis: Apis, context: CommandContext, name: string | undefined): AsyncGenerator<User> {
  if (name !== undefined) {
    yield await findUser(apis, context, name)
    return
  }
  let after: string | undefined
  for (;;) {
    const page = await apis.access.users.list({ limit: USERS_AT_ONCE, ...(after !== undefined && { after }) })
    yield* page
    after = page.at(-1)?.id
    if (page.length < USERS_AT_ONCE) return
  }
}

async function revoke(apis: Apis, context: CommandContext, ref: string | undefined, options: Options): Promise<void> {
  const wanted: SessionOfUser[] = []
  for await (const each of sessionsOf(apis, context, options)) {
    if (ref === undefined || each.ref.startsWith(ref)) wanted.push(each)
  }
  if (ref !== undefined && wanted.length > 1) {
    context.printError(`"${ref}" is the beginning of ${wanted.length} sessions; give more of it.`)
    throw new CommandExit(EXIT_NO_SESSION)
  }
  if (wanted.length === 0) {
    if (options.json === true) context.print(JSON.stringify({ revoked: [] }))
    else context.printError('There is no such session; it may have ended already.')
    throw new CommandExit(EXIT_NO_SESSION)
  }
  const revoked: SessionOfUser[] = []
  for (const each of wanted) if (await revokeOne(apis, each)) revoked.push(each)
  if (options.json === true) {
    context.print(JSON.stringify({ revoked: revoked.map((each) => ({ ref: each.ref, user: each.user })) }))
    return
  }
  for (const { user, ref: ended } of revoked) context.print(`${short(ended)}  ${user}  is over on every node.`)
}

async function revokeOne({ access, sessions }: Apis, { userId, ref }: SessionOfUser): Promise<boolean> {
  const user = await access.users.findById(userId)
  return user !== undefined && sessions.endByRef(user.id, ref, 'revoked', BY_COMMAND)
}

const toSessionOfUser = ({ id, provider, subject, username }: User, session: ListedSession): SessionOfUser => ({
  ...session,
  userId: id,
  user: `${provider}/${subject}`,
  username,
})

function printSessions(context: CommandContext, sessions: readonly SessionOfUser[], { json }: Options): void {
  if (json === true) {
    context.print(JSON.stringify(sessions))
    return
  }
  if (sessions.length === 0) context.print('Nobody is logged in.')
  for (const { ref, user, username, address, lastSeenAt, endsAt } of sessions) {
    const who = user.endsWith(`/${username}`) ? user : `${user} (${username})`
    context.print([short(ref), who, `from ${address}`, `last seen ${lastSeenAt}`, `ends by ${endsAt}`].join('  '))
  }
}

/** Enough to tell sessions apart. */
const short = (ref: string): string => ref.slice(0, 16)
