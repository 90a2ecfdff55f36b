// The embedded store: the contract with two databases on one file and in memory, and what only it does.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#kernel'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { keyValueContract } from '../key-value.contract.ts'
import { createSqliteDatabase } from '../sqlite/database.ts'
import { createEmbeddedKeyValue } from './embedded.ts'

const openOnFile = async (directory: string) => {
  const clock = systemClock
  const database = createSqliteDatabase({ location: join(directory, 'gatehouse.db'), clock })
  const store = createEmbeddedKeyValue({ database, clock })
  await store.start()
  return { store, close: () => store.stop().then(database.close) }
}

keyValueContract('embedded, one file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-kv-'))
  const [one, two] = [await openOnFile(directory), await openOnFile(directory)]
  return {
    nodes: [one.store, two.store],
    passTime: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async close() {
      await Promise.all([one.close(), two.close()])
      rmSync(directory, { recursive: true })
    },
  }
})

keyValueContract('embedded, in memory', async () => {
  const clock = createManualClock()
  const database = createSqliteDatabase({ location: ':memory:', clock })
  const store = createEmbeddedKeyValue({ database, clock })
  await store.start()
  return {
    nodes: [store, store],
    passTime: async (ms) => clock.advance(ms),
    close: () => store.stop().then(database.close),
  }
})
