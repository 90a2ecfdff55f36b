import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeDirectory, removeDirectory } from '../../../test/support/programs.ts'
import { mailTo, SENDER, testTransport } from '../transport.contract.ts'
import { UndeliveredError } from '../transport.ts'
import { createFileTransport } from './file.ts'

function openFolder() {
  const directory = makeDirectory('mails')
  const folder = join(directory, 'out')
  const files = () => readdirSync(folder).map((name) => join(folder, name))
  return {
    directory,
    folder,
    files,
    transport: createFileTransport(folder, SENDER),
    arrived: async () => files().map((file) => readFileSync(file, 'latin1')),
    [Symbol.asyncDispose]: async () => removeDirectory(directory),
  }
}

testTransport('a folder', async () => openFolder())

test('the files are for nobody else', async () => {
  await using way = openFolder()
  await way.transport.deliver(mailTo('ada@example.org'))
  assert.deepEqual(
    way.files().map((file) => [file.endsWith('/mail-1.eml'), statSync(file).mode & 0o777]),
    [[true, 0o600]],
  )
  assert.equal(statSync(way.folder).mode & 0o777, 0o700)
})

test('a folder that cannot be written to is tried again', async () => {
  await using way = openFolder()
  writeFileSync(way.folder, 'a file in its place')
  await assert.rejects(way.transport.deliver(mailTo('ada@example.org')), (error) => {
    assert.ok(error instanceof UndeliveredError)
    assert.equal(error.isFinal, false)
    return true
  })
})
