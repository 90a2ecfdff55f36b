import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '#config'
import { makeDirectory } from '../../../test/support/programs.ts'
import { configSchema } from '../../modules.ts'
import { configHeading, toDemoConfig } from './config-text.ts'

const text = toDemoConfig({
  url: 'http://127.0.0.1:8080',
  issuer: 'http://localhost:9001',
  managerUrl: 'http://127.0.0.1:9002',
  echoUrl: 'http://127.0.0.1:9003',
})

test('the demo’s configuration passes the checks of any other, without a warning', () => {
  const directory = makeDirectory('demo-config')
  const file = join(directory, 'gatehouse.yaml')
  writeFileSync(file, text)
  writeFileSync(join(directory, 'oidc-client-secret'), 'a secret of the demo', { mode: 0o600 })
  const loaded = loadConfig({ files: [file], env: {}, schema: configSchema, cwd: '/' })
  assert.ok(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.problems))
  assert.deepEqual(loaded.warnings, [])
  assert.equal(loaded.config.storage.directory, join(directory, 'data'))
})

test('it is recognised at the next start, and listens where people open it', () => {
  assert.ok(text.startsWith(configHeading))
  assert.match(text, /listen: 127\.0\.0\.1:8080/)
})
