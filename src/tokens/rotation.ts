// The task that rotates keys when they are due: on one node at a time. One that fails is tried again at the next run.

import type { Clock } from '#kernel'
import type { KeyValueStore } from '#storage'
import type { Logger } from '#telemetry'
import { onOneNode } from './on-one-node.ts'
import type { ServiceAccounts } from './service-accounts.ts'

export interface RotationDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly keyValue: KeyValueStore
  readonly serviceAccounts: Pick<ServiceAccounts, 'due' | 'rotate'>
}

/** How often to look, in ms. */
export const rotationLookMs = 60_000

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
    await onOneNode(keyValue, clock, 'service-keys', rotateDue)
  }
}
