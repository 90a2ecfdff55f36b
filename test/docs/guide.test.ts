// The guide "Put it before your service", done as it is written: its file, with what its table says replaced, its
// commands, word for word, and what it promises then.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createClient } from '../support/http-client.ts'
import { createAccounts, createProviderVisitor } from '../support/oidc-provider.ts'
import { findFreePort, makeDirectory, removeDirectory } from '../support/programs.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startTamperingProvider, type TamperingProvider } from '../support/tampering-provider.ts'
import { readGuide } from './guide-text.ts'

const guide = readGuide('docs/guide/put-it-before-your-service.md')
const [smallest = ''] = guide.blocks('yaml')
const [check = '', explain = '', serve = ''] = guide.blocks('sh')

const folder = makeDirectory('guide')
let port: number
let url: string
let provider: TamperingProvider
let service: RecordingUpstream

before(async () => {
  port = await findFreePort()
  url = `http://127.0.0.1:${port}`
  service = await startRecordingUpstream()
  const [[, redirectUri = ''] = [], [, logoutUri = ''] = []] = guide.table('the provider asks for')
  const accounts = createAccounts()
  provider = await startTamperingProvider({
    accounts,
    clients: [
      {
        clientId: 'our-gateway',
        clientSecret: clientSecretOf(accounts),
        redirectUris: [redirectUri.replace('https://gate.example.org', url)],
        postLogoutRedirectUris: [logoutUri.replace('https://gate.example.org', url)],
      },
    ],
  })
  // As Keycloak and GitLab do, without being asked by a scope.
  provider.tamper({ userinfo: (body) => ({ ...body, groups: ['lab'] }) })
  prepareFolder()
})
after(async () => {
  await provider.close()
  await service.close()
  removeDirectory(folder)
})

const clientSecretOf = (accounts: ReturnType<typeof createAccounts>) => {
  const [first] = accounts
  assert.ok(first)
  return first.password
}

/** A clone, as far as the commands can tell. */
function prepareFolder(): void {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  for (const name of ['package.json', 'node_modules', 'src', '.npmrc'])
    symlinkSync(join(root, name), join(folder, name))
  writeFileSync(join(folder, 'secret'), 'CANARY-password-ada', { mode: 0o600 })
  writeFileSync(join(folder, 'gatehouse.yaml'), withReplacements(smallest))
}

function withReplacements(text: string): string {
  const ours: Readonly<Record<string, string>> = {
    'https://gate.example.org': url,
    'https://sso.example.org/realms/lab': provider.issuer,
    'clientId: gatehouse': 'clientId: our-gateway',
    '/run/secrets/oidc': join(folder, 'secret'),
    '/api/manager/': '/api/manager/',
    'http://manager:8081': service.url,
    'group:lab': 'group:lab',
  }
  const rows = guide.table('replace').map(([what]) => what)
  assert.deepEqual(rows, Object.keys(ours), 'the table names what is to be replaced')
  return rows.reduce((changed, what) => {
    assert.ok(changed.includes(what), `the file holds ${what}`)
    return changed.replaceAll(what, ours[what] ?? what)
  }, text)
}

// Ports of our own, so that several runs do not meet.
const env = (): NodeJS.ProcessEnv => ({
  ...process.env,
  GATEHOUSE_SERVER__LISTEN: `127.0.0.1:${port}`,
  GATEHOUSE_TELEMETRY__METRICS__LISTEN: '127.0.0.1:0',
})

const run = (command: string) => spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', env: env() })

describe('the guide, as written', { timeout: 120_000 }, () => {
  test('its file is the smallest one of the README', () => {
    assert.equal(readGuide('README.md').blocks('yaml')[0], smallest)
  })

  test('the file is right', () => {
    const { status, stdout, stderr } = run(check)
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /right/)
  })

  test('a mistake is found, with its line', () => {
    writeFileSync(join(folder, 'gatehouse.yaml'), withReplacements(smallest).replace('upstreams:', 'upstream:'))
    const { status, stdout, stderr } = run(check)
    writeFileSync(join(folder, 'gatehouse.yaml'), withReplacements(smallest))
    assert.equal(status, 1)
    assert.match(stdout + stderr, /gatehouse\.yaml:4/)
    assert.match(stdout + stderr, /upstreams/)
  })

  test('it is known beforehand who may', () => {
    const [anonymous = '', member = ''] = explain.trim().split('\n')
    const refused = run(anonymous)
    assert.equal(refused.status, 3, refused.stderr)
    assert.match(refused.stdout, /refused/)
    const allowed = run(member)
    assert.equal(allowed.status, 0, allowed.stdout + allowed.stderr)
    assert.match(allowed.stdout, /allowed/)
  })

  test('people log in, and the service gets their access token', async () => {
    await using _gateway = await start(serve)
    const client = createClient(url)
    assert.equal((await client.get('/api/manager/')).status, 401)
    const begun = await client.post('/auth/login/sso', { returnTo: '/api/manager/folders' })
    const [ada] = createAccounts()
    assert.ok(ada)
    const callback = await createProviderVisitor(provider.issuer).login(String(begun.headers.location), ada)
    const answer = await client.follow(await client.get(callback.href))
    assert.equal(answer.status, 200)
    assert.equal(answer.url, `${url}/api/manager/folders`)
    const [request] = service.requests
    assert.equal(request?.target, '/folders')
    assert.match(request?.all('authorization')[0] ?? '', /^Bearer .{20,}$/)
    assert.deepEqual(request?.all('cookie'), [])
  })
})

/** Runs until disposed of; resolves when the line of which the guide speaks has come. */
async function start(command: string): Promise<AsyncDisposable> {
  const promised = JSON.parse(guide.blocks('json')[0] ?? '{}') as { event: string }
  // A group of its own: between us and the gateway there are a shell and npx, and all of them get Ctrl-C.
  const child = spawn('sh', ['-c', command], {
    cwd: folder,
    env: env(),
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const closed = once(child.stdout, 'close')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const entry = JSON.parse(line.value) as { event: string; url: string }
    if (entry.event !== promised.event) continue
    assert.equal(entry.url, url)
    return {
      async [Symbol.asyncDispose]() {
        process.kill(-(child.pid ?? 0), 'SIGINT')
        await closed
      },
    }
  }
  throw new Error('the gateway ended before it was ready')
}
