// `gatehouse keys rotate`: the ring grows at its head, a gateway that runs takes it up, and nobody is logged out.

import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { readKeyRing } from '#storage'
import { startLab } from '../../test/gateway/lab.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { waitUntil } from '../../test/support/programs.ts'
import { runCommand } from '../../test/support/run-command.ts'

test('a new key comes first, is taken up by a gateway that runs, and the old one still opens', async () => {
  const clock = createManualClock()
  await using lab = await startLab({ clock })
  const ada = await lab.logIn('ada')
  const config = lab.gateway.configFiles.flatMap((file) => ['--config', file])
  const { output, errors, exitCode } = await runCommand(['keys', 'rotate', '--json', ...config])
  assert.equal(exitCode, 0, errors)
  const { path, keyId } = JSON.parse(output) as { readonly path: string; readonly keyId: string }
  const { keys } = readKeyRing(path)
  assert.deepEqual([keys.length, keys[0]?.id, statSync(path).mode & 0o777], [2, keyId, 0o600])
  const sealsWith = (): string | undefined => lab.gateway.apis.storage.keyRing.keys[0]?.id
  assert.notEqual(sealsWith(), keyId)
  clock.advance(15_000)
  await waitUntil(async () => sealsWith() === keyId)
  assert.equal((await ada.get('/api/v1/me')).status, 200)
})

test('every command says how it is used', async () => {
  for (const command of [['keys', 'rotate'], ['migrate'], ['user'], ['init'], ['doctor'], ['session'], ['serve']]) {
    const { output, exitCode } = await runCommand([...command, '--help'])
    assert.equal(exitCode, 0)
    assert.match(output, new RegExp(`Examples?:\\n  \\$ gatehouse ${command.join(' ')}`), command.join(' '))
  }
})
