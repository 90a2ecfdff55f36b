import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { Command } from 'commander'
import { loadConfig } from '#config'
import { GatewayError } from '#kernel'
import { createGateway } from '../gateway.ts'
import { configSchema } from '../modules.ts'
import { CommandExit } from './command-context.ts'
import { addGroupCommand } from './group-command.ts'
import { addUserCommand } from './user-command.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-group-'))
const config = join(directory, 'gatehouse.yaml')
after(() => rmSync(directory, { recursive: true }))

/** `sso/ada` is in, `sso/eve` waits. */
before(async () => {
  writeFileSync(
    config,
    'storage: { directory: ./data }\naccess: { signUp: { approval: required, autoApproveGroups: [lab] } }\n',
  )
  const loaded = loadConfig({ files: [config], env: {}, schema: configSchema, cwd: directory })
  assert.ok(loaded.ok)
  const gateway = createGateway({ config: loaded.config, logSink: () => {} })
  await gateway.openStores()
  for (const [subject, groups] of [
    ['ada', ['lab']],
    ['eve', []],
  ] as const) {
    const facts = { provider: 'sso', issuer: 'https://sso', subject, username: subject, displayName: subject, groups }
    await gateway.apis.access.users.admit(facts)
  }
  await gateway.stop()
})

/** Runs `gatehouse …`. */
async function run(...args: readonly string[]) {
  const seen = { output: '', errors: '', failure: undefined as unknown }
  const program = new Command().exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} })
  for (const add of [addGroupCommand, addUserCommand]) {
    add(program, {
      env: {},
      cwd: directory,
      // Only what is read of a stream that is no terminal.
      stdin: Readable.from([]) as unknown as NodeJS.ReadStream,
      print: (text) => {
        seen.output += `${text}\n`
      },
      printError: (text) => {
        seen.errors += `${text}\n`
      },
      setExitCode: () => assert.fail('no exit code is set by hand'),
      nodeVersion: process.versions.node,
      onSignal: () => () => {},
    })
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (failure) {
    seen.failure = failure
  }
  return seen
}

const codeOf = (failure: unknown): string | undefined => (failure instanceof GatewayError ? failure.code : undefined)

test('a group is made, filled, shown, emptied and removed', async () => {
  assert.equal((await run('group', 'list')).output, 'There is no group yet.\n')
  assert.equal(
    (await run('group', 'create', 'beam', '--description', 'Beam time')).output,
    'There is a group beam now.\n',
  )
  assert.equal((await run('group', 'create', 'beam')).output, 'There is a group beam already.\n')
  assert.equal((await run('group', 'add', 'beam', 'sso/ada')).output, 'sso/ada is in beam.\n')
  assert.equal((await run('group', 'list')).output, 'beam  1 members  Beam time\n')
  assert.equal((await run('group', 'list', 'beam')).output, 'sso/ada  ada\n')
  const removed = JSON.parse((await run('group', 'remove', 'beam', 'ada', '--json')).output) as unknown
  assert.deepEqual(removed, { group: 'beam', user: 'sso/ada', isMember: false })
  assert.equal((await run('group', 'list', 'beam')).output, 'Nobody is in it.\n')
  assert.equal((await run('group', 'delete', 'beam')).output, 'The group beam is gone.\n')
  assert.deepEqual(JSON.parse((await run('group', 'list', '--json')).output), [])
})

test('what is not there, or cannot be called so, is said', async () => {
  assert.equal(codeOf((await run('group', 'delete', 'ghosts')).failure), 'access.groupUnknown')
  assert.equal(codeOf((await run('group', 'add', 'ghosts', 'ada')).failure), 'access.groupUnknown')
  assert.equal(codeOf((await run('group', 'list', 'ghosts')).failure), 'access.groupUnknown')
  assert.equal(codeOf((await run('group', 'create', 'Beam')).failure), 'access.groupNameUnusable')
  const { failure, errors } = await run('group', 'add', 'ghosts', 'nobody')
  assert.ok(failure instanceof CommandExit)
  assert.match(errors, /No user is called/)
})

test('who waits is let in or kept out, and roles are given', async () => {
  const eve = async () =>
    JSON.parse((await run('user', 'list', '--json')).output)[1] as Readonly<Record<string, unknown>>
  assert.equal((await eve()).approval, 'pending')
  assert.match((await run('user', 'list')).output, /sso\/eve .*waits for approval/)
  assert.equal((await run('user', 'refuse', 'eve')).output, 'sso/eve is refused.\n')
  assert.equal((await eve()).approval, 'refused')
  assert.equal((await run('user', 'approve', 'sso/eve')).output, 'sso/eve is approved.\n')
  assert.equal((await eve()).approval, undefined)
  assert.equal(codeOf((await run('user', 'refuse', 'eve')).failure), 'access.notPending')
  assert.equal((await run('user', 'role', 'eve', 'admin')).output, 'sso/eve has the role admin.\n')
  assert.deepEqual((await eve()).roles, ['admin'])
  assert.equal((await run('user', 'role', 'eve', 'none', '--json')).output, '{"name":"sso/eve","roles":[]}\n')
  assert.equal((await eve()).roles, undefined)
  assert.ok((await run('user', 'role', 'eve', 'root')).failure)
})
