// A store that fails must never let anybody in, nor take somebody known for a stranger (security.md, must-haves 1 and 15):
// what cannot be decided is refused as 5xx, reaches no service, and works again with the store.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { TestClient } from '../support/http-client.ts'
import { askForSocket } from '../support/raw-web-socket.ts'
import { startRecordingUpstream } from '../support/recording-upstream.ts'
import { openTestStores } from '../support/test-stores.ts'
import { type Lab, startLab } from './lab.ts'

/** Where sessions are, and which of them were ended. */
const tables = ['kv_values', 'session_tombstone']

// biome-ignore format: a table
const requests: readonly (readonly [what: string, send: (client: TestClient, lab: Lab) => Promise<number>])[] = [
  ['our API',             async (client) => (await client.get('/api/v1/me')).status],
  ['a page of ours',      async (client) => (await client.get('/account', { accept: 'text/html' })).status],
  ['the login page',      async (client) => (await client.get('/auth/login', { accept: 'text/html' })).status],
  ['an upstream',         async (client) => (await client.get('/api/lab/x')).status],
  ['a page there',        async (client) => (await client.get('/api/lab/x', { accept: 'text/html' })).status],
  ['a POST there',        async (client) => (await client.post('/api/lab/x')).status],
  ['a public upstream',   async (client) => (await client.get('/api/public/x')).status],
  ['a WebSocket',         (client, { url }) => askForSocket(url, '/api/lab/socket', { Cookie: client.cookieHeader() })],
]

for (const table of tables) {
  test(`without ${table} nothing passes, and nobody is sent to log in again`, async () => {
    await using stores = await openTestStores('embedded')
    await using upstream = await startRecordingUpstream()
    await using lab = await startLab({
      stores,
      config: {
        upstreams: [
          { path: '/api/lab/', to: upstream.url, allow: ['group:lab'] },
          { path: '/api/public/', to: upstream.url, allow: ['public'] },
        ],
      },
    })
    // Not used yet, so that no node remembers it.
    const ada = await lab.logIn('ada')
    const cookie = ada.cookieHeader()
    const leaver = await lab.logIn('ada')
    const left = leaver.cookieHeader()
    // The command line would make the tables again.
    const grace = await lab.account('grace')
    using database = new DatabaseSync(join(stores.directory, 'gatehouse.db'))

    database.exec(`alter table ${table} rename to away`)
    for (const [what, send] of requests) {
      const status = await send(ada, lab)
      assert.ok(status === 500 || status === 503, `${what} is answered ${status}`)
    }
    assert.equal(ada.cookieHeader(), cookie, 'the cookie is not taken away')
    const newcomer = lab.stranger()
    const login = await newcomer.post('/auth/login/local', grace)
    if (table === 'kv_values') assert.ok(login.status >= 500, `a login is answered ${login.status}`)
    assert.equal(newcomer.cookies.has('__Host-gatehouse'), login.status === 303)
    assert.equal(upstream.requests.length, 0)
    assert.equal((await lab.stranger().get('/healthz')).status, 200)

    // An end needs nothing but the table of ends; without that it is not acknowledged.
    const logout = await leaver.post('/auth/logout')
    assert.equal(logout.status === 303, table === 'kv_values', `a logout is answered ${logout.status}`)
    assert.equal(leaver.cookies.has('__Host-gatehouse'), table !== 'kv_values')

    database.exec(`alter table away rename to ${table}`)
    assert.equal((await ada.get('/api/lab/x')).status, 200)
    const after = (await lab.stranger().get('/api/lab/x', { cookie: left })).status
    assert.equal(after, table === 'kv_values' ? 401 : 200, 'a logout that was acknowledged stands')
  })
}
