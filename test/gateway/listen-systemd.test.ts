// Socket activation (sd_listen_fds(3)): the gateway serves on the socket that it was handed, and opens none itself.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { test } from 'node:test'
import { ask } from './ask.ts'
import { startGatewayProcess } from './gateway-process.ts'

test('with `listen: systemd` it serves on descriptor 3', async () => {
  const socket = createServer().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  await using gateway = await startGatewayProcess({
    systemdDescriptor: descriptorOf(socket),
    config: { server: { listen: 'systemd' } },
  })
  // From here on it is the gateway's alone, as it is when systemd has started it.
  socket.close()
  assert.deepEqual(gateway.listening, [url])
  assert.equal(gateway.url, url)
  const answer = await ask({ port, path: '/readyz' })
  assert.equal(answer.status, 200)

  gateway.signal('SIGTERM')
  assert.equal((await gateway.exited).code, 0)
  await assert.rejects(ask({ port, path: '/readyz' }), { code: 'ECONNREFUSED' })
})

test('with `listen: systemd` and no socket handed over it says so and does not start', async () => {
  await assert.rejects(startGatewayProcess({ config: { server: { listen: 'systemd' } } }), /LISTEN_FDS/)
})

/** Node gives a process's own server no other name than this. */
const descriptorOf = (server: Server): number =>
  (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd
