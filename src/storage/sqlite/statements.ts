// SQL as it travels between threads, and prepared statements kept per connection.

import type { DatabaseSync, StatementSync } from 'node:sqlite'

export type SqlValue = null | number | bigint | string | Uint8Array

export interface Statement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

export type Row = Readonly<Record<string, unknown>>

export interface StatementResult {
  readonly rows: readonly Row[]
  readonly changes: number
}

/** A statement that was prepared once. */
export interface Prepared {
  run(parameters: readonly SqlValue[]): StatementResult
  /** The runtime's own, for the few reads that must be fastest. */
  readonly raw: StatementSync
}

const maxKept = 500

/** Prepares each text once. Texts come from code, so there are few; the limit only guards against a leak. */
export function createStatementCache(database: DatabaseSync): (sql: string) => Prepared {
  const kept = new Map<string, Prepared>()
  return (sql) => {
    const known = kept.get(sql)
    if (known !== undefined) return known
    if (kept.size >= maxKept) kept.clear()
    const prepared = prepare(database, sql)
    kept.set(sql, prepared)
    return prepared
  }
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  const raw = database.prepare(sql)
  const givesRows = raw.columns().length > 0
  const run = givesRows
    ? (parameters: readonly SqlValue[]) => {
        const rows = raw.all(...parameters).map((row) => ({ ...row }))
        return { rows, changes: rows.length }
      }
    : (parameters: readonly SqlValue[]) => ({ rows: [], changes: Number(raw.run(...parameters).changes) })
  return { run, raw }
}
