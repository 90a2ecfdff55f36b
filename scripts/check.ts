// `make check`: every check in turn, each one run even if another failed, and a summary at the end.

import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'

const CHECKS: readonly { readonly what: string; readonly command: readonly [string, ...string[]] }[] = [
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

// Some of them colour even what goes into a file.
const colour = process.stdout.isTTY ? {} : { NO_COLOR: '1' }
const path = [join(process.cwd(), 'node_modules', '.bin'), process.env.PATH].join(delimiter)
const failed: string[] = []
for (const { what, command } of CHECKS) {
  const [program, ...args] = command
  console.log(`\n— ${what}: ${command.join(' ')}`)
  const { status, error } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...colour, PATH: path },
  })
  if (error) console.error(error.message)
  if (status !== 0) failed.push(what)
}
console.log(failed.length === 0 ? `\n${CHECKS.length} checks passed` : `\nfailed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
