// Key-value in Redis (6 or later), for several nodes. Never KEYS or SCAN; one round trip per call, about one key.

import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import type { KeyValueDriver, SetOptions } from '../key-value.ts'
import type { RedisConfig } from './redis-config.ts'
import { isReply, unavailable } from './redis-connection.ts'
import * as scripts from './redis-scripts.ts'
import { createRedisServers } from './redis-servers.ts'

export interface RedisKeyValueDeps {
  readonly config: RedisConfig
  readonly clock: Clock
  readonly log: Logger
  /** Receives what a listener of the change feed threw. */
  readonly report?: (error: unknown) => void
}

export function createRedisKeyValue({ report = () => {}, ...deps }: RedisKeyValueDeps): KeyValueDriver {
  const { prefix } = deps.config
  const { servers, feed } = createRedisServers({ ...deps, report })
  const named = (key: string): string => prefix + key

  /** Whatever Redis says instead of doing it, the store cannot serve: READONLY, LOADING, OOM, WRONGTYPE, NOPERM … */
  const send = (command: readonly string[], key: string): Promise<unknown> =>
    servers.send(command, named(key)).catch((error: unknown) => {
      throw isReply(error) ? unavailable(error) : error
    })

  const run = (script: scripts.RedisScript, key: string, ...args: readonly string[]): Promise<unknown> =>
    servers.send(['EVALSHA', script.sha, '1', named(key), ...args], named(key)).catch((error: unknown) => {
      if (isReply(error, 'NOSCRIPT')) return send(['EVAL', script.text, '1', named(key), ...args], key)
      throw isReply(error) ? unavailable(error) : error
    })

  return Object.freeze({
    async get(key: string) {
      const value = await servers.send(['GET', named(key)], named(key)).catch((error: unknown) => {
        // Whatever else lies under this key, it is no value of ours.
        if (isReply(error, 'WRONGTYPE')) return null
        throw isReply(error) ? unavailable(error) : error
      })
      return typeof value === 'string' ? value : undefined
    },
    async set(key: string, value: string, { ttlMs, onlyIf }: SetOptions) {
      if (typeof onlyIf === 'object')
        return (await run(scripts.setIfEquals, key, onlyIf.equals, value, whole(ttlMs))) === 1
      const command = ['SET', named(key), value, 'PX', whole(ttlMs)]
      return (await send(onlyIf === 'absent' ? [...command, 'NX'] : command, key)) !== null
    },
    async delete(key: string, { onlyIf }: { readonly onlyIf?: string } = {}) {
      if (onlyIf !== undefined) return (await run(scripts.deleteIfEquals, key, onlyIf)) === 1
      return (await send(['DEL', named(key)], key)) === 1
    },
    async increment(key: string, { by, ttlMs }: { readonly by: number; readonly ttlMs: number }) {
      return Number(await run(scripts.increment, key, String(by), whole(ttlMs)))
    },
    async addMember(set: string, member: string, { ttlMs }: { readonly ttlMs: number }) {
      await run(scripts.addMember, set, member, whole(ttlMs))
    },
    async removeMember(set: string, member: string) {
      await send(['ZREM', named(set), member], set)
    },
    async members(set: string) {
      return ((await run(scripts.members, set)) as unknown[]).map(String)
    },
    changes: Object.freeze({ subscribe: feed.subscribe, isFresh: feed.isFresh }),
    start: servers.start,
    async stop() {
      await Promise.all([servers.stop(), feed.stop()])
    },
    async health() {
      await servers.ping()
      return { healthy: true }
    },
    // Redis removes what has expired.
    async sweep() {},
  })
}

/** Whole milliseconds; what has no time left ends at once. */
const whole = (ttlMs: number): string => String(Math.max(1, Math.ceil(ttlMs)))
