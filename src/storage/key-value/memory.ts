// Key-value in this process's memory: for tests, and the plain reading of what every driver must do.

import type { Clock } from '#kernel'
import { createChangeListeners } from '../change-listeners.ts'
import type { KeyValueDriver, SetOptions } from '../key-value.ts'

interface Entry {
  readonly value: string
  readonly expiresAt: number
}

export interface MemoryKeyValueDeps {
  readonly clock: Clock
  /** Receives what a listener of the change feed threw. */
  readonly report?: (error: unknown) => void
}

export function createMemoryKeyValue({ clock, report = () => {} }: MemoryKeyValueDeps): KeyValueDriver {
  const entries = new Map<string, Entry>()
  const sets = new Map<string, Map<string, number>>()
  const listeners = createChangeListeners(report)

  const live = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    return entry !== undefined && entry.expiresAt > clock.monotonicMs() ? entry : undefined
  }

  const liveMembers = (set: string): string[] =>
    [...(sets.get(set) ?? [])].filter(([, expiresAt]) => expiresAt > clock.monotonicMs()).map(([member]) => member)

  const put = (key: string, value: string, expiresAt: number): void => {
    entries.set(key, { value, expiresAt })
    listeners.announce(key)
  }

  return Object.freeze({
    async get(key: string) {
      return live(key)?.value
    },
    async set(key: string, value: string, { ttlMs, onlyIf }: SetOptions) {
      const present = live(key)?.value
      if (onlyIf === 'absent' && present !== undefined) return false
      if (typeof onlyIf === 'object' && present !== onlyIf.equals) return false
      put(key, value, clock.monotonicMs() + ttlMs)
      return true
    },
    async delete(key: string, { onlyIf }: { readonly onlyIf?: string } = {}) {
      const present = live(key)?.value
      if (present === undefined || (onlyIf !== undefined && onlyIf !== present)) return false
      entries.delete(key)
      listeners.announce(key)
      return true
    },
    async increment(key: string, { by, ttlMs }: { readonly by: number; readonly ttlMs: number }) {
      const present = live(key)
      const sum = Number(present?.value ?? 0) + by
      if (!Number.isSafeInteger(sum)) throw new Error(`the value of ${key} is not a counter`)
      entries.set(key, { value: String(sum), expiresAt: present?.expiresAt ?? clock.monotonicMs() + ttlMs })
      return sum
    },
    async addMember(set: string, member: string, { ttlMs }: { readonly ttlMs: number }) {
      sets.set(set, (sets.get(set) ?? new Map()).set(member, clock.monotonicMs() + ttlMs))
    },
    async removeMember(set: string, member: string) {
      sets.get(set)?.delete(member)
    },
    async members(set: string) {
      return liveMembers(set)
    },
    changes: Object.freeze({ subscribe: listeners.subscribe, isFresh: () => true }),
    async sweep() {
      for (const key of entries.keys()) if (live(key) === undefined) entries.delete(key)
      for (const set of sets.keys()) if (liveMembers(set).length === 0) sets.delete(set)
    },
    async start() {},
    async stop() {},
    async health() {
      return { healthy: true }
    },
  })
}
