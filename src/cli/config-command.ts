// `gatehouse config`: check what is written, print what is in effect, plan what would change, and give editors and
// operators the schema and a sample. Nothing is started, and no secret is printed.

import type { Command } from 'commander'
import {
  describeConfig,
  describeConfigAsJson,
  formatProblem,
  type LoadedConfig,
  problemAsJson,
  type RefusedConfig,
  toJsonSchema,
  toSampleYaml,
} from '#config'
import { type CommandContext, DEFAULT_CONFIG_FILE, withConfigOption } from './command-context.ts'
import { addPlanCommand, type PlanDeps } from './config-plan.ts'

export interface ConfigCommandDeps extends Pick<CommandContext, 'print' | 'printError' | 'setExitCode'> {
  /** The composed schema. */
  readonly schema: Parameters<typeof toJsonSchema>[0]
  readonly load: (files: readonly string[]) => Promise<Loaded | RefusedConfig>
  readonly findRunning: PlanDeps['findRunning']
}

interface Options {
  readonly config?: readonly string[]
  readonly json?: boolean
}

/** Adds `config check | print | plan | schema | sample`. Exit codes: 0 right, 1 wrong, 2 misused. */
export function addConfigCommand(program: Command, deps: ConfigCommandDeps): void {
  const { schema, print } = deps
  const config = program.command('config').description('Check, print and learn the configuration; nothing is started.')

  withConfigOption(config.command('check'))
    .description('Say everything that is wrong with the configuration: place, reason and remedy. Exit code 1 if so.')
    .option('--json', 'print problems and warnings as JSON')
    .addHelpText('after', '\nExample:\n  $ gatehouse config check --config base.yaml --config production.yaml\n')
    .action((options: Options) => withLoaded(deps, options, (loaded, files) => confirm(deps, options, loaded, files)))

  withConfigOption(config.command('print'))
    .description(
      'Print every setting in effect with its origin: file:line:column, key in etcd, variable or default. Secrets stay hidden.',
    )
    .option('--json', 'print settings and warnings as JSON')
    .addHelpText('after', '\nExample:\n  $ gatehouse config print | grep -v "# default"\n')
    .action((options: Options) =>
      withLoaded(deps, options, (loaded) => {
        print(options.json === true ? toJson(describeConfigAsJson(loaded)) : describeConfig(loaded).trimEnd())
      }),
    )

  addPlanCommand(config, { ...deps, load: (options) => loadOrTell(deps, options) })

  config
    .command('schema')
    .description('Print the JSON Schema (2020-12), for editors that complete and check while one types.')
    .addHelpText('after', '\nExample:\n  $ gatehouse config schema > gatehouse.schema.json\n')
    .action(() => print(toJson(toJsonSchema(schema))))

  config
    .command('sample')
    .description('Print a sample with every key, its meaning and its default, commented out.')
    .addHelpText('after', `\nExample:\n  $ gatehouse config sample > ${DEFAULT_CONFIG_FILE}\n`)
    .action(() => print(toSampleYaml(schema).trimEnd()))
}

type Loaded = LoadedConfig<unknown>

async function withLoaded(
  deps: ConfigCommandDeps,
  options: Options,
  use: (loaded: Loaded, files: readonly string[]) => void,
): Promise<void> {
  const loaded = await loadOrTell(deps, options)
  if (loaded !== undefined) use(loaded, filesOf(options))
}

const filesOf = ({ config }: Options): readonly string[] => config ?? [DEFAULT_CONFIG_FILE]

/** Undefined if it was refused; why has been said. */
async function loadOrTell(deps: ConfigCommandDeps, options: Options): Promise<Loaded | undefined> {
  const files = filesOf(options)
  const loaded = await deps.load(files)
  if (loaded.ok) return loaded
  deps.setExitCode(1)
  if (options.json === true) {
    deps.print(toJson({ ok: false, files, problems: loaded.problems.map(problemAsJson) }))
    return undefined
  }
  const count = loaded.problems.length === 1 ? '1 problem' : `${loaded.problems.length} problems`
  deps.printError(`${loaded.problems.map((problem) => `${formatProblem(problem)}\n`).join('\n')}\n${count}`)
  return undefined
}

function confirm(
  { print, printError }: ConfigCommandDeps,
  { json }: Options,
  loaded: Loaded,
  files: readonly string[],
) {
  if (json === true) return print(toJson({ ok: true, files, warnings: describeConfigAsJson(loaded).warnings }))
  for (const { message } of loaded.warnings) printError(`warning: ${message}`)
  const written = loaded.settings.filter(({ origin }) => origin.kind !== 'default').length
  print(`${files.join(', ')}: right, ${written} settings written, ${loaded.settings.length - written} by default`)
}

const toJson = (value: unknown): string => JSON.stringify(value, undefined, 2)
