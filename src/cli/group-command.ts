// `gatehouse group list | create | delete | add | remove`: the groups that Gatehouse keeps itself. Works on the stores with
// the gateway up or down; a running one hears of it within a second.

import type { Command } from 'commander'
import type { User } from '#access'
import type { Gateway } from '../gateway.ts'
import { type CommandContext, withConfigOption } from './command-context.ts'
import { findUser, withApis } from './with-apis.ts'

type Apis = Gateway['apis']

interface Options {
  readonly config?: readonly string[]
  readonly json?: boolean
}

const EXAMPLES = `
Policies write a group as group:local:NAME. No login provider can put anybody into one.

Examples:
  $ gatehouse group create beamline-7 --description "Users of beamline 7"
  $ gatehouse group add beamline-7 sso/8f2c41
  $ gatehouse group list --json
`

export function addGroupCommand(program: Command, context: CommandContext): void {
  const group = program
    .command('group')
    .description('Groups that Gatehouse keeps itself, beside those of the login providers.')
    .addHelpText('after', EXAMPLES)

  const add = (name: string, description: string): Command =>
    withConfigOption(group.command(name)).description(description).option('--json', 'print JSON')

  const say = ({ json }: Options, facts: object, text: string): void =>
    context.print(json === true ? JSON.stringify(facts) : text)

  add('list', 'List the groups; with a name, who is in that one.')
    .argument('[name]', 'a group')
    .action((name: string | undefined, options: Options) =>
      withApis(context, options, async ({ access: { groups } }) => {
        if (name === undefined) {
          const all = await groups.list()
          const lines = all.map((each) => `${each.name}  ${each.memberCount} members  ${each.description}`.trimEnd())
          return say(options, all, lines.join('\n') || 'There is no group yet.')
        }
        const members = (await groups.members(name)).map(toMember)
        say(
          options,
          members,
          members.map((each) => `${each.provider}/${each.subject}  ${each.displayName}`).join('\n') ||
            'Nobody is in it.',
        )
      }),
    )

  add('create', 'Make a group. It is no mistake if there is one of this name.')
    .argument('<name>', 'small letters, digits, dots, hyphens and underscores')
    .option('--description <text>', 'what it is for')
    .action((name: string, options: Options & { readonly description?: string }) =>
      withApis(context, options, async ({ access: { groups } }) => {
        const { description = '' } = options
        const known = await groups.find(name)
        const made = known ?? (await groups.create({ name, description }))
        say(options, made, known === undefined ? `There is a group ${name} now.` : `There is a group ${name} already.`)
      }),
    )

  add('delete', 'Remove a group: nobody is in it any more.')
    .argument('<name>', 'the group')
    .action((name: string, options: Options) =>
      withApis(context, options, async ({ access: { groups } }) => {
        await groups.delete(name)
        say(options, { name, deleted: true }, `The group ${name} is gone.`)
      }),
    )

  const membership = (
    command: 'add' | 'remove',
    description: string,
    apply: (apis: Apis, name: string, user: User) => Promise<void>,
    result: string,
  ): void => {
    add(command, description)
      .argument('<name>', 'the group')
      .argument('<user>', 'PROVIDER/SUBJECT, a user id, or a username that only one user has')
      .action((name: string, who: string, options: Options) =>
        withApis(context, options, async (apis) => {
          const user = await findUser(apis, context, who)
          await apply(apis, name, user)
          const shown = `${user.provider}/${user.subject}`
          say(options, { group: name, user: shown, isMember: command === 'add' }, `${shown} is ${result} ${name}.`)
        }),
      )
  }

  membership('add', 'Put a user into a group.', (apis, name, { id }) => apis.access.groups.add(name, id), 'in')
  membership(
    'remove',
    'Take a user out of a group; what they have open ends.',
    (apis, name, { id }) => apis.access.groups.remove(name, id),
    'not in',
  )
}

const toMember = ({ id, provider, subject, username, displayName }: User) => ({
  id,
  provider,
  subject,
  username,
  displayName,
})
