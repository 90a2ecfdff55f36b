// What may be a parameter of a statement, whatever the database.

import type { SqlValue } from '../sqlite/statements.ts'

/** Whole numbers go as such (the libraries would send them as floating), booleans as 0 and 1. @throws for all else */
export function toSqlValue(value: unknown): SqlValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'string' || typeof value === 'bigint' || value instanceof Uint8Array) return value
  throw new TypeError('a value for SQL is text, a number, a boolean, bytes or null')
}
