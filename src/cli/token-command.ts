// `gatehouse token list | revoke USER`: what programs of a person may come in with, and ending that. Works on the stores
// with the gateway up or down; every running node hears of it within a second.

import type { Command } from 'commander'
import type { ChangedBy, User } from '#access'
import { type ListedToken, toListedToken } from '#tokens'
import type { Gateway } from '../gateway.ts'
import { type CommandContext, CommandExit, withConfigOption } from './command-context.ts'
import { findUser, withApis } from './with-apis.ts'

type Apis = Gateway['apis']

interface Options {
  readonly config?: readonly string[]
  readonly json?: boolean
  readonly id?: string
}

const EXIT_NO_TOKEN = 3
const BY_COMMAND: ChangedBy = { actor: 'cli' }

const EXAMPLES = `
USER is provider/subject, a user id, or a username that only one user has.

A token that is revoked is over for good and on every node within a second, with what was opened with it. People make
tokens themselves, in the portal or over the API; nobody can make one for them.

Exit codes: 0 done, 1 failed (no such user, stores away), 2 misused, 3 there is no such token.

Examples:
  $ gatehouse token list ada
  $ gatehouse token list sso/8f2c41 --json
  $ gatehouse token revoke ada                                all of them
  $ gatehouse token revoke ada --id 1f0c5c9e-…                one
`

export function addTokenCommand(program: Command, context: CommandContext): void {
  const token = program
    .command('token')
    .description('Tokens of people, and ending them.')
    .addHelpText('after', EXAMPLES)

  const add = (name: string, description: string): Command =>
    withConfigOption(token.command(name))
      .description(description)
      .argument('<user>', 'whose tokens')
      .option('--json', 'print JSON')
      .addHelpText('after', EXAMPLES)

  add('list', 'List the tokens of a user that are good now, the newest first.').action(
    (name: string, options: Options) =>
      withApis(context, options, async (apis) => {
        const { id } = await findUser(apis, context, name)
        printTokens(context, (await apis.tokens.list(id)).map(toListedToken), options)
      }),
  )

  add('revoke', 'Revoke the tokens of a user.')
    .option('--id <id>', 'only this one')
    .action((name: string, options: Options) =>
      withApis(context, options, async (apis) => {
        const revoked = await revoke(apis, await findUser(apis, context, name), options.id)
        if (options.json === true) context.print(JSON.stringify({ revoked }))
        else for (const id of revoked) context.print(`${id}  is over on every node.`)
        if (revoked.length > 0) return
        if (options.json !== true) context.printError('There is no such token; it may have ended already.')
        throw new CommandExit(EXIT_NO_TOKEN)
      }),
    )
}

async function revoke({ tokens }: Apis, user: User, id: string | undefined): Promise<readonly string[]> {
  if (id === undefined) return (await tokens.revokeAllOf(user, BY_COMMAND)).map((token) => token.id)
  return (await tokens.revoke(id, BY_COMMAND, user.id)) ? [id] : []
}

function printTokens(context: CommandContext, tokens: readonly ListedToken[], { json }: Options): void {
  if (json === true) {
    context.print(JSON.stringify(tokens))
    return
  }
  if (tokens.length === 0) context.print('This user has no tokens.')
  for (const { id, name, prefix, scopes, expiresAt = 'never', lastUsedAt, lastUsedFrom } of tokens) {
    const used = lastUsedAt === undefined ? 'never used' : `last used ${lastUsedAt} from ${lastUsedFrom ?? 'somewhere'}`
    context.print([id, `${prefix}…`, name, scopes.join(' '), `ends ${expiresAt}`, used].join('  '))
  }
}
