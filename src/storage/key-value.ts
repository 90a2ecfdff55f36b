// The key-value kind: short-lived state with an end, shared by all nodes. Drivers, in `key-value/`: memory, embedded
// (SQLite) and redis.
// Every driver passes `key-value.contract.ts`. A store that cannot answer in time throws `storage.unavailable` (503).

import type { HealthReport } from '#kernel'

export interface KeyValueStore {
  get(key: string): Promise<string | undefined>
  /** @returns false if the condition did not hold; then nothing was written. */
  set(key: string, value: string, options: SetOptions): Promise<boolean>
  /** @returns whether something was deleted. */
  delete(key: string, options?: { readonly onlyIf?: string }): Promise<boolean>
  /** Adds atomically; a missing key counts as 0 and gets the time to live, an existing one keeps its own. @returns the sum. */
  increment(key: string, options: { readonly by: number; readonly ttlMs: number }): Promise<number>
  /** Adds (or renews) a member that expires by itself. The set's own life is that of its last member. */
  addMember(set: string, member: string, options: { readonly ttlMs: number }): Promise<void>
  removeMember(set: string, member: string): Promise<void>
  /** The members that have not expired, in no order. */
  members(set: string): Promise<readonly string[]>
  readonly changes: ChangeFeed
}

/** What a driver offers to the storage part, beside what features use. Created without I/O. */
export interface KeyValueDriver extends KeyValueStore {
  start(): Promise<void>
  stop(): Promise<void>
  health(): Promise<HealthReport>
  /** Removes what has expired; called once in a while. */
  sweep(): Promise<void>
}

export interface SetOptions {
  /** Time to live; required, because nothing here lives for ever. */
  readonly ttlMs: number
  /** Write only if there is no value, or only if the present value is exactly this one. */
  readonly onlyIf?: 'absent' | { readonly equals: string }
}

export interface ChangeFeed {
  /**
   * Calls the listener for each key under `prefix` that was set or deleted on any node, this one included, normally
   * within 200 ms (expiry, counters and sets may be told or not). Calls it with `undefined` when changes may have been
   * missed, after a lost connection or while the subscription was set up: drop everything. Prefixes are few and fixed.
   */
  subscribe(prefix: string, listener: (key: string | undefined) => void): () => void
  /** Whether the feed is known to be complete up to a second ago. If not, what is cached must be read again. */
  isFresh(): boolean
}
