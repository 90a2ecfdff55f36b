// The least Node.js that this runs on: older ones have holes in what faces the network (CVE-2026-21710, 21637, 21717).
// npm asks for it too (`engines`), but only warns.

export const LEAST_NODE = '24.14.1'

/** @returns what to tell the operator, or undefined if this version will do */
export function findRuntimeFault(version: string): string | undefined {
  if (isAtLeast(version, LEAST_NODE)) return undefined
  return `Node.js ${version} is too old: it has known holes in what faces the network. Run Gatehouse on Node.js ${LEAST_NODE} or newer.`
}

function isAtLeast(version: string, least: string): boolean {
  const [has, needs] = [version, least].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)))
  for (const [index, need] of (needs ?? []).entries()) {
    const part = has?.[index] ?? 0
    if (part !== need) return part > need
  }
  return true
}
