// Deny by default, route by route (security.md, must-have 1), for those that exist only where `account` is configured: who gets
// what, what another site’s page gets, and that a link changes nothing but the audit log.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { loadConfig } from '#config'
import { createGateway } from '../../src/gateway.ts'
import { configSchema } from '../../src/modules.ts'
import type { TestClient } from '../support/http-client.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'
import { type AccountLab, startAccountLab } from './account-lab.ts'

const NOBODYS = '00000000-0000-4000-8000-000000000000'

/** The status for a program without a session, a browser without one, ada, and grace, who is an admin. */
// biome-ignore format: a table
const routes: Readonly<Record<string, readonly [stranger: number, visitor: number | '–', ada: number, grace: number]>> = {
  //                                                     stranger visitor ada grace
  'GET /account/login':                                     [302, 302, 302, 302],
  'GET /account/logout':                                    [200, 200, 200, 200],
  'GET /account/token':                                     [401, 303, 200, 200],
  'POST /account/token':                                    [401, '–', 200, 200],
  'POST /account/token/revoke-all':                         [401, '–', 200, 200],
  'GET /account/token/create':                              [302, 303, 200, 200],
  'GET /api/v1/account/whoami':                             [401, 401, 200, 200],
  'GET /api/v1/account/token/refresh':                      [401, 401, 401, 401],
  'POST /api/v1/account/token/refresh':                     [401, '–', 401, 401],
  'POST /api/v1/account/token/revoke':                      [401, '–', 401, 401],
  'POST /api/v1/account/token/revoke-all':                  [401, '–', 200, 200],
  [`POST /api/v1/admin/users/${NOBODYS}/account-tokens/revoke`]: [401, '–', 403, 404],
  [`DELETE /api/v1/admin/account-tokens/${NOBODYS}`]:       [401, '–', 403, 200],
  'POST /account/logout':                                   [303, '–', 303, 303],
}

let stores: TestStores
let lab: AccountLab

before(async () => {
  stores = await openTestStores('embedded')
  lab = await startAccountLab({ stores })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await stores[Symbol.asyncDispose]()
})

test('every route of the section is in the table, and every line of the table is a route', () => {
  const listed = (isConfigured: boolean): readonly string[] => {
    const files = lab.gateway.configFiles.filter((_file, index) => isConfigured || index < 2)
    const loaded = loadConfig({ files, env: {}, schema: configSchema, cwd: '/' })
    assert.ok(loaded.ok)
    return createGateway({ config: loaded.config, logSink: () => {} }).routes.map(
      ({ method, path }) => `${method} ${path}`,
    )
  }
  const without = new Set(listed(false))
  const own = listed(true).filter((route) => !without.has(route))
  const named = Object.keys(routes).map((route) =>
    route.replace(`users/${NOBODYS}`, 'users/:id').replace(NOBODYS, ':jti'),
  )
  assert.deepEqual(own.toSorted(), named.toSorted())
})

test('nobody gets more than the table says, and another site’s page gets nothing', async () => {
  for (const [name, [stranger, visitor, ada, grace]] of Object.entries(routes)) {
    const [method = '', path = ''] = name.split(' ')
    const send = async (client: TestClient, headers: Readonly<Record<string, string>>): Promise<number> =>
      (await client.send(path, { method, headers: { origin: lab.url, ...headers } })).status
    const people = { ada: await lab.logIn('ada'), grace: await lab.logIn('grace') }
    if (method !== 'GET')
      assert.equal(await send(people.ada, { origin: 'https://evil.test' }), 403, `${name}, another site`)
    assert.equal(await send(lab.stranger(), {}), stranger, `${name}, a stranger`)
    if (visitor !== '–') {
      const browser = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
      assert.equal(await send(lab.stranger(), browser), visitor, `${name}, a browser`)
    }
    assert.equal(await send(people.ada, {}), ada, `${name}, ada`)
    assert.equal(await send(people.grace, {}), grace, `${name}, grace`)
  }
})

test('no link changes what is stored, not even the one that makes a token', async () => {
  const ada = await lab.logIn('ada')
  const before = listRows(stores.directory)
  for (const name of Object.keys(routes)) {
    const [, path = ''] = name.split(' ')
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await ada.send(path, { method, headers: { accept: '*/*' } })
    assert.deepEqual(listRows(stores.directory), before, name)
  }
})

test('what looks like a file below these addresses is nothing', async () => {
  const ada = await lab.logIn('ada')
  for (const path of [
    '/account/token/create/x.css',
    '/account/token/x.css',
    '/api/v1/account/whoami/x.css',
    '/api/v1/account/whoami%0a.css',
    '/account/token/create.json',
  ]) {
    assert.ok([400, 404].includes((await ada.get(path)).status), path)
  }
})

/** Every row of every table, without what is written down of requests. */
function listRows(directory: string): readonly string[] {
  const database = new DatabaseSync(join(directory, 'gatehouse.db'), { readOnly: true })
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
    return tables
      .map(({ name }) => String(name))
      .filter((name) => !/^(?:audit|kv_changes|sqlite_sequence)$/.test(name))
      .flatMap((name) =>
        database
          .prepare(`select * from "${name}"`)
          .all()
          .map((row) => `${name} ${Object.values(row).join(' ')}`),
      )
      .filter((row) => !/^kv_values rate:|^kv_members keyring:/.test(row))
      .toSorted()
  } finally {
    database.close()
  }
}
