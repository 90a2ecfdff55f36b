// Which setting a variable of the environment means. `GATEHOUSE_IDENTITY__SSO__CLIENT_ID` is `clientId` of the entry
// `sso` of `identity`: two underscores go one level down, case and single underscores do not matter.

import type { JsonSchema } from './json-schema.ts'
import { childOf, type Located } from './located.ts'
import { asOne, childSchemas, knownKeys, variantsFor } from './outline.ts'
import { idOf } from './overlay.ts'
import type { SettingPath } from './setting-path.ts'
import { foldName, suggest } from './suggest.ts'
import { isForbiddenKey } from './yaml-source.ts'

export const environmentPrefix = 'GATEHOUSE_'

export interface Target {
  readonly path: SettingPath
  readonly schema: JsonSchema | undefined
  /** The variable ends with `_FILE` and names a file that holds the value. */
  readonly fromFile: boolean
}

export interface UnknownTarget {
  /** The part of the name that means nothing. */
  readonly unknown: string
  /** The setting that the parts before it mean. */
  readonly path: SettingPath
  readonly known: readonly string[]
}

/** The setting that a variable means. A setting called so goes before one whose value is in a file. */
export function findTarget(schema: JsonSchema, tree: Located, variable: string): Target | UnknownTarget {
  const name = variable.slice(environmentPrefix.length)
  const exact = follow(schema, tree, name.split('__'))
  if (!('unknown' in exact) || !name.endsWith('_FILE')) return exact
  const target = follow(schema, tree, name.slice(0, -'_FILE'.length).split('__'))
  return 'unknown' in target ? exact : { ...target, fromFile: true }
}

/** The variable that was probably meant. */
export function suggestVariable(variable: string, { unknown, path, known }: UnknownTarget): string | undefined {
  const meant = suggest(unknown, known)
  if (meant === undefined) return undefined
  const segments = variable.slice(environmentPrefix.length).split('__')
  return environmentPrefix + segments.with(path.length, toVariablePart(meant)).join('__')
}

/** `clientId` as part of a variable's name: `CLIENT_ID`. */
export const toVariablePart = (key: string): string =>
  key
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()

function follow(root: JsonSchema, tree: Located, segments: readonly string[]): Target | UnknownTarget {
  let schema: JsonSchema | undefined = root
  let node: Located | undefined = tree
  const path: (string | number)[] = []
  for (const segment of segments) {
    const step = stepInto(schema, node, segment)
    if (typeof step === 'object') return { unknown: segment, path, ...step }
    schema = asOne(childSchemas(schema, node, step))
    node = node && childOf(node, step)
    path.push(step)
  }
  return { path, schema, fromFile: false }
}

type Step = string | number | { readonly known: readonly string[] }

function stepInto(schema: JsonSchema | undefined, node: Located | undefined, segment: string): Step {
  if (node?.kind === 'list') return entryOf(node.items, segment)
  const keys = knownKeys(schema, node)
  const named = keys.find((key) => foldName(key) === foldName(segment))
  if (named !== undefined) return named
  const isOpen = variantsFor(schema, node).some((variant) => typeof variant.additionalProperties === 'object')
  if (!isOpen || segment === '' || isForbiddenKey(segment.toLowerCase())) return { known: keys }
  const present = node?.kind === 'map' ? [...node.entries.keys()] : []
  return present.find((key) => foldName(key) === foldName(segment)) ?? segment.toLowerCase()
}

function entryOf(items: readonly Located[], segment: string): Step {
  const byId = items.findIndex((item) => foldName(idOf(item) ?? '') === foldName(segment))
  if (byId !== -1) return byId
  if (/^\d+$/.test(segment) && Number(segment) < items.length) return Number(segment)
  return { known: items.map((item, index) => idOf(item) ?? String(index)) }
}
