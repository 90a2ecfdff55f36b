// `gatehouse session`, beside a gateway that runs: what it lists, what it ends, and what it answers to scripts.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Lab, startLab } from '../../test/gateway/lab.ts'
import type { TestClient } from '../../test/support/http-client.ts'
import { runCommand } from '../../test/support/run-command.ts'
import type { SessionOfUser } from './session-command.ts'

let lab: Lab
before(async () => {
  lab = await startLab()
})
after(() => lab[Symbol.asyncDispose]())

async function run(...args: readonly string[]) {
  const config = lab.gateway.configFiles.flatMap((file) => ['--config', file])
  const { exitCode: code, output, errors } = await runCommand(['session', ...args, ...config])
  return { code, output: output.trimEnd(), errors: errors.trimEnd() }
}

/** The running gateway hears of it within a second. */
async function isOut(person: TestClient): Promise<void> {
  const startedAtMs = performance.now()
  while ((await person.get('/api/v1/me')).status !== 401) {
    assert.ok(performance.now() - startedAtMs < 1_000, 'a second has passed')
  }
}

const list = async (...args: readonly string[]): Promise<readonly SessionOfUser[]> =>
  JSON.parse((await run('list', '--json', ...args)).output) as readonly SessionOfUser[]

test('nobody is logged in, and there is nothing to end', async () => {
  assert.deepEqual(await list(), [])
  assert.equal((await run('list')).output, 'Nobody is logged in.')
  assert.deepEqual(await run('revoke', '--all', '--json'), { code: 3, output: '{"revoked":[]}', errors: '' })
})

test('sessions are listed with whose they are, of all people or of one', async () => {
  const [ada, grace] = [await lab.logIn('ada'), await lab.logIn('grace')]
  const found = await list()
  assert.deepEqual(found.map(({ user }) => user).toSorted(), ['local/ada', 'local/grace'])
  assert.deepEqual(
    (await list('--user', 'ada')).map(({ user, provider, address }) => [user, provider, address]),
    [['local/ada', 'local', '127.0.0.1']],
  )
  const shown = (await run('list')).output.split('\n')
  assert.equal(shown.length, 2)
  assert.match(shown[0] ?? '', /^[0-9a-f]{16} {2}local\/\w+ {2}from 127\.0\.0\.1 {2}last seen .*Z {2}ends by .*Z$/)
  for (const person of [ada, grace]) assert.equal((await person.get('/api/v1/me')).status, 200)
})

test('one session ends by the beginning of its reference, and its cookie is worth nothing', async () => {
  const [one, two] = [await lab.logIn('ada'), await lab.logIn('ada')]
  const { sessions } = (await two.get('/api/v1/sessions')).json() as { sessions: { ref: string; current: boolean }[] }
  const { ref = '' } = sessions.find(({ current }) => current) ?? {}
  const { code, output } = await run('revoke', ref.slice(0, 16), '--json')
  assert.deepEqual([code, JSON.parse(output)], [0, { revoked: [{ ref, user: 'local/ada' }] }])
  await isOut(two)
  assert.equal((await one.get('/api/v1/me')).status, 200)
  assert.equal((await run('revoke', ref.slice(0, 16))).code, 3, 'it is gone')
  const ended = await lab.gateway.apis.storage.audit.list({ limit: 1, action: 'session.end' })
  assert.deepEqual([ended[0]?.subject, ended[0]?.actor, ended[0]?.detail], [ref, 'cli', { reason: 'revoked' }])
})

test('all of a user end, then all there are', async () => {
  const [ada, grace] = [await lab.logIn('ada'), await lab.logIn('grace')]
  assert.equal((await run('revoke', '--user', 'local/ada')).code, 0)
  await isOut(ada)
  assert.equal((await grace.get('/api/v1/me')).status, 200)
  const { code, output } = await run('revoke', '--all')
  assert.equal(code, 0)
  assert.match(output, /local\/grace {2}is over on every node\./)
  await isOut(grace)
})

test('what is misused or unknown is said, with its own exit code', async () => {
  assert.deepEqual((await run('list', '--user', 'nobody')).code, 1)
  assert.match((await run('revoke', '--user', 'nobody')).errors, /No user is called "nobody"/)
  for (const args of [['revoke'], ['revoke', 'abc'], ['revoke', 'abcdefgh', '--all'], ['revoke', '--all', '-u', 'ada']])
    assert.equal((await run(...args)).code, 2, args.join(' '))
  const help = await run('revoke', '--help')
  assert.deepEqual([help.code, /Exit codes:/.test(help.output)], [0, true])
})

test('who looks into an empty folder of their own making is told so, once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-session-'))
  try {
    const file = join(folder, 'gatehouse.yaml')
    writeFileSync(file, 'server: { url: http://127.0.0.1:8080 }\nstorage: { directory: elsewhere }\n')
    const first = await runCommand(['session', 'list', '--config', file])
    assert.deepEqual([first.exitCode, first.output], [0, 'Nobody is logged in.\n'])
    assert.ok(first.errors.includes(`Nothing was kept in ${join(folder, 'elsewhere')} yet`), first.errors)
    assert.equal((await runCommand(['session', 'list', '--config', file])).errors, '')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a misused command names the help that belongs to it', async () => {
  assert.match((await run('revoke', 'abc')).errors, /\(gatehouse session revoke --help says more\)/)
  assert.match((await runCommand(['session', 'lst'])).errors, /\(gatehouse session --help says more\)/)
  assert.match((await runCommand(['servee'])).errors, /\(gatehouse --help says more\)/)
})
