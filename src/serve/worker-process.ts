// A worker as the supervisor sees it: a process that is asked, and that may end at any time.

import cluster from 'node:cluster'
import { once } from 'node:events'
import type { LoadedConfig } from '#config'
import type { MetricReading } from '#telemetry'
import { type ConfigTexts, createAsker, type WorkerReady } from './channel.ts'
import { passOnUndelivered } from './undelivered-connections.ts'

export interface WorkerExit {
  readonly code: number | null
  readonly signal: string | null
}

export interface WorkerProcess {
  readonly number: number
  readonly pid: number
  /** @throws what kept it from starting */
  start(options: {
    readonly config: ConfigTexts
    readonly isFirst: boolean
    readonly systemdDescriptors: readonly number[]
  }): Promise<WorkerReady>
  prepare(config: ConfigTexts): Promise<void>
  commit(): Promise<void>
  discard(): Promise<void>
  /** As of now, or of the last time if it does not answer. */
  readMetrics(): Promise<readonly MetricReading[]>
  /** What it measured, as far as that is known. */
  readonly lastMetrics: readonly MetricReading[]
  /** Ends it in order, or after the limit by force. Resolves when it has ended. */
  stop(options: { readonly isReplaced: boolean; readonly limitMs: number }): Promise<void>
  kill(): void
  readonly exited: Promise<WorkerExit>
}

const ANSWER_LIMIT_MS = 2000

export const toTexts = (files: readonly string[], { texts, etcd }: LoadedConfig<unknown>): ConfigTexts => ({
  files,
  texts: [...texts.reveal()],
  ...(etcd && { etcd: { prefix: etcd.prefix, entries: [...etcd.entries] } }),
})

export function forkWorker(number: number): WorkerProcess {
  const worker = cluster.fork()
  passOnUndelivered(worker)
  const exited = once(worker, 'exit').then(([code, signal]): WorkerExit => ({ code, signal }))
  const ended = exited.then((): never => {
    throw new Error('the worker has ended')
  })
  ended.catch(() => {})
  const ask = createAsker(worker, ended)
  let lastMetrics: readonly MetricReading[] = []

  return Object.freeze({
    number,
    pid: worker.process.pid ?? 0,
    start: ({ config, isFirst, systemdDescriptors }: Parameters<WorkerProcess['start']>[0]) =>
      ask('start', { ...config, number, isFirst, systemdDescriptors }),
    prepare: async (config: ConfigTexts) => void (await ask('prepare', config)),
    commit: async () => void (await ask('commit', null)),
    discard: async () => void (await ask('discard', null)),
    async readMetrics() {
      const answer = ask('metrics', null).catch(() => lastMetrics)
      lastMetrics = await within(ANSWER_LIMIT_MS, answer, lastMetrics)
      return lastMetrics
    },
    get lastMetrics() {
      return lastMetrics
    },
    async stop({ isReplaced, limitMs }: { readonly isReplaced: boolean; readonly limitMs: number }) {
      const force = setTimeout(() => worker.process.kill('SIGKILL'), limitMs)
      lastMetrics = await ask('stop', { isReplaced }).catch(() => lastMetrics)
      await exited
      clearTimeout(force)
    },
    kill: () => void worker.process.kill('SIGKILL'),
    exited,
  })
}

async function within<T>(limitMs: number, answer: Promise<T>, otherwise: T): Promise<T> {
  const late = Promise.withResolvers<T>()
  const timer = setTimeout(() => late.resolve(otherwise), limitMs)
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer))
}
