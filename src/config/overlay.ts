// How a later source changes what earlier ones say: maps deeply, lists of things with an `id` by id, all else whole.
// `null` takes a setting back to its default. Two things follow the schema: a secret reference is replaced as a whole,
// and where the `type` of a thing changes, what only the old type has falls away.

import type { JsonSchema } from './json-schema.ts'
import { emptyMap, type Located, type LocatedList, type LocatedMap } from './located.ts'
import { fromDefault } from './origin.ts'
import { asOne, childSchemas, isSecret, knownKeys, variantsOf } from './outline.ts'

/** `upper` over `base`. Neither is changed. */
export function overlay(base: Located | undefined, upper: Located, schema?: JsonSchema): Located {
  if (isSecret(schema)) return upper
  if (base?.kind === 'map' && upper.kind === 'map') return overlayMap(base, upper, schema)
  if (base?.kind === 'list' && upper.kind === 'list' && hasIds(base) && hasIds(upper)) {
    return overlayById(base, upper, schema)
  }
  return upper
}

/** All of them, the last one on top. One that is empty says nothing. */
export function overlayAll(trees: readonly Located[], schema?: JsonSchema): Located {
  const said = trees.filter((tree) => tree.kind !== 'scalar' || tree.value !== null)
  const [first = emptyMap(fromDefault), ...others] = said
  return others.reduce((base, upper) => overlay(base, upper, schema), first)
}

/** The tree without the settings that were taken back by `null`. */
export function withoutNulls(tree: Located): Located {
  if (tree.kind === 'list') return { ...tree, items: tree.items.map(withoutNulls) }
  if (tree.kind === 'scalar') return tree
  const kept = [...tree.entries].filter(([, child]) => child.kind !== 'scalar' || child.value !== null)
  return { ...tree, entries: new Map(kept.map(([key, child]) => [key, withoutNulls(child)])) }
}

/** The `id` of a list's entry, if it has one. */
export function idOf(item: Located): string | undefined {
  const id = item.kind === 'map' ? item.entries.get('id') : undefined
  return id?.kind === 'scalar' && typeof id.value === 'string' ? id.value : undefined
}

function overlayMap(base: LocatedMap, upper: LocatedMap, schema: JsonSchema | undefined): LocatedMap {
  const merged = { ...base, entries: new Map([...base.entries, ...upper.entries]) }
  for (const key of strandedKeys(merged, schema)) if (!upper.entries.has(key)) merged.entries.delete(key)
  for (const [key, child] of upper.entries) {
    merged.entries.set(key, overlay(base.entries.get(key), child, asOne(childSchemas(schema, merged, key))))
  }
  return merged
}

function overlayById(base: LocatedList, upper: LocatedList, schema: JsonSchema | undefined): LocatedList {
  const items = [...base.items]
  for (const item of upper.items) {
    const index = items.findIndex((each) => idOf(each) === idOf(item))
    if (index === -1) items.push(item)
    else items[index] = overlay(items[index], item, asOne(childSchemas(schema, base, index)))
  }
  return { ...base, items }
}

/** Keys that other variants of a union have, but not the one that the map now is. */
function strandedKeys(map: LocatedMap, schema: JsonSchema | undefined): readonly string[] {
  const own = new Set(knownKeys(schema, map))
  return variantsOf(schema).flatMap((variant) => Object.keys(variant.properties ?? {}).filter((key) => !own.has(key)))
}

const hasIds = (list: LocatedList): boolean =>
  list.items.length > 0 && list.items.every((item) => idOf(item) !== undefined)
