// One YAML text → a located tree. YAML 1.2 core schema, one document, string keys, no custom tags, no merge keys.
// Size, depth and the expansion of aliases are bounded.

import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import { emptyMap, type Located, type LocatedMap, type LocatedScalar } from './located.ts'
import type { Origin } from './origin.ts'
import { type ConfigProblem, defineProblem } from './problem.ts'
import type { SettingPath } from './setting-path.ts'
import { describeSyntaxErrors, yamlProblem } from './yaml-syntax.ts'

export const maxConfigBytes = 1024 * 1024
/** Values of one source, each as often as an alias repeats it. */
export const maxNodes = 50_000
export const maxDepth = 64

/** The tree, absent if the text is not YAML, and what is wrong besides. */
export interface ParsedSource {
  readonly tree?: Located
  readonly problems: readonly ConfigProblem[]
}

/** @param originAt where the line and column of the text are, as the operator knows it */
export function parseYaml(text: string, originAt: (line: number, column: number) => Origin): ParsedSource {
  const lines = new LineCounter()
  const originOf = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset)
    return originAt(Math.max(1, line), Math.max(1, col))
  }
  const document = parseDocument(text, { ...strictYaml, lineCounter: lines })
  const errors = [...document.errors, ...document.warnings]
  if (errors.length > 0) return { problems: describeSyntaxErrors(errors, originOf) }
  const { explicit, version } = document.directives.yaml
  if (explicit === true && version !== '1.2') return { problems: [yamlProblem(originOf(0), 'it asks for YAML 1.1')] }
  if (document.contents === null) return { tree: emptyMap(originOf(0)), problems: [] }
  return createReader(originOf).read(document.contents)
}

const strictYaml = {
  version: '1.2',
  schema: 'core',
  strict: true,
  stringKeys: true,
  uniqueKeys: false,
  merge: false,
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: 'error',
} as const

/** Thrown inside the reader when going on would be unbounded or senseless; never leaves this file. */
class Stop extends Error {
  readonly problem: ConfigProblem

  constructor(problem: ConfigProblem) {
    super(problem.why)
    this.problem = problem
  }
}

function createReader(originOf: (offset: number) => Origin) {
  const problems: ConfigProblem[] = []
  const anchors = new Map<string, ParsedNode>()
  const known = new Set<ParsedNode>()
  const open = new Set<ParsedNode>()
  let nodes = 0

  const placeOf = (node: ParsedNode): Origin => originOf(node.range[0])

  const readNode = (node: ParsedNode, path: SettingPath): Located => {
    nodes += 1
    if (nodes > maxNodes)
      throw new Stop(yamlProblem(placeOf(node), `it has more than ${maxNodes} values, counting aliases`))
    if (path.length > maxDepth) throw new Stop(yamlProblem(placeOf(node), `it is nested more than ${maxDepth} deep`))
    if (isAlias(node)) return readAlias(node, path)
    if (node.anchor !== undefined && !known.has(node)) anchors.set(node.anchor, node)
    known.add(node)
    open.add(node)
    const located = readContent(node, path)
    open.delete(node)
    return located
  }

  const readContent = (node: ParsedNode, path: SettingPath): Located => {
    if (isMap(node)) return readMap(node, path)
    if (!isSeq(node)) return readScalar(node)
    const items = node.items.map((item, index) => readNode(item, [...path, index]))
    const ids = new Map<string, Origin>()
    for (const [index, item] of items.entries()) checkId(item, [...path, index], ids)
    return { kind: 'list', at: placeOf(node), items }
  }

  const readScalar = (node: ParsedNode): LocatedScalar => {
    const value = isScalar(node) ? node.value : null
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
      return { kind: 'scalar', at: placeOf(node), value: value as LocatedScalar['value'] }
    }
    throw new Stop(yamlProblem(placeOf(node), 'it holds a value that is neither text, number, true nor false'))
  }

  const readAlias = (alias: Alias.Parsed, path: SettingPath): Located => {
    const target = anchors.get(alias.source)
    const at = placeOf(alias)
    if (!target)
      throw new Stop(
        yamlProblem(
          at,
          'it is an alias (*) for which no anchor (&) comes before; text that starts with * needs quotes',
        ),
      )
    if (open.has(target)) throw new Stop(yamlProblem(at, 'an alias contains itself'))
    return { ...readNode(target, path), at }
  }

  const readMap = (node: YAMLMap.Parsed, path: SettingPath): LocatedMap => {
    const entries = new Map<string, Located>()
    for (const { key, value } of node.items) {
      const keyAt = placeOf(key)
      if (!isScalar(key)) throw new Stop(yamlProblem(keyAt, 'a key is not plain text'))
      const name = String(key.value)
      const problem = keyProblem([...path, name], keyAt, entries.get(name))
      if (problem) problems.push(problem)
      else entries.set(name, { ...(value ? readNode(value, [...path, name]) : nothingAt(keyAt)), keyAt })
    }
    return { kind: 'map', at: placeOf(node), entries }
  }

  const checkId = (item: Located, path: SettingPath, seen: Map<string, Origin>): void => {
    const id = item.kind === 'map' ? item.entries.get('id') : undefined
    if (id?.kind !== 'scalar' || typeof id.value !== 'string') return
    if (seen.has(id.value)) problems.push(duplicateId([...path, 'id'], id.at, id.value))
    seen.set(id.value, id.at)
  }

  return {
    read(root: ParsedNode): ParsedSource {
      try {
        return { tree: readNode(root, []), problems }
      } catch (error) {
        if (error instanceof Stop) return { problems: [...problems, error.problem] }
        throw error
      }
    },
  }
}

const nothingAt = (at: Origin): Located => ({ kind: 'scalar', at, value: null })

/** These keys reach into every JavaScript object; no setting is called so. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

export const isForbiddenKey = (key: string): boolean => forbiddenKeys.has(key)

function keyProblem(path: SettingPath, origin: Origin, first: Located | undefined): ConfigProblem | undefined {
  const key = path.at(-1)
  if (isForbiddenKey(String(key))) {
    const why = `"${key}" is never the name of a setting`
    return defineProblem({ path, origin, what: 'forbidden key', why, fix: 'remove it' })
  }
  if (!first) return undefined
  const where = first.keyAt?.kind === 'file' ? `, first in line ${first.keyAt.line}` : ''
  const why = `"${key}" stands twice in the same map${where}`
  return defineProblem({ path, origin, what: 'duplicate key', why, fix: 'keep one of them' })
}

const duplicateId = (path: SettingPath, origin: Origin, id: string): ConfigProblem =>
  defineProblem({
    path,
    origin,
    what: 'duplicate id',
    why: `another entry of this list has the id "${id}" too`,
    fix: 'give each entry an id of its own',
  })
