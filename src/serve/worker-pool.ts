// The workers of one supervisor: as many as are wanted, all with the same configuration. One that ends is replaced, a
// new configuration reaches all or none, and they can be exchanged one by one while the others answer.

import type { Clock } from '#kernel'
import { combineReadings, type Logger, type MetricReading } from '#telemetry'
import type { ConfigTexts, WorkerReady } from './channel.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import { forkWorker, type WorkerProcess } from './worker-process.ts'

export interface WorkerPool {
  /** Resolves when all answer. @throws what kept one from it; then none is left. */
  start(): Promise<WorkerReady>
  /** Puts it into effect in all of them, or in none. @throws what kept one from it */
  reload(config: ConfigTexts): Promise<void>
  /** Exchanges them one by one for others with this configuration. @throws if the first could not start; then nothing has changed */
  renew(wanted: Wanted): Promise<void>
  /** What each measured, and what those measured that are gone. */
  readMetrics(): Promise<readonly (readonly MetricReading[])[]>
  count(): number
  stop(limitMs: number): Promise<void>
  kill(): void
}

export interface Wanted {
  readonly config: ConfigTexts
  readonly count: number
  /** How long one may take to stop. */
  readonly stopLimitMs: number
}

export interface WorkerPoolOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly wanted: Wanted
  readonly systemdDescriptors: readonly number[]
  /** One that had ended has been replaced. */
  readonly onReplaced: () => void
}

export function createWorkerPool({ clock, log, systemdDescriptors, ...options }: WorkerPoolOptions): WorkerPool {
  let wanted = options.wanted
  const starting = new Set<WorkerProcess>()
  const live = new Set<WorkerProcess>()
  const leaving = new Set<WorkerProcess>()
  const exclusively = createOneAtATime()
  let gone: readonly MetricReading[] = []
  let lastNumber = 0
  /** Of workers that ended soon after their start, one after the other. */
  let failures = 0
  let isStopping = false

  /** @throws what kept it from starting, once it has ended */
  const startOne = async (config: ConfigTexts, isFirst = false): Promise<WorkerReady> => {
    lastNumber++
    const worker = forkWorker(lastNumber)
    starting.add(worker)
    const cancel = clock.after(START_LIMIT_MS, worker.kill)
    try {
      const ready = await worker.start({ config, isFirst, systemdDescriptors })
      live.add(worker)
      const startedMs = clock.monotonicMs()
      void worker.exited.then(() => onExit(worker, clock.monotonicMs() - startedMs))
      return ready
    } catch (error) {
      worker.kill()
      await worker.exited
      throw error
    } finally {
      cancel()
      starting.delete(worker)
    }
  }

  const onExit = async (worker: WorkerProcess, lifeMs: number): Promise<void> => {
    gone = combineReadings([gone, worker.lastMetrics.filter(({ type }) => type !== 'gauge')])
    if (!live.delete(worker) || isStopping) return
    const { code, signal } = await worker.exited
    failures = lifeMs < STABLE_MS ? failures + 1 : 0
    log.error(
      { event: 'worker_exited', worker: worker.number, pid: worker.pid, exit_code: code, signal, life_ms: lifeMs },
      'a worker has ended and is replaced',
    )
    replaceLater()
  }

  const replaceLater = (): void => {
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS)
    clock.after(delayMs, () => {
      void exclusively(replaceOne).catch((err: unknown) => {
        failures++
        log.error({ event: 'worker_not_started', err }, 'a worker could not be started; it is tried again')
        replaceLater()
      })
    })
  }

  const replaceOne = async (): Promise<void> => {
    if (isStopping || live.size >= wanted.count) return
    await startOne(wanted.config)
    options.onReplaced()
  }

  /** Others answer in its place already. */
  const dismiss = async (worker: WorkerProcess, how: { readonly isReplaced: boolean; readonly limitMs: number }) => {
    live.delete(worker)
    leaving.add(worker)
    await worker.stop(how)
    leaving.delete(worker)
  }

  return Object.freeze({
    start: () =>
      exclusively(async () => {
        try {
          // What is made once (the key ring, the tables) is made by the first.
          const ready = await startOne(wanted.config, true)
          await Promise.all(Array.from({ length: wanted.count - 1 }, () => startOne(wanted.config)))
          return ready
        } catch (error) {
          isStopping = true
          for (const worker of live) worker.kill()
          throw error
        }
      }),
    reload: (config: ConfigTexts) =>
      exclusively(async () => {
        const workers = [...live]
        const outcomes = await Promise.allSettled(workers.map((worker) => worker.prepare(config)))
        const failed = outcomes.find(({ status }) => status === 'rejected')
        if (failed?.status === 'rejected') {
          await Promise.allSettled(workers.map((worker) => worker.discard()))
          throw failed.reason
        }
        wanted = { ...wanted, config }
        // One that ends here is replaced by one with the new configuration.
        await Promise.allSettled(workers.map((worker) => worker.commit()))
      }),
    renew: (next: Wanted) =>
      exclusively(async () => {
        const before = [...live]
        const dismissed: Promise<void>[] = []
        const how = { isReplaced: true, limitMs: wanted.stopLimitMs }
        for (let started = 0; started < next.count; started++) {
          // If the first of them answers, so will the others; if not, nothing has happened yet.
          if (started === 0) await startOne(next.config)
          else await startOne(next.config).catch(() => replaceLater())
          wanted = next
          const old = before.shift()
          if (old !== undefined) dismissed.push(dismiss(old, how))
        }
        await Promise.all([...dismissed, ...before.map((old) => dismiss(old, how))])
      }),
    async readMetrics() {
      return [gone, ...(await Promise.all([...live, ...leaving].map((worker) => worker.readMetrics())))]
    },
    count: () => live.size,
    async stop(limitMs: number) {
      isStopping = true
      for (const worker of starting) worker.kill()
      await Promise.all([
        ...[...leaving].map(({ exited }) => exited),
        ...[...live].map((worker) => dismiss(worker, { isReplaced: false, limitMs })),
      ])
    },
    kill() {
      isStopping = true
      for (const worker of [...starting, ...live, ...leaving]) worker.kill()
    },
  })
}

const START_LIMIT_MS = 60_000
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 10_000
/** One that lived this long did not end because of its start. */
const STABLE_MS = 10_000
