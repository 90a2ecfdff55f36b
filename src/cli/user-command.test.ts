import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { Command } from 'commander'
import { GatewayError } from '#kernel'
import { CommandExit } from './command-context.ts'
import { addUserCommand, type ListedUser } from './user-command.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-user-'))
after(() => rmSync(directory, { recursive: true }))
writeFileSync(
  join(directory, 'gatehouse.yaml'),
  'storage: { directory: ./data }\nidentity: [{ id: lab, type: local }]\ntelemetry: { metrics: { listen: "127.0.0.1:0" } }\n',
)

/** Runs `gatehouse user …` with this on standard input. */
async function run(args: readonly string[], input = '') {
  const seen = { output: '', errors: '', failure: undefined as unknown }
  const program = new Command().exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} })
  addUserCommand(program, {
    env: {},
    cwd: directory,
    // Only what is read of a stream that is no terminal.
    stdin: Readable.from([Buffer.from(input)]) as unknown as NodeJS.ReadStream,
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
  try {
    await program.parseAsync(['user', ...args], { from: 'user' })
  } catch (failure) {
    seen.failure = failure
  }
  return seen
}

const codeOf = (failure: unknown): string | undefined => (failure instanceof GatewayError ? failure.code : undefined)
const list = async (): Promise<readonly ListedUser[]> =>
  JSON.parse((await run(['list', '--json'])).output) as ListedUser[]

test('an account is made with the password of standard input, and listed before its first login', async () => {
  const made = await run(
    ['add', 'Ada', '--group', 'lab', '-g', 'staff', '--display-name', 'Ada L.'],
    'CANARY correct horse\nx\n',
  )
  assert.equal(made.failure, undefined)
  assert.equal(made.output, 'ada can log in now.\n')
  assert.deepEqual(await list(), [
    { name: 'ada', displayName: 'Ada L.', provider: 'lab', groups: ['lab', 'staff'], isDisabled: false },
  ])
  assert.equal((await run(['list'])).output, 'lab/ada  groups: lab, staff  has not logged in yet\n')
})

test('what cannot be an account is refused, and nothing is printed of the password', async () => {
  const cases: readonly (readonly [readonly string[], string, string])[] = [
    [['add', 'ada'], 'CANARY correct horse', 'account.nameTaken'],
    [['add', 'ADA '], 'CANARY correct horse', 'account.nameTaken'],
    [['add', 'a b'], 'CANARY correct horse', 'account.nameUnusable'],
    [['add', '../x'], 'CANARY correct horse', 'account.nameUnusable'],
    [['add', 'grace'], 'CANARY-sho', 'account.passwordUnusable'],
    [['add', 'grace'], `CANARY${'x'.repeat(1100)}`, 'account.passwordUnusable'],
    [['password', 'ada'], 'CANARY-sho', 'account.passwordUnusable'],
  ]
  for (const [args, input, code] of cases) {
    const seen = await run(args, input)
    assert.equal(codeOf(seen.failure), code, args.join(' '))
    assert.doesNotMatch(`${seen.output}${seen.errors}${String(seen.failure)}`, /CANARY/)
  }
  assert.equal((await list()).length, 1)
})

test('no password at all is a failure that says what to do', async () => {
  const seen = await run(['add', 'grace'], '\n')
  assert.ok(seen.failure instanceof CommandExit)
  assert.match(seen.errors, /No password was given/)
})

test('an account can be disabled, enabled, and given another password', async () => {
  assert.equal((await run(['disable', 'lab/ada'])).output, 'ada is disabled.\n')
  assert.equal((await list())[0]?.isDisabled, true)
  assert.equal((await run(['enable', 'ada', '--json'])).output, '{"name":"ada","isDisabled":false}\n')
  assert.equal((await list())[0]?.isDisabled, false)
  const changed = await run(['password', 'ada'], 'another correct horse\n')
  assert.equal(changed.output, 'The password of ada is changed; 0 sessions ended.\n')
})

test('who does not exist cannot be changed', async () => {
  for (const args of [
    ['disable', 'nobody'],
    ['enable', 'sso/nobody'],
    ['password', 'nobody'],
    ['password', 'sso/ada'],
  ]) {
    const { failure, errors } = await run(args, 'CANARY correct horse')
    assert.ok(failure instanceof CommandExit, args.join(' '))
    assert.match(errors, /No user is called/)
  }
})
