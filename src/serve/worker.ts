// One of several processes that serve on the same addresses. It reads no files of the configuration and obeys no signal:
// the supervisor tells it everything, so that all of them agree.

import { formatProblem, loadConfig } from '#config'
import { systemClock } from '#kernel'
import { createGateway, type Gateway, type PreparedReload } from '../gateway.ts'
import { configSchema } from '../modules.ts'
import { answerQuestions, type ConfigTexts, type WorkerStart } from './channel.ts'
import { explainFailure } from './explain-failure.ts'
import { giveBackStartupMemory } from './startup-memory.ts'

export interface WorkerOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** Resolves when it has stopped as it was told. @throws what kept it from starting; the supervisor knows it too. */
export function runWorker({ env, cwd }: WorkerOptions): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {})
  const ended = Promise.withResolvers<void>()
  let gateway: Gateway | undefined
  let prepared: PreparedReload | undefined

  const read = ({ files, texts, etcd }: ConfigTexts) => {
    const settings = etcd && { prefix: etcd.prefix, entries: new Map(etcd.entries) }
    const given = new Map(texts)
    const loaded = loadConfig({ files, env, cwd, schema: configSchema, given, etcd: settings })
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
    return loaded.config
  }
  const running = (): Gateway => {
    if (gateway === undefined) throw new Error('the worker has not been started')
    return gateway
  }

  const start = async (ask: WorkerStart) => {
    const { number, isFirst, systemdDescriptors } = ask
    gateway = createGateway({ config: read(ask), systemdDescriptors, worker: { number, isFirst } })
    const { url, listening } = await gateway.start()
    giveBackStartupMemory(systemClock)
    return { url, listening, basePath: gateway.publicUrl.basePath }
  }

  answerQuestions(
    process,
    {
      start,
      async prepare(texts) {
        prepared = await running().prepare(read(texts))
        return null
      },
      async commit() {
        prepared?.commit()
        prepared = undefined
        return null
      },
      async discard() {
        await prepared?.discard()
        prepared = undefined
        return null
      },
      metrics: () => running().telemetry.readMetrics(),
      async stop(how) {
        await gateway?.stop(how)
        return (await gateway?.telemetry.readMetrics()) ?? []
      },
    },
    explainFailure,
    (kind, isDone) => {
      if (kind === 'stop') ended.resolve()
      if (kind === 'start' && !isDone) ended.reject(new Error('the worker could not start'))
    },
  )
  return ended.promise
}
