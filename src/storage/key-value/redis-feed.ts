// The change feed from Redis: at each server that may hold keys of ours a connection on which Redis itself tells of every
// key under the subscribed prefixes that is set, deleted, evicted or expires, whoever did it.

import { type Clock, sleep } from '#kernel'
import { createChangeListeners } from '../change-listeners.ts'
import type { ChangeFeed } from '../key-value.ts'
import type { RedisConnection, SendCommand } from './redis-connection.ts'

/** What the feed needs of a connection: to say what to announce, and to hear it. */
export interface Listening {
  readonly onConnect: (send: SendCommand) => Promise<void>
  readonly onInvalidate: (key: string | undefined) => void
}

export interface RedisFeed extends ChangeFeed {
  /** Listens at one more server. @returns the connection, to be started. */
  follow(name: string, connect: (listening: Listening) => RedisConnection): RedisConnection
  /** The server has no keys of ours any more. */
  unfollow(name: string): void
  stop(): Promise<void>
}

export interface RedisFeedDeps {
  readonly prefix: string
  readonly clock: Clock
  /** Whether the servers that are followed are known to be all there are, and the right ones. */
  readonly isComplete: () => boolean
  /** Receives what a listener threw. */
  readonly report: (error: unknown) => void
}

interface Place {
  readonly connection: RedisConnection
  /** How many of the prefixes this server tells of. */
  tracked: number
  /** Says anew what to tell of. */
  readonly track: (send: SendCommand) => Promise<void>
}

const freshMs = 1_000
const retryMs = 250

export function createRedisFeed({ prefix: ours, clock, isComplete, report }: RedisFeedDeps): RedisFeed {
  const listeners = createChangeListeners(report)
  const prefixes = new Set<string>()
  const places = new Map<string, Place>()

  /** One at a time: Redis takes prefixes only together. What is not tracked yet may have changed meanwhile. */
  const createTracker = (done: (count: number) => void) => {
    let last: Promise<void> = Promise.resolve()
    return (send: SendCommand): Promise<void> => {
      const result = last.then(async () => {
        const count = prefixes.size
        const wanted = withoutCovered([...prefixes]).flatMap((prefix) => ['PREFIX', ours + prefix])
        await send(['CLIENT', 'TRACKING', 'OFF'])
        if (wanted.length > 0) await send(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...wanted])
        done(count)
        listeners.announce(undefined)
      })
      last = result.catch(() => {})
      return result
    }
  }

  const catchUp = async (name: string, place: Place): Promise<void> => {
    // Not connected yet, or no longer: the new connection may have been set up before this prefix was asked for.
    while (places.get(name) === place && place.tracked < prefixes.size) {
      await place.track(place.connection.send).catch(() => sleep(clock, retryMs))
    }
  }

  const isAlive = ({ tracked, connection }: Place): boolean =>
    tracked === prefixes.size && clock.monotonicMs() - connection.aliveAtMs() < freshMs

  return Object.freeze({
    subscribe(prefix: string, listener: (key: string | undefined) => void) {
      const unsubscribe = listeners.subscribe(prefix, listener)
      const isNew = !prefixes.has(prefix)
      prefixes.add(prefix)
      if (isNew) for (const [name, place] of places) void catchUp(name, place)
      return unsubscribe
    },
    isFresh() {
      if (places.size === 0 || !isComplete()) return false
      for (const place of places.values()) if (!isAlive(place)) return false
      return true
    },
    follow(name: string, connect: (listening: Listening) => RedisConnection) {
      const track = createTracker((count) => {
        place.tracked = count
      })
      const onInvalidate = (key: string | undefined): void => listeners.announce(key?.slice(ours.length))
      const place: Place = { connection: connect({ onConnect: track, onInvalidate }), tracked: 0, track }
      places.set(name, place)
      return place.connection
    },
    unfollow(name: string) {
      const place = places.get(name)
      if (place === undefined) return
      places.delete(name)
      void place.connection.stop()
      listeners.announce(undefined)
    },
    async stop() {
      const followed = [...places.values()]
      places.clear()
      await Promise.all(followed.map(({ connection }) => connection.stop()))
    },
  })
}

/** Redis refuses prefixes that overlap. */
const withoutCovered = (prefixes: readonly string[]): readonly string[] =>
  prefixes.filter((prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)))
