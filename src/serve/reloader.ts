// Reloads the configuration while the gateway runs: on demand, and when a file that it was read from, or what etcd holds
// of it, has changed. What cannot be read, checked or started changes nothing; the last good configuration goes on, and the log says why.

import {
  type ConfigProblem,
  findChanges,
  formatOrigin,
  hasSameContent,
  type LoadedConfig,
  type RefusedConfig,
  type SettingChange,
} from '#config'
import type { Clock } from '#kernel'
import type { Logger, Metrics } from '#telemetry'
import { createFileWatch } from './file-watch.ts'

export interface ReloaderOptions<Config> {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** What the gateway was started with. */
  readonly initial: LoadedConfig<Config>
  readonly load: () => LoadedConfig<Config> | RefusedConfig
  /** Puts it into effect as a whole. @throws what kept it from that; then nothing has changed. */
  readonly apply: (loaded: LoadedConfig<Config>) => Promise<void>
  /** Calls the listener when what is read elsewhere than in files has changed. */
  readonly follow?: (onChange: () => void) => void
  /** The same with what needs a restart. */
  readonly renew?: (loaded: LoadedConfig<Config>) => Promise<void>
}

export interface Reloader {
  /** Watches the files, and what else there is, from now on. */
  start(): Promise<void>
  /** Resolves when it is done, one way or the other. One that comes during another follows it. */
  reload(): Promise<void>
  /** The same with what needs a restart. */
  renew(): Promise<void>
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
}

type Cause = 'signal' | 'files' | 'etcd' | 'renewal'

export function createReloader<Config>(options: ReloaderOptions<Config>): Reloader {
  const { clock, log, metrics, load, apply, renew = apply } = options
  let initial = options.initial
  let present = options.initial
  let waitsForRestart: readonly SettingChange[] = []
  let isSuccessful = true
  let succeededAt = clock.now()
  let isStopped = false
  let last: Promise<void> = Promise.resolve()
  const queued = new Set<Cause>()

  const reloads = metrics.counter({
    name: 'config_reloads_total',
    help: 'Reloads of the configuration, by how they ended.',
    labels: ['result'],
  })
  metrics.gauge({ name: 'config_last_reload_successful', help: '0 if the last one failed.', combine: 'min' }, () => [
    { value: Number(isSuccessful) },
  ])
  metrics.gauge(
    {
      name: 'config_last_reload_success_timestamp_seconds',
      help: 'When the configuration in effect was taken up, in seconds since 1970.',
      combine: 'min',
    },
    () => [{ value: Math.round(succeededAt / 1000) }],
  )
  metrics.gauge({ name: 'config_restart_needed', help: 'Settings that wait for a restart.', combine: 'max' }, () => [
    { value: waitsForRestart.length },
  ])

  const watch = createFileWatch({ clock, onChange: () => void enqueue('files') })

  const fail = (cause: Cause, tell: () => void): void => {
    isSuccessful = false
    reloads.add({ result: 'failure' })
    tell()
    log.error({ event: 'config_reload_failed', cause }, 'the configuration was not reloaded; the last good one goes on')
  }

  const reloadOnce = async (cause: Cause): Promise<void> => {
    if (isStopped) return
    const loaded = load()
    if (!loaded.ok) {
      fail(cause, () => {
        for (const problem of loaded.problems) reportProblem(log, problem)
      })
      // Those of the last good one stay watched: a file that cannot be read names none of the others.
      return watch.watch([...new Set([...present.files, ...loaded.files])], loaded.texts.reveal())
    }
    const changes = findChanges(present.settings, loaded.settings, hasSameContent)
    try {
      await (cause === 'renewal' ? renew(loaded) : apply(loaded))
      if (cause === 'renewal') initial = loaded
      isSuccessful = true
      succeededAt = clock.now()
      reloads.add({ result: 'success' })
      reportSuccess(log, cause, changes)
      const known = new Set(present.warnings.map(({ message }) => message))
      for (const { message } of loaded.warnings) {
        if (!known.has(message)) log.warn({ event: 'config_warning' }, message)
      }
      waitsForRestart = findChanges(initial.settings, loaded.settings, hasSameContent).filter(
        ({ needsRestart }) => needsRestart,
      )
      present = loaded
    } catch (err) {
      fail(cause, () =>
        log.error({ event: 'config_not_applied', err }, 'the new configuration cannot be put into effect'),
      )
    }
    await watch.watch(loaded.files, loaded.texts.reveal())
  }

  const enqueue = (cause: Cause): Promise<void> => {
    // One that waits will see what this one would.
    if (queued.has(cause)) return last
    queued.add(cause)
    last = last.then(() => {
      queued.delete(cause)
      return reloadOnce(cause).catch((err: unknown) => {
        log.error({ event: 'config_reload_failed', cause, err }, 'the reload itself failed')
      })
    })
    return last
  }

  return Object.freeze({
    start() {
      options.follow?.(() => void enqueue('etcd'))
      return watch.watch(present.files, present.texts.reveal())
    },
    reload: () => enqueue('signal'),
    renew: () => enqueue('renewal'),
    stop() {
      isStopped = true
      watch.stop()
      return last
    },
  })
}

/** As `config check` tells it. */
function reportProblem(log: Logger, { path, origin, what, why, fix }: ConfigProblem): void {
  const place = origin === undefined ? 'configuration' : formatOrigin(origin)
  log.error({ event: 'config_problem', setting: path, place, what, why, fix }, `${place} ${path}: ${what}`)
}

function reportSuccess(log: Logger, cause: Cause, changes: readonly SettingChange[]): void {
  const isApplied = ({ needsRestart }: SettingChange): boolean => cause === 'renewal' || !needsRestart
  const applied = changes.filter(isApplied).map(({ path }) => path)
  const waiting = changes.filter((change) => !isApplied(change)).map(({ path }) => path)
  log.info({ event: 'config_reloaded', cause, changed: applied.slice(0, MAX_LISTED) }, 'the configuration was reloaded')
  if (waiting.length === 0) return
  log.warn(
    { event: 'config_restart_needed', settings: waiting.slice(0, MAX_LISTED) },
    'some settings have changed that take effect at a restart only',
  )
}

/** Of paths in one line of the log, which has its own bound. */
const MAX_LISTED = 20
