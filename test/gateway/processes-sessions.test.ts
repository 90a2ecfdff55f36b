// Two processes that share the embedded stores: a session that begins in one is known in the other at once, and over in
// both within a second when it is revoked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '../support/http-client.ts'
import { runCommand } from '../support/run-command.ts'
import { startGatewayProcess } from './gateway-process.ts'

const PASSWORD = 'CANARY-ada-writes-notes'

test('a session revoked through one process is dead in all within a second', async () => {
  await using gateway = await startGatewayProcess({
    config: { server: { processes: 2 }, identity: [{ id: 'local', type: 'local' }] },
  })
  const added = await runCommand(['user', 'add', 'ada', '--config', gateway.configFile], { stdin: `${PASSWORD}\n` })
  assert.equal(added.exitCode, 0, added.errors)
  const client = createClient(gateway.url)
  const login = await client.post('/auth/login/local', { username: 'ada', password: PASSWORD, returnTo: '/' })
  assert.equal(login.status, 303, login.text)
  const cookie = client.cookieHeader()
  // Each request has a connection of its own, and connections go to the processes in turn.
  const statuses = async (): Promise<ReadonlySet<number>> =>
    new Set(
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          const answer = await fetch(`${gateway.url}/api/v1/sessions/current`, {
            headers: { cookie, connection: 'close' },
          })
          await answer.text()
          return answer.status
        }),
      ),
    )
  assert.deepEqual(await statuses(), new Set([200]))
  assert.equal((await client.post('/auth/logout')).status, 303)
  // What is promised is a second; how much less it takes is not asked here.
  await pause(1000)
  assert.deepEqual(await statuses(), new Set([401]))
})
