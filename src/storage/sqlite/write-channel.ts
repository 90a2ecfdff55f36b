// The way to the writing side: a worker thread for a file, this thread for a database in memory. One call at a time.

import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { SqliteError, sqliteCodes } from './sqlite-error.ts'
import { createWriteEngine, type WriteReply, type WriteRequest } from './write-engine.ts'

export interface WriteChannel {
  /** Never called before the last call has settled. @throws if the writing side has died; the next call revives it. */
  call(request: WriteRequest): Promise<WriteReply>
  close(): Promise<void>
}

export function createInlineChannel(database: DatabaseSync): WriteChannel {
  return Object.freeze({ call: createWriteEngine(database), close: async () => {} })
}

export function createWorkerChannel(location: string): WriteChannel {
  let worker: Worker | undefined
  let waiting: PromiseWithResolvers<WriteReply> | undefined

  const settle = (reply: WriteReply | Error): void => {
    const call = waiting
    waiting = undefined
    worker?.unref()
    if (reply instanceof Error) call?.reject(reply)
    else call?.resolve(reply)
  }

  const start = (): Worker => {
    const started = new Worker(workerUrl, {
      workerData: { location },
      execArgv: [],
      // It holds nothing but the statements of the moment.
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    })
    started.on('message', settle)
    started.on('error', (cause) => {
      worker = undefined
      settle(new SqliteError(`the writing thread has failed: ${String(cause)}`, sqliteCodes.ioError))
    })
    started.on('exit', () => {
      // After an error the call has failed already, and the present one has another thread.
      if (worker !== started) return
      worker = undefined
      settle(new SqliteError('the writing thread has ended', sqliteCodes.ioError))
    })
    return started
  }

  return Object.freeze({
    call(request: WriteRequest) {
      waiting = Promise.withResolvers()
      worker ??= start()
      // Only while it works may it keep the process alive.
      worker.ref()
      worker.postMessage(request)
      return waiting.promise
    },
    async close() {
      if (worker === undefined) return
      const closed = new Promise((resolve) => worker?.once('exit', resolve))
      worker.ref()
      worker.postMessage('close')
      await closed
    },
  })
}

// The published package holds compiled files.
const workerUrl = new URL(`./write-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
