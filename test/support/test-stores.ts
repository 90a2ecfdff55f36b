// Where a gateway under test keeps its state: a folder of its own (embedded stores), or, where GATEHOUSE_TEST_STORE says
// redis-postgres, redis-mariadb or sentinel-mariadb, a real Redis and a real database, with a prefix and a database of its
// own. Several gateways may share one: then they are nodes of one installation.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomToken } from '#kernel'
import { rotateKeyRing } from '#storage'
import {
  findSentinelRedis,
  isMissing,
  type Missing,
  makeDirectory,
  removeDirectory,
  startMariadb,
  startPostgres,
  startRedis,
} from './programs.ts'
import { quietSentinels, type StoreKind, toStoreKind } from './store-servers.ts'

export interface TestStores extends AsyncDisposable {
  readonly kind: StoreKind
  /** The `storage` section for a node. */
  readonly config: Readonly<Record<string, unknown>>
  readonly directory: string
  /** Of the database and the Redis, where they are real. */
  readonly real?: RealStores
}

export interface RealStores {
  readonly sql: SqlPlace & { readonly type: 'postgres' | 'mariadb' }
  readonly redisUrl: string
  readonly redisPrefix: string
}

interface SqlPlace {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | undefined
}

export const storeOfThisRun = (): StoreKind => toStoreKind(process.env.GATEHOUSE_TEST_STORE ?? 'embedded')

export function openTestStores(kind: StoreKind = storeOfThisRun()): Promise<TestStores> {
  return kind === 'embedded' ? Promise.resolve(openEmbedded()) : openReal(kind)
}

/**
 * With a Redis that the test keeps for itself, to treat it badly or to look into it.
 *
 * @param keyValue settings beside the type, as an operator would write them
 */
export function withOwnRedis(stores: TestStores, keyValue: object): TestStores {
  const keyRing = join(stores.directory, 'own-keys')
  if (stores.config.keyRing === undefined && !existsSync(keyRing)) rotateKeyRing(keyRing, Date.now())
  return { ...stores, config: { keyRing, ...stores.config, keyValue: { type: 'redis', ...keyValue } } }
}

function openEmbedded(): TestStores {
  const directory = makeDirectory('data')
  return Object.freeze({
    kind: 'embedded',
    config: { directory },
    directory,
    [Symbol.asyncDispose]: async () => removeDirectory(directory),
  })
}

interface RedisPlace {
  /** As an operator writes it into `storage.keyValue`. */
  readonly settings: object
  /** Of the primary. */
  readonly url: string
}

const redisOf = new Map<StoreKind, Promise<RedisPlace | Missing>>()

function openRedis(kind: StoreKind): Promise<RedisPlace | Missing> {
  const redis = redisOf.get(kind) ?? findRedis(kind)
  redisOf.set(kind, redis)
  return redis
}

async function findRedis(kind: StoreKind): Promise<RedisPlace | Missing> {
  if (kind !== 'sentinel-mariadb') {
    const redis = await startRedis()
    return isMissing(redis) ? redis : { settings: { url: redis.url }, url: redis.url }
  }
  const redis = await findSentinelRedis(quietSentinels)
  if (isMissing(redis)) return redis
  return { settings: { sentinel: { primary: redis.primaryName, nodes: redis.nodes } }, url: redis.primaryUrl }
}

async function openReal(kind: Exclude<StoreKind, 'embedded'>): Promise<TestStores> {
  const type: RealStores['sql']['type'] = kind === 'redis-postgres' ? 'postgres' : 'mariadb'
  const [server, redis] = await Promise.all([type === 'postgres' ? startPostgres() : startMariadb(), openRedis(kind)])
  if (isMissing(server)) throw new Error(server.missing)
  if (isMissing(redis)) throw new Error(redis.missing)
  const { drop, ...place }: SqlPlace & { drop(): Promise<void> } = await server.createDatabase()
  const directory = makeDirectory('data')
  const redisPrefix = `test-${randomToken(6)}:`
  const keyRing = join(directory, 'keys')
  rotateKeyRing(keyRing, Date.now())
  return Object.freeze({
    kind,
    directory,
    config: {
      directory,
      keyRing,
      sql: { type, ...toSettings(place, directory) },
      keyValue: { type: 'redis', ...redis.settings, prefix: redisPrefix },
    },
    real: { sql: { type, ...place }, redisUrl: redis.url, redisPrefix },
    async [Symbol.asyncDispose]() {
      await drop()
      removeDirectory(directory)
    },
  })
}

/** As an operator writes it into `storage.sql`: the password in a file. */
export function toSettings({ password, ...place }: SqlPlace, directory: string): Readonly<Record<string, unknown>> {
  if (password === undefined) return place
  const file = join(directory, `${place.database}-password`)
  writeFileSync(file, password, { mode: 0o600 })
  return { ...place, password: { file } }
}
