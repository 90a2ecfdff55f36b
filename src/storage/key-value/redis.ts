// Key-value in Redis (6 or later), for several nodes. One connection for commands and one for the change feed: Redis
// itself tells of every key under the subscribed prefixes that is set, deleted, evicted or expires, whoever did it.
// Never KEYS or SCAN; one round trip per call.

import { type Clock, sleep } from '#kernel'
import type { Logger } from '#telemetry'
import { createChangeListeners } from '../change-listeners.ts'
import type { RedisConfig } from '../config.ts'
import type { KeyValueDriver, SetOptions } from '../key-value.ts'
import { createRedisConnection, type RedisConnection } from './redis-connection.ts'
import * as scripts from './redis-scripts.ts'

export interface RedisKeyValueDeps {
  readonly config: RedisConfig
  readonly clock: Clock
  readonly log: Logger
  /** Receives what a listener of the change feed threw. */
  readonly report?: (error: unknown) => void
}

const freshMs = 1_000
const retryMs = 250

export function createRedisKeyValue(deps: RedisKeyValueDeps): KeyValueDriver {
  const { prefix } = deps.config
  const connection = createRedisConnection({ ...deps, log: deps.log.child({ connection: 'commands' }) })
  const feed = createFeed(deps)
  const named = (key: string): string => prefix + key

  const run = async (script: scripts.RedisScript, key: string, ...args: readonly string[]): Promise<unknown> => {
    try {
      return await connection.send(['EVALSHA', script.sha, '1', named(key), ...args])
    } catch (error) {
      if (!isAnswer(error, 'NOSCRIPT')) throw error
      return connection.send(['EVAL', script.text, '1', named(key), ...args])
    }
  }

  return Object.freeze({
    async get(key: string) {
      const value = await connection.send(['GET', named(key)]).catch((error: unknown) => {
        // Whatever else lies under this key, it is no value of ours.
        if (isAnswer(error, 'WRONGTYPE')) return null
        throw error
      })
      return typeof value === 'string' ? value : undefined
    },
    async set(key: string, value: string, { ttlMs, onlyIf }: SetOptions) {
      if (typeof onlyIf === 'object')
        return (await run(scripts.setIfEquals, key, onlyIf.equals, value, whole(ttlMs))) === 1
      const command = ['SET', named(key), value, 'PX', whole(ttlMs)]
      return (await connection.send(onlyIf === 'absent' ? [...command, 'NX'] : command)) !== null
    },
    async delete(key: string, { onlyIf }: { readonly onlyIf?: string } = {}) {
      if (onlyIf !== undefined) return (await run(scripts.deleteIfEquals, key, onlyIf)) === 1
      return (await connection.send(['DEL', named(key)])) === 1
    },
    async increment(key: string, { by, ttlMs }: { readonly by: number; readonly ttlMs: number }) {
      return Number(await run(scripts.increment, key, String(by), whole(ttlMs)))
    },
    async addMember(set: string, member: string, { ttlMs }: { readonly ttlMs: number }) {
      await run(scripts.addMember, set, member, whole(ttlMs))
    },
    async removeMember(set: string, member: string) {
      await connection.send(['ZREM', named(set), member])
    },
    async members(set: string) {
      return ((await run(scripts.members, set)) as unknown[]).map(String)
    },
    changes: Object.freeze({ subscribe: feed.subscribe, isFresh: feed.isFresh }),
    async start() {
      await Promise.all([connection.start(), feed.start()])
    },
    async stop() {
      await Promise.all([connection.stop(), feed.stop()])
    },
    async health() {
      await connection.send(['PING'])
      return { healthy: true }
    },
    // Redis removes what has expired.
    async sweep() {},
  })
}

function createFeed({ config, clock, log, report = () => {} }: RedisKeyValueDeps) {
  const listeners = createChangeListeners(report)
  const prefixes = new Set<string>()
  let trackedPrefixes = 0
  let last: Promise<void> = Promise.resolve()
  let running = false

  /** One at a time: Redis takes prefixes only together. What is not tracked yet may have changed meanwhile. */
  const track = (send: RedisConnection['send']): Promise<void> => {
    const result = last.then(async () => {
      const count = prefixes.size
      const wanted = withoutCovered([...prefixes]).flatMap((prefix) => ['PREFIX', config.prefix + prefix])
      await send(['CLIENT', 'TRACKING', 'OFF'])
      if (wanted.length > 0) await send(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...wanted])
      trackedPrefixes = count
      listeners.announce(undefined)
    })
    last = result.catch(() => {})
    return result
  }

  const connection = createRedisConnection({
    config,
    clock,
    log: log.child({ connection: 'changes' }),
    onConnect: track,
    onInvalidate: (key) => listeners.announce(key?.slice(config.prefix.length)),
  })

  const catchUp = async (): Promise<void> => {
    // Not connected yet, or no longer: the new connection may have been set up before this prefix was asked for.
    while (running && trackedPrefixes < prefixes.size) {
      await track(connection.send).catch(() => sleep(clock, retryMs))
    }
  }

  return Object.freeze({
    subscribe(prefix: string, listener: (key: string | undefined) => void) {
      const unsubscribe = listeners.subscribe(prefix, listener)
      const isNew = !prefixes.has(prefix)
      prefixes.add(prefix)
      if (isNew && running) void catchUp()
      return unsubscribe
    },
    isFresh: () => trackedPrefixes === prefixes.size && clock.monotonicMs() - connection.aliveAtMs() < freshMs,
    async start() {
      running = true
      await connection.start()
    },
    async stop() {
      running = false
      await connection.stop()
    },
  })
}

/** Redis refuses prefixes that overlap. */
const withoutCovered = (prefixes: readonly string[]): readonly string[] =>
  prefixes.filter((prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)))

/** Whole milliseconds; what has no time left ends at once. */
const whole = (ttlMs: number): string => String(Math.max(1, Math.ceil(ttlMs)))

const isAnswer = (error: unknown, code: string): boolean => error instanceof Error && error.message.startsWith(code)
