// Prints how large files and functions are, beside what good looks like (a file of 50 to 110 lines and 95 % under 450,
// a function of 6 to 12 and 95 % under 80). To look at: it never fails.

import { readSourceTree, type SourceFile, type SyntaxNode } from './source-tree.ts'

export interface Size {
  readonly name: string
  readonly lines: number
}

/** The lines of each named or assigned function of a file, the inner ones included. */
export function functionSizes(file: SourceFile): readonly Size[] {
  const sizes: Size[] = []
  file.walk((node) => {
    if (!FUNCTIONS.has(node.type)) return
    const line = file.lineAt(node.start)
    sizes.push({ name: `${file.path}:${line}`, lines: file.lineAt(node.end) - line + 1 })
  })
  return sizes
}

/** The smallest size that `share` of the sizes do not exceed (nearest rank). */
export function percentile(sizes: readonly Size[], share: number): number {
  const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

const FUNCTIONS: ReadonlySet<SyntaxNode['type']> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
])

const AREAS: readonly { readonly area: string; readonly holds: (path: string) => boolean }[] = [
  { area: 'src', holds: (path) => path.startsWith('src/') && !path.endsWith('.test.ts') },
  { area: 'tests', holds: (path) => path.startsWith('test/') || path.endsWith('.test.ts') },
  { area: 'tools', holds: (path) => /^(scripts|bench)\//.test(path) && !path.endsWith('.test.ts') },
]

function main(): void {
  const files = readSourceTree(process.cwd(), ['src', 'test', 'scripts', 'bench'])
  const rows = AREAS.flatMap(({ area, holds }) => {
    const own = files.filter(({ path }) => holds(path))
    const fileSizes = own.map(({ path, lineCount }) => ({ name: path, lines: lineCount }))
    return [row(area, 'files', fileSizes), row(area, 'functions', own.flatMap(functionSizes))]
  })
  console.table(rows)
}

function row(area: string, what: string, sizes: readonly Size[]) {
  const largest = sizes.toSorted((a, b) => b.lines - a.lines)[0]
  return {
    area,
    what,
    count: sizes.length,
    median: percentile(sizes, 0.5),
    'p95 of lines': percentile(sizes, 0.95),
    largest: largest === undefined ? '' : `${largest.lines} ${largest.name}`,
  }
}

if (import.meta.main) main()
