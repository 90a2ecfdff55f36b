// Files that an operator named, and what is no such file.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readTextFile } from './text-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-text-'))
after(() => rmSync(directory, { recursive: true }))

test('a file is read whole up to the limit, and not at all beyond it', () => {
  const path = join(directory, 'a')
  writeFileSync(path, `\u{feff}${'ä'.repeat(100)}`)
  assert.deepEqual(readTextFile(path, 203), { text: 'ä'.repeat(100) })
  assert.deepEqual(readTextFile(path, 202), { reason: 'it is larger than 0.197265625 KiB' })
  writeFileSync(path, '')
  assert.deepEqual(readTextFile(path, 1024), { text: '' })
  writeFileSync(path, Buffer.of(0xff))
  assert.deepEqual(readTextFile(path, 1024), { reason: 'it is not text in UTF-8' })
  assert.deepEqual(readTextFile(directory, 1024), { reason: 'it is a directory' })
})

test('what has no end is left after so many bytes', () => {
  assert.deepEqual(readTextFile('/dev/zero', 1024), { reason: 'it is larger than 1 KiB' })
  assert.match(JSON.stringify(readTextFile('/proc/self/status', 65_536)), /Name:/)
})
