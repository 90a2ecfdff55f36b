// One command line, run in this process, and what it said.

import { Readable, type Writable } from 'node:stream'
import { runProgram } from '../../src/cli/program.ts'

export interface CommandSetting {
  /** Where it runs; `/` unless told. */
  readonly cwd?: string
  /** What is typed or piped into it; nothing unless told. */
  readonly stdin?: NodeJS.ReadStream | string
  /** Where it may ask; absent: nobody would see a question. */
  readonly terminal?: Writable
}

export interface CommandOutcome {
  readonly exitCode: number
  /** Standard output, with the ends of its lines. */
  readonly output: string
  /** Standard error, likewise. */
  readonly errors: string
}

/** No variable of the environment reaches it, and no signal. */
export async function runCommand(
  args: readonly string[],
  { cwd = '/', stdin = '', terminal }: CommandSetting = {},
): Promise<CommandOutcome> {
  const said = { output: '', errors: '' }
  const exitCode = await runProgram(args, {
    env: {},
    cwd,
    stdin: typeof stdin === 'string' ? (Readable.from([stdin]) as unknown as NodeJS.ReadStream) : stdin,
    ...(terminal && { terminal }),
    print: (text) => {
      said.output += `${text}\n`
    },
    printError: (text) => {
      said.errors += `${text}\n`
    },
    nodeVersion: process.versions.node,
    onSignal: () => () => {},
  })
  return { exitCode, ...said }
}
