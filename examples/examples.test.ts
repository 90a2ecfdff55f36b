// Every example's Gatehouse starts with its file as it is, and every folder is in the list.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatProblem, loadConfig } from '#config'
import { configSchema } from '../src/modules.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const secret = 'something that is long enough to be a secret'
const env = {
  OIDC_SECRET: secret,
  FREIBURG_SECRET: secret,
  TUEBINGEN_SECRET: secret,
  ACCOUNT_KEY: randomBytes(32).toString('base64'),
}

for (const file of globSync('*/gatehouse*.yaml', { cwd: root }).sort()) {
  test(`${file} is right`, () => {
    const files = [{ name: file, text: readFileSync(root + file, 'utf8') }]
    const loaded = loadConfig({ files, env, schema: configSchema, cwd: root })
    assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n'))
  })
}

test('every folder is in the list', () => {
  const list = readFileSync(`${root}README.md`, 'utf8')
  for (const page of globSync('*/README.md', { cwd: root })) assert.ok(list.includes(`(${page})`), dirname(page))
})
