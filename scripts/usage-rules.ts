// The rules on what a file may use: the environment, ciphers, and lint suppressions without a reason.
// For `check-ranks.ts`.

import { isTest, placeOf, type Violation } from './import-rules.ts'
import { environmentHome, type Home, identifierHomes } from './rank-table.ts'
import { isNode, type SourceFile, type SyntaxNode } from './source-tree.ts'

/** Everything that this file may not use, or uses without saying why. */
export function checkUsage(file: SourceFile): readonly Violation[] {
  const violations = [...homes(file), ...suppressions(file)]
  // One line of code is one violation, however often it names the thing.
  return [...new Map(violations.map((violation) => [violation.where + violation.message, violation])).values()]
}

function homes(file: SourceFile): Violation[] {
  const place = placeOf(file.path)
  if (place === undefined || isTest(file.path)) return []
  const violations: Violation[] = []
  file.walk((node) => {
    const home = homeOf(node)
    if (home === undefined || home.places.includes(place)) return
    violations.push({
      rule: 'home',
      where: `${file.path}:${file.lineAt(node.start)}`,
      message: `uses ${home.what}, which stays inside src/${home.places.join(', src/')}`,
    })
  })
  return violations
}

function homeOf(node: SyntaxNode): Home | undefined {
  if (node.type === 'MemberExpression' && nameOf(node.object) === 'process' && nameOf(node.property) === 'env') {
    return environmentHome
  }
  if (node.type === 'ImportDeclaration' && /^(node:)?process$/.test(String(isNode(node.source) && node.source.value))) {
    return environmentHome
  }
  const name = nameOf(node)
  return name === undefined ? undefined : identifierHomes.find(({ names }) => names.includes(name))
}

const nameOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'Identifier' ? String(node.name) : undefined

function suppressions(file: SourceFile): Violation[] {
  return file.comments
    .filter(({ value }) => /^\s*(oxlint|eslint)-disable/.test(value) && !/\s--\s+\S/.test(value))
    .map(({ start }) => ({
      rule: 'reason',
      where: `${file.path}:${file.lineAt(start)}`,
      message: 'a lint rule is switched off without a reason; write it after " -- "',
    }))
}
