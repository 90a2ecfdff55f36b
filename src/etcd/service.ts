// Prefixes that are watched for the parts of the gateway: one watch a prefix, whoever and however many ask, so that what
// a reload makes anew knows at once what was known before, also while etcd does not answer.

import type { Clock, Part } from '#kernel'
import type { Logger, Metrics } from '#telemetry'
import { createEtcdClient, type EtcdClient } from './client.ts'
import type { EtcdConfig } from './config.ts'
import { type PrefixWatch, watchPrefix } from './prefix-watch.ts'

export interface Etcd {
  /** What is under the prefix, and what becomes of it. `stop` it when it is not needed any more. */
  watch(prefix: string): PrefixWatch
}

export interface EtcdDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger; readonly metrics: Metrics }
}

interface Shared {
  readonly watch: PrefixWatch
  users: number
}

export function createEtcd({ clock, telemetry }: EtcdDeps, config: EtcdConfig): Part<Etcd> {
  const { log, metrics } = telemetry
  const shared = new Map<string, Shared>()
  let client: EtcdClient | undefined

  const losses = metrics.counter({
    name: 'etcd_watch_losses_total',
    help: 'How often what is under a prefix could not be followed any more.',
    labels: ['prefix'],
  })
  metrics.gauge(
    {
      name: 'etcd_watch_current',
      help: '0 while etcd does not answer, and what was read last from a prefix stands.',
      labels: ['prefix'],
      combine: 'min',
    },
    () =>
      [...shared].map(([prefix, { watch }]) => ({ labels: { prefix }, value: watch.failure === undefined ? 1 : 0 })),
  )

  const begin = (prefix: string): Shared => {
    client ??= createEtcdClient(config, clock)
    const watch = watchPrefix({
      prefix,
      client,
      clock,
      onLink(failure) {
        if (failure === undefined) return log.info({ event: 'etcd_back', prefix }, 'etcd answers again')
        losses.add({ prefix })
        log.warn(
          { event: 'etcd_lost', prefix, reason: failure.message },
          'etcd does not answer; what was last known stands',
        )
      },
    })
    return { watch, users: 0 }
  }

  const watch = (prefix: string): PrefixWatch => {
    const used = shared.get(prefix) ?? begin(prefix)
    shared.set(prefix, used)
    used.users++
    return oneUseOf(used.watch, () => {
      used.users--
      if (used.users > 0) return
      used.watch.stop()
      shared.delete(prefix)
    })
  }

  return {
    api: Object.freeze({ watch }),
    async stop() {
      for (const used of shared.values()) used.watch.stop()
      shared.clear()
      client?.close()
    },
  }
}

/** @param end called once, when this user is done with it */
function oneUseOf(watch: PrefixWatch, end: () => void): PrefixWatch {
  const ends = new Set<() => void>()
  let isStopped = false
  return Object.freeze({
    prefix: watch.prefix,
    get entries() {
      return watch.entries
    },
    get failure() {
      return watch.failure
    },
    tried: watch.tried,
    onChange(listener: Parameters<PrefixWatch['onChange']>[0]) {
      const forget = watch.onChange(listener)
      ends.add(forget)
      return forget
    },
    stop() {
      if (isStopped) return
      isStopped = true
      for (const forget of ends) forget()
      end()
    },
  })
}
