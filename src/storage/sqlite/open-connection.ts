// One way to open a connection, on the main thread and in the worker, with the same settings.

import { DatabaseSync } from 'node:sqlite'

export interface ConnectionOptions {
  /** A path, or `:memory:`. */
  readonly location: string
  /** Refuses to write through this connection. */
  readonly readOnly: boolean
}

/** How long SQLite itself waits for a lock, blocking its thread. Longer waits are done without blocking. */
const busyMs = 20
/** The same while opening, when several processes may start at once. */
const openBusyMs = 5_000

export function openConnection({ location, readOnly }: ConnectionOptions): DatabaseSync {
  const database = new DatabaseSync(location, { timeout: openBusyMs, enableForeignKeyConstraints: true })
  // Written into the file by whoever comes first; readers and the writer then do not wait for each other.
  database.exec('pragma journal_mode = wal')
  // Full: what was acknowledged survives a power cut. Commits are grouped, so many writers share one sync.
  database.exec('pragma synchronous = full; pragma temp_store = memory; pragma cache_size = -16000')
  database.exec(`pragma busy_timeout = ${busyMs}; pragma query_only = ${readOnly ? 'on' : 'off'}`)
  return database
}
