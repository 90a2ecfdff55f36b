// One connection to MariaDB or MySQL: its settings, a time limit on each statement, and what to do when it breaks.
// Parameters never become part of a statement's text: they go to the server beside it.

import type { Socket } from 'node:net'
import type { MysqlQueryResult } from 'kysely'
import mysql, { type FieldPacket, type PoolConnection } from 'mysql2'
import { indexMayExist } from './mysql-dialect.ts'
import { duplicateIndex, mysqlCodeOf } from './mysql-error.ts'
import { toSafeNumber } from './safe-number.ts'
import type { ServerLimits } from './server-limits.ts'
import type { Silence } from './silence.ts'
import { toSqlValue } from './sql-value.ts'

export interface MysqlSession {
  /** Run once, before anything else. */
  setUp(): Promise<void>
  run(sql: string, parameters: readonly unknown[]): Promise<MysqlQueryResult>
  /** Closes the connection at once, whatever the server makes of it. */
  cutOff(): void
  /** Resolves when the connection is closed. */
  readonly closed: Promise<unknown>
}

export function createMysqlSession(connection: PoolConnection, limits: ServerLimits, silence: Silence): MysqlSession {
  // The library's types do not have it.
  const { stream } = connection as unknown as { readonly stream: Socket }
  let isBroken = false

  const cutOff = (): void => {
    isBroken = true
    connection.destroy()
    stream.destroy()
  }

  const ask = async (sql: string, parameters: readonly unknown[]): Promise<MysqlQueryResult> => {
    if (isBroken) throw new Error('the connection is broken')
    const values = parameters.map(toParameter)
    const { promise, resolve, reject } = Promise.withResolvers<MysqlQueryResult>()
    const timer = setTimeout(() => {
      cutOff()
      reject(new Error(`no answer within ${limits.answerMs} ms`))
    }, limits.answerMs)
    const answer = (error: unknown, result: unknown, fields?: readonly FieldPacket[]): void => {
      clearTimeout(timer)
      if (!error || isThereAlready(error, sql)) {
        resolve(withSafeNumbers(result ?? [], fields))
      } else {
        if (mysqlCodeOf(error) === undefined) cutOff()
        reject(error)
      }
    }
    // Not everything can be prepared; what has no parameters need not be.
    if (values.length === 0) connection.query(sql, answer)
    else connection.execute(sql, values, answer)
    return promise
  }

  const run = (sql: string, parameters: readonly unknown[]): Promise<MysqlQueryResult> =>
    silence.watch(() => ask(sql, parameters), { limitMs: limits.answerMs, isAnswer })

  return Object.freeze({
    cutOff,
    run,
    closed: new Promise((resolve) => stream.once('close', resolve)),
    async setUp() {
      for (const statement of settings(limits)) await run(statement, [])
    },
  })
}

const isAnswer = ({ error }: { readonly error?: unknown }): boolean =>
  error === undefined || mysqlCodeOf(error) !== undefined

/** @throws if a number has more digits than we can hold */
async function withSafeNumbers(result: object, fields: readonly FieldPacket[] = []): Promise<MysqlQueryResult> {
  if (!Array.isArray(result)) return result as MysqlQueryResult
  const rows = result as Record<string, unknown>[]
  const integers = fields.filter(({ type }) => type === mysql.Types.LONGLONG).map(({ name }) => name)
  for (const row of rows) for (const name of integers) if (typeof row[name] === 'string') toSafeNumber(row[name])
  return rows
}

const isThereAlready = (error: unknown, sql: string): boolean =>
  mysqlCodeOf(error) === duplicateIndex && sql.endsWith(indexMayExist)

// What the server's own settings say does not matter then: values that do not fit are refused, and a transaction sees
// what others have committed, as on PostgreSQL. MySQL runs the first comment, MariaDB the second.
const settings = ({ statementMs, lockMs, silenceMs }: ServerLimits): readonly string[] => [
  'set session transaction isolation level read committed',
  `set session sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    innodb_lock_wait_timeout = ${seconds(lockMs)}, lock_wait_timeout = ${seconds(lockMs)},
    wait_timeout = ${seconds(2 * silenceMs)}
    /*!80000 , max_execution_time = ${statementMs} */
    /*M!100300 , max_statement_time = ${seconds(statementMs)}, idle_transaction_timeout = ${seconds(silenceMs)} */`,
]

const seconds = (ms: number): number => Math.ceil(ms / 1_000)

function toParameter(value: unknown) {
  const parameter = toSqlValue(value)
  if (typeof parameter === 'bigint') return mysql.TypedParameter.BIGINT(parameter)
  return parameter instanceof Uint8Array ? Buffer.from(parameter) : parameter
}
