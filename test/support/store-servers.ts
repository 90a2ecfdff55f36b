// The kinds of stores that tests can run on, and the servers behind each: started once for many test files, which find
// them by the environment.

import {
  isMissing,
  type Missing,
  startOwnMariadb,
  startOwnPostgres,
  startOwnRedis,
  startSentinelRedis,
} from './programs.ts'

const kinds = ['embedded', 'redis-postgres', 'redis-mariadb', 'sentinel-mariadb'] as const
/** What a gateway under test keeps its state in. */
export type StoreKind = (typeof kinds)[number]

/** @throws unless it is the name of one */
export function toStoreKind(name: string): StoreKind {
  const kind = kinds.find((each) => each === name)
  if (kind === undefined) throw new Error(`stores are one of ${kinds.join(', ')}, not ${name}`)
  return kind
}

export interface StoreServers extends AsyncDisposable {
  /** For the processes of the test files. */
  readonly env: Readonly<Record<string, string>>
}

/** After `GATEHOUSE_TEST_`. */
type Variable = 'REDIS_URL' | 'SENTINEL' | 'POSTGRES_URL' | 'MARIADB_URL'

interface Server {
  /** What the variable says. */
  readonly place: string
  stop(): Promise<void>
}

/** A busy machine is no reason to fail over, where that is not what a test is about. */
export const quietSentinels = { downAfterMs: 30_000 }

/** Files run at the same time, each with several gateways of several connections. */
const MANY_CONNECTIONS = 'max_connections=500'

const starters: Readonly<Record<Variable, () => Promise<Server | Missing>>> = {
  async REDIS_URL() {
    const redis = await startOwnRedis()
    return isMissing(redis) ? redis : { place: redis.url, stop: redis.stop }
  },
  async SENTINEL() {
    const redis = await startSentinelRedis(quietSentinels)
    if (isMissing(redis)) return redis
    const ports = redis.sentinels.map(({ port }) => port)
    return { place: `${redis.primaryName}@${ports.join()}`, stop: redis.stop }
  },
  async POSTGRES_URL() {
    const postgres = await startOwnPostgres([MANY_CONNECTIONS])
    return isMissing(postgres) ? postgres : { place: postgres.url, stop: postgres.stop }
  },
  async MARIADB_URL() {
    const mariadb = await startOwnMariadb([`--${MANY_CONNECTIONS}`])
    return isMissing(mariadb) ? mariadb : { place: mariadb.url, stop: mariadb.stop }
  },
}

const needs: Readonly<Record<StoreKind, readonly Variable[]>> = {
  embedded: [],
  'redis-postgres': ['REDIS_URL', 'POSTGRES_URL'],
  'redis-mariadb': ['REDIS_URL', 'MARIADB_URL'],
  'sentinel-mariadb': ['SENTINEL', 'MARIADB_URL'],
}

/** Those that the environment names already are not started. */
export async function startStoreServers(kind: StoreKind): Promise<StoreServers | Missing> {
  await using started = new AsyncDisposableStack()
  const env: Record<string, string> = { GATEHOUSE_TEST_STORE: kind }
  for (const variable of needs[kind]) {
    const name = `GATEHOUSE_TEST_${variable}`
    if (process.env[name] !== undefined) continue
    const server = await starters[variable]()
    if (isMissing(server)) return server
    started.defer(server.stop)
    env[name] = server.place
  }
  const running = started.move()
  return { env, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
