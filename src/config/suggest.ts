// "Did you mean …": the known name closest to the one that was written.

const longest = 64

/** The closest of `known` to `written`, if it is close enough to be a slip: `client_id` and `clientIdd` are `clientId`. */
export function suggest(written: string, known: readonly string[]): string | undefined {
  const wanted = foldName(written.slice(0, longest))
  const ranked = known
    .map((name) => ({ name, distance: editDistance(wanted, foldName(name)) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.name : undefined
}

/** A name without what people vary: case, underscores, hyphens. `CLIENT_ID`, `client-id` and `clientId` are one. */
export const foldName = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '')

/** Letters to add, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0
  for (let row = 1; row <= a.length; row += 1) {
    rows[row] = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swapped = isSwap ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY
      rows[row]?.push(Math.min(replaced, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1))
    }
  }
  return at(a.length, b.length)
}
