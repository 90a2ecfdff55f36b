// SQLite as a SQL driver: the contract on a file that two processes' worth of drivers share, and in memory.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#kernel'
import { createSqliteDatabase } from '../sqlite/database.ts'
import { sqlDriverContract } from './sql-driver.contract.ts'
import { createSqlite } from './sqlite.ts'

sqlDriverContract('sqlite, one file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-sql-'))
  const location = join(directory, 'gatehouse.db')
  const databases = [1, 2].map(() => createSqliteDatabase({ location, clock: systemClock }))
  const [one, two] = databases.map(createSqlite)
  if (one === undefined || two === undefined) throw new Error('two drivers')
  return {
    nodes: [one, two],
    async close() {
      await Promise.all(databases.map((database) => database.close()))
      rmSync(directory, { recursive: true })
    },
  }
})

sqlDriverContract('sqlite, in memory', async () => {
  const database = createSqliteDatabase({ location: ':memory:', clock: systemClock })
  const driver = createSqlite(database)
  return { nodes: [driver, driver], close: database.close }
})
