// The gateway in one process: started, reloaded when asked or when a file changes, stopped.

import { type EtcdSettings, type LoadedConfig, type RefusedConfig, settingsInEffect } from '#config'
import { systemClock } from '#kernel'
import { createGateway } from '../gateway.ts'
import type { GatewayConfig } from '../modules.ts'
import { followSettings } from './etcd-settings.ts'
import { createReloader } from './reloader.ts'
import { createRunningRecord } from './running-config.ts'
import type { Server } from './server.ts'

export interface SingleServerOptions {
  readonly loaded: LoadedConfig<GatewayConfig>
  /** Reads the same files again. @param etcd what is known of etcd now */
  readonly load: (etcd: EtcdSettings | undefined) => LoadedConfig<GatewayConfig> | RefusedConfig
  readonly systemdDescriptors: readonly number[]
}

export function createSingleServer({ loaded, load, systemdDescriptors }: SingleServerOptions): Server {
  const { config, warnings } = loaded
  const gateway = createGateway({ config, warnings, systemdDescriptors })
  const { log, metrics } = gateway.telemetry
  const etcd = followSettings(loaded.etcd, gateway.apis.etcd)
  const record = createRunningRecord({ directory: config.storage.directory, log, clock: systemClock })
  const started = Promise.withResolvers<void>()
  const reloader = createReloader({
    clock: systemClock,
    log,
    metrics,
    initial: loaded,
    load: () => load(etcd.present),
    follow: etcd.follow,
    async apply(next) {
      const prepared = await gateway.prepare(next.config)
      prepared.commit()
      await record.write(settingsInEffect(loaded.settings, next.settings))
    },
  })

  return Object.freeze({
    async start() {
      await gateway.start()
      await reloader.start()
      void record.write(loaded.settings)
      started.resolve()
    },
    reload: () => started.promise.then(() => reloader.reload()),
    async renew() {
      const message = 'one process cannot take its own place: set server.processes, or restart the service'
      log.warn({ event: 'renew_impossible' }, message)
    },
    kill: () => {},
    async stop() {
      etcd.stop()
      await reloader.stop()
      await gateway.stop()
      await record.remove()
    },
  })
}
