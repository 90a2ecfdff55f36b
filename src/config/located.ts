// A tree of settings in which every node knows where it was written. Files, variables and defaults all become such
// trees; overlays work on them, and plain values are made only at the end, for the schema.

import type { Origin } from './origin.ts'
import type { SettingPath } from './setting-path.ts'

export type Scalar = string | number | boolean | null

interface Place {
  /** Where the value stands. */
  readonly at: Origin
  /** Where its key stands, if it is the value of one. */
  readonly keyAt?: Origin
}

export type LocatedScalar = Place & { readonly kind: 'scalar'; readonly value: Scalar }
export type LocatedList = Place & { readonly kind: 'list'; readonly items: readonly Located[] }
export type LocatedMap = Place & { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Located> }
export type Located = LocatedScalar | LocatedList | LocatedMap

export const emptyMap = (at: Origin): LocatedMap => ({ kind: 'map', at, entries: new Map() })

/** A tree of plain data (JSON) that all comes from one place. */
export function locate(value: unknown, at: Origin): Located {
  if (Array.isArray(value)) return { kind: 'list', at, items: value.map((item) => locate(item, at)) }
  if (typeof value !== 'object' || value === null) return { kind: 'scalar', at, value: value as Scalar }
  const entries = Object.entries(value).map(([key, child]) => [key, { ...locate(child, at), keyAt: at }] as const)
  return { kind: 'map', at, entries: new Map(entries) }
}

/** The plain data of a tree. Keys are own properties whatever their name. */
export function toPlain(node: Located): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(toPlain)
  return Object.fromEntries([...node.entries].map(([key, child]) => [key, toPlain(child)]))
}

/** The child under a key or an index. */
export function childOf(node: Located | undefined, part: string | number): Located | undefined {
  if (node?.kind === 'map') return node.entries.get(String(part))
  return node?.kind === 'list' && typeof part === 'number' ? node.items[part] : undefined
}

/** The node at a path, if it was written anywhere. */
export const findNode = (root: Located, path: SettingPath): Located | undefined =>
  path.reduce<Located | undefined>(childOf, root)

/** The node at a path or, where nothing was written, the closest one around it. */
export function nearestNode(root: Located, path: SettingPath): Located {
  let nearest = root
  for (const part of path) {
    const child = childOf(nearest, part)
    if (!child) return nearest
    nearest = child
  }
  return nearest
}

/** How many values a tree has, maps and lists among them. */
export function countNodes(node: Located): number {
  if (node.kind === 'scalar') return 1
  const children = node.kind === 'list' ? node.items : [...node.entries.values()]
  return children.reduce((sum, child) => sum + countNodes(child), 1)
}
