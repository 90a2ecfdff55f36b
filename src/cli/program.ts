// The command line's tree. Each command is a file of its own; `main.ts` runs it, tests run it in-process.

import { Command, CommanderError } from 'commander'
import { createExplain } from '#access'
import type { LoadedConfig } from '#config'
import { configSchema, type GatewayConfig } from '../modules.ts'
import { explainFailure } from '../serve/explain-failure.ts'
import { readConfiguration } from '../serve/read-config.ts'
import { type RunningConfig, readRunningConfig } from '../serve/running-config.ts'
import { VERSION } from '../version.ts'
import { type CommandContext, CommandExit } from './command-context.ts'
import { addConfigCommand } from './config-command.ts'
import { addDemoCommand } from './demo-command.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { addExplainCommand, type ExplainedGateway } from './explain-command.ts'
import { addGroupCommand } from './group-command.ts'
import { addImportCommand } from './import-command.ts'
import { addInitCommand } from './init-command.ts'
import { addKeysCommand } from './keys-command.ts'
import { findRuntimeFault } from './least-runtime.ts'
import { addMigrateCommand } from './migrate-command.ts'
import { openGateway } from './open-gateway.ts'
import { addServeCommand } from './serve-command.ts'
import { addServiceAccountCommand } from './service-account-command.ts'
import { addSessionCommand } from './session-command.ts'
import { addTokenCommand } from './token-command.ts'
import { addUserCommand } from './user-command.ts'

/** Runs one command line. @returns the exit code: 0 done, 1 failed, 2 misused, others as the command's help says. */
export async function runProgram(args: readonly string[], io: Omit<CommandContext, 'setExitCode'>): Promise<number> {
  let exitCode = 0
  const context: CommandContext = {
    ...io,
    setExitCode: (code) => {
      exitCode = code
    },
  }
  const runtimeFault = findRuntimeFault(io.nodeVersion)
  if (runtimeFault !== undefined) {
    context.printError(runtimeFault)
    return 1
  }
  try {
    await createProgram(context).parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    return describeFailure(error, context)
  }
}

function createProgram(context: CommandContext): Command {
  const program = new Command('gatehouse')
    .description(
      'The front door of a research platform: one login, keys that stay on the server, every request checked, signed and forwarded.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.printError(text.trimEnd()),
    })
    .addHelpText(
      'after',
      '\nStart with:\n  $ gatehouse demo             everything on this machine, nothing to set up\n  $ gatehouse init             five questions, and a configuration that is tried\n',
    )
  addDemoCommand(program, context)
  addInitCommand(program, context)
  addImportCommand(program, context)
  addServeCommand(program, context)
  addConfigCommand(program, {
    ...context,
    schema: configSchema,
    load: (files) => readConfiguration({ files, env: context.env, cwd: context.cwd }),
    findRunning,
  })
  addDoctorCommand(program, context)
  addExplainCommand(program, { context, open: (config) => openForExplaining(config, context) })
  addMigrateCommand(program, context)
  addKeysCommand(program, context)
  addUserCommand(program, context)
  addGroupCommand(program, context)
  addSessionCommand(program, context)
  addTokenCommand(program, context)
  addServiceAccountCommand(program, context)
  nameHelpOf(program)
  return program
}

/** Whoever misuses a command is told how to ask for the help of that one. */
function nameHelpOf(command: Command, above = ''): void {
  const name = `${above}${command.name()}`
  command.showHelpAfterError(`(${name} --help says more)`)
  for (const below of command.commands) nameHelpOf(below, `${name} `)
}

const findRunning = ({ config, settings }: LoadedConfig<unknown>): Promise<RunningConfig | undefined> =>
  // What was loaded with `configSchema`.
  readRunningConfig((config as GatewayConfig).storage.directory, settings)

async function openForExplaining(config: GatewayConfig, context: CommandContext): Promise<ExplainedGateway> {
  const { apis, find, hosts, publicUrl, stop } = await openGateway(config, context)
  const { access } = apis
  const explain = createExplain({
    access,
    find,
    hosts,
    belowBase: publicUrl.belowBase,
    // Without server.url the address is known only to the gateway that listens.
    isOwnHost: config.server.url === undefined ? () => true : publicUrl.isOwnHost,
  })
  return {
    async explain(question) {
      // Nothing was started that would have read it.
      await access.reload()
      return explain(question)
    },
    close: stop,
  }
}

function describeFailure(error: unknown, context: CommandContext): number {
  if (error instanceof CommandExit) return error.exitCode
  // Commander has printed its message; help and version end this way too, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  context.printError(explainFailure(error))
  return 1
}
