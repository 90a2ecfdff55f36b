// Tries the stores without changing what they hold and without migrating: whether each answers, may be written to, and
// how long that takes. For `gatehouse init` and `gatehouse doctor`, beside a gateway that runs or not.

import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { type Clock, randomToken } from '#kernel'
import type { KeyValueDriver } from './key-value.ts'
import type { SqlDialect, SqlDriver } from './sql/sql-driver.ts'

export interface StoreTrial {
  readonly store: 'sql' | 'keyValue'
  /** What the database calls its version; undefined where it did not come to that, and of key-value stores. */
  readonly version?: string
  /** A write and a read, in milliseconds; undefined if one of them failed. */
  readonly roundTripMs?: number
  /** Why it cannot be used, for the operator. */
  readonly fault?: string
}

export interface TrialDeps {
  readonly sql: SqlDriver
  readonly keyValue: KeyValueDriver
  readonly clock: Clock
}

/** What is opened here is closed with the storage part. Ends within `limitMs` for each store. */
export async function tryOut({ sql, keyValue, clock }: TrialDeps, limitMs: number): Promise<readonly StoreTrial[]> {
  const trySql = async () => {
    await sql.open()
    const version = await readVersion(sql.migrating, sql.dialect)
    return { version, roundTripMs: await writeTable(sql.migrating, clock) }
  }
  return [await within('sql', trySql, { clock, limitMs }), await tryKeyValue(keyValue, { clock, limitMs })]
}

interface Limits {
  readonly clock: Clock
  readonly limitMs: number
}

/** The same for one key-value store, whose keys may have to begin as somebody else wants; who made it stops it. */
export const tryKeyValue = (
  keyValue: KeyValueDriver,
  { prefix = 'trial:', ...limits }: Limits & { readonly prefix?: string },
): Promise<StoreTrial> =>
  within(
    'keyValue',
    async () => {
      await keyValue.start()
      return { roundTripMs: await measure(limits.clock, () => writeKey(keyValue, prefix + randomToken(9))) }
    },
    limits,
  )

async function within(
  store: StoreTrial['store'],
  attempt: () => Promise<Omit<StoreTrial, 'store'>>,
  { clock, limitMs }: Limits,
): Promise<StoreTrial> {
  const late = Promise.withResolvers<never>()
  const cancel = clock.after(limitMs, () => late.reject(new Error(`no answer within ${limitMs / 1000} s`)))
  try {
    return { store, ...(await Promise.race([attempt(), late.promise])) }
  } catch (error) {
    return { store, fault: reasonOf(error) }
  } finally {
    cancel()
  }
}

async function measure(clock: Clock, work: () => Promise<void>): Promise<number> {
  const startedAtMs = clock.monotonicMs()
  await work()
  return clock.monotonicMs() - startedAtMs
}

async function readVersion(database: Kysely<unknown>, dialect: SqlDialect): Promise<string> {
  const version = dialect === 'sqlite' ? sql`sqlite_version()` : sql`version()`
  const { rows } = await sql<{ version: string }>`select ${version} as version`.execute(database)
  return rows[0]?.version.split(' on ', 1)[0] ?? 'unknown'
}

/** Migrations make tables, so a user who may not is found here. @returns how long one row took, written and read */
async function writeTable(database: Kysely<unknown>, clock: Clock): Promise<number> {
  const table = `gatehouse_trial_${randomBytes(6).toString('hex')}`
  await database.schema.createTable(table).addColumn('n', 'integer').execute()
  try {
    return await measure(clock, async () => {
      await sql`insert into ${sql.table(table)} (n) values (1)`.execute(database)
      await sql`select n from ${sql.table(table)}`.execute(database)
    })
  } finally {
    await database.schema.dropTable(table).execute()
  }
}

async function writeKey(store: KeyValueDriver, key: string): Promise<void> {
  await store.set(key, 'written', { ttlMs: 10_000 })
  const read = await store.get(key)
  await store.delete(key)
  if (read !== 'written') throw new Error('it does not give back what was written')
}

/** The innermost reason says what happened: drivers wrap it in what it means for a request. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error.message || error.name
}
