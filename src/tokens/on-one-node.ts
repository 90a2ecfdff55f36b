// Recurring work that one node at a time does; the others leave it to that one.

import { type Clock, GatewayError } from '#kernel'
import { type KeyValueStore, withLock } from '#storage'

const LEASE = { ttlMs: 60_000, waitMs: 0 } as const

export async function onOneNode(
  keyValue: KeyValueStore,
  clock: Clock,
  name: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await withLock(keyValue, clock, name, LEASE, work)
  } catch (error) {
    // Another node is at it.
    if (!(error instanceof GatewayError) || error.code !== 'storage.locked') throw error
  }
}
