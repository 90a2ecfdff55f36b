// The rule that a test file waits for what it needs before it declares its first test. For `check-ranks.ts`.
// A file's process ends when the tests are through that are declared by then (see `test.ts`): those that would come after
// a later `await` are lost, and nobody is told.

import type { Violation } from './import-rules.ts'
import { isNode, type SourceFile, type SyntaxNode } from './source-tree.ts'

const DECLARING = ['test', 'it', 'describe', 'suite']
const LOOPS = ['ForStatement', 'ForOfStatement', 'ForInStatement', 'WhileStatement']

export function checkTestOrder(file: SourceFile): readonly Violation[] {
  if (!file.path.endsWith('.test.ts')) return []
  const functions: SyntaxNode[] = []
  const bodies: SyntaxNode[] = []
  const declarations: SyntaxNode[] = []
  const awaits: SyntaxNode[] = []
  file.walk((node) => {
    if (/Function/.test(node.type)) functions.push(node)
    else if (LOOPS.includes(node.type) && isNode(node.body)) bodies.push(node.body)
    else if (isDeclaration(node)) declarations.push(node)
    else if (node.type === 'AwaitExpression') awaits.push(node)
  })
  const isTopLevel = (node: SyntaxNode): boolean => !functions.some((each) => contains(each, node))
  // What stands in a loop comes again: it is after the first test of the round before.
  const startOf = (node: SyntaxNode): number => bodies.find((body) => contains(body, node))?.start ?? node.start
  const first = Math.min(...declarations.filter(isTopLevel).map(startOf))
  return awaits
    .filter((node) => isTopLevel(node) && node.start > first)
    .map(({ start }) => ({
      rule: 'lost-tests',
      where: `${file.path}:${file.lineAt(start)}`,
      message: 'waits after the first test: what is declared from here on may never run; wait before that',
    }))
}

function isDeclaration({ type, callee }: SyntaxNode): boolean {
  if (type !== 'CallExpression' || !isNode(callee)) return false
  const named = callee.type === 'MemberExpression' && isNode(callee.object) ? callee.object : callee
  return named.type === 'Identifier' && DECLARING.includes(String(named.name))
}

const contains = (outer: SyntaxNode, inner: SyntaxNode): boolean =>
  outer.start <= inner.start && inner.end <= outer.end && outer !== inner
