// Key files that change under a running process: what was signed with the key of before is judged by the files as they are
// now, without a restart and without a signal.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startEchoUpstream } from '../support/echo-upstream.ts'
import { createClient, type TestClient } from '../support/http-client.ts'
import { makeDirectory, removeDirectory, waitUntil } from '../support/programs.ts'
import { runCommand } from '../support/run-command.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'
import { bearer, program } from './token-lab.ts'

const directory = makeDirectory('reload-keys')
after(() => removeDirectory(directory))

const createKey = (): string => randomBytes(32).toString('base64')

/** As editors and secret stores do: another file in its place. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** A command line beside the gateway. @returns what it says */
async function runBeside({ configFile }: GatewayProcess, args: readonly string[], stdin = ''): Promise<string> {
  const { exitCode, output, errors } = await runCommand([...args, '--config', configFile], { stdin })
  assert.equal(exitCode, 0, errors)
  return output
}

async function logIn(gateway: GatewayProcess): Promise<TestClient> {
  const [username, password] = ['ada', 'CANARY-password-ada']
  await runBeside(gateway, ['user', 'add', username], password)
  const client = createClient(gateway.url)
  assert.equal((await client.post('/auth/login/local', { username, password })).status, 303)
  return client
}

test('account tokens are judged by the keys that are in the files now', { timeout: 120_000 }, async () => {
  const [newer, older] = [join(directory, 'newer'), join(directory, 'older')]
  const firstKey = createKey()
  writeFileSync(newer, firstKey, { mode: 0o600 })
  writeFileSync(older, createKey(), { mode: 0o600 })
  await using gateway = await startGatewayProcess({
    config: {
      identity: [{ id: 'local', type: 'local' }],
      account: { keys: [{ file: newer }, { file: older }] },
    },
  })
  const ada = await logIn(gateway)
  const createToken = async (): Promise<string> =>
    ((await ada.get('/account/token/create')).json() as { token: string }).token
  const statusOf = async (token: string): Promise<number> =>
    (await createClient(gateway.url).get('/api/v1/account/whoami', bearer(token))).status
  const change = async (file: string, key: string, event = 'config_reloaded'): Promise<void> => {
    const told = gateway.saysNext(event)
    replaceFile(file, key)
    assert.equal((await told).cause, 'files')
  }

  const first = await createToken()
  assert.equal(await statusOf(first), 200)
  await change(newer, createKey())
  const second = await createToken()
  assert.deepEqual([await statusOf(first), await statusOf(second)], [401, 200], 'its key is in no file')
  await change(older, firstKey)
  assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200], 'its key is the older one')
  await change(older, createKey())
  assert.deepEqual([await statusOf(first), await statusOf(second)], [401, 200], 'its key is in no file again')
  await change(newer, 'dG9vIHNob3J0', 'config_reload_failed')
  assert.deepEqual([await statusOf(first), await statusOf(second)], [401, 200], 'a bad key changes nothing')
})

test('the key of a service account that a service is sent is the one that its file has after it was rotated', {
  timeout: 120_000,
}, async () => {
  const keyFolder = join(directory, 'service-keys')
  const file = join(keyFolder, 'nightly.key')
  mkdirSync(keyFolder)
  writeFileSync(file, 'not-made-yet', { mode: 0o600 })
  await using upstream = await startEchoUpstream()
  await using gateway = await startGatewayProcess({
    config: {
      identity: [{ id: 'local', type: 'local' }],
      tokens: { keyFolder },
      upstreams: [
        {
          path: '/api/next/',
          to: upstream.url,
          allow: ['public'],
          sign: { type: 'header', headers: { 'X-Service-Key': { file } } },
        },
      ],
    },
  })
  const sentKey = async (): Promise<unknown> => {
    const { headers } = (await createClient(gateway.url).get('/api/next/x')).json() as {
      headers: Readonly<Record<string, unknown>>
    }
    return headers['x-service-key']
  }
  const statusOf = async (key: string): Promise<number> => (await program(gateway.url, key).get('/api/v1/me')).status
  /** @returns the key that the file has once it has been read again */
  const rotate = async (...args: readonly string[]): Promise<string> => {
    const told = gateway.saysNext('config_reloaded')
    const said = await runBeside(gateway, ['service-account', ...args, '--json'])
    const { changed } = await told
    assert.deepEqual(changed, ['upstreams["/api/next/"].sign.headers.X-Service-Key'])
    const { secret } = JSON.parse(said) as { secret: string }
    assert.equal(readFileSync(file, 'utf8').trim(), secret)
    return secret
  }

  const first = await rotate('create', 'nightly', '--scope', 'self:read', '--rotate-every', '30d')
  assert.deepEqual([await sentKey(), await statusOf(first)], [first, 200])
  const second = await rotate('rotate', 'nightly', '--overlap', '0s')
  assert.deepEqual([await sentKey(), await statusOf(second)], [second, 200])
  // Nodes hear of what another process has ended within a second.
  await waitUntil(async () => (await statusOf(first)) === 401)
})
