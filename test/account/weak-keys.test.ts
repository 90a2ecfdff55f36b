// A gateway with a key that somebody made up does not start, and says why (security.md T3).

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { loadConfig } from '#config'
import { configSchema } from '../../src/modules.ts'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import { runCommand } from '../support/run-command.ts'
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

/** A start that comes to something has to be ended: nobody waits for one that is refused. */
const PATIENCE = { timeout: 120_000 }

test(
  '`serve` is refused with each of 200 keys that somebody might make up, says why, and does not show it',
  PATIENCE,
  async () => {
    assert.ok(weakKeys.length >= 200, String(weakKeys.length))
    for (const key of weakKeys) {
      writeFileSync(keyFile, key, { mode: 0o600 })
      const { exitCode, output, errors } = await runCommand(['serve', '--config', file], { cwd: directory })
      assert.equal(exitCode, 1, JSON.stringify(key))
      assert.match(errors, /account\.keys\[0\]/, JSON.stringify(key))
      assert.match(errors, /this key cannot be used|is empty/, JSON.stringify(key))
      assert.match(errors, /fix: (?:make one with: openssl rand -base64 32|put the secret)/, JSON.stringify(key))
      assert.ok(key.length < 10 || !(output + errors).includes(key), errors)
    }
  },
)

test('so it is where one of them stands beside a good one', () => {
  for (let start = 0; start < weakKeys.length; start += 4) {
    const keys = [goodKey(), ...weakKeys.slice(start, start + 4)]
    const problems = problemsWith(keys)
    for (const [index, key] of keys.entries()) {
      const told = problems.filter((problem) => problem.includes(`account.keys[${index}]`)).join()
      if (index > 0) assert.match(told, /this key cannot be used|is empty/, JSON.stringify(key))
    }
  }
  assert.deepEqual(problemsWith([goodKey(), goodKey()]), [])
})

test('a key ring that holds one of them is refused by each command that reads it', PATIENCE, async () => {
  const ring = join(directory, 'key-ring')
  const { account: _, ...rest } = settings
  const ringFile = join(directory, 'ring.yaml')
  writeFileSync(ringFile, stringify({ ...rest, storage: { ...rest.storage, keyRing: ring } }))
  const refuses = async (key: string, command: readonly string[]) => {
    const word = Buffer.from(key, 'base64').toString('base64url')
    const text = `k1 ${word} 2026-11-21T10:00:00Z\n`
    writeFileSync(ring, text, { mode: 0o600 })
    const { exitCode, output, errors } = await runCommand([...command, '--config', ringFile], { cwd: directory })
    assert.equal(exitCode, 1, JSON.stringify(key))
    assert.match(errors, /key-ring/, JSON.stringify(key))
    assert.ok(word.length < 10 || !(output + errors).includes(word), errors)
    assert.equal(readFileSync(ring, 'utf8'), text)
  }
  // Others are refused for their length, whatever they are.
  const long = weakKeys.filter((key) => Buffer.from(key, 'base64').length === 32)
  for (const key of long) await refuses(key, ['keys', 'rotate'])
  // A start opens the stores first, which takes its time.
  for (const key of long.slice(0, 3)) await refuses(key, ['serve'])
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
