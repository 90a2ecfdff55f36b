// The task that rotates keys when they are due: on one node at a time. One that fails is tried again at the next run.

import type { Clock } from '#kernel'
import { GatewayError } from '#kernel'
import { type KeyValueStore, withLock } from '#storage'
import type { Logger } from '#telemetry'
import type { ServiceAccounts } from './service-accounts.ts'

export interface RotationDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly keyValue: KeyValueStore
  readonly serviceAccounts: Pick<ServiceAccounts, 'due' | 'rotate'>
}

/** How often to look, in ms. */
export const rotationLookMs = 60_000

const LEASE = { ttlMs: 60_000, waitMs: 0 } as const

/** @returns one look */
export function createRotation({ clock, log, keyValue, serviceAccounts }: RotationDeps): () => Promise<void> {
  const rotateDue = async (): Promise<void> => {
    for (const name of await serviceAccounts.due()) {
      try {
        await serviceAccounts.rotate(name, { actor: 'rotation' })
        log.info({ event: 'service_key_rotated', account: name }, 'the key of a service account was rotated')
      } catch (error) {
        log.error({ event: 'service_key_unrotated', account: name, err: error }, 'a key could not be rotated')
      }
    }
  }

  return async () => {
    if ((await serviceAccounts.due()).length === 0) return
    try {
      await withLock(keyValue, clock, 'service-keys', LEASE, rotateDue)
    } catch (error) {
      // Another node is at it.
      if (!(error instanceof GatewayError) || error.code !== 'storage.locked') throw error
    }
  }
}
