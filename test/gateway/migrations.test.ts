// The migrations of all features, on every kind of database: they run, and run again where a crash came between a change
// and the note that it was made, because not every database takes such a change back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { isMissing, startMariadb, startPostgres, startRedis } from '../support/programs.ts'
import { startGateway } from '../support/start-gateway.ts'
import type { StoreKind } from '../support/store-servers.ts'
import { openTestStores } from '../support/test-stores.ts'

const redis = await startRedis()
const kinds: readonly (readonly [kind: StoreKind, needs: readonly object[]])[] = [
  ['embedded', []],
  ['redis-postgres', [redis, await startPostgres()]],
  ['redis-mariadb', [redis, await startMariadb()]],
]

for (const [kind, needs] of kinds) {
  const skip = needs.find(isMissing)?.missing ?? false
  test(`${kind}: every migration does no harm twice`, { skip }, async () => {
    await using stores = await openTestStores(kind)
    await using gateway = await startGateway({ stores })
    const { migrations, sql: database } = gateway.apis.storage
    const names = (await migrations.status()).map(({ name }) => name)
    assert.ok(names.length > 5)
    await sql`delete from kysely_migration`.execute(database())
    assert.deepEqual(await migrations.run(), names)
  })
}
