import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { parse } from 'yaml'
import { z } from 'zod'
import { composeSchema, duration, loadConfig, secretRef } from '#config'
import { readRunningConfig, removeRunningConfig, writeRunningConfig } from '../serve/running-config.ts'
import { addConfigCommand } from './config-command.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'))
after(() => rmSync(directory, { recursive: true }))

const schema = composeSchema({
  server: z.strictObject({
    url: z.string().describe('The address.'),
    idle: duration('1h').describe('The idle end.').meta({ 'x-restart': 'always' }),
    key: secretRef().optional().describe('The key.'),
    dangerouslyOpen: z.boolean().default(false).describe('Lets everybody in.'),
  }),
})

const write = (name: string, text: string): void => writeFileSync(join(directory, name), text)
write('gatehouse.yaml', 'server:\n  url: https://gate.example.org\n  key: { env: KEY }\n')
write('production.yaml', 'server: { idle: 30m, dangerouslyOpen: true }')
write('wrong.yaml', 'server: { ulr: x, idle: 1 }')

const load = (key: string) => {
  const loaded = loadConfig({ files: ['gatehouse.yaml'], env: { KEY: key }, schema, cwd: directory })
  assert.ok(loaded.ok)
  return loaded
}

async function run(...args: readonly string[]) {
  const seen = { output: '', errors: '', exitCode: 0 }
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  addConfigCommand(program, {
    schema,
    findRunning: ({ settings }) => readRunningConfig(directory, settings),
    load: async (files) => loadConfig({ files, env: { KEY: 'hunter2' }, schema, cwd: directory }),
    print: (text) => {
      seen.output += `${text}\n`
    },
    printError: (text) => {
      seen.errors += `${text}\n`
    },
    setExitCode: (code) => {
      seen.exitCode = code
    },
  })
  await program.parseAsync(['config', ...args], { from: 'user' })
  return seen
}

test('check says that all is right, and what is dangerous', async () => {
  assert.deepEqual(await run('check'), {
    output: 'gatehouse.yaml: right, 2 settings written, 2 by default\n',
    errors: '',
    exitCode: 0,
  })
  const { errors, exitCode } = await run('check', '--config', 'gatehouse.yaml', '-c', 'production.yaml')
  assert.equal(errors, 'warning: server.dangerouslyOpen is true (production.yaml:1:39). Lets everybody in.\n')
  assert.equal(exitCode, 0)
})

test('check tells every problem, each as a block, and ends with 1', async () => {
  const { output, errors, exitCode } = await run('check', '--config', 'wrong.yaml')
  assert.equal(exitCode, 1)
  assert.equal(output, '')
  assert.match(
    errors,
    /^wrong\.yaml:1:11 {2}server\.ulr\n {2}unknown key\n {2}why: .+\n {2}fix: did you mean "url"\?\n\n/m,
  )
  assert.match(errors, /^wrong\.yaml:1:25 {2}server\.idle\n/m)
  assert.match(errors, /\n3 problems\n$/)
})

test('check --json is for programs', async () => {
  const wrong = await run('check', '--json', '--config', 'wrong.yaml')
  const { ok, files, problems } = JSON.parse(wrong.output)
  assert.deepEqual([ok, files, wrong.exitCode, wrong.errors], [false, ['wrong.yaml'], 1, ''])
  assert.deepEqual(
    problems.find(({ path }: { readonly path: string }) => path === 'server.ulr'),
    {
      path: 'server.ulr',
      what: 'unknown key',
      why: 'server has no key "ulr"',
      fix: 'did you mean "url"?',
      didYouMean: 'url',
      origin: 'wrong.yaml:1:11',
      file: 'wrong.yaml',
      line: 1,
      column: 11,
    },
  )
  assert.equal(JSON.parse((await run('check', '--json')).output).ok, true)
})

test('print shows every setting with its origin, and no secret', async () => {
  const { output } = await run('print', '-c', 'gatehouse.yaml', '-c', 'production.yaml')
  assert.deepEqual(
    output.split('\n').map((line) => line.replace(/ +# /, ' # ')),
    [
      'server.url: https://gate.example.org # gatehouse.yaml:2:8',
      'server.idle: 30m # production.yaml:1:17',
      'server.key: [secret] # environment KEY, named in gatehouse.yaml:3:8',
      'server.dangerouslyOpen: true # production.yaml:1:39',
      '',
    ],
  )
  const json = await run('print', '--json')
  assert.equal(JSON.parse(json.output).settings[2].secretFrom, 'environment KEY')
  assert.doesNotMatch(output + json.output, /hunter2/)
  assert.equal((await run('print', '-c', 'wrong.yaml')).exitCode, 1)
})

test('plan compares with the files of --from', async () => {
  const same = await run('plan', '--from', 'gatehouse.yaml')
  assert.deepEqual(same, { output: 'Compared with gatehouse.yaml:\nNothing changes.\n', errors: '', exitCode: 0 })
  const { output, exitCode } = await run(
    'plan',
    '--from',
    'gatehouse.yaml',
    '-c',
    'gatehouse.yaml',
    '-c',
    'production.yaml',
  )
  assert.deepEqual(output.split('\n').slice(1), [
    '~ server.idle: 1h → 30m   # needs a restart',
    '~ server.dangerouslyOpen: false → true',
    '2 changes, of which 1 needs a restart; a reload applies the rest.',
    '',
  ])
  assert.equal(exitCode, 4)
  const wrong = await run('plan', '--from', 'wrong.yaml')
  assert.deepEqual([wrong.exitCode, wrong.output], [1, ''])
  assert.match(wrong.errors, /server\.ulr/)
})

test('plan compares with what runs, secrets included, and shows none', async () => {
  const none = await run('plan')
  assert.deepEqual([none.exitCode, none.output], [1, ''])
  assert.match(none.errors, /No gateway is seen to run/)

  await writeRunningConfig(directory, load('hunter2').settings, 0)
  const same = await run('plan')
  assert.match(same.output, /since 1970-01-01T00:00:00.000Z:\nNothing changes\.\n$/)
  assert.equal(same.exitCode, 0)

  await writeRunningConfig(directory, load('hunter1').settings, 0)
  const { output, exitCode } = await run('plan', '--json')
  assert.equal(exitCode, 3)
  assert.deepEqual(JSON.parse(output).changes, [
    {
      path: 'server.key',
      kind: 'changed',
      before: '[secret] from environment KEY',
      after: '[secret] from environment KEY',
      isContent: true,
      needsRestart: false,
    },
  ])
  const recorded = readFileSync(join(directory, 'running-config.json'), 'utf8')
  assert.doesNotMatch(recorded + output, /hunter/)
  assert.equal(statSync(join(directory, 'running-config.json')).mode & 0o777, 0o600)
  await removeRunningConfig(directory)
  assert.equal((await run('plan')).exitCode, 1)
})

test('schema and sample need no configuration', async () => {
  assert.equal(JSON.parse((await run('schema')).output).properties.server.properties.idle.default, '1h')
  const sample = (await run('sample')).output
  const keys = sample.split('\n').filter((line) => !line.startsWith('##'))
  assert.deepEqual(Object.keys(parse(keys.map((line) => line.slice(2)).join('\n')).server), [
    'url',
    'idle',
    'key',
    'dangerouslyOpen',
  ])
})

test('what is misused is a usage error', async () => {
  for (const args of [['check', '--colour'], ['chekc'], ['check', '--config']]) {
    await assert.rejects(run(...args), (error) => error instanceof CommanderError && error.exitCode !== 0)
  }
})
