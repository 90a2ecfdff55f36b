// Brings the database to the state that the features declare. Run at every start and by `gatehouse migrate`; of several
// nodes that start at once one does the work and the others wait.

import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'

export interface MigrationStatus {
  readonly name: string
  /** Milliseconds since the epoch; undefined if it is still to be run. */
  readonly appliedAt: number | undefined
  /** False for one that this program does not know: of a newer version, or of a feature that is no longer configured. */
  readonly known: boolean
}

export interface Migrations {
  /** Adds to what the features declare. @throws if the name is taken. */
  add(migrations: Readonly<Record<string, Migration>>): void
  /**
   * Runs what is missing. @returns the names that were run.
   * @throws if one fails; then none of them stays, or on MariaDB and MySQL those before it.
   */
  run(): Promise<readonly string[]>
  /** All that are declared or applied, by name. Changes nothing. */
  status(): Promise<readonly MigrationStatus[]>
}

const table = 'kysely_migration'

export function createMigrations(database: Kysely<unknown>): Migrations {
  const declared = new Map<string, Migration>()

  const applied = async (): Promise<readonly string[]> => {
    const tables = await database.introspection.getTables({ withInternalKyselyTables: true })
    if (!tables.some(({ name }) => name === table)) return []
    const log = database as unknown as Kysely<{ [table]: { name: string } }>
    return (await log.selectFrom(table).select('name').execute()).map(({ name }) => name)
  }

  // The migrator takes an applied migration that is not declared for corruption; here it means that a feature was
  // switched off, or that a newer version runs beside this one.
  const getMigrations = async (): Promise<Record<string, Migration>> => ({
    ...Object.fromEntries((await applied()).map((name) => [name, { up: async () => {} }])),
    ...Object.fromEntries(declared),
  })

  const migrator = new Migrator({
    db: database,
    provider: { getMigrations },
    migrationTableName: table,
    allowUnorderedMigrations: true,
  })

  const whatStays = database.getExecutor().adapter.supportsTransactionalDdl
    ? 'nothing was changed'
    : 'those before it stay, and the next run goes on from there'

  return Object.freeze({
    add(migrations: Readonly<Record<string, Migration>>) {
      for (const [name, migration] of Object.entries(migrations)) {
        if (declared.has(name)) throw new Error(`the migration ${name} is declared twice`)
        declared.set(name, migration)
      }
    },
    async run() {
      const { error, results = [] } = await migrator.migrateToLatest()
      if (error !== undefined) {
        const failed = results.find(({ status }) => status === 'Error')?.migrationName
        const what = failed === undefined ? 'the migrations could not be run' : `the migration ${failed} failed`
        throw new Error(`${what}; ${whatStays}`, { cause: error })
      }
      return results.map(({ migrationName }) => migrationName)
    },
    async status() {
      const migrations = await migrator.getMigrations()
      return migrations.map(({ name, executedAt }) => ({
        name,
        appliedAt: executedAt?.getTime(),
        known: declared.has(name),
      }))
    },
  })
}
