// What SQLite refused, in a form that survives the way from the worker thread.

/** An error of SQLite; `code` is its extended result code. */
export class SqliteError extends Error {
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.name = 'SqliteError'
    this.code = code
  }
}

export const sqliteCodes = {
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  ioError: 10,
  full: 13,
  cannotOpen: 14,
} as const

const unavailable: ReadonlySet<number> = new Set(Object.values(sqliteCodes))

/** Whether the database could not do it now, as opposed to a statement that is wrong or breaks a constraint. */
export const isSqliteUnavailable = (error: unknown): boolean => {
  const code = sqliteCodeOf(error)
  return code !== undefined && unavailable.has(code & 0xff)
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const broken: ReadonlySet<number> = new Set([11, 26])

/** Whether the file is damaged or none of SQLite's: no waiting mends that. */
export const isSqliteBroken = (error: unknown): boolean => broken.has((sqliteCodeOf(error) ?? 0) & 0xff)

/** The extended result code, of our error or of the runtime's own. */
export const sqliteCodeOf = (error: unknown): number | undefined => {
  if (error instanceof SqliteError) return error.code
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code : undefined
}
