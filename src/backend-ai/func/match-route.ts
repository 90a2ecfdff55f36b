// Finds the row of a request in a table of `route-table.ts`. What others may read as another path than it is written, and
// would treat otherwise then, has no row: nothing that needs a proof of who asks gets through without one by its spelling.

import type { RouteRow } from './route-table.ts'

export type RouteMatch<T> =
  | { readonly kind: 'found'; readonly treatment: T }
  /** There are rows of this path for other methods. @see Allow */
  | { readonly kind: 'methodNotAllowed'; readonly allow: string }
  /** It has two readings, which are treated differently. */
  | { readonly kind: 'ambiguous' }

/** @param path raw, below the prefix */
export type RouteMatcher<T> = (method: string, path: string) => RouteMatch<T>

export function createRouteMatcher<T>(rows: readonly RouteRow<T>[]): RouteMatcher<T> {
  const treatmentOf = (method: string, path: string): T | undefined =>
    rows.find((row) => row.methods.includes(method) && row.path.test(path))?.treatment

  const allowOf = (path: string): string => {
    const methods = rows.flatMap((row) => (row.path.test(path) ? row.methods : []))
    // Browsers may ask everywhere what they may do.
    return [...new Set([...methods, 'OPTIONS'])].sort().join(',')
  }

  return (method, path) => {
    const treatment = treatmentOf(method, path)
    if (otherReadings(path).some((reading) => treatmentOf(method, reading) !== treatment)) return { kind: 'ambiguous' }
    return treatment === undefined ? { kind: 'methodNotAllowed', allow: allowOf(path) } : { kind: 'found', treatment }
  }
}

/** As servers read it that decode before they route, that take several slashes for one, or both. */
function otherReadings(path: string): readonly string[] {
  if (!PLAIN.test(path)) return [decode(path), withSingleSlashes(path), withSingleSlashes(decode(path))]
  return []
}

/** Nothing encoded, and no empty segment but the last. */
const PLAIN = /^(?!\/)(?!.*\/\/)[^%]*$/

const decode = (path: string): string =>
  path.replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

/** Those at the beginning follow the slash of the prefix. */
const withSingleSlashes = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/^\//, '')
