// One SQLite database of this process: reads happen at once on the calling thread, all writes in one worker thread.
// Used by the SQL dialect and by the embedded key-value store, which share the file and the writer.

import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '#kernel'
import { openConnection } from './open-connection.ts'
import { isSqliteBroken, SqliteError, sqliteCodes } from './sqlite-error.ts'
import { createStatementCache, type Prepared, type Row, type SqlValue, type StatementResult } from './statements.ts'
import { createInlineChannel, createWorkerChannel } from './write-channel.ts'
import type { WriteUnit } from './write-engine.ts'
import type { WriteTransaction } from './write-transaction.ts'
import { createWriter, type TransactionOptions, type Writer } from './writer.ts'

export interface SqliteDatabase {
  /** Opens the file, making it and its folder if need be. Does nothing if it is open. @throws once it was closed. */
  open(): void
  /** Runs a select. Blocks the thread: reads must be small. */
  read(sql: string, parameters: readonly SqlValue[]): readonly Row[]
  /** The statement itself, for the few reads that must be fastest. Valid while the database is open. */
  prepare(sql: string): Prepared['raw']
  write(unit: WriteUnit): Promise<readonly StatementResult[]>
  begin(options: TransactionOptions): Promise<WriteTransaction>
  close(): Promise<void>
}

export interface SqliteDatabaseOptions {
  /** A path, or `:memory:` for a database that only this object sees. */
  readonly location: string
  readonly clock: Clock
}

interface Opened {
  readonly connection: DatabaseSync
  readonly prepare: (sql: string) => Prepared
  readonly writer: Writer
}

export function createSqliteDatabase({ location, clock }: SqliteDatabaseOptions): SqliteDatabase {
  let opened: Opened | undefined
  let closed = false

  const get = (): Opened => {
    if (opened === undefined) throw notOpen()
    return opened
  }

  return Object.freeze({
    open() {
      if (closed) throw notOpen()
      opened ??= location === ':memory:' ? openMemory(clock) : openFile(location, clock)
    },
    read: (sql: string, parameters: readonly SqlValue[]) => get().prepare(sql).run(parameters).rows,
    prepare: (sql: string) => get().prepare(sql).raw,
    write: async (unit: WriteUnit) => get().writer.write(unit),
    begin: async (options: TransactionOptions) => get().writer.begin(options),
    async close() {
      closed = true
      const closing = opened
      opened = undefined
      await closing?.writer.close()
      closing?.connection.close()
    },
  })
}

const notOpen = (): SqliteError => new SqliteError('the database is not open', sqliteCodes.cannotOpen)

function openFile(location: string, clock: Clock): Opened {
  makeFile(location)
  const connection = openReader(location)
  return {
    connection,
    prepare: createStatementCache(connection),
    writer: createWriter(createWorkerChannel(location), clock),
  }
}

/** @throws for the operator, because at the start this is where a data folder is found to be none. */
function makeFile(location: string): void {
  try {
    mkdirSync(dirname(location), { recursive: true, mode: 0o700 })
    // SQLite would make it readable by everybody; its companions take over the mode.
    closeSync(openSync(location, 'a', 0o600))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const advice = 'name a folder that this user may write to in `storage.directory`'
    throw new Error(`the database file ${location} cannot be opened (${why}): ${advice}`, { cause })
  }
}

/** @throws for the operator, where the file is none of SQLite's or is damaged. */
function openReader(location: string): DatabaseSync {
  try {
    return openConnection({ location, readOnly: true })
  } catch (cause) {
    if (!isSqliteBroken(cause)) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    const advice =
      'put the backup in its place (docs/operate/storage.md), or name another folder in `storage.directory`'
    throw new Error(`the database file ${location} cannot be read (${why}): ${advice}`, { cause })
  }
}

function openMemory(clock: Clock): Opened {
  const connection = openConnection({ location: ':memory:', readOnly: false })
  return {
    connection,
    prepare: createStatementCache(connection),
    writer: createWriter(createInlineChannel(connection), clock),
  }
}
