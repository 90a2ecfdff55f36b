// `gatehouse demo`: the whole gateway with everything it needs around it, on this machine, for looking.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { CommandContext } from './command-context.ts'
import type { RunningDemo } from './demo/demo.ts'
import { stopOnSignal } from './stop-on-signal.ts'

interface DemoFlags {
  readonly port: number
  readonly json?: boolean
  readonly directory?: string
}

const MORE = `
It starts in one process: a login provider with three accounts, a service that checks signatures, one that echoes,
and the gateway in front of them. Nothing leaves this machine; passwords are new at each start.

Examples:
  $ gatehouse demo
  $ gatehouse demo --port 9000 --directory ./demo     keeps configuration, state and log there
  $ gatehouse demo --port 0 --json                    for scripts: any free port, one line of JSON
`

/** Adds `demo`. Exit codes: 0 stopped as asked, 1 could not start, 2 misused. */
export function addDemoCommand(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('Show everything on this machine: no set-up, no other programs, no network.')
    .option('-p, --port <port>', 'where the gateway answers, on 127.0.0.1; 0 takes a free one', parsePort, 8080)
    .option('-d, --directory <folder>', 'keep configuration, state and log there (default: a temporary folder)')
    .option('--json', 'print one line of JSON once it answers: url, metricsUrl, accounts')
    .addHelpText('after', MORE)
    .action((flags: DemoFlags) => runDemo(flags, context))
}

async function runDemo({ port, json, directory }: DemoFlags, context: CommandContext): Promise<void> {
  // Loaded only here: no other command needs an OpenID provider.
  const [{ startDemo }, { drawBox }] = await Promise.all([import('./demo/demo.ts'), import('./demo/box.ts')])
  const folder =
    directory === undefined ? await mkdtemp(join(tmpdir(), 'gatehouse-demo-')) : resolve(context.cwd, directory)
  try {
    const demo = await startDemo({ port, directory: folder, env: context.env })
    const stopped = stopOnSignal(context, demo.stop)
    context.print(json === true ? toJson(demo) : drawBox(demo))
    await stopped
  } catch (error) {
    throw isTaken(error) ? new Error(`Port ${port} is in use. Give another one: gatehouse demo --port 9000`) : error
  } finally {
    if (directory === undefined) await rm(folder, { recursive: true, force: true })
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === 'EADDRINUSE') || isTaken(error.cause))

const toJson = ({ url, metricsUrl, accounts }: RunningDemo): string =>
  JSON.stringify({
    url,
    metricsUrl,
    accounts: accounts.map(({ username, password, groups }) => ({ username, password: password.reveal(), groups })),
  })

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}
