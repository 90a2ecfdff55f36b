// Checks that the tree is the one that the design draws: ranks, doors, cycles, homes, and no test lost. Part of `make check`.
// Prints one line per violation, naming the file and the rule, and exits 1 if there is any.

import { checkImports, type Violation } from './import-rules.ts'
import { readSourceTree } from './source-tree.ts'
import { checkTestOrder } from './test-order.ts'
import { checkUsage } from './usage-rules.ts'

/** @param root the folder that holds src/. */
export function checkRanks(root: string): readonly Violation[] {
  const files = readSourceTree(root, ['src', 'web', 'test', 'bench', 'scripts', 'examples'])
  if (!files.some(({ path }) => path.startsWith('src/'))) throw new Error(`${root} holds no sources under src/`)
  return [...checkImports(files), ...files.flatMap(checkUsage), ...files.flatMap(checkTestOrder)]
}

function main(): void {
  const violations = checkRanks(process.cwd())
  for (const { rule, where, message } of violations) console.error(`${where} [${rule}] ${message}`)
  console.log(`ranks: ${violations.length === 0 ? 'as designed' : `${violations.length} violations`}`)
  process.exitCode = violations.length === 0 ? 0 : 1
}

if (import.meta.main) main()
