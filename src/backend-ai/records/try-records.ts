// Tries the Redis that is shared with the Manager, for `gatehouse doctor`: it must take a record of ours and give it back.

import { systemClock } from '#kernel'
import { type RedisConfig, type StoreTrial, tryKeyValue } from '#storage'
import type { Logger } from '#telemetry'
import { createRecordStore } from './record-store.ts'
import { RECORD_PREFIX } from './records.ts'

/** Ends within `limitMs`. Nothing of what is tried stays. */
export async function tryRecords(config: RedisConfig, limitMs: number): Promise<StoreTrial> {
  const clock = systemClock
  const store = createRecordStore(config, QUIET)
  try {
    return await tryKeyValue(store, { clock, limitMs, prefix: `${RECORD_PREFIX}gatehouse-trial-` })
  } finally {
    await store.stop()
  }
}

/** What goes wrong is said in the answer. */
const QUIET: Logger = Object.freeze({ debug() {}, info() {}, warn() {}, error() {}, child: () => QUIET })
