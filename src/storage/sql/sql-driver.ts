// The SQL kind: a database that Kysely speaks to. Drivers: sqlite (a file or memory), postgres, mysql (MariaDB too).
// Every driver passes `sql-driver.contract.ts`. Columns are `text`, `integer` and `bigint`, and `varchar` where a key or an
// index has them; times are milliseconds since the epoch in a `bigint`, yes and no are 1 and 0 in an `integer`,
// structures are JSON in a `text`. Texts are compared byte for byte.

import type { Kysely } from 'kysely'
import type { HealthReport } from '#kernel'

/** Which SQL: `mysql` is that of MariaDB and of MySQL. */
export type SqlDialect = 'sqlite' | 'postgres' | 'mysql'

export interface SqlDriver {
  readonly dialect: SqlDialect
  /** For features: short statements and transactions, with time limits. */
  readonly database: Kysely<unknown>
  /** For migrations, which may take minutes and wait for each other. */
  readonly migrating: Kysely<unknown>
  /** Opens what needs I/O. Does nothing if it is open. @throws if the database cannot be reached. */
  open(): Promise<void>
  health(): Promise<HealthReport>
  close(): Promise<void>
}
