// The disk of the embedded stores is full (security.md 7.2, "disk full"): who is logged in goes on, who has logged out
// stays out, who wants to log in is told to come back, and once there is space all of it works, without a restart.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { startLab } from '../gateway/lab.ts'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { isMissing } from '../support/programs.ts'
import { openSmallDisk } from '../support/small-disk.ts'
import type { TestStores } from '../support/test-stores.ts'

/** More than what the gateway leaves to others before it keeps space for itself. */
const disk = await openSmallDisk(32)
const skip = isMissing(disk) && disk.missing

test('the disk is full, and has space again', { skip, timeout: 120_000 }, async (t) => {
  assert.ok(!isMissing(disk))
  const { directory } = disk
  const stores: TestStores = {
    kind: 'embedded',
    directory,
    config: { directory },
    [Symbol.asyncDispose]: async () => {},
  }
  const upstream = await startEchoUpstream()
  const lab = await startLab({
    stores,
    config: { upstreams: [{ path: '/api/lab/', to: upstream.url, allow: ['group:lab'] }] },
  })
  try {
    const ada = await lab.logIn('ada')
    const gone = await lab.logIn('ada')
    const thief = gone.cookieHeader()
    const account = await lab.account('ada')
    const leaving = await Promise.all(Array.from({ length: 30 }, () => lab.logIn('ada')))
    for (const client of [ada, gone]) assert.equal((await client.get('/api/lab/x')).status, 200)
    assert.equal((await gone.post('/auth/logout')).status, 303)

    disk.fill()
    // What the write-ahead log has taken already it may fill.
    const inside = []
    let refused = await lab.stranger().post('/auth/login/local', account)
    while (refused.status === 303 && inside.length < 2_000) {
      const client = lab.stranger()
      refused = await client.post('/auth/login/local', account)
      if (refused.status === 303) inside.push(client)
    }
    assert.equal(refused.status, 503)
    assert.ok(Number(refused.headers['retry-after']) > 0)
    for (let turn = 0; turn < 50; turn += 1) {
      assert.equal((await ada.get('/api/lab/x')).status, 200)
      assert.equal((await ada.get('/', { accept: 'text/html' })).status, 200)
      assert.equal((await lab.stranger().get('/api/lab/x', { cookie: thief })).status, 401)
    }
    // Who wants to go can go, and stays gone.
    for (const client of [...leaving, ...inside.slice(0, 5)]) {
      const copy = client.cookieHeader()
      assert.equal((await client.post('/auth/logout')).status, 303)
      assert.equal((await lab.stranger().get('/api/lab/x', { cookie: copy })).status, 401)
    }
    assert.equal((await ada.get('/api/lab/x')).status, 200)
    t.diagnostic(`${inside.length} logins found space in the log, then 503; ${leaving.length} logouts went on`)

    disk.free()
    const again = await lab.stranger().post('/auth/login/local', account)
    assert.equal(again.status, 303)
    assert.equal((await ada.post('/auth/logout')).status, 303)
    assert.equal((await ada.get('/api/lab/x')).status, 401)
    assert.equal((await lab.stranger().get('/readyz')).status, 200)
    using database = new DatabaseSync(join(directory, 'gatehouse.db'), { readOnly: true })
    assert.deepEqual({ ...database.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' })
  } finally {
    await lab.gateway.close()
    await upstream.close()
    await disk[Symbol.asyncDispose]()
  }
})
