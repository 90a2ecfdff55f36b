// One at a time across all nodes. A lock is a key that expires by itself, so a node that dies holds up nobody for long:
// work that may outlive `ttlMs` must be safe to run twice (compare-and-set what it writes).

import { type Clock, randomToken } from '#kernel'
import { storageErrors } from './errors.ts'
import type { KeyValueStore } from './key-value.ts'

export interface LockOptions {
  /** The lock ends by itself after this; longer than the work can take. */
  readonly ttlMs: number
  /** How long to wait for somebody else's. */
  readonly waitMs: number
}

const prefix = 'lock:'
const pollMs = 50

/**
 * Runs `work` while holding the lock of this name.
 *
 * @throws storage.locked if the lock was not free in time; then `work` was not called.
 * @example
 * await withLock(keyValue, clock, `refresh:${ref}`, { ttlMs: 15_000, waitMs: 10_000 }, () => refresh())
 */
export async function withLock<Result>(
  keyValue: KeyValueStore,
  clock: Clock,
  name: string,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const key = prefix + name
  const token = randomToken(16)
  await acquire(keyValue, clock, key, token, options)
  try {
    return await work()
  } finally {
    // The work is done whether or not this succeeds; a lock that stays ends by itself.
    await keyValue.delete(key, { onlyIf: token }).catch(() => false)
  }
}

async function acquire(
  keyValue: KeyValueStore,
  clock: Clock,
  key: string,
  token: string,
  { ttlMs, waitMs }: LockOptions,
): Promise<void> {
  const take = () => keyValue.set(key, token, { ttlMs, onlyIf: 'absent' })
  if (await take()) return
  const deadlineMs = clock.monotonicMs() + waitMs
  const changes = watch(keyValue, clock, key)
  try {
    while (!(await take())) {
      if (clock.monotonicMs() >= deadlineMs) throw storageErrors.locked({})
      await changes.next()
    }
  } finally {
    changes.stop()
  }
}

/** Waits for a change of the key, or a moment, whichever comes first. A change between two waits is not missed. */
function watch(keyValue: KeyValueStore, clock: Clock, key: string) {
  let wake = Promise.withResolvers<void>()
  const stop = keyValue.changes.subscribe(prefix, (changed) => {
    if (changed === undefined || changed === key) wake.resolve()
  })
  return {
    stop,
    async next() {
      const cancel = clock.after(pollMs, wake.resolve)
      await wake.promise
      cancel()
      wake = Promise.withResolvers<void>()
    },
  }
}
