// A primary key that the database counts up, which every database spells in its own way.

import type { CreateTableBuilder } from 'kysely'
import type { SqlDialect } from './sql-driver.ts'

/** Adds the column `id`. */
export function addCountedKey<Table extends string, Columns extends string>(
  table: CreateTableBuilder<Table, Columns>,
  dialect: SqlDialect,
): CreateTableBuilder<Table, Columns | 'id'> {
  switch (dialect) {
    case 'sqlite':
      return table.addColumn('id', 'integer', (column) => column.primaryKey())
    case 'postgres':
      return table.addColumn('id', 'bigserial', (column) => column.primaryKey())
    case 'mysql':
      return table.addColumn('id', 'bigint', (column) => column.primaryKey().autoIncrement())
  }
}
