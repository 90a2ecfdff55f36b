// `gatehouse init`: what it tries (`init-logins.test.ts` has more of that), what it writes, and that what it wrote is a configuration that works.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { Secret } from '#kernel'
import { type EchoUpstream, startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { createAccounts, type OidcProvider, startOidcProvider } from '../../test/support/oidc-provider.ts'
import { findFreePort, makeDirectory, removeDirectory } from '../../test/support/programs.ts'
import { runCommand } from '../../test/support/run-command.ts'
import { openTestStores } from '../../test/support/test-stores.ts'

let provider: OidcProvider
let service: EchoUpstream
const root = makeDirectory('init')
before(async () => {
  const client = { clientId: 'gatehouse', clientSecret: new Secret('CANARY-secret'), redirectUris: ['http://x.test/'] }
  provider = await startOidcProvider({ accounts: createAccounts(), clients: [client] })
  service = await startEchoUpstream()
})
after(async () => {
  await provider.close()
  await service.close()
  removeDirectory(root)
})

let folders = 0
function makeFolder(): string {
  folders += 1
  const folder = join(root, String(folders))
  mkdirSync(folder)
  writeFileSync(join(folder, 'given-secret'), 'CANARY-given\n', { mode: 0o600 })
  return folder
}

interface Terminal {
  readonly stdin?: NodeJS.ReadStream
  readonly terminal?: PassThrough
}

const run = (cwd: string, args: readonly string[], terminal: Terminal = {}) => runCommand(args, { cwd, ...terminal })

const local = () => ['init', '--url', 'http://localhost:8080', '--login', 'local', '--to', service.url]

test('without a terminal it says what is missing, all of it, and ends with 2', async () => {
  const cwd = makeFolder()
  const { errors, exitCode } = await run(cwd, ['init', '--login', 'oidc', '--issuer', provider.issuer])
  assert.equal(exitCode, 2)
  assert.match(errors, /there is no terminal to ask at; say --url, --client-id, --to/)
  assert.equal((await run(cwd, ['init', '--login', 'nothing'])).exitCode, 2)
  assert.equal(existsSync(join(cwd, 'gatehouse.yaml')), false)
})

test('from options it writes what `config check` finds right, and says what to register', async () => {
  const cwd = makeFolder()
  const made = await run(cwd, [
    'init',
    '--url',
    'https://gate.example.org/x',
    '--login',
    'oidc',
    '--issuer',
    provider.issuer,
    '--client-id',
    'gatehouse',
    '--client-secret-file',
    'given-secret',
    '--to',
    service.url,
    '--path',
    '/api/echo/',
    '--allow',
    'group:lab, and: more',
    '--output',
    'elsewhere/gatehouse.yaml',
    '--json',
  ])
  assert.equal(made.exitCode, 0, made.errors + made.output)
  const { written, register, commands, tried } = JSON.parse(made.output)
  const file = join(cwd, 'elsewhere', 'gatehouse.yaml')
  assert.deepEqual(written, [file])
  assert.deepEqual(register, {
    redirectUris: ['https://gate.example.org/x/auth/callback/sso'],
    postLogoutRedirectUris: ['https://gate.example.org/x/auth/logged-out'],
    backchannelLogoutUri: 'https://gate.example.org/x/auth/backchannel/sso',
  })
  assert.equal(commands[0], 'gatehouse serve --config elsewhere/gatehouse.yaml')
  assert.ok(tried.every(({ ok }: { readonly ok: boolean }) => ok))
  const checked = await run(cwd, ['config', 'check', '--config', file])
  assert.equal(checked.exitCode, 0, checked.errors)
  assert.match(
    (await run(cwd, ['config', 'print', '--config', file])).output,
    /upstreams\[0\]\.allow: \[ "group:lab, and: more" \]/,
  )
})

test('an answer that fails its trial ends it with the reason and the fix, unless --yes keeps it', async () => {
  const cwd = makeFolder()
  const nowhere = `http://127.0.0.1:${await findFreePort()}`
  const oidc = ['init', '--url', 'http://localhost:8080', '--login', 'oidc', '--client-id', 'gatehouse']
  const failing: readonly (readonly [readonly string[], RegExp])[] = [
    [
      [...oidc, '--issuer', `${provider.issuer}/`, '--to', service.url],
      /calls itself http:\/\/127.*\n {2}fix: write the issuer exactly so/,
    ],
    [[...oidc, '--issuer', service.url, '--to', service.url], /no discovery document|no OpenID provider/],
    [[...oidc, '--issuer', nowhere, '--to', service.url], /nothing listens there/],
    [[...local(), '--to', nowhere], /service behind the door: .* does not answer: nothing listens there/],
    [[...local(), '--url', 'gate.example.org'], /people open: a URL is absolute/],
    [[...local(), '--url', 'http://gate.example.org'], /browsers keep secure cookies only on https/],
    [[...local(), '--allow', 'lab'], /Who may use it: /],
    [
      [
        ...local(),
        '--state',
        'servers',
        '--redis',
        nowhere.replace('http', 'redis'),
        '--database',
        nowhere.replace('http', 'postgres'),
      ],
      /Where state is kept: the database cannot be used: .*\n {2}fix: see that it runs/,
    ],
  ]
  for (const [args, expected] of failing) {
    const { errors, exitCode } = await run(cwd, args)
    assert.match(errors, expected)
    assert.equal(exitCode, 1)
    assert.equal(existsSync(join(cwd, 'gatehouse.yaml')), false)
  }
  const kept = await run(cwd, [...local(), '--to', nowhere, '--yes'])
  assert.equal(kept.exitCode, 0, kept.errors)
  assert.match(kept.errors, /^warning: The service behind the door/)
  // What can never be right is not written, whatever was said.
  assert.equal((await run(cwd, [...local(), '--url', 'x', '--yes', '--force'])).exitCode, 1)
})

test('what exists is not replaced without --force', async () => {
  const cwd = makeFolder()
  writeFileSync(join(cwd, 'gatehouse.yaml'), 'mine')
  const refused = await run(cwd, local())
  assert.equal(refused.exitCode, 1)
  assert.match(refused.errors, /gatehouse\.yaml already\. Nothing was written\./)
  assert.equal(readFileSync(join(cwd, 'gatehouse.yaml'), 'utf8'), 'mine')
  const forced = await run(cwd, [...local(), '--force'])
  assert.equal(forced.exitCode, 0, forced.errors)
  assert.match(forced.output, /\$ gatehouse user add NAME --config gatehouse.yaml\n {2}\$ gatehouse serve/)
})

test('real stores are reached, and the key ring for all nodes is made', async (t) => {
  await using stores = await openTestStores('redis-postgres')
  const { sql, redisUrl } = stores.real ?? assert.fail('they are real')
  const cwd = makeFolder()
  const password = ['--database-password-file', join(cwd, 'database-password-given')]
  writeFileSync(join(cwd, 'database-password-given'), sql.password ?? '', { mode: 0o600 })
  const made = await run(cwd, [
    ...local(),
    '--state',
    'servers',
    '--redis',
    redisUrl,
    '--database',
    `postgres://${sql.user}@${sql.host}:${sql.port}/${sql.database}`,
    ...(sql.password === undefined ? [] : password),
    '--json',
  ])
  assert.equal(made.exitCode, 0, made.errors + made.output)
  const { tried, written } = JSON.parse(made.output)
  t.diagnostic(tried.at(-1).what)
  assert.match(tried.at(-1).what, /^the database \(PostgreSQL \d+.*\) answers; .*; the session store answers; a write/)
  assert.deepEqual(written, [join(cwd, 'gatehouse.yaml'), join(cwd, 'key-ring')])
  assert.equal(statSync(join(cwd, 'key-ring')).mode & 0o777, 0o600)
  assert.equal((await run(cwd, ['config', 'check'])).exitCode, 0)
})

/** Somebody at a terminal: each line is typed once its question is shown. */
function typeInto(script: readonly (readonly [RegExp, string])[]): Terminal & { readonly shown: () => string } {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin })
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 40 })
  let shown = ''
  let since = ''
  const left = [...script]
  terminal.on('data', (piece: Buffer) => {
    shown += piece.toString()
    since += piece.toString()
    const [next] = left
    if (next === undefined || !next[0].test(since)) return
    left.shift()
    since = ''
    // After what was shown: the prompt listens from the next turn on.
    setImmediate(() => stdin.write(next[1]))
  })
  return { stdin: stdin as unknown as NodeJS.ReadStream, terminal, shown: () => shown }
}

const [ENTER, DOWN] = ['\r', '\x1b[B']

test('at a terminal it asks, lets what failed be answered again, and keeps the secret to itself', async () => {
  const cwd = makeFolder()
  const terminal = typeInto([
    [/At which address/, `http://localhost:8080${ENTER}`],
    [/How do people log in/, ENTER],
    [/What is the issuer/, `${provider.issuer}/x${ENTER}`],
    [/client id/, ENTER],
    [/client secret/, `CANARY-typed${ENTER}`],
    [/What now/, ENTER],
    [/How do people log in/, ENTER],
    [/What is the issuer/, `${provider.issuer}${ENTER}`],
    [/client id/, ENTER],
    [/client secret/, `CANARY-typed${ENTER}`],
    [/Where is the service/, `http://127.0.0.1:1${ENTER}`],
    [/Under which path/, ENTER],
    [/What now/, `${DOWN}${ENTER}`],
    [/Who may use/, `${DOWN}${ENTER}`],
    [/Which group/, `lab${ENTER}`],
    [/Where is state kept/, ENTER],
  ])
  const made = await run(cwd, ['init'], terminal)
  assert.equal(made.exitCode, 0, made.errors)
  assert.match(terminal.shown(), /To do: /)
  assert.doesNotMatch(terminal.shown() + made.output + made.errors, /CANARY/)
  const file = join(cwd, 'oidc-client-secret')
  assert.equal(readFileSync(file, 'utf8'), 'CANARY-typed\n')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.doesNotMatch(readFileSync(join(cwd, 'gatehouse.yaml'), 'utf8'), /CANARY/)
  assert.equal((await run(cwd, ['config', 'check'])).exitCode, 0)
  const { output } = await run(cwd, ['config', 'print'])
  assert.match(output, /identity\[0\]\.issuer: http:\/\/127\.0\.0\.1:\d+ /)
  assert.match(output, /upstreams\[0\]\.allow: \[ group:lab \]/)
})

test('who leaves in the middle leaves nothing behind', async () => {
  const cwd = makeFolder()
  const { exitCode, errors } = await run(cwd, ['init'], typeInto([[/At which address/, '\x03']]))
  assert.deepEqual([exitCode, errors], [1, 'Nothing was written.\n'])
  assert.equal(existsSync(join(cwd, 'gatehouse.yaml')), false)
})
