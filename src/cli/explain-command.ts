// `gatehouse explain USER METHOD PATH`: what the gateway would decide, by which rule, and what is missing, said as the
// policy tester of administrators says it (`Explain` of access), with the stores but without a gateway that listens.

import type { Command } from 'commander'
import type { Explain, Explanation } from '#access'
import type { GatewayConfig } from '../modules.ts'
import { type CommandContext, CommandExit, collect, readConfig, withConfigOption } from './command-context.ts'

/** A gateway whose stores are open and which does not listen. */
export interface ExplainedGateway {
  readonly explain: Explain
  readonly close: () => Promise<void>
}

export interface ExplainDeps {
  readonly context: CommandContext
  readonly open: (config: GatewayConfig) => Promise<ExplainedGateway>
}

const EXIT_REFUSED = 3
const EXIT_NOTHING_THERE = 4

const EXAMPLES = `
USER is a user id, provider/subject, a username that only one user has, or "anonymous".
Groups are those of the user's last login; --group asks what if they had more.

Exit codes: 0 allowed, 3 refused, 4 nothing answers at this path.

Examples:
  $ gatehouse explain ada GET /api/manager/folders
  $ gatehouse explain sso/8f2c41 DELETE /api/manager/folders/7 --group staff
  $ gatehouse explain anonymous GET https://gate.example.org/docs/ --json
`

interface ExplainOptions {
  readonly config?: readonly string[]
  readonly group?: readonly string[]
  readonly json?: boolean
}

export function addExplainCommand(program: Command, { context, open }: ExplainDeps): void {
  withConfigOption(program.command('explain'))
    .description('Say whether a user may send a request, by which rule, and what is missing.')
    .argument('<user>', 'whose request it would be')
    .argument('<method>', 'GET, POST …')
    .argument('<path>', 'a path as in the address bar, or the whole address')
    .option('-g, --group <name>', 'as if the user were in this group too; repeat it for several', collect)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (user: string, method: string, path: string, options: ExplainOptions) => {
      const gateway = await open(await readConfig(context, options.config))
      try {
        const explanation = await gateway.explain({ user, method, address: path, groups: options.group ?? [] })
        if (explanation === undefined) {
          context.printError(`No user is called "${user}", or more than one is. Use provider/subject, or "anonymous".`)
          throw new CommandExit(1)
        }
        const shown = toShown(explanation)
        context.print(options.json ? JSON.stringify(shown) : describe(shown))
        context.setExitCode(exitCodes[explanation.decision])
      } finally {
        await gateway.close()
      }
    })
}

const exitCodes: Readonly<Record<Explanation['decision'], number>> = {
  allowed: 0,
  refused: EXIT_REFUSED,
  'nothing-there': EXIT_NOTHING_THERE,
}

/** What is printed. */
interface Shown extends Pick<Explanation, 'decision' | 'method' | 'path' | 'rule' | 'because'> {
  readonly user: { readonly name: string; readonly groups: readonly string[]; readonly isAdmin: boolean } | null
  readonly note?: string
  readonly answeredBy?: string
  readonly missing?: readonly string[]
}

const toShown = ({ person, isSupposed, answeredBy, place: _place, missing, ...facts }: Explanation): Shown => ({
  ...facts,
  user: person === undefined ? null : summaryOf(person),
  ...(isSupposed && { note: 'has never logged in here; only the groups given count' }),
  ...(answeredBy && { answeredBy: nameOf(answeredBy) }),
  ...(missing.length > 0 && { missing }),
})

const summaryOf = ({ username, provider, subject, groups, isAdmin }: NonNullable<Explanation['person']>) => ({
  name: `${username} (${provider}/${subject})`,
  groups,
  isAdmin,
})

const nameOf = (answeredBy: NonNullable<Explanation['answeredBy']>): string =>
  answeredBy.kind === 'gatehouse'
    ? `Gatehouse itself (${answeredBy.address})`
    : `${answeredBy.id} (${answeredBy.address})`

function describe(shown: Shown): string {
  const { user, note } = shown
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['decision', DECISIONS[shown.decision]],
    ['answered by', shown.answeredBy],
    ['user', user === null ? 'a stranger' : user.name],
    ['note', note],
    ['groups', user === null ? undefined : user.groups.join(', ') || 'none'],
    ['rule', shown.rule],
    ['because', shown.because],
    ['missing', shown.missing?.join(' or ')],
  ]
  const printed = lines.filter(([, text]) => text !== undefined).map(([name, text]) => `  ${name.padEnd(12)}${text}`)
  return [`${shown.method} ${shown.path}`, ...printed].join('\n')
}

const DECISIONS: Readonly<Record<Explanation['decision'], string>> = {
  allowed: 'allowed',
  refused: 'refused',
  'nothing-there': 'nothing answers at this path (404)',
}
