import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pemFile } from './pem-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'))
after(() => rmSync(folder, { recursive: true }))

const written = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const faultOf = (path: string): string => pemFile().safeParse(path).error?.issues[0]?.message ?? ''

test('the value is the text of the file', () => {
  const text = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  assert.equal(pemFile().parse(written('ca.pem', text)), text)
})

test('what is not there, or no PEM, is said with its path and never with its content', () => {
  assert.match(faultOf(join(folder, 'none.pem')), /none\.pem cannot be read: there is no such file/)
  assert.match(faultOf(folder), /it is a directory/)
  const key = written('raw.key', 'hunter2')
  assert.equal(faultOf(key), `${key} holds nothing in PEM`)
})
