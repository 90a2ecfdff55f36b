// A Redis Cluster of three primaries, each with a replica if wanted; all real, all of our own.

import { isMissing, type Missing } from './missing.ts'
import { type OwnRedis, startOwnRedis } from './redis.ts'
import { findFreePort, waitUntil } from './run-program.ts'

export interface RedisCluster {
  /** Primaries at the start, then their replicas in the same order. */
  readonly servers: readonly OwnRedis[]
  /** `HOST:PORT` of each server. */
  readonly nodes: readonly string[]
  stop(): Promise<void>
}

export interface ClusterOptions {
  readonly withReplicas?: boolean
  /** For how long a server is silent before it is taken for dead. */
  readonly nodeTimeoutMs?: number
}

const primaries = 3
const slotCount = 16_384

export async function startRedisCluster(options: ClusterOptions = {}): Promise<RedisCluster | Missing> {
  const { withReplicas = false, nodeTimeoutMs = 1_000 } = options
  const members = await Promise.all(
    Array.from({ length: withReplicas ? 2 * primaries : primaries }, () => startMember(nodeTimeoutMs)),
  )
  const lacking = members.find(isMissing)
  if (lacking !== undefined) return lacking
  const found = members.flatMap((member) => (isMissing(member) ? [] : [member]))
  const servers = found.map(({ server }) => server)

  await Promise.all(
    servers.slice(0, primaries).map(async (server, index) => {
      const [from, to] = [index, index + 1].map((part) => Math.floor((part * slotCount) / primaries))
      await server.ask('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? 0) - 1))
      await server.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
    }),
  )
  const [meeting, ...others] = found
  for (const { server, busPort } of others)
    await meeting?.server.ask('CLUSTER', 'MEET', '127.0.0.1', String(server.port), busPort)
  await waitUntil(async () => (await knownBy(servers)).every((count) => count === servers.length))
  for (const [index, replica] of servers.slice(primaries).entries())
    await replica.ask('CLUSTER', 'REPLICATE', String(await servers[index]?.ask('CLUSTER', 'MYID')))
  await waitUntil(async () => (await Promise.all(servers.map(isWell))).every(Boolean))

  return {
    servers,
    nodes: servers.map(({ port }) => `127.0.0.1:${port}`),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

async function startMember(nodeTimeoutMs: number) {
  const busPort = String(await findFreePort())
  const args = ['--cluster-enabled', 'yes', '--cluster-port', busPort, '--cluster-node-timeout', String(nodeTimeoutMs)]
  const server = await startOwnRedis({ args: [...args, '--repl-diskless-sync-delay', '0'] })
  return isMissing(server) ? server : { server, busPort }
}

const knownBy = (servers: readonly OwnRedis[]): Promise<readonly number[]> =>
  Promise.all(servers.map(async (server) => String(await server.ask('CLUSTER', 'NODES')).split('connected').length - 1))

const isWell = async (server: OwnRedis): Promise<boolean> =>
  String(await server.ask('CLUSTER', 'INFO')).includes('cluster_state:ok') &&
  !/master_link_status:down/.test(String(await server.ask('INFO', 'replication')))
