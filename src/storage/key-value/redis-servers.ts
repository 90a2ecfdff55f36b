// The servers that the configuration names, as one: a single Redis, the primary that Sentinels choose, or a Cluster.

import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import { createRedisCluster } from './redis-cluster.ts'
import { type RedisConfig, toRedisLogin, toSingleAddress } from './redis-config.ts'
import { beatOfPrimary, createRedisConnection, type RedisConnection, type SendCommand } from './redis-connection.ts'
import { createRedisFeed, type RedisFeed } from './redis-feed.ts'
import { createSentinelWatch } from './redis-sentinel.ts'

export interface RedisServers {
  /** @throws with the reason if Redis cannot be reached in ten seconds */
  start(): Promise<void>
  stop(): Promise<void>
  /** @param key the one that the command is about. @throws as a connection's `send` does */
  send(command: readonly string[], key: string): Promise<unknown>
  /** @throws storage.unavailable unless every server answers */
  ping(): Promise<void>
  /** Whether the change feed listens at all the servers there are, and at the right ones. */
  isComplete(): boolean
}

export interface RedisServersDeps {
  readonly config: RedisConfig
  readonly clock: Clock
  readonly log: Logger
  readonly report: (error: unknown) => void
}

/** The servers, and what they tell of changes. */
export function createRedisServers(deps: RedisServersDeps): {
  readonly servers: RedisServers
  readonly feed: RedisFeed
} {
  const { config, clock, log, report } = deps
  const feed: RedisFeed = createRedisFeed({
    prefix: config.prefix,
    clock,
    report,
    isComplete: () => servers.isComplete(),
  })
  const servers: RedisServers =
    config.cluster === undefined
      ? createPrimary(deps, feed)
      : createRedisCluster({ seeds: config.cluster.nodes, login: toRedisLogin(config), clock, log, feed })
  return { servers, feed }
}

/** One server at a time: always the same, or the one that Sentinels choose. */
function createPrimary({ config, clock, log }: RedisServersDeps, feed: RedisFeed): RedisServers {
  const { sentinel } = config
  const watch = sentinel && createSentinelWatch({ config: sentinel, tls: config.tls, clock, log })
  const connect = (connection: string, listening = {}): RedisConnection =>
    createRedisConnection({
      clock,
      log: log.child({ connection }),
      login: toRedisLogin(config),
      locate: () => watch?.locate() ?? toSingleAddress(config),
      heartbeat: async (send: SendCommand, address) => {
        watch?.check(address)
        await beatOfPrimary(send)
      },
      ...listening,
    })
  const commands = connect('commands')
  const changes = feed.follow('primary', (listening) => connect('changes', listening))

  return Object.freeze({
    async start() {
      watch?.start()
      commands.supervise()
      changes.supervise()
      await Promise.all([commands.connected(), changes.connected()])
    },
    async stop() {
      await Promise.all([commands.stop(), watch?.stop()])
    },
    send: commands.send,
    async ping() {
      await commands.send(['PING'])
    },
    isComplete: () => watch === undefined || watch.isConfirmed(),
  })
}
