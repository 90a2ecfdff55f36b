// Settings that are kept in etcd, one more overlay: over the files, under the environment. The key below the prefix is the
// path of the setting with slashes (`sessions/idle`; things of a list by their ids: `upstreams/manager/to`), the value is
// YAML. Whoever reads etcd hands the keys in; nothing here opens a connection.

import { parseValue } from './environment.ts'
import type { JsonSchema } from './json-schema.ts'
import { childOf, countNodes, type Located, type LocatedMap } from './located.ts'
import type { Origin } from './origin.ts'
import { asOne, childSchemas, variantsOf } from './outline.ts'
import { idOf, overlay } from './overlay.ts'
import { type ConfigProblem, defineProblem } from './problem.ts'
import type { SettingPath } from './setting-path.ts'
import { isForbiddenKey, maxConfigBytes, maxDepth, maxNodes } from './yaml-source.ts'

/** What was under the prefix when it was read. */
export interface EtcdSettings {
  /** Ends with a slash. */
  readonly prefix: string
  /** Values by their whole keys. */
  readonly entries: ReadonlyMap<string, string>
}

export interface Overlaid {
  readonly tree: Located
  readonly problems: readonly ConfigProblem[]
}

/** Each key is laid over all that came before it; and one that can write there should not keep us busy for minutes. */
const MAX_KEYS = 2000

/** The tree with what etcd says on top. */
export function applyEtcd(tree: Located, schema: JsonSchema, { prefix, entries }: EtcdSettings): Overlaid {
  if (entries.size > MAX_KEYS) return { tree, problems: [tooMuch(prefix, `there are more than ${MAX_KEYS} keys`)] }
  const bytes = [...entries].flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > maxConfigBytes) {
    return { tree, problems: [tooMuch(prefix, `the keys under it hold more than ${maxConfigBytes / 1024} KiB`)] }
  }
  const problems: ConfigProblem[] = []
  let result = tree
  let nodes = 0
  // A key comes before those below it.
  for (const [key, text] of [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    // What tools leave to show a folder.
    if (key.endsWith('/') && text === '') continue
    const read = readKey({ key, text, segments: key.slice(prefix.length).split('/'), schema, tree: result })
    if ('what' in read) {
      problems.push(read)
      continue
    }
    // Aliases make much of few bytes, in each value anew.
    nodes += countNodes(read)
    if (nodes > maxNodes) {
      problems.push(tooMuch(prefix, `the keys under it hold more than ${maxNodes} values, counting aliases`))
      break
    }
    result = overlay(result, read, schema)
  }
  return { tree: result, problems }
}

interface Written {
  readonly key: string
  readonly text: string
  readonly segments: readonly string[]
  readonly schema: JsonSchema
  /** What is known below it so far. */
  readonly tree: Located
}

/** A tree that holds nothing but this setting. */
function readKey({ key, text, segments, schema, tree }: Written): Located | ConfigProblem {
  const originAt = (line: number, column: number): Origin => ({ kind: 'etcd', key, line, column })
  const origin = originAt(1, 1)
  const refuse = (path: SettingPath, what: string, why: string, fix: string): ConfigProblem =>
    defineProblem({ path, origin, what, why, fix })

  if (segments.some((segment) => segment === '' || isForbiddenKey(segment)))
    return refuse(
      [],
      'unknown key',
      `${key} names no setting`,
      'remove it, or write the path of a setting with slashes',
    )
  if (segments.length > maxDepth)
    return refuse([], 'unknown key', `a setting is never ${maxDepth} levels deep`, 'remove this key')
  if (text.includes('\u{fffd}'))
    return refuse(segments, 'not usable as YAML', 'it is not text in UTF-8', 'write plain YAML 1.2')

  const levels: Level[] = []
  let level: Level = { schema, node: tree }
  for (const segment of segments) {
    const below = stepInto(level, segment)
    if (below.schema?.['x-local'] === true) {
      const why = `what says where ${segment} is cannot be taken from there`
      return refuse(segments, 'not allowed', why, `write it in the file or in the environment, and remove the key`)
    }
    if (
      below.isNamed === true &&
      level.node?.kind === 'list' &&
      level.node.items.some((item) => idOf(item) === undefined)
    ) {
      const why = 'what the files list there has no ids, so that nothing can be laid over it by name'
      return refuse(segments, 'not allowed', why, 'give each entry of the list an id, in the file')
    }
    levels.push(below)
    level = below
  }
  const nothing: Located = { kind: 'scalar', at: origin, value: null }
  const value =
    text.trim() === '' ? nothing : parseValue(text, { path: segments, schema: level.schema, fromFile: false }, originAt)
  if ('what' in value) return value
  return wrap(value, segments, levels, origin) ?? refuse(segments, 'wrong type', ...notAnEntry(segments.at(-1)))
}

/** What may stand at one part of the path, and what does. */
interface Level {
  readonly schema: JsonSchema | undefined
  readonly node: Located | undefined
  /** It is a thing of a list, by its id. */
  readonly isNamed?: boolean
}

function stepInto({ schema, node }: Level, segment: string): Level {
  if (!isListOfNamed(schema))
    return { schema: asOne(childSchemas(schema, node, segment)), node: childOf(node, segment) }
  const items = node?.kind === 'list' ? node.items : []
  const child = items.find((item) => idOf(item) === segment)
  return { schema: asOne(childSchemas(schema, node, 0)), node: child, isNamed: true }
}

const isListOfNamed = (schema: JsonSchema | undefined): boolean =>
  variantsOf(schema).some(({ items }) => variantsOf(items).some(({ properties }) => properties?.id !== undefined))

/** The value inside of the maps and lists that its path goes through. Undefined if it is no thing of a list, or another. */
function wrap(value: Located, segments: readonly string[], levels: readonly Level[], at: Origin): Located | undefined {
  let wrapped: Located | undefined = value
  for (const [index, segment] of [...segments.entries()].toReversed()) {
    const inner: Located | undefined = levels[index]?.isNamed === true ? named(wrapped, segment, at) : wrapped
    if (inner === undefined) return undefined
    wrapped =
      levels[index]?.isNamed === true
        ? { kind: 'list', at, items: [inner] }
        : { kind: 'map', at, entries: new Map([[segment, { ...inner, keyAt: at }]]) }
  }
  return wrapped
}

function named(thing: Located | undefined, id: string, at: Origin): LocatedMap | undefined {
  if (thing?.kind !== 'map' || (thing.entries.has('id') && idOf(thing) !== id)) return undefined
  return { ...thing, entries: new Map([['id', { kind: 'scalar', at, value: id }], ...thing.entries]) }
}

const notAnEntry = (id: string | undefined): readonly [why: string, fix: string] => [
  `it should be a map, the entry of the list with the id "${id}"`,
  'write a map such as { path: /jobs/ }, without an id or with that of the key',
]

const tooMuch = (prefix: string, why: string): ConfigProblem =>
  defineProblem({
    path: [],
    origin: { kind: 'etcd', key: prefix, line: 1, column: 1 },
    what: 'cannot be read',
    why,
    fix: 'keep under this prefix what is settings of the gateway, and nothing else',
  })
