// Tells "there is one already" from other failures, whatever the database.

import { sqliteCodeOf } from '../sqlite/sqlite-error.ts'
import { duplicateEntry, mysqlCodeOf } from './mysql-error.ts'

const sqliteCodes: ReadonlySet<number | undefined> = new Set([1555, 2067])

/** Whether the error says that a primary key or unique index already has this value. */
export const isUniqueViolation = (error: unknown): boolean =>
  sqliteCodes.has(sqliteCodeOf(error)) ||
  mysqlCodeOf(error) === duplicateEntry ||
  (error instanceof Error && 'code' in error && error.code === '23505')
