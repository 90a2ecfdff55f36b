// `gatehouse config plan`: what a reload would change, and what waits for a restart. Changes nothing itself.

import type { Command } from 'commander'
import { describeChanges, findChanges, hasSameContent, type LoadedConfig, type SettingChange } from '#config'
import type { RunningConfig } from '../serve/running-config.ts'
import { collect, withConfigOption } from './command-context.ts'

export interface PlanDeps {
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
  readonly setExitCode: (code: number) => void
  /** Undefined if it is wrong; what is wrong has been said. */
  readonly load: (options: PlanOptions) => Promise<Loaded | undefined>
  /** What the gateway on the same data folder runs with, if there is one. */
  readonly findRunning: (loaded: Loaded) => Promise<RunningConfig | undefined>
}

interface PlanOptions {
  readonly config?: readonly string[]
  readonly from?: readonly string[]
  readonly json?: boolean
}

type Loaded = LoadedConfig<unknown>

const EXIT_RELOAD = 3
const EXIT_RESTART = 4

/** Adds `config plan`. Exit codes: 0 no difference, 3 a reload applies all of it, 4 some of it needs a restart. */
export function addPlanCommand(config: Command, deps: PlanDeps): void {
  withConfigOption(config.command('plan'))
    .description(
      'Print what would change: against the gateway that runs on the same data folder, or against --from. ' +
        'Exit code 0: nothing; 3: a reload applies all of it; 4: some of it needs a restart.',
    )
    .option('--from <file>', 'compare with this file instead; repeat it to overlay several', collect)
    .option('--json', 'print the changes as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ gatehouse config plan --config new.yaml\n  $ gatehouse config plan --from old.yaml --config new.yaml\n',
    )
    .action((options: PlanOptions) => plan(deps, options))
}

async function plan(deps: PlanDeps, options: PlanOptions): Promise<void> {
  const { from, json } = options
  const loaded = await deps.load(options)
  if (loaded === undefined) return
  if (from !== undefined) {
    const before = await deps.load({ ...options, config: from })
    if (before === undefined) return
    return tell(deps, json, from.join(', '), findChanges(before.settings, loaded.settings, hasSameContent))
  }
  const running = await deps.findRunning(loaded)
  if (running === undefined) {
    deps.printError(
      'No gateway is seen to run on this data folder (storage.directory): there is nothing to compare with. ' +
        'Start it, run this where it runs, or name the files of the present configuration with --from.',
    )
    return deps.setExitCode(1)
  }
  const { since, pid, settings, hasSameContent: isSame } = running
  tell(deps, json, `what process ${pid} runs with since ${since}`, findChanges(settings, loaded.settings, isSame))
}

function tell(
  { print, setExitCode }: PlanDeps,
  json: boolean | undefined,
  base: string,
  changes: readonly SettingChange[],
): void {
  const waiting = changes.filter(({ needsRestart }) => needsRestart).length
  if (changes.length > 0) setExitCode(waiting > 0 ? EXIT_RESTART : EXIT_RELOAD)
  const told = `Compared with ${base}:\n${describeChanges(changes)}${summarise(changes.length, waiting)}`
  print(json === true ? JSON.stringify({ comparedWith: base, changes }, undefined, 2) : told)
}

function summarise(count: number, waiting: number): string {
  if (count === 0) return 'Nothing changes.'
  const total = count === 1 ? '1 change' : `${count} changes`
  if (waiting === 0) return `${total}; a reload applies all of it.`
  return `${total}, of which ${waiting} ${waiting === 1 ? 'needs' : 'need'} a restart; a reload applies the rest.`
}
