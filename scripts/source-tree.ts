// Reads TypeScript sources into what the checks need: who imports what, syntax, comments.
// For `check-ranks.ts` and `budgets.ts`; never runs what it reads.

import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { type Comment, type ParseResult, parseSync } from 'oxc-parser'

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Erased before it runs. */
  readonly typeOnly: boolean
}

/** Any node of the syntax tree, as the walker meets it. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

export interface SourceFile {
  /** From the root of the tree, with forward slashes. */
  readonly path: string
  readonly imports: readonly Import[]
  readonly comments: readonly Comment[]
  readonly lineCount: number
  /** 1-based. */
  lineAt(offset: number): number
  /** Calls `visit` for each node, parents first. */
  walk(visit: (node: SyntaxNode) => void): void
}

/** @param folders below `root`; those that are not there hold no files. */
export function readSourceTree(root: string, folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root, exclude: ['**/node_modules/**'] }))
    .map((path) => path.split(sep).join('/'))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')))
}

export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text)
  const error = parsed.errors[0]
  if (error !== undefined) throw new Error(`${path} does not parse: ${error.message}`)
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  const lineAt = (offset: number) => lineStarts.findLastIndex((start) => start <= offset) + 1
  // The parser's node types have no index signature, so its tree is widened once, here.
  const program = parsed.program as unknown as SyntaxNode
  return Object.freeze({
    path,
    imports: importsOf(parsed, program, text, lineAt),
    comments: parsed.comments,
    lineCount: text.endsWith('\n') ? lineStarts.length - 1 : lineStarts.length,
    lineAt,
    walk: (visit: (node: SyntaxNode) => void) => walk(program, visit),
  })
}

function importsOf(
  parsed: ParseResult,
  program: SyntaxNode,
  text: string,
  lineAt: (offset: number) => number,
): readonly Import[] {
  const { staticImports, staticExports, dynamicImports } = parsed.module
  const imports: Import[] = []
  const add = (start: number, specifier: string, typeOnly: boolean) =>
    imports.push({ specifier, line: lineAt(start), typeOnly })
  // `import { type X } from …` still loads the module; only a statement that says `type` first is erased whole.
  const isTypeStatement = (start: number) => /^(import|export)\s+type\b/.test(text.slice(start, start + 40))
  for (const { start, moduleRequest } of staticImports) add(start, moduleRequest.value, isTypeStatement(start))
  for (const { start, entries } of staticExports) {
    const request = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest
    if (request) add(start, request.value, isTypeStatement(start))
  }
  for (const { start, moduleRequest } of dynamicImports) {
    const literal = /^['"`]([^'"`$]+)['"`]$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[1]
    if (literal !== undefined) add(start, literal, false)
  }
  walk(program, (node) => {
    if (node.type === 'TSImportType' && isNode(node.source)) add(node.start, String(node.source.value), true)
  })
  return imports
}

function walk(node: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  visit(node)
  for (const child of Object.values(node)) {
    for (const item of Array.isArray(child) ? child : [child]) if (isNode(item)) walk(item, visit)
  }
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
