// `make check`: every check, two at a time, each one run even if another failed, and a summary at the end.

import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { runInLanes } from './test-lanes.ts'

interface Check {
  readonly what: string
  readonly command: readonly [string, ...string[]]
}

const CHECKS: readonly Check[] = [
  { what: 'types', command: ['tsc', '-p', '.'] },
  { what: 'types of the portal', command: ['tsc', '-p', 'web'] },
  { what: 'lint', command: ['oxlint', '--type-aware'] },
  { what: 'format', command: ['biome', 'ci'] },
  { what: 'ranks', command: ['node', 'scripts/check-ranks.ts'] },
  { what: 'unused code', command: ['knip', '--no-progress'] },
  { what: 'sizes', command: ['node', 'scripts/budgets.ts'] },
  { what: 'generated files', command: ['node', 'scripts/generate.ts', '--check'] },
  { what: 'known holes', command: ['node', 'scripts/audit.ts', '--or-unknown'] },
]

/** Some compute on one processor, some wait for the registry. */
const AT_ONCE = 2

// They write into pipes: what colours what it says for people has to be told, and some colour even what goes into a file.
const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }
const path = [join(process.cwd(), 'node_modules', '.bin'), process.env.PATH].join(delimiter)
const env = { ...process.env, ...colour, PATH: path }
const failed: string[] = []

async function run({ what, command }: Check): Promise<void> {
  const [program, ...args] = command
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const ended = new Promise<string>((resolve) => {
    child.on('error', ({ message }) => resolve(message))
    child.on('close', (code) => resolve(code === 0 ? '' : `ended with ${code}`))
  })
  const said = await Promise.all([text(child.stdout), text(child.stderr), ended])
  console.log(`\n— ${what}: ${command.join(' ')}\n${said.join('').trimEnd()}`)
  if (said[2] !== '') failed.push(what)
}

await runInLanes(CHECKS, { lanes: AT_ONCE, lanesOf: () => 1 }, run)
console.log(failed.length === 0 ? `\n${CHECKS.length} checks passed` : `\nfailed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
