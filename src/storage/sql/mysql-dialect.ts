// How MariaDB and MySQL 8 differ from what Kysely takes them for, in SQL that both understand.

import {
  type CreateIndexNode,
  type CreateTableNode,
  type DataTypeNode,
  type Dialect,
  MysqlAdapter,
  MysqlDialect,
  type MysqlPool,
  MysqlQueryCompiler,
} from 'kysely'

export const createMysqlDialect = (pool: () => Promise<MysqlPool>): Dialect => {
  const dialect = new MysqlDialect({ pool })
  return Object.freeze({
    createDriver: () => dialect.createDriver(),
    createQueryCompiler: () => new QueryCompiler(),
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: (db: Parameters<MysqlDialect['createIntrospector']>[0]) => dialect.createIntrospector(db),
  })
}

/** Stands in a statement whose index may be there already: MySQL has no `if not exists` for indexes. */
export const indexMayExist = '/* if it does not exist */'

// Texts are compared byte for byte, spaces at the end included. The collation that does so has another name in each of
// the two; MySQL runs the first comment and MariaDB the second, and each takes the other for a comment.
const tableOptions =
  ' engine = InnoDB default character set utf8mb4' +
  ' /*!80000 collate utf8mb4_0900_bin */ /*M!100202 collate utf8mb4_nopad_bin */'

class QueryCompiler extends MysqlQueryCompiler {
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node)
    this.append(tableOptions)
  }

  protected override visitCreateIndex({ ifNotExists, ...node }: CreateIndexNode): void {
    super.visitCreateIndex(node)
    if (ifNotExists) this.append(` ${indexMayExist}`)
  }

  /** Their `text` ends at 64 KiB. */
  protected override visitDataType(node: DataTypeNode): void {
    if (node.dataType === 'text') this.append('mediumtext')
    else super.visitDataType(node)
  }
}
