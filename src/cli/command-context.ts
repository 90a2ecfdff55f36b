// What every command gets: where it runs, how it speaks, and the checked configuration. Commands never touch
// `process` themselves, so tests run them in-process.

import type { Writable } from 'node:stream'
import type { Command } from 'commander'
import { type Environment, formatProblem, type LoadedConfig } from '#config'
import type { GatewayConfig } from '../modules.ts'
import { readConfiguration } from '../serve/read-config.ts'

export interface CommandContext {
  readonly env: Environment
  readonly cwd: string
  /** Of the runtime. */
  readonly nodeVersion: string
  readonly stdin: NodeJS.ReadStream
  /** Where questions are asked; absent if nobody would see them. */
  readonly terminal?: Writable
  /** One line, or several, to standard output. */
  readonly print: (text: string) => void
  /** The same to standard error. */
  readonly printError: (text: string) => void
  readonly setExitCode: (code: number) => void
  /** Calls the listener for signals that mean this until the returned function is called. */
  readonly onSignal: (meaning: SignalMeaning, listener: () => void) => () => void
}

/** SIGTERM or SIGINT; SIGHUP; SIGUSR2. */
export type SignalMeaning = 'stop' | 'reload' | 'renew'

/** Ends a command with this exit code; what to say has been said. */
export class CommandExit extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit ${exitCode}`)
    this.exitCode = exitCode
  }
}

export const DEFAULT_CONFIG_FILE = 'gatehouse.yaml'

/** Adds the repeatable `--config`. */
export const withConfigOption = (command: Command): Command =>
  command.option(
    '-c, --config <file>',
    `configuration file; repeat it to overlay several (default: ${DEFAULT_CONFIG_FILE})`,
    collect,
  )

/** For an option that may be repeated: gives all values in their order; undefined if it was not given. */
export const collect = (value: string, values: readonly string[] | undefined): readonly string[] => [
  ...(values ?? []),
  value,
]

/** Reads the configuration or says everything that is wrong with it. @throws CommandExit 1 */
export async function readConfig(
  context: CommandContext,
  files: readonly string[] | undefined,
): Promise<GatewayConfig> {
  return (await loadChecked(context, files)).config
}

/** The same with the warnings, which `serve` logs at every start. @throws CommandExit 1 */
export async function loadChecked(
  context: CommandContext,
  files: readonly string[] | undefined,
): Promise<LoadedConfig<GatewayConfig>> {
  const { env, cwd } = context
  const loaded = await readConfiguration({ files: files ?? [DEFAULT_CONFIG_FILE], env, cwd })
  if (!loaded.ok) {
    for (const problem of loaded.problems) context.printError(`${formatProblem(problem)}\n`)
    throw new CommandExit(1)
  }
  return loaded
}
