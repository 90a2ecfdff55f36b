// A database that cannot say who somebody is, or what is revoked, lets no token pass (security.md, must-have 1): it is refused as
// 5xx, reaches no service, and is good again with the database.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openTestStores } from '../support/test-stores.ts'
import { bearer, startAccountLab } from './account-lab.ts'

const WHOAMI = '/api/v1/account/whoami'
const REVOKE = '/api/v1/account/token/revoke'

for (const table of ['users', 'account_revocations']) {
  test(`without ${table} no token passes, and no revocation is acknowledged that is not kept`, {
    timeout: 60_000,
  }, async () => {
    await using stores = await openTestStores('embedded')
    await using lab = await startAccountLab({ stores })
    const [token, other] = [await lab.tokenOf('ada'), await lab.tokenOf('ada')]
    const statusOf = async (path: string): Promise<number> => (await lab.ask(path, bearer(token))).status
    assert.equal(await statusOf('/api/up/x'), 200)
    using database = new DatabaseSync(join(stores.directory, 'gatehouse.db'), { timeout: 5_000 })
    database.exec(`alter table ${table} rename to away`)
    // Until what was read before counts no more.
    while ((await statusOf(WHOAMI)) === 200);
    const served = lab.upstream.requests.length
    for (const path of [WHOAMI, '/api/up/x', '/api/v1/account/token/refresh']) {
      assert.ok((await statusOf(path)) >= 500, path)
    }
    assert.equal(lab.upstream.requests.length, served)
    assert.ok((await lab.ask(REVOKE, bearer(other), 'POST')).status >= 500)

    database.exec(`alter table away rename to ${table}`)
    while ((await statusOf(WHOAMI)) !== 200);
    assert.equal((await lab.ask(WHOAMI, bearer(other))).status, 200, 'what was not acknowledged was not done')
  })
}
