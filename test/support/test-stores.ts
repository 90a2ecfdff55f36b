// Where a gateway under test keeps its state: a folder of its own (embedded stores), or, where GATEHOUSE_TEST_STORE says
// redis-postgres, a real Redis and PostgreSQL with a prefix and a database of its own. Several gateways may share one:
// then they are nodes of one installation.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomToken } from '#kernel'
import { rotateKeyRing } from '#storage'
import { isMissing, makeDirectory, removeDirectory, startPostgres, startRedis } from './programs.ts'

export interface TestStores extends AsyncDisposable {
  readonly kind: StoreKind
  /** The `storage` section for a node. */
  readonly config: Readonly<Record<string, unknown>>
  readonly directory: string
  /** Of the PostgreSQL database and the Redis, where they are real. */
  readonly real?: RealStores
}

export interface RealStores {
  readonly postgresUrl: string
  readonly redisUrl: string
  readonly redisPrefix: string
}

export type StoreKind = 'embedded' | 'redis-postgres'

export const storeOfThisRun = (): StoreKind =>
  process.env.GATEHOUSE_TEST_STORE === 'redis-postgres' ? 'redis-postgres' : 'embedded'

export function openTestStores(kind: StoreKind = storeOfThisRun()): Promise<TestStores> {
  return kind === 'embedded' ? Promise.resolve(openEmbedded()) : openReal()
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

let sharedRedis: ReturnType<typeof startRedis> | undefined

async function openReal(): Promise<TestStores> {
  sharedRedis ??= startRedis()
  const [postgres, redis] = await Promise.all([startPostgres(), sharedRedis])
  if (isMissing(postgres)) throw new Error(postgres.missing)
  if (isMissing(redis)) throw new Error(redis.missing)
  const database = await postgres.createDatabase()
  const directory = makeDirectory('data')
  const redisPrefix = `test-${randomToken(6)}:`
  const keyRing = join(directory, 'keys')
  rotateKeyRing(keyRing, Date.now())
  const passwordFile = join(directory, 'postgres-password')
  if (database.password !== undefined) writeFileSync(passwordFile, database.password, { mode: 0o600 })
  const { host, port, user } = database
  const account = database.password === undefined ? user : `${user}:${database.password}`
  return Object.freeze({
    kind: 'redis-postgres',
    directory,
    config: {
      directory,
      keyRing,
      sql: {
        type: 'postgres',
        host,
        port,
        database: database.database,
        user,
        ...(database.password !== undefined && { password: { file: passwordFile } }),
      },
      keyValue: { type: 'redis', url: redis.url, prefix: redisPrefix },
    },
    real: {
      postgresUrl: `postgres://${account}@${host}:${port}/${database.database}`,
      redisUrl: redis.url,
      redisPrefix,
    },
    async [Symbol.asyncDispose]() {
      await database.drop()
      removeDirectory(directory)
    },
  })
}
