// A transaction on the writing side, as its owner sees it. It ends once: by commit, rollback, or the writer's time limit.

import { SqliteError, sqliteCodes } from './sqlite-error.ts'
import type { Statement, StatementResult } from './statements.ts'
import { errorOf, isFailure, type WriteReply, type WriteRequest } from './write-engine.ts'

export interface WriteTransaction {
  run(statement: Statement): Promise<StatementResult>
  /** @throws if it was not committed. */
  commit(): Promise<void>
  /** Does nothing if it has ended. */
  rollback(): Promise<void>
}

/** @param onEnd called when the writing side is free again. */
export function createTransaction(
  call: (request: WriteRequest) => Promise<WriteReply>,
  onEnd: () => void,
): WriteTransaction {
  let ended = false
  // The writing side takes one request at a time; the owner may ask for several.
  let last: Promise<unknown> = Promise.resolve()

  const next = (request: WriteRequest): Promise<readonly StatementResult[]> => {
    const results = last.then(async () => {
      const [outcome] = await call(request)
      if (isFailure(outcome)) throw errorOf(outcome)
      return outcome.results
    })
    last = results.catch(() => {})
    return results
  }

  const end = async (kind: 'commit' | 'rollback'): Promise<void> => {
    ended = true
    try {
      await next({ kind })
    } catch (error) {
      await next({ kind: 'rollback' }).catch(() => {})
      throw error
    } finally {
      onEnd()
    }
  }

  const refuseIfEnded = (): void => {
    if (ended) throw new SqliteError('the transaction has ended; it may have taken too long', sqliteCodes.busy)
  }

  return Object.freeze({
    async run(statement: Statement) {
      refuseIfEnded()
      return (await next({ kind: 'run', statement }))[0] ?? { rows: [], changes: 0 }
    },
    async commit() {
      refuseIfEnded()
      await end('commit')
    },
    async rollback() {
      if (!ended) await end('rollback')
    },
  })
}
