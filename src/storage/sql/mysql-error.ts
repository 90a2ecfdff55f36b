// What an error of MariaDB, MySQL or their library means to us.

import { storageErrors } from '../errors.ts'

/** The number that the server gave to its error; undefined if the error did not come from the server. */
export function mysqlCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('sqlState' in error) || !('errno' in error)) return undefined
  return typeof error.errno === 'number' ? error.errno : undefined
}

/** A primary key or unique index has this value (ER_DUP_ENTRY). */
export const duplicateEntry = 1062

/** The index is there (ER_DUP_KEYNAME). */
export const duplicateIndex = 1061

/** Two transactions waited for each other, and this one was undone (ER_LOCK_DEADLOCK). */
export const deadlock = 1213

/** What the server itself says may be our mistake; anything else but our own bug is about reaching it. */
export function translateMysqlError(error: unknown): unknown {
  const code = mysqlCodeOf(error)
  const isUnavailable =
    code === undefined ? !(error instanceof TypeError || error instanceof RangeError) : unavailable.has(code)
  return isUnavailable ? storageErrors.unavailable({ store: 'database' }, { cause: error }) : error
}

// By the numbers of the MySQL error reference; those above 1900 are MariaDB's or MySQL's own.
// biome-ignore format: a table
const unavailable: ReadonlySet<number> = new Set([
  1021, 1030, 1037, 1038, 1041, 1114,        // disk, engine, memory, table full
  1040, 1053, 1129, 1130, 1203, 1226,        // too many connections, shutdown, host refused, limits of the account
  1044, 1045, 1049, 1698,                    // who may log in, and to which database
  1047,                                      // a node of a cluster that is not ready
  1158, 1159, 1160, 1161,                    // the network
  1180, 1205, deadlock,                      // conflicts that a new try solves
  1290, 1792, 1836,                          // read-only after a failover
  1317, 1927, 1969, 3024, 4031,              // killed, or took too long
])
