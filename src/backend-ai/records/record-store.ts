// The Redis in which the Manager keeps the records of logins. Its keys are the Manager's: no prefix of ours.

import { systemClock } from '#kernel'
import { createRedisKeyValue, type KeyValueDriver, type RedisConfig } from '#storage'
import type { Logger } from '#telemetry'

export function createRecordStore(config: RedisConfig, log: Logger): KeyValueDriver {
  // Another process, which lives and answers by the machine's time, whatever time it is for us.
  const clock = systemClock
  const store = createRedisKeyValue({ config, clock, log: log.child({ store: 'backendAi.sharedRedis' }) })
  return Object.freeze({
    ...store,
    async start() {
      try {
        await store.start()
      } catch (cause) {
        throw new Error('the Redis of backendAi.sharedRedis, where the Manager keeps its logins, is out of reach', {
          cause,
        })
      }
    },
  })
}
