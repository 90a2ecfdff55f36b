import assert from 'node:assert/strict'
import { once } from 'node:events'
import { truncate, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { findFile } from './find-file.ts'
import { serveFile } from './serve-file.ts'
import { createSiteOnDisk } from './site.fixture.ts'

test('who asks for a large file and does not read it is let go', { timeout: 10_000 }, async () => {
  await using site = await createSiteOnDisk()
  await writeFile(join(site.root, 'large.bin'), '')
  await truncate(join(site.root, 'large.bin'), 50 * 1024 * 1024)
  const served = Promise.withResolvers<void>()
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const left = new AbortController()
    response.once('close', () => left.abort())
    const ctx = createFakeContext({ request, aborted: left.signal })
    const file = await findFile(ctx, {
      root: site.root,
      path: '/large.bin',
      hasFolderIndexes: true,
      answersWithFrontPage: () => false,
      needsPlainFrontPage: false,
    })
    const options = { tagOf: async () => undefined, headers: {}, idleMs: 100 }
    await serveFile(ctx, response, file, options)
    await file.handle.close()
  }
  const server = createServer((request, response) => {
    serve(request, response).then(served.resolve, served.reject)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.pause()
  socket.write('GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n')
  await served.promise
  assert.equal(socket.destroyed, false, 'it was not the client who left')
  socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})
