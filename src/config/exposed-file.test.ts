import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { composeSchema } from './compose-schema.ts'
import { whyExposed } from './exposed-file.ts'
import { loadConfig } from './load-config.ts'
import { secretRef } from './secret-ref.ts'

const options = { skip: process.platform === 'win32' }
const directory = mkdtempSync(join(tmpdir(), 'gatehouse-exposed-'))
after(() => rmSync(directory, { recursive: true }))

const file = join(directory, 'secret')
writeFileSync(file, 'hunter2')

test('a file is safe with its owner alone', options, () => {
  const cases: readonly (readonly [number, RegExp | undefined])[] = [
    [0o600, undefined],
    [0o400, undefined],
    [0o640, /its group can read it \(mode 0640\)/],
    [0o660, /its group can change it/],
    [0o604, /everybody .* \(mode 0604\)/],
    [0o602, /everybody/],
  ]
  for (const [mode, expected] of cases) {
    chmodSync(file, mode)
    if (expected === undefined) assert.equal(whyExposed(file), undefined, mode.toString(8))
    else assert.match(whyExposed(file) ?? '', expected)
  }
  assert.equal(whyExposed(join(directory, 'none')), undefined)
})

test('a configuration that names such a file is warned of, with the setting and without the secret', options, () => {
  const schema = composeSchema({ server: z.strictObject({ secret: secretRef().describe('A secret.') }) })
  const load = () => {
    const files = [{ name: 'gatehouse.yaml', text: 'server: { secret: { file: secret } }' }]
    const loaded = loadConfig({ files, env: {}, schema, cwd: directory })
    assert.ok(loaded.ok)
    return loaded.warnings
  }
  chmodSync(file, 0o644)
  const [warning, ...others] = load()
  assert.deepEqual([warning?.kind, warning?.path, others.length], ['exposed', 'server.secret', 0])
  assert.match(
    warning?.message ?? '',
    /secret holds a secret, and everybody on this machine can get at it \(mode 0644\)/,
  )
  assert.doesNotMatch(warning?.message ?? '', /hunter2/)
  chmodSync(file, 0o600)
  assert.deepEqual(load(), [])
})
