// A primary, its replicas and the Sentinels that choose among them, all real: those of GATEHOUSE_TEST_SENTINEL, which is
// what they call the primary and their ports of 127.0.0.1 (`main@26379,26380,26381`), or of our own.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { askRedis, type OwnRedis, startOwnRedis } from './redis.ts'
import {
  accepts,
  findFreePort,
  makeDirectory,
  type RunningProgram,
  removeDirectory,
  runProgram,
  waitUntil,
} from './run-program.ts'

/** To share with others: use keys of your own. */
export interface SharedSentinelRedis {
  /** What the Sentinels call the primary. */
  readonly primaryName: string
  /** `HOST:PORT` of each Sentinel. */
  readonly nodes: readonly string[]
  /** Where the primary was when they were asked. */
  readonly primaryUrl: string
}

/** Those that we started, and may treat badly. */
export interface SentinelRedis {
  /** What the Sentinels call the primary. */
  readonly primaryName: string
  /** `HOST:PORT` of each Sentinel. */
  readonly nodes: readonly string[]
  readonly servers: readonly OwnRedis[]
  readonly sentinels: readonly Sentinel[]
  /** As most of the Sentinels see it. */
  primary(): Promise<OwnRedis>
  /** Resolves when the replicas have all that the primary has now. */
  replicated(): Promise<void>
  /**
   * Resolves when every Sentinel is ready to act: one whose clock stood still for two seconds, as on a busy machine,
   * decides nothing for the next thirty (TILT).
   */
  attentive(): Promise<void>
  stop(): Promise<void>
}

export interface Sentinel {
  readonly port: number
  signal(name: NodeJS.Signals): void
  ask(...command: string[]): Promise<unknown>
}

export interface SentinelOptions {
  /** For how long a primary is silent before it is taken for dead. */
  readonly downAfterMs?: number
  /** Of the servers. */
  readonly password?: string
  /** Of the Sentinels. */
  readonly sentinelPassword?: string
}

const primaryName = 'main'

/** @param options of those that we start */
export async function findSentinelRedis(options: SentinelOptions): Promise<SharedSentinelRedis | Missing> {
  const place = process.env.GATEHOUSE_TEST_SENTINEL
  if (place !== undefined) return at(place)
  const redis = await startSentinelRedis(options)
  if (isMissing(redis)) return redis
  const { primaryName, nodes } = redis
  return { primaryName, nodes, primaryUrl: (await redis.primary()).url }
}

async function at(place: string): Promise<SharedSentinelRedis> {
  const [primaryName = '', list = ''] = place.split('@')
  const ports = list.split(',')
  const told = await askRedis(Number(ports[0]), ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName])
  if (!Array.isArray(told)) throw new Error(`the Sentinels of GATEHOUSE_TEST_SENTINEL know no ${primaryName}`)
  return {
    primaryName,
    nodes: ports.map((port) => `127.0.0.1:${port}`),
    primaryUrl: `redis://${told.join(':')}`,
  }
}

export async function startSentinelRedis(options: SentinelOptions = {}): Promise<SentinelRedis | Missing> {
  const { password, sentinelPassword } = options
  const access = password === undefined ? {} : { password }
  const first = await startOwnRedis(access)
  if (isMissing(first)) return first
  const asReplica = ['--replicaof', '127.0.0.1', String(first.port), '--repl-diskless-sync-delay', '0']
  const replicas = await Promise.all([1, 2].map(() => startOwnRedis({ ...access, args: asReplica })))
  const servers = [first, ...replicas.flatMap((each) => (isMissing(each) ? [] : [each]))]

  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(first.port, options)))
  const primary = async (): Promise<OwnRedis> => {
    for (const sentinel of sentinels) {
      const told = await sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName).catch(() => undefined)
      const server = servers.find(({ port }) => Array.isArray(told) && port === Number(told[1]))
      if (server !== undefined) return server
    }
    throw new Error('no Sentinel knows the primary')
  }
  const replicated = async (): Promise<void> => {
    const leader = await primary()
    const [, written] = (await leader.ask('ROLE')) as readonly [string, number]
    // https://redis.io/docs/latest/commands/role: of a replica, the state of its link and how much it has.
    const has = async (replica: OwnRedis): Promise<boolean> => {
      const [role, , , link, received] = (await replica.ask('ROLE')) as readonly unknown[]
      return role === 'slave' && link === 'connected' && Number(received) >= written
    }
    const replicas = servers.filter((server) => server !== leader)
    await waitUntil(async () => (await Promise.all(replicas.map(has))).every(Boolean))
  }
  const isAttentive = async (sentinel: Sentinel): Promise<boolean> =>
    String(await sentinel.ask('INFO', 'sentinel')).includes('sentinel_tilt:0')
  const attentive = (): Promise<void> =>
    waitUntil(async () => (await Promise.all(sentinels.map(isAttentive))).every(Boolean), 45_000)
  await waitUntil(async () => {
    const seen = await Promise.all(sentinels.map((sentinel) => sentinel.ask('SENTINEL', 'MASTER', primaryName)))
    return seen.every((each) => isSettled(each))
  })

  return {
    primaryName,
    nodes: sentinels.map(({ port }) => `127.0.0.1:${port}`),
    servers,
    sentinels: sentinels.map(({ port, signal, ask }) => ({ port, signal, ask })),
    primary,
    replicated,
    attentive,
    async stop() {
      await Promise.all([...sentinels, ...servers].map((each) => each.stop()))
    },
  }

  async function startSentinel(primaryPort: number, { downAfterMs = 1_000 }: SentinelOptions) {
    const program = await findProgram({ names: ['redis-server'], package: 'redis-server' })
    if (isMissing(program)) throw new Error(program.missing)
    const directory = makeDirectory('sentinel')
    const port = await findFreePort()
    const file = join(directory, 'sentinel.conf')
    writeFileSync(
      file,
      [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${directory}`,
        `sentinel monitor ${primaryName} 127.0.0.1 ${primaryPort} 2`,
        `sentinel down-after-milliseconds ${primaryName} ${downAfterMs}`,
        `sentinel failover-timeout ${primaryName} 3000`,
        ...(password === undefined ? [] : [`sentinel auth-pass ${primaryName} ${password}`]),
        ...(sentinelPassword === undefined
          ? []
          : [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`]),
      ].join('\n'),
    )
    const running: RunningProgram = await runProgram({
      path: program.path,
      args: [file, '--sentinel'],
      directory,
      isReady: () => accepts(port),
    })
    const ask = (...command: string[]): Promise<unknown> =>
      askRedis(port, command, sentinelPassword === undefined ? {} : { password: sentinelPassword })
    return {
      port,
      ask,
      signal: (name: NodeJS.Signals) => running.signal(name),
      async stop() {
        await running.stop()
        removeDirectory(directory)
      },
    }
  }
}

/** Knows both replicas and both other Sentinels, and finds nothing wrong. */
function isSettled(answer: unknown): boolean {
  const fields = answer as Readonly<Record<string, unknown>>
  const [flags, replicas, others] = [fields.flags, fields['num-slaves'], fields['num-other-sentinels']]
  return flags === 'master' && Number(replicas) === 2 && Number(others) === 2
}
