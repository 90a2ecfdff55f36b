// The writing side of SQLite, in the worker thread (or inline for a database in memory). Serves one request at a time.
// A batch is one transaction of units that do not know of each other: a unit that fails is undone alone, and nothing is
// reported before the commit. If another process writes, `begin` waits its turn without blocking the thread.

import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { isSqliteUnavailable, SqliteError, sqliteCodeOf, sqliteCodes } from './sqlite-error.ts'
import { createStatementCache, type Statement, type StatementResult } from './statements.ts'

/** Statements that happen together or not at all. */
export type WriteUnit = readonly Statement[]

export type WriteRequest =
  | { readonly kind: 'batch'; readonly units: readonly WriteUnit[]; readonly waitMs: number }
  | { readonly kind: 'begin'; readonly waitMs: number }
  | { readonly kind: 'run'; readonly statement: Statement }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }

export type WriteOutcome = { readonly results: readonly StatementResult[] } | WriteFailure

/** An error, in a form that can be posted between threads. */
export interface WriteFailure {
  readonly failure: { readonly message: string; readonly code: number }
}

/** One outcome for each unit of a batch, and one for any other request. */
export type WriteReply = readonly WriteOutcome[]

export type WriteEngine = (request: WriteRequest) => Promise<WriteReply>

export const isFailure = (outcome: WriteOutcome | undefined): outcome is WriteFailure | undefined =>
  outcome === undefined || 'failure' in outcome

export const errorOf = (outcome: WriteFailure | undefined): SqliteError =>
  outcome === undefined
    ? new SqliteError('the writing side did not answer', sqliteCodes.ioError)
    : new SqliteError(outcome.failure.message, outcome.failure.code)

export function createWriteEngine(database: DatabaseSync): WriteEngine {
  const prepare = createStatementCache(database)
  const exec = (sql: string): void => void prepare(sql).run([])
  const run = ({ sql, parameters }: Statement): StatementResult => prepare(sql).run(parameters)

  const begin = async (waitMs: number): Promise<void> => {
    const deadlineMs = performance.now() + waitMs
    for (;;) {
      try {
        return exec('begin immediate')
      } catch (error) {
        const busy = ((sqliteCodeOf(error) ?? 0) & 0xff) === sqliteCodes.busy
        if (!busy || performance.now() >= deadlineMs) throw error
        await pause(2 + Math.random() * 8)
      }
    }
  }

  const runUnit = (unit: WriteUnit): WriteOutcome => {
    if (unit.length > 1) exec('savepoint unit')
    try {
      const results = unit.map(run)
      if (unit.length > 1) exec('release unit')
      return { results }
    } catch (error) {
      // A full disk and the like end the whole transaction; then there is nothing left to go on with.
      if (!database.isTransaction || isSqliteUnavailable(error)) throw error
      if (unit.length > 1) {
        exec('rollback to unit')
        exec('release unit')
      }
      return failureOf(error)
    }
  }

  const runBatch = async (units: readonly WriteUnit[], waitMs: number): Promise<WriteReply> => {
    try {
      await begin(waitMs)
      const outcomes = units.map(runUnit)
      exec('commit')
      return outcomes
    } catch (error) {
      if (database.isTransaction) exec('rollback')
      return units.map(() => failureOf(error))
    }
  }

  const serve = async (request: WriteRequest): Promise<WriteReply> => {
    switch (request.kind) {
      case 'batch':
        return runBatch(request.units, request.waitMs)
      case 'begin':
        await begin(request.waitMs)
        return [{ results: [] }]
      case 'run':
        // After a failure that ended the transaction, or a new start of this side, a statement must not run by itself.
        if (!database.isTransaction) throw new SqliteError('the transaction has ended', sqliteCodes.busy)
        return [{ results: [run(request.statement)] }]
      case 'commit':
        exec('commit')
        return [{ results: [] }]
      case 'rollback':
        if (database.isTransaction) exec('rollback')
        return [{ results: [] }]
    }
  }

  return async (request) => {
    try {
      return await serve(request)
    } catch (error) {
      return [failureOf(error)]
    }
  }
}

const failureOf = (error: unknown): WriteFailure => ({
  failure: {
    message: error instanceof Error ? error.message : String(error),
    code: sqliteCodeOf(error) ?? 1,
  },
})
