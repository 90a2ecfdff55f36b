// The settings that etcd holds, for a gateway that runs: those of the start, then those that etcd tells of. While etcd does
// not answer, the last ones stand.

import type { EtcdSettings } from '#config'
import type { Etcd, PrefixWatch } from '#etcd'

export interface FollowedSettings {
  /** Undefined if none are kept there. */
  readonly present: EtcdSettings | undefined
  /** Calls the listener when they are others than before. */
  follow(onChange: () => void): void
  stop(): void
}

/** @param initial what the gateway is started with */
export function followSettings(initial: EtcdSettings | undefined, etcd: Etcd): FollowedSettings {
  let present = initial
  let watch: PrefixWatch | undefined
  return Object.freeze({
    get present() {
      return present
    },
    follow(onChange: () => void) {
      if (initial === undefined) return
      const { prefix } = initial
      watch = etcd.watch(prefix)
      const take = (entries: EtcdSettings['entries']): void => {
        if (present !== undefined && isSame(present.entries, entries)) return
        present = { prefix, entries }
        onChange()
      }
      watch.onChange(take)
      if (watch.entries !== undefined) take(watch.entries)
    },
    stop: () => watch?.stop(),
  })
}

const isSame = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
