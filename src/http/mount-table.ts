// Finds the mount of a path: the longest prefix that the raw path starts with.

import type { Mount } from './route.ts'

export interface MountTable {
  find(path: string): Mount | undefined
  /** Whether the path is a mount's prefix but for the slash at its end, and that is forgiven. */
  lacksSlash(path: string): boolean
}

/** @throws if two mounts have the same prefix, or one is not a prefix (`/`, `/api/`). */
export function createMountTable(mounts: readonly Mount[]): MountTable {
  const longestFirst = [...mounts].sort((a, b) => b.prefix.length - a.prefix.length)
  const seen = new Set<string>()
  for (const { prefix } of longestFirst) {
    if (!prefix.startsWith('/') || !prefix.endsWith('/')) throw new Error(`a mount starts and ends with "/": ${prefix}`)
    if (seen.has(prefix)) throw new Error(`two services want ${prefix}`)
    seen.add(prefix)
  }
  const forgiving = mounts.filter(({ needsSlash }) => needsSlash !== true)
  const withoutSlash = new Set(forgiving.map(({ prefix }) => prefix.slice(0, -1)))
  return Object.freeze({
    find: (path: string) => longestFirst.find((mount) => path.startsWith(mount.prefix)),
    lacksSlash: (path: string) => withoutSlash.has(path),
  })
}
