// Kysely over our SQLite database: plain selects on the calling thread, everything else in the writing thread.
// A transaction has the writing side to itself: inside one, use its own handle only, and never the embedded key-value
// store of the same file (it would wait for the end of the transaction, and give up).

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  RawNode,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { storageErrors } from '../errors.ts'
import type { SqliteDatabase } from '../sqlite/database.ts'
import { isSqliteUnavailable } from '../sqlite/sqlite-error.ts'
import type { Statement, StatementResult } from '../sqlite/statements.ts'
import type { WriteTransaction } from '../sqlite/write-transaction.ts'
import type { TransactionOptions } from '../sqlite/writer.ts'
import { toSqlValue } from './sql-value.ts'

export const createSqliteDialect = (database: SqliteDatabase, options: TransactionOptions): Dialect =>
  Object.freeze({
    createDriver: () => createDriver(database, options),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new Adapter(),
    createIntrospector: (db: ConstructorParameters<typeof SqliteIntrospector>[0]) => new SqliteIntrospector(db),
  })

/** Migrations run in one transaction, which waits for other writers: that is the lock between processes. */
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }

  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

function createDriver(database: SqliteDatabase, options: TransactionOptions): Driver {
  const savepoint = (command: string) => async (connection: DatabaseConnection, name: string) => {
    await (connection as Connection).command(`${command} ${quote(name)}`)
  }
  return {
    async init() {
      database.open()
    },
    acquireConnection: async () => new Connection(database),
    beginTransaction: (connection) => (connection as Connection).begin(options),
    commitTransaction: (connection) => (connection as Connection).end('commit'),
    rollbackTransaction: (connection) => (connection as Connection).end('rollback'),
    savepoint: savepoint('savepoint'),
    rollbackToSavepoint: savepoint('rollback to'),
    releaseSavepoint: savepoint('release'),
    releaseConnection: async () => {},
    destroy: async () => {},
  }
}

class Connection implements DatabaseConnection {
  readonly #database: SqliteDatabase
  #transaction: WriteTransaction | undefined

  constructor(database: SqliteDatabase) {
    this.#database = database
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const statement = { sql: query.sql, parameters: query.parameters.map(toSqlValue) }
    const { rows, changes } = await answering(async () => this.#run(statement, query))
    return { rows: rows as R[], numAffectedRows: BigInt(changes) }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query)
  }

  async command(sql: string): Promise<void> {
    await answering(async () => this.#transaction?.run({ sql, parameters: [] }))
  }

  async begin(options: TransactionOptions): Promise<void> {
    this.#transaction = await answering(() => this.#database.begin(options))
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    const transaction = this.#transaction
    this.#transaction = undefined
    await answering(async () => transaction?.[how]())
  }

  async #run(statement: Statement, query: CompiledQuery): Promise<StatementResult> {
    if (this.#transaction !== undefined) return this.#transaction.run(statement)
    if (isPlainSelect(query)) return { rows: this.#database.read(statement.sql, statement.parameters), changes: 0 }
    const [result] = await this.#database.write([statement])
    return result ?? { rows: [], changes: 0 }
  }
}

const isPlainSelect = ({ query, sql }: CompiledQuery): boolean =>
  SelectQueryNode.is(query) || (RawNode.is(query) && /^\s*select\s/i.test(sql))

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

async function answering<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw isSqliteUnavailable(error) ? storageErrors.unavailable({ store: 'database' }, { cause: error }) : error
  }
}
