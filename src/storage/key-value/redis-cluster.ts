// The primaries of a Redis Cluster, each with a connection for commands and one for the change feed. Every command has
// one key, so it goes to one server; who has which slot is asked every second, and learnt from redirections meanwhile.

import { type Clock, sleep } from '#kernel'
import type { Logger } from '#telemetry'
import { createRedisClient, type RedisLogin } from './redis-client.ts'
import type { RedisAddress } from './redis-config.ts'
import {
  beatOfPrimary,
  connectMs,
  createRedisConnection,
  isReply,
  type RedisConnection,
  type SendCommand,
  startMs,
  unavailable,
  unreachable,
  withinMs,
} from './redis-connection.ts'
import type { RedisFeed } from './redis-feed.ts'
import { type ClusterLayout, nameOf, parsePlace, type Told, toLayout } from './redis-layout.ts'
import type { RedisServers } from './redis-servers.ts'
import { slotOf } from './redis-slot.ts'

export interface RedisClusterDeps {
  readonly seeds: readonly RedisAddress[]
  readonly login: RedisLogin
  readonly clock: Clock
  readonly log: Logger
  readonly feed: RedisFeed
}

interface Node {
  readonly address: RedisAddress
  readonly commands: RedisConnection
  /** While slots move here it is none of the primaries that the others name. */
  redirectedAtMs: number
}

const refreshMs = 1_000
const maxRedirects = 2
/** For the connection to a server that has just joined, and is heard of by a redirection. */
const joinMs = 500
/** Longer than what was read there is remembered. */
const keepRedirectedMs = 600_000

export function createRedisCluster({ seeds, login, clock, log, feed }: RedisClusterDeps): RedisServers {
  const nodes = new Map<string, Node>()
  let owners: (string | undefined)[] = []
  let isCovered = false
  let refreshedAtMs = Number.NEGATIVE_INFINITY
  let refreshing: Promise<void> | undefined
  let stopRefreshing = (): void => {}

  const connect = (address: RedisAddress, connection: string, listening = {}): RedisConnection =>
    createRedisConnection({
      clock,
      log: log.child({ connection, server: nameOf(address) }),
      login,
      locate: () => address,
      heartbeat: beatOfClusterPrimary,
      ...listening,
    })

  const include = (address: RedisAddress): Node => {
    const name = nameOf(address)
    const known = nodes.get(name)
    if (known !== undefined) return known
    const node = { address, commands: connect(address, 'commands'), redirectedAtMs: Number.NEGATIVE_INFINITY }
    nodes.set(name, node)
    node.commands.supervise()
    feed.follow(name, (listening) => connect(address, 'changes', listening)).supervise()
    return node
  }

  const exclude = (name: string, { commands }: Node): void => {
    nodes.delete(name)
    feed.unfollow(name)
    void commands.stop()
  }

  const apply = (layout: ClusterLayout): void => {
    for (const address of layout.primaries.values()) include(address)
    const sinceMs = clock.monotonicMs() - keepRedirectedMs
    for (const [name, node] of nodes) {
      if (!layout.primaries.has(name) && node.redirectedAtMs < sinceMs) exclude(name, node)
    }
    owners = [...layout.owners]
    isCovered = layout.isCovered
    refreshedAtMs = clock.monotonicMs()
  }

  const askKnown = async (): Promise<readonly Told[]> => {
    const asked = [...nodes.values()].map(async ({ address, commands }) => tellFrom(address, commands.send))
    return (await Promise.allSettled(asked)).flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  }

  const askSeeds = async (): Promise<readonly Told[]> => {
    let failure: unknown
    for (const address of seeds) {
      try {
        return [await askOnce(address, login, clock)]
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  const refresh = (): Promise<void> => {
    refreshing ??= (async () => {
      const told = await askKnown()
      apply(toLayout(told.length > 0 ? told : await askSeeds()))
    })().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  /** @throws with the reason if that does not happen in time */
  const findAll = async (): Promise<void> => {
    const untilMs = clock.monotonicMs() + startMs
    for (;;) {
      const failure = await refresh().then(
        () => (isCovered ? undefined : new Error('not every slot of the cluster has a server')),
        (error: unknown) => error,
      )
      if (failure === undefined) return
      if (clock.monotonicMs() > untilMs) throw unreachable(failure)
      await sleep(clock, 250)
    }
  }

  const sendTo = async (name: string | undefined, isAsking: boolean, command: readonly string[]): Promise<unknown> => {
    const node = name === undefined ? undefined : nodes.get(name)
    if (node === undefined) throw unavailable(new Error('no server of the cluster has this slot'))
    if (!isAsking) return node.commands.send(command)
    const [, answer] = await Promise.all([node.commands.send(['ASKING']), node.commands.send(command)])
    return answer
  }

  return Object.freeze({
    async send(command: readonly string[], key: string) {
      const slot = slotOf(key)
      let name = owners[slot]
      let isAsking = false
      for (let redirects = 0; ; redirects += 1) {
        try {
          return await sendTo(name, isAsking, command)
        } catch (error) {
          const redirect = toRedirect(error, nodes.get(name ?? '')?.address.host ?? '')
          if (redirect === undefined || redirects === maxRedirects) throw error
          const node = include(redirect.address)
          node.redirectedAtMs = clock.monotonicMs()
          await node.commands.connected(joinMs).catch((reason: unknown) => {
            throw unavailable(reason)
          })
          name = nameOf(redirect.address)
          isAsking = redirect.isAsking
          if (!isAsking) owners[slot] = name
        }
      }
    },
    isComplete: () => isCovered && clock.monotonicMs() - refreshedAtMs < 3 * refreshMs,
    async ping() {
      if (!isCovered) throw unavailable(new Error('not every slot of the cluster has a server'))
      await Promise.all([...nodes.values()].map(({ commands }) => commands.send(['PING'])))
    },
    async start() {
      await findAll()
      const cancel = clock.every(refreshMs, () => void refresh().catch(() => {}))
      stopRefreshing = cancel
      await Promise.all([...nodes.values()].map(({ commands }) => commands.connected()))
    },
    async stop() {
      stopRefreshing()
      await Promise.all([...nodes.values()].map(({ commands }) => commands.stop()))
    },
  })
}

async function tellFrom({ host }: RedisAddress, send: SendCommand): Promise<Told> {
  return { host, text: String(await send(['CLUSTER', 'NODES'])) }
}

async function askOnce(address: RedisAddress, login: RedisLogin, clock: Clock): Promise<Told> {
  const client = await createRedisClient({ address, login, connectMs, onLost: () => {} })
  try {
    await withinMs(clock, connectMs, client.connect())
    return await withinMs(clock, connectMs, tellFrom(address, client.sendCommand.bind(client)))
  } finally {
    client.destroy()
  }
}

/** A server that the others have given up, or that has lost them, must not be believed. */
async function beatOfClusterPrimary(send: SendCommand): Promise<void> {
  const [info] = await Promise.all([send(['CLUSTER', 'INFO']), beatOfPrimary(send)])
  if (!String(info).includes('cluster_state:ok')) throw new Error('this server of the cluster has lost the others')
}

/** `MOVED 3999 127.0.0.1:6381`, `ASK 3999 127.0.0.1:6381` */
function toRedirect(error: unknown, askedHost: string) {
  if (!isReply(error, '(?:MOVED|ASK)')) return undefined
  const [kind, , place = ''] = error.message.split(' ')
  const address = parsePlace(place, askedHost)
  return address && { address, isAsking: kind === 'ASK' }
}
