// `gatehouse migrate`: brings the database to what this version needs, or says how it stands. `serve` does the same at
// each start; the command is for operators who want it done beforehand.

import type { Command } from 'commander'
import type { MigrationStatus } from '#storage'
import { createGateway } from '../gateway.ts'
import { type CommandContext, readConfig, withConfigOption } from './command-context.ts'

interface Options {
  readonly config?: readonly string[]
  readonly status?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Exit codes: 0 done, 1 failed (a migration, or the database is not reached), 2 misused.

Examples:
  $ gatehouse migrate --status          what is applied, and what is to do
  $ gatehouse migrate                   before the nodes are exchanged, one by one
  $ gatehouse migrate --status --json | jq '.[] | select(.appliedAt == null)'
`

export function addMigrateCommand(program: Command, context: CommandContext): void {
  withConfigOption(program.command('migrate'))
    .description('Bring the database to what this version needs. `serve` does it too, at every start.')
    .option('--status', 'change nothing, say which migrations are applied')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      const gateway = createGateway({ config: await readConfig(context, options.config), logSink: () => undefined })
      const { migrations } = gateway.apis.storage
      try {
        if (options.status === true) printStatus(context, await migrations.status(), options.json)
        else printApplied(context, await migrations.run(), options.json)
      } finally {
        await gateway.stop()
      }
    })
}

function printStatus(context: CommandContext, status: readonly MigrationStatus[], asJson = false): void {
  if (asJson) {
    context.print(JSON.stringify(status))
    return
  }
  for (const { name, appliedAt, known } of status) {
    const state = appliedAt === undefined ? 'to do' : `applied ${new Date(appliedAt).toISOString()}`
    context.print(`${name}  ${state}${known ? '' : ' (not of this version)'}`)
  }
}

function printApplied(context: CommandContext, names: readonly string[], asJson = false): void {
  if (asJson) context.print(JSON.stringify({ applied: names }))
  else if (names.length === 0) context.print('The database is up to date.')
  else context.print(`Applied:\n${names.map((name) => `  ${name}`).join('\n')}`)
}
