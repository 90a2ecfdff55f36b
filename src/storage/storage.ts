// What `storage` offers to the features above it.

import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { AuditLog } from './audit.ts'
import type { KeyRing } from './key-ring.ts'
import type { KeyValueStore } from './key-value.ts'
import type { Sealer } from './seal.ts'
import type { Migrations } from './sql/migrations.ts'
import type { SqlDialect } from './sql/sql-driver.ts'
import type { StoreTrial } from './try-out.ts'

export interface Storage {
  readonly keyValue: KeyValueStore
  /** The SQL database, typed with the tables of the feature that asks. */
  sql<Tables>(): Kysely<Tables>
  readonly dialect: SqlDialect
  readonly audit: AuditLog
  readonly keyRing: KeyRing
  /** Seals values at rest under the key ring. */
  readonly sealer: Sealer
  /**
   * Declares a feature's migrations; call it in `create`. Names sort by date and number: `2026-11-21-01-users`.
   * Each is one statement that does no harm twice (`ifNotExists`), because not every database rolls back changes of schema.
   */
  addMigrations(migrations: Readonly<Record<string, Migration>>): void
  /** For `gatehouse migrate`, which needs no start: the database is opened on demand and closed by `stop`. */
  readonly migrations: Pick<Migrations, 'run' | 'status'>
  /** The file of the key ring, for `gatehouse keys rotate`; undefined where nothing outlives the process. */
  readonly keyRingPath: string | undefined
  /**
   * After a write that had to be kept was refused: gives away some of the space that is reserved for such on a full disk.
   *
   * @returns whether to try again
   */
  makeRoom(): boolean
  /** For `gatehouse doctor`, which needs no start either: whether each store answers and may be written to. */
  tryOut(limitMs: number): Promise<readonly StoreTrial[]>
}
