// Queues this process's writes. Single writes that wait are grouped into one commit; a transaction has the writing side
// to itself until it ends. Whatever waits too long, or finds the queue full, fails without having been done.

import type { Clock } from '#kernel'
import { SqliteError, sqliteCodes } from './sqlite-error.ts'
import type { StatementResult } from './statements.ts'
import type { WriteChannel } from './write-channel.ts'
import { errorOf, isFailure, type WriteReply, type WriteRequest, type WriteUnit } from './write-engine.ts'
import { createTransaction, type WriteTransaction } from './write-transaction.ts'

export interface Writer {
  /** Runs the statements together or not at all; resolves after the commit. */
  write(unit: WriteUnit): Promise<readonly StatementResult[]>
  begin(options: TransactionOptions): Promise<WriteTransaction>
  /** Waits for what is queued, then closes the writing side. */
  close(): Promise<void>
}

export interface TransactionOptions {
  /** A transaction that has not ended by then is rolled back. */
  readonly limitMs: number
  /** How long to wait for other processes that write. */
  readonly waitMs: number
}

interface UnitJob {
  readonly kind: 'unit'
  readonly unit: WriteUnit
  readonly deadlineMs: number
  readonly result: PromiseWithResolvers<readonly StatementResult[]>
}

interface TransactionJob extends TransactionOptions {
  readonly kind: 'transaction'
  readonly deadlineMs: number
  readonly result: PromiseWithResolvers<WriteTransaction>
}

type Job = UnitJob | TransactionJob

/** How long a write may wait for its turn, and then for other processes. */
export const writeWaitMs = 4_000
const maxQueued = 1_000
const maxBatch = 200

export function createWriter(channel: WriteChannel, clock: Clock): Writer {
  const queue: Job[] = []
  let draining: Promise<void> | undefined

  const enqueue = (job: Job): void => {
    if (queue.length < maxQueued) {
      queue.push(job)
      draining ??= drain()
    } else {
      job.result.reject(busy('too many writes are waiting'))
    }
  }

  const drain = async (): Promise<void> => {
    // Lets everything that is asked for in this turn into the first commit.
    await Promise.resolve()
    for (let job = queue[0]; job !== undefined; job = queue[0]) {
      if (job.deadlineMs <= clock.monotonicMs()) {
        queue.shift()
        job.result.reject(busy('the write waited too long for its turn'))
      } else if (job.kind === 'unit') {
        await runUnits(takeUnits(queue))
      } else {
        queue.shift()
        await runTransaction(job)
      }
    }
    draining = undefined
  }

  const runUnits = async (jobs: readonly UnitJob[]): Promise<void> => {
    const outcomes = await call({ kind: 'batch', units: jobs.map(({ unit }) => unit), waitMs: writeWaitMs })
    for (const [at, { result }] of jobs.entries()) {
      const outcome = outcomes[at] ?? outcomes[0]
      if (isFailure(outcome)) result.reject(errorOf(outcome))
      else result.resolve(outcome.results)
    }
  }

  /** Resolves when the transaction has ended, however it ended. */
  const runTransaction = async ({ limitMs, waitMs, result }: TransactionJob): Promise<void> => {
    const [begun] = await call({ kind: 'begin', waitMs })
    if (isFailure(begun)) return result.reject(errorOf(begun))
    const ended = Promise.withResolvers<void>()
    const transaction = createTransaction(call, ended.resolve)
    const cancel = clock.after(limitMs, () => void transaction.rollback().catch(() => {}))
    result.resolve(transaction)
    await ended.promise
    cancel()
  }

  const call = async (request: WriteRequest): Promise<WriteReply> => {
    try {
      return await channel.call(request)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return [{ failure: { message, code: sqliteCodes.ioError } }]
    }
  }

  const deadlineMs = () => clock.monotonicMs() + writeWaitMs

  return Object.freeze({
    write(unit: WriteUnit) {
      const result = Promise.withResolvers<readonly StatementResult[]>()
      enqueue({ kind: 'unit', unit, deadlineMs: deadlineMs(), result })
      return result.promise
    },
    begin(options: TransactionOptions) {
      const result = Promise.withResolvers<WriteTransaction>()
      enqueue({ kind: 'transaction', ...options, deadlineMs: deadlineMs(), result })
      return result.promise
    },
    async close() {
      await draining
      await channel.close()
    },
  })
}

/** Takes the units at the head of the queue, up to the next transaction. */
function takeUnits(queue: Job[]): readonly UnitJob[] {
  const end = queue.findIndex(({ kind }) => kind === 'transaction')
  return queue.splice(0, Math.min(end === -1 ? queue.length : end, maxBatch)).filter((job) => job.kind === 'unit')
}

const busy = (message: string): SqliteError => new SqliteError(message, sqliteCodes.busy)
