// A gateway with a key that somebody made up does not start, and says why (security.md T3).

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { loadConfig } from '#config'
import { configSchema } from '../../src/modules.ts'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import { weakKeys } from './weak-keys.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const directory = makeDirectory('weak-keys')
after(() => removeDirectory(directory))

const file = join(directory, 'gatehouse.yaml')
const keyFile = join(directory, 'key')
const settings = {
  server: { listen: '127.0.0.1:0' },
  telemetry: { metrics: false },
  storage: { directory: join(directory, 'data') },
  identity: [{ id: 'local', type: 'local' }],
  account: { keys: [{ file: keyFile }] },
}
writeFileSync(file, stringify(settings))

/** What `gatehouse serve` and `gatehouse config check` say of these keys. */
function problemsWith(keys: readonly string[]): readonly string[] {
  const env = Object.fromEntries(keys.map((value, index) => [`KEY_${index}`, value]))
  const account = { keys: Object.keys(env).map((name) => ({ env: name })) }
  const text = stringify({ ...settings, account })
  const loaded = loadConfig({ files: [{ name: 'gatehouse.yaml', text }], env, schema: configSchema, cwd: directory })
  return loaded.ok ? [] : loaded.problems.map((problem) => JSON.stringify(problem))
}

const goodKey = (): string => randomBytes(32).toString('base64')

test('each of 200 keys that somebody might make up is refused with a reason, and is not shown', () => {
  assert.equal(weakKeys.length, 200)
  for (let start = 0; start < weakKeys.length; start += 5) {
    const keys = weakKeys.slice(start, start + 5)
    const problems = problemsWith(keys)
    for (const [index, key] of keys.entries()) {
      const told = problems.filter((problem) => problem.includes(`account.keys[${index}]`)).join()
      assert.match(told, /this key cannot be used|is empty/, JSON.stringify(key))
      assert.ok(key.length < 10 || !told.includes(key), told)
    }
  }
  assert.deepEqual(problemsWith([goodKey(), goodKey()]), [])
})

test('the program itself ends with a code and says what to do', { timeout: 60_000 }, () => {
  for (const key of ['', 'changeme']) {
    writeFileSync(keyFile, key)
    const { status, stderr } = spawnSync(process.execPath, [main, 'serve', '--config', file], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    assert.notEqual(status, 0)
    assert.notEqual(status, null, 'it ended by itself')
    assert.match(stderr, /account\.keys\[0\]/)
    assert.match(stderr, /fix: (?:make one with: openssl rand -base64 32|put the secret)/)
  }
})

test('a key that is in the list twice, and a list of none', () => {
  const key = goodKey()
  assert.match(problemsWith([key, key]).join(), /twice/)
  assert.match(problemsWith([]).join(), /without a key/)
})
