// `gatehouse service-account create | list | rotate | disable | enable`: accounts of programs. Works on the stores with the
// gateway up or down, and may be repeated: `create` brings an account that is there to what is asked for.

import { type Command, InvalidArgumentError } from 'commander'
import type { ChangedBy } from '#access'
import { parseDuration } from '#config'
import { type ListedServiceAccount, type ServiceAccountSettings, toListedAccount, toListedToken } from '#tokens'
import type { Gateway } from '../gateway.ts'
import { type CommandContext, collect, withConfigOption } from './command-context.ts'
import { withApis } from './with-apis.ts'

type ServiceAccounts = Gateway['apis']['tokens']['serviceAccounts']

interface Options {
  readonly config?: readonly string[]
  readonly json?: boolean
  readonly overlap?: number
}

interface CreateOptions extends Options {
  readonly description?: string
  readonly group?: readonly string[]
  readonly scope?: readonly string[]
  readonly rotateEvery?: number | 'never'
}

const BY_COMMAND: ChangedBy = { actor: 'cli' }

const EXAMPLES = `
NAME has small letters, digits and hyphens. In policies the account is user:service/NAME, or any of its groups.
A key is printed once, when it is made. With --rotate-every it is written to NAME.key in tokens.keyFolder as well, then
and each time that it rotates; run this command as the user of Gatehouse, or it cannot replace the file.

Examples:
  $ gatehouse service-account create nightly --group exporters --scope service:archive
  $ gatehouse service-account create nightly --rotate-every 30d --overlap 2d     changes the one that is there
  $ gatehouse service-account list --json
  $ gatehouse service-account rotate nightly               the present key stays good for the overlap
  $ gatehouse service-account rotate nightly --overlap 0s  after a leak: at once
  $ gatehouse service-account disable nightly
`

export function addServiceAccountCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('service-account')
    .description('Accounts of programs, and their keys.')
    .addHelpText('after', EXAMPLES)

  const add = (name: string, description: string): Command =>
    withConfigOption(command.command(name))
      .description(description)
      .option('--json', 'print JSON')
      .addHelpText('after', EXAMPLES)

  add('create', 'Create a service account with a first key, or change the one that is there.')
    .argument('<name>', 'its name')
    .option('-g, --group <name>', 'a group that it is in; repeat it for several', collect)
    .option('-s, --scope <scope>', 'what its keys may be used for; repeat it for several', collect)
    .option('--description <text>', 'what it is for')
    .option('--rotate-every <time>', 'how often its key rotates by itself, or "never"', parseRotateEvery)
    .option('--overlap <time>', 'how long keys stay good after a newer one was made', parseTime)
    .action((name: string, options: CreateOptions) =>
      withAccounts(context, options, (accounts) => create(accounts, context, name, options)),
    )

  add('list', 'List the service accounts with their keys.').action((options: Options) =>
    withAccounts(context, options, async (accounts) =>
      printAccounts(context, (await accounts.list()).map(toListedAccount), options),
    ),
  )

  add('rotate', 'Make a new key; those before it stay good for the overlap.')
    .argument('<name>', 'the service account')
    .option('--overlap <time>', 'instead of the overlap of the account', parseTime)
    .action((name: string, options: Options) =>
      withAccounts(context, options, async (accounts) => {
        const { key, secret, file } = await accounts.rotate(name, BY_COMMAND, { overlapMs: options.overlap })
        const facts = { name, key: toListedToken(key), secret: secret.reveal(), ...(file !== undefined && { file }) }
        say(context, options, facts, keyText(name, secret.reveal(), file))
      }),
    )

  const addSwitch = (word: 'disable' | 'enable', description: string): Command =>
    add(word, description)
      .argument('<name>', 'the service account')
      .action((name: string, options: Options) =>
        withAccounts(context, options, async (accounts) => {
          const account = await accounts.setDisabled(name, word === 'disable', BY_COMMAND)
          say(context, options, toListedAccount(account), `${name} is ${word}d.`)
        }),
      )
  addSwitch('disable', 'Keep a service account out, and end what it has open.')
  addSwitch('enable', 'Let a disabled service account in again, with the keys that it has.')
}

async function create(
  accounts: ServiceAccounts,
  context: CommandContext,
  name: string,
  options: CreateOptions,
): Promise<void> {
  const settings: ServiceAccountSettings = {
    description: options.description,
    groups: options.group,
    scopes: options.scope,
    rotateEveryMs: options.rotateEvery === 'never' ? null : options.rotateEvery,
    overlapMs: options.overlap,
  }
  const done = await accounts.put(name, settings, BY_COMMAND)
  const account = toListedAccount(done.account)
  if (!done.isNew) return say(context, options, { isNew: false, account }, `${name} is as asked for.`)
  const { secret, file } = done
  const facts = { isNew: true, account, secret: secret.reveal(), ...(file !== undefined && { file }) }
  say(context, options, facts, keyText(name, secret.reveal(), file))
}

const keyText = (name: string, secret: string, file: string | undefined): string =>
  `The key of ${name}, which is shown this once${file === undefined ? '' : `, and is in ${file}`}:\n${secret}`

const parseRotateEvery = (text: string): number | 'never' => (text === 'never' ? text : parseTime(text))

function parseTime(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('write a time such as 30d, 12h or 0s.')
  return ms
}

const withAccounts = (
  context: CommandContext,
  options: Options,
  work: (accounts: ServiceAccounts) => Promise<void>,
): Promise<void> => withApis(context, options, ({ tokens }) => work(tokens.serviceAccounts))

function printAccounts(context: CommandContext, accounts: readonly ListedServiceAccount[], { json }: Options): void {
  if (json === true) {
    context.print(JSON.stringify(accounts))
    return
  }
  if (accounts.length === 0) context.print('There is no service account.')
  for (const { name, groups, scopes, rotateEverySeconds, isDisabled, keys } of accounts) {
    const rotation = rotateEverySeconds === undefined ? [] : [`rotates every ${rotateEverySeconds} s`]
    const facts = [`groups: ${groups.join(', ') || 'none'}`, `scopes: ${scopes.join(' ') || 'none'}`, ...rotation]
    context.print([name, ...facts, ...(isDisabled ? ['disabled'] : [])].join('  '))
    for (const { id, prefix, createdAt, expiresAt, lastUsedAt } of keys) {
      const end = expiresAt === undefined ? 'the present one' : `ends ${expiresAt}`
      context.print(`  ${id}  ${prefix}…  made ${createdAt}  ${end}  last used ${lastUsedAt ?? 'never'}`)
    }
  }
}

const say = (context: CommandContext, { json }: Options, facts: object, text: string): void =>
  context.print(json === true ? JSON.stringify(facts) : text)
