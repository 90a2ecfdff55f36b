/** A 64-bit integer of a database: ours are counts and times, far below 2^53. @throws above that. */
export function toSafeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a 64-bit integer of the database is too large')
  return value
}
