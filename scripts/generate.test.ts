import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { generate } from './generate.ts'

const FILES = [
  { file: 'docs/same.md', produce: () => 'same\n' },
  { file: 'docs/changed.md', produce: async () => 'new\n' },
]

test('a check names what differs and writes nothing; a run writes just that', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'generate-'))
  t.after(() => rm(root, { recursive: true }))
  assert.deepEqual(await generate(root, FILES, { check: false }), ['docs/same.md', 'docs/changed.md'])

  await writeFile(join(root, 'docs/changed.md'), 'old\n')
  assert.deepEqual(await generate(root, FILES, { check: true }), ['docs/changed.md'])
  assert.equal(await readFile(join(root, 'docs/changed.md'), 'utf8'), 'old\n')

  assert.deepEqual(await generate(root, FILES, { check: false }), ['docs/changed.md'])
  assert.equal(await readFile(join(root, 'docs/changed.md'), 'utf8'), 'new\n')
  assert.deepEqual(await generate(root, FILES, { check: true }), [])
})
