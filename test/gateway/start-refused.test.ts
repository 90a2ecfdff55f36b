// What keeps a gateway from starting is told to whoever starts it: what happened, why, what to do.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import { startGateway } from '../support/start-gateway.ts'
import { openTestStores } from '../support/test-stores.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url))
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** A port that takes connections and never says a word. */
async function startSilence() {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

test('a taken port, and one that this machine has not', async () => {
  const rival = await startSilence()
  const { port } = rival.address() as AddressInfo
  const taken = /cannot listen at 127\.0\.0\.1:\d+ \(.*EADDRINUSE.*\): stop the program that listens there, or/
  await assert.rejects(startGateway({ config: { server: { listen: `127.0.0.1:${port}` } } }), taken)
  rival.close()
  const foreign = /cannot listen at 192\.0\.2\.1:8080 \(.*\): this machine has no such address; .* server\.listen/
  await assert.rejects(startGateway({ config: { server: { listen: '192.0.2.1:8080' } } }), foreign)
})

test('a certificate that is none, or that is missing', async () => {
  const start = (certificate: string, key: string) =>
    startGateway({ config: { server: { tls: { certificate, key } } } })
  await assert.rejects(
    start('/nowhere/cert.pem', fixture('localhost-key.pem')),
    /server\.tls\.certificate\n.*\n.*cannot be read: there is no such file/,
  )
  await assert.rejects(start(fixture('localhost.pem'), main), /server\.tls\.key\n.*\n.*holds nothing in PEM/)
  const twice = fixture('localhost.pem')
  const noPair =
    /server\.tls\.certificate\n.*\n.*certificate and key cannot be used together: .*\n.*name the certificate chain/
  await assert.rejects(start(twice, twice), noPair)
})

test('a data folder that is a file', async () => {
  await using stores = await openTestStores('embedded')
  const file = join(stores.directory, 'data')
  writeFileSync(file, '')
  const refused = /the database file .*gatehouse\.db cannot be opened \(.*\): name a folder .* `storage\.directory`/
  await assert.rejects(startGateway({ stores, config: { storage: { directory: file } } }), refused)
})

test('a database file that is none', async () => {
  await using stores = await openTestStores('embedded')
  const directory = join(stores.directory, 'other')
  mkdirSync(directory)
  writeFileSync(join(directory, 'gatehouse.db'), 'not a database '.repeat(100))
  const refused =
    /the database file .*gatehouse\.db cannot be read \(file is not a database\): put the backup in its place/
  await assert.rejects(startGateway({ stores, config: { storage: { directory } } }), refused)
})

test('a signal ends a start that waits for a store', async () => {
  const directory = makeDirectory('start')
  const silence = await startSilence()
  const { port } = silence.address() as AddressInfo
  const file = join(directory, 'gatehouse.yaml')
  const keyValue = { type: 'redis', url: `redis://127.0.0.1:${port}/0` }
  const storage = { directory, keyRing: join(directory, 'key-ring'), keyValue }
  writeFileSync(file, stringify({ server: { listen: '127.0.0.1:0' }, telemetry: { metrics: false }, storage }))
  const child = spawn(process.execPath, [main, 'serve', '--config', file], { stdio: 'ignore' })
  const [socket] = await once(silence, 'connection')
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  socket.destroy()
  silence.close()
  removeDirectory(directory)
})
