// A connection that was reset before it was looked at has no address any more. It is nobody's unix socket for that: who
// trusts a proxy on a unix socket trusts no TCP client that vanishes.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { createClient } from '../support/http-client.ts'
import { startLab } from './lab.ts'

/** Sends and resets, both before the gateway, which waits for this program, has accepted the connection. */
const SEND_AND_RESET = `
  const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1', () =>
    socket.write(process.argv[2], () => socket.resetAndDestroy()))
`

test('who vanishes over TCP is not trusted as a peer on a unix socket', async () => {
  await using lab = await startLab({ config: { server: { trustedProxies: ['unix'] } } })
  const form = 'username=nobody&password=wrong'
  const lines = [
    'POST /auth/login/local HTTP/1.1',
    `Host: 127.0.0.1:${lab.port}`,
    `Origin: ${lab.url}`,
    'X-Forwarded-For: 203.0.113.66',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${form.length}`,
  ]
  const request = `${lines.join('\r\n')}\r\n\r\n${form}`
  const sent = spawnSync(process.execPath, ['-e', SEND_AND_RESET, String(lab.port), request])
  assert.equal(sent.status, 0, String(sent.stderr))
  // Later connections are accepted after it.
  for (let n = 0; n < 3; n++) await createClient(lab.url).post('/auth/login/local', { username: 'x', password: 'y' })
  const addresses = lab.gateway.logs.map(({ address }) => address).filter((address) => address !== undefined)
  assert.ok(addresses.length >= 3)
  assert.ok(addresses.includes('unknown'), 'it was looked at')
  assert.ok(!addresses.includes('203.0.113.66'), 'and what it said of itself was not believed')
})
