// A link changes nothing (security.md X1): whoever follows it, and with whatever method that a link or a picture can have,
// all that the stores hold stays as it was. What is written down of requests is no change: audit, counts for limits, and
// when a session was last used.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { TestClient } from '../support/http-client.ts'
import { openTestStores } from '../support/test-stores.ts'
import type { Lab } from './lab.ts'
import { listRoutes } from './list-routes.ts'
import { startOidcLab } from './oidc-lab.ts'

const WRITTEN_DOWN = /^(?:audit|kv_changes|sqlite_sequence) |^kv_values rate:|^kv_members keyring:/

test('no GET, HEAD or OPTIONS of any route changes what is stored', { timeout: 60_000 }, async () => {
  await using stores = await openTestStores('embedded')
  await using lab = await startOidcLab({ stores })
  const [ada, grace] = await Promise.all([logIn(lab, 'ada'), logIn(lab, 'grace')])
  const { userId } = (await ada.get('/api/v1/me')).json() as { userId: string }
  const { session } = (await ada.get('/api/v1/sessions/current')).json() as { session: { ref: string } }
  const values: Readonly<Record<string, string>> = { id: userId, ref: session.ref, provider: 'sso' }
  const paths = new Set(
    listRoutes(lab.gateway).routes.map(({ path }) => path.replaceAll(/:(\w+)/g, (_all, name) => values[name] ?? 'x')),
  )
  assert.ok(
    paths.has(`/account/sessions/${session.ref}/revoke`) && paths.has('/auth/logout'),
    'links to POST routes too',
  )

  const before = listRows(stores.directory)
  assert.ok(
    before.some((row) => row.includes(session.ref)),
    'the session is among what is stored',
  )
  for (const path of paths) {
    for (const client of [lab.stranger(), ada, grace]) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) await client.send(path, { method, headers: { accept: '*/*' } })
    }
    assert.deepEqual(listRows(stores.directory), before, path)
  }
})

async function logIn(lab: Pick<Lab, 'stranger' | 'account'>, who: 'ada' | 'grace'): Promise<TestClient> {
  const client = lab.stranger()
  assert.equal((await client.post('/auth/login/local', await lab.account(who))).status, 303)
  return client
}

/** Every row of every table, as text, without what is written down of requests. */
function listRows(directory: string): readonly string[] {
  const database = new DatabaseSync(join(directory, 'gatehouse.db'), { readOnly: true })
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
    const rows = tables.flatMap(({ name }) =>
      database
        .prepare(`select * from "${String(name)}"`)
        .all()
        .map((row) => `${String(name)} ${Object.values(row).join(' ')}`),
    )
    return rows.filter((row) => !WRITTEN_DOWN.test(row)).toSorted()
  } finally {
    database.close()
  }
}
