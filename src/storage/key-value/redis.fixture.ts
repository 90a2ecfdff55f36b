// Two nodes on one Redis, however it is set up, for the tests of this folder.

import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'
import { formatProblem, loadConfig } from '#config'
import { type Clock, systemClock } from '#kernel'
import type { Logger } from '#telemetry'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import type { KeyValueFixture } from '../key-value.contract.ts'
import type { KeyValueDriver } from '../key-value.ts'
import { createRedisKeyValue } from './redis.ts'
import { type RedisConfig, redisConfig } from './redis-config.ts'

export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLog }

/** The settings as an operator would write them; `{ env: NAME }` is looked up in `env`. */
export function readRedisConfig(settings: object, env: Readonly<Record<string, string>> = {}): RedisConfig {
  const text = JSON.stringify({ type: 'redis', ...settings })
  const loaded = loadConfig({ files: [{ name: 'test.yaml', text }], env, schema: redisConfig, cwd: '/' })
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.config
}

export async function openNode(
  config: RedisConfig,
  clock: Clock = systemClock,
  log = silentLog,
): Promise<KeyValueDriver> {
  const store = createRedisKeyValue({ config, clock, log })
  await store.start()
  return store
}

/** @param stop ends what was started for the suite */
export async function openTwoNodes(config: RedisConfig, stop: () => Promise<void>): Promise<KeyValueFixture> {
  const own = { ...config, prefix: `${randomBytes(6).toString('hex')}:` }
  const [a, b] = [await openNode(own), await openNode(own)]
  return {
    nodes: [a, b],
    passTime: (ms) => pause(ms),
    async close() {
      await Promise.all([a.stop(), b.stop()])
      await stop()
    },
  }
}

/** @returns what is said when it does not start; `started` if it does. In less than the time that a start may take. */
export async function refusalAtStart(config: RedisConfig, log = silentLog): Promise<string> {
  const clock = createManualClock()
  let said: string | undefined
  const opening = openNode(config, clock, log).then(
    async (store) => {
      await store.stop()
      said = 'started'
    },
    (error: unknown) => {
      said = inspect(error)
    },
  )
  // Real answers arrive in between.
  for (let passedMs = 0; said === undefined && passedMs < 15_000; passedMs += 250) {
    await pause(5)
    clock.advance(250)
  }
  await opening
  return said ?? ''
}

/** @throws if it does not become so within fifteen seconds */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so after 15 s: ${condition.toString()}`)
    await pause(5)
  }
}
