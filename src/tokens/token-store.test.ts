// The table of tokens on every kind of database.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '#kernel'
import { storageModule } from '#storage'
import { onEveryDatabase } from '../../test/support/every-database.ts'
import { silentLog } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createTokenSecret } from './token-form.ts'
import { createTokenStore } from './token-store.ts'
import { tokenMigrations } from './token-tables.ts'

const NOW = 1_000_000
const ADA = 'user-ada' as UserId
const LIMIT = 100

async function openStore(sql: unknown) {
  const config = storageModule.config.parse({ sql, keyValue: { type: 'memory' } })
  const part = storageModule.create({ clock: createManualClock(NOW), telemetry: { log: silentLog } }, config)
  part.api.addMigrations(tokenMigrations)
  await part.start?.()
  const store = createTokenStore(part.api)
  const mint = (userId: UserId, now = NOW) => {
    const { form } = createTokenSecret('api-token')
    return store.insertWithin(LIMIT, form, { userId, name: 'one', scopes: ['services'], expiresAt: NOW + 1000 }, now)
  }
  return { store, mint, [Symbol.asyncDispose]: async () => part.stop?.() }
}

await onEveryDatabase('tokens', (createDatabase) => {
  test('of those made at once for one person no more than may be are', { timeout: 60_000 }, async () => {
    await using node = await openStore(await createDatabase())
    const { store, mint } = node
    const minted = await Promise.all(Array.from({ length: LIMIT + 20 }, () => mint(ADA)))
    assert.equal(minted.filter((token) => token !== undefined).length, LIMIT)
    assert.equal((await store.ofUser(ADA, 'api-token', NOW)).length, LIMIT)
    assert.ok(await mint('user-grace' as UserId), 'somebody else’s are not counted')
    const { form } = createTokenSecret('service-account')
    assert.ok(await store.insertWithin(1, form, { userId: ADA, name: 'key', scopes: [] }, NOW), 'nor of another kind')
  })

  test('those that are good no more make room', async () => {
    await using node = await openStore(await createDatabase())
    const { store, mint } = node
    const [first] = await Promise.all(Array.from({ length: LIMIT }, () => mint(ADA)))
    assert.equal(await mint(ADA), undefined)
    await store.revoke(first?.id ?? '', NOW)
    assert.ok(await mint(ADA))
    assert.equal(await mint(ADA), undefined)
    assert.ok(await mint(ADA, NOW + 1000), 'the time of the others is over')
  })
})
