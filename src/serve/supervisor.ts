// The gateway in several processes on one port: keeps the workers, reads the configuration for all of them, adds their
// metrics up, and answers no request itself. Which process a connection goes to is Node's cluster module's to decide.

import { type EtcdSettings, type LoadedConfig, type RefusedConfig, settingsInEffect } from '#config'
import { createEtcd } from '#etcd'
import { systemClock } from '#kernel'
import { createTelemetry } from '#telemetry'
import type { GatewayConfig } from '../modules.ts'
import { VERSION } from '../version.ts'
import { followSettings } from './etcd-settings.ts'
import { createReloader } from './reloader.ts'
import { createRunningRecord } from './running-config.ts'
import type { Server } from './server.ts'
import { createWorkerPool, type Wanted } from './worker-pool.ts'
import { toTexts } from './worker-process.ts'

export interface SupervisorOptions {
  readonly loaded: LoadedConfig<GatewayConfig>
  readonly files: readonly string[]
  /** Reads the same files again. @param etcd what is known of etcd now */
  readonly load: (etcd: EtcdSettings | undefined) => LoadedConfig<GatewayConfig> | RefusedConfig
  readonly systemdDescriptors: readonly number[]
  readonly countOf: (config: GatewayConfig) => number
}

export function createSupervisor({ loaded, files, load, systemdDescriptors, countOf }: SupervisorOptions): Server {
  const { telemetry: settings, storage } = loaded.config
  let config = loaded.config
  const telemetry = createTelemetry(settings, systemClock, { sharesOutput: true, collect: () => pool.readMetrics() })
  const { log, metrics } = telemetry
  const wantedOf = (next: LoadedConfig<GatewayConfig>): Wanted => ({
    config: toTexts(files, next),
    count: countOf(next.config),
    stopLimitMs: stopLimitOf(next.config),
  })
  const replaced = metrics.counter({ name: 'workers_replaced_total', help: 'Processes that ended and were replaced.' })
  const pool = createWorkerPool({
    clock: systemClock,
    log,
    wanted: wantedOf(loaded),
    systemdDescriptors,
    onReplaced: () => replaced.add({}),
  })
  metrics.gauge({ name: 'workers', help: 'Processes that answer.' }, () => [{ value: pool.count() }])

  const etcd = createEtcd({ clock: systemClock, telemetry }, loaded.config.etcd)
  const followed = followSettings(loaded.etcd, etcd.api)
  const record = createRunningRecord({ directory: storage.directory, log, clock: systemClock })
  let initial = loaded
  const reloader = createReloader({
    clock: systemClock,
    log,
    metrics,
    initial: loaded,
    load: () => load(followed.present),
    follow: followed.follow,
    async apply(next) {
      await pool.reload(toTexts(files, next))
      config = next.config
      await record.write(settingsInEffect(initial.settings, next.settings))
    },
    async renew(next) {
      await pool.renew(wantedOf(next))
      config = next.config
      initial = next
      await record.write(next.settings)
    },
  })
  const started = Promise.withResolvers<void>()
  let stopping: Promise<void> | undefined

  const shutDown = async (): Promise<void> => {
    log.info({ event: 'stopping', processes: pool.count() }, 'stopping: no new work is taken')
    await etcd.stop?.()
    await Promise.all([reloader.stop(), pool.stop(stopLimitOf(config))])
    log.info({ event: 'stopped' }, 'stopped')
    await telemetry.stop()
    await record.remove()
  }

  return Object.freeze({
    async start() {
      try {
        await telemetry.start()
        const { url, basePath, listening } = await pool.start()
        await reloader.start()
        void record.write(loaded.settings)
        for (const { message } of loaded.warnings) log.warn({ event: 'config_warning' }, message)
        const ready = {
          event: 'ready',
          listening,
          url,
          base_path: basePath,
          version: VERSION,
          processes: pool.count(),
          metrics: telemetry.metricsUrl,
        }
        log.info(ready, `ready at ${url}`)
        started.resolve()
      } catch (error) {
        await telemetry.stop()
        throw error
      }
    },
    reload: () => started.promise.then(() => reloader.reload()),
    renew: () => started.promise.then(() => reloader.renew()),
    stop() {
      stopping ??= shutDown()
      return stopping
    },
    kill: pool.kill,
  })
}

/** What a worker may take to stop, and a moment for its stores. */
const stopLimitOf = ({ server: { shutdown } }: GatewayConfig): number => shutdown.delay + shutdown.drain + 5000
