// Runs a suite in each kind of database that Gatehouse keeps its tables in: SQLite, PostgreSQL, MariaDB.

import { after, suite, test } from 'node:test'
import { isMissing, makeDirectory, removeDirectory, startMariadb, startPostgres } from './programs.ts'
import { toSettings } from './test-stores.ts'

/** @param describe gets what gives the `storage.sql` section of an empty database */
export async function onEveryDatabase(
  what: string,
  describe: (createDatabase: () => Promise<unknown>) => void,
): Promise<void> {
  const servers = [
    ['PostgreSQL', 'postgres', await startPostgres()],
    ['MariaDB', 'mariadb', await startMariadb()],
  ] as const
  suite(`${what} in SQLite`, () => describe(async () => ({ type: 'memory' })))
  for (const [name, type, server] of servers) {
    if (isMissing(server)) {
      test(`${what} in ${name}`, { skip: server.missing })
      continue
    }
    const directory = makeDirectory('database')
    after(async () => {
      await server.stop()
      removeDirectory(directory)
    })
    suite(`${what} in ${name}`, () =>
      describe(async () => {
        const { drop: _, ...place } = await server.createDatabase()
        return { type, ...toSettings(place, directory) }
      }))
  }
}
