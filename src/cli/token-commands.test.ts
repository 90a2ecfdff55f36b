// The commands about tokens and service accounts, with the server down: what they say, and that they may be repeated.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stringify } from 'yaml'
import { type CommandOutcome, runCommand } from '../../test/support/run-command.ts'
import { openTestStores, type TestStores } from '../../test/support/test-stores.ts'

let stores: TestStores
let configFile: string
let keyFolder: string

before(async () => {
  stores = await openTestStores()
  configFile = join(stores.directory, 'gatehouse.yaml')
  keyFolder = join(stores.directory, 'keys-of-services')
  mkdirSync(keyFolder)
  writeFileSync(
    configFile,
    stringify({
      storage: stores.config,
      identity: [{ id: 'local', type: 'local' }],
      tokens: { keyFolder },
      telemetry: { metrics: false },
    }),
  )
})
after(() => stores[Symbol.asyncDispose]())

const run = (...args: readonly string[]): Promise<CommandOutcome> => runCommand([...args, '--config', configFile])

async function runJson(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { exitCode, output, errors } = await run(...args, '--json')
  assert.equal(exitCode, 0, errors)
  return JSON.parse(output)
}

test('an account is created once, with a key; again it is brought to what is asked for, and keeps its key', async () => {
  const made = await runJson('service-account', 'create', 'nightly', '--group', 'exporters', '--scope', 'services')
  assert.match(String(made.secret), /^ghs_[0-9A-Za-z]{49}$/)
  const again = await runJson('service-account', 'create', 'nightly', '--group', 'exporters', '--scope', 'services')
  assert.deepEqual([again.isNew, again.secret], [false, undefined])
  assert.deepEqual(again.account, made.account)
  const changed = await runJson('service-account', 'create', 'nightly', '--scope', 'service:archive')
  const { groups, scopes } = changed.account as { groups: unknown; scopes: unknown }
  assert.deepEqual([groups, scopes], [['exporters'], ['service:archive']])
  const [listed, ...others] = (await runJson('service-account', 'list')) as unknown as Record<string, unknown>[]
  assert.deepEqual([listed, others], [changed.account, []])
})

test('a rotation leaves the present key good for the overlap, or not at all', async () => {
  const [first] = keysOf(await runJson('service-account', 'create', 'turning', '--overlap', '2h'))
  const rotated = await runJson('service-account', 'rotate', 'turning')
  const { id } = rotated.key as { id: string }
  assert.notEqual(id, first?.id)
  const [newest, before] = keysOf(await runJson('service-account', 'create', 'turning'))
  assert.deepEqual([newest?.id, newest?.expiresAt, before?.id], [id, undefined, first?.id])
  const hours = (Date.parse(before?.expiresAt ?? '') - Date.now()) / 3_600_000
  assert.ok(hours > 1.9 && hours <= 2, String(hours))
  await runJson('service-account', 'rotate', 'turning', '--overlap', '0s')
  const left = keysOf(await runJson('service-account', 'create', 'turning'))
  assert.deepEqual([left.length, left[0]?.id === id], [1, false])
})

test('rotated twice there are two new keys, and the end of the first one is not put off', async () => {
  const [first] = keysOf(await runJson('service-account', 'create', 'twice', '--overlap', '2h'))
  await runJson('service-account', 'rotate', 'twice', '--overlap', '1h')
  const { key } = await runJson('service-account', 'rotate', 'twice')
  const [newest, second, oldest, ...others] = keysOf(await runJson('service-account', 'create', 'twice'))
  assert.deepEqual([newest?.id, newest?.expiresAt], [(key as { id: string }).id, undefined])
  assert.deepEqual([oldest?.id, others], [first?.id, []])
  const hoursOf = (each?: Key): number => Math.round((Date.parse(each?.expiresAt ?? '') - Date.now()) / 3_600_000)
  assert.deepEqual([hoursOf(second), hoursOf(oldest)], [2, 1])
})

test('of the same command given twice at once, one creates and one finds; both rotate', async () => {
  const twice = (...args: readonly string[]) => Promise.all([runJson(...args), runJson(...args)])
  const created = await twice('service-account', 'create', 'at-once')
  assert.equal(created.filter(({ isNew }) => isNew === true).length, 1)
  assert.equal(keysOf(await runJson('service-account', 'create', 'at-once')).length, 1)
  const rotated = await twice('service-account', 'rotate', 'at-once')
  const keys = keysOf(await runJson('service-account', 'create', 'at-once'))
  assert.equal(new Set([...keys, ...rotated.map(({ key }) => key as Key)].map(({ id }) => id)).size, 3)
  assert.equal(keys.filter(({ expiresAt }) => expiresAt === undefined).length, 1, 'one of them is the present one')
})

interface Key {
  readonly id: string
  readonly expiresAt?: string
}
const keysOf = ({ account }: Record<string, unknown>): readonly Key[] => (account as { keys: readonly Key[] }).keys

test('a key that rotates by itself is in a file for nobody else’s eyes', async () => {
  const made = await runJson('service-account', 'create', 'filed', '--rotate-every', '30d')
  const file = join(keyFolder, 'filed.key')
  assert.equal(made.file, file)
  assert.equal(readFileSync(file, 'utf8'), `${String(made.secret)}\n`)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const rotated = await runJson('service-account', 'rotate', 'filed')
  assert.equal(readFileSync(file, 'utf8'), `${String(rotated.secret)}\n`)
  const { account } = await runJson('service-account', 'create', 'filed', '--rotate-every', 'never')
  assert.equal((account as { rotateEverySeconds?: number }).rotateEverySeconds, undefined)
})

test('disabled twice is disabled, and so for enabled; a disabled account gets no keys and no other settings', async () => {
  await runJson('service-account', 'create', 'resting')
  for (let count = 0; count < 2; count++) {
    assert.equal((await runJson('service-account', 'disable', 'resting')).isDisabled, true)
  }
  for (const args of [
    ['rotate', 'resting'],
    ['create', 'resting', '--scope', 'admin'],
  ]) {
    const { exitCode, errors } = await run('service-account', ...args)
    assert.equal(exitCode, 1)
    assert.match(errors, /disabled/)
  }
  for (let count = 0; count < 2; count++) {
    assert.equal((await runJson('service-account', 'enable', 'resting')).isDisabled, false)
  }
})

test('what cannot be is told, with the exit code', async () => {
  // biome-ignore format: a table
  const table: readonly (readonly [args: readonly string[], exitCode: number, says: RegExp])[] = [
    [['service-account', 'create', 'No Name'],                     1, /small letters, digits and hyphens/],
    [['service-account', 'create', '../../etc/x'],                 1, /small letters, digits and hyphens/],
    [['service-account', 'create', 'x', '--scope', 'everything'],  1, /"everything" is not a scope/],
    [['service-account', 'create', 'x', '--overlap', 'long'],      2, /write a time such as/],
    [['service-account', 'rotate', 'nobody'],                      1, /no service account of this name/i],
    [['service-account', 'disable', 'nobody'],                     1, /no service account of this name/i],
    [['token', 'list', 'nobody'],                                  1, /No user is called/],
    [['token', 'revoke'],                                          2, /missing required argument/],
  ]
  for (const [args, expected, says] of table) {
    const { exitCode, errors } = await run(...args)
    assert.equal(exitCode, expected, args.join(' '))
    assert.match(errors, says)
  }
})

test('tokens of a user are listed and revoked; where there is none, the exit code says so', async () => {
  await runJson('service-account', 'create', 'owner')
  assert.deepEqual(await runJson('token', 'list', 'service/owner'), [])
  const { exitCode, errors } = await run('token', 'revoke', 'service/owner')
  assert.equal(exitCode, 3)
  assert.match(errors, /no such token/)
})
