import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { findRuntimeFault, LEAST_NODE } from './least-runtime.ts'
import { runProgram } from './program.ts'

test('a runtime with known holes is refused, whatever the command', async () => {
  const told: string[] = []
  const exitCode = await runProgram(['--version'], {
    env: {},
    cwd: '/',
    stdin: process.stdin,
    nodeVersion: '24.14.0',
    print: (text) => void told.push(text),
    printError: (text) => void told.push(text),
    onSignal: () => () => {},
  })
  assert.equal(exitCode, 1)
  assert.deepEqual(told, [findRuntimeFault('24.14.0')])
})

test('versions are compared as numbers', () => {
  for (const version of [LEAST_NODE, '24.14.2', '24.15.0', '26.0.0', '100.0.0', process.versions.node]) {
    assert.equal(findRuntimeFault(version), undefined, version)
  }
  for (const version of ['24.14.0', '24.9.9', '22.99.0', '9.0.0', '20.19.0', 'nonsense']) {
    assert.match(findRuntimeFault(version) ?? '', /too old/, version)
  }
})

test('it is what npm asks for', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.equal(engines.node, `>=${LEAST_NODE}`)
})
