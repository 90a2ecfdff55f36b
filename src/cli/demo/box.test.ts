import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDemoAccounts } from './accounts.ts'
import { drawBox } from './box.ts'

const demo = {
  url: 'http://127.0.0.1:8080',
  metricsUrl: undefined,
  accounts: createDemoAccounts(() => 'PASSWORD'),
  directory: '/tmp/demo',
  configFile: '/tmp/demo/gatehouse.yaml',
  stop: async () => {},
}

test('the box has straight edges, the address, each account with its password and groups', () => {
  const lines = drawBox(demo).split('\n')
  assert.equal(new Set(lines.map((line) => line.length)).size, 1)
  assert.ok(lines.some((line) => line.includes('http://127.0.0.1:8080 ')))
  assert.ok(lines.some((line) => /staff +PASSWORD +lab, staff /.test(line)))
  assert.ok(lines.some((line) => /Metrics +off /.test(line)))
})

test('accounts have different passwords unless told otherwise', () => {
  const passwords = createDemoAccounts().map(({ password }) => password.reveal())
  assert.equal(new Set(passwords).size, passwords.length)
  for (const password of passwords) assert.equal(password.length, 16)
})
