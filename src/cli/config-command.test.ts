import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { parse } from 'yaml'
import { z } from 'zod'
import { composeSchema, duration, secretRef } from '#config'
import { addConfigCommand } from './config-command.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'))
after(() => rmSync(directory, { recursive: true }))

const schema = composeSchema({
  server: z.strictObject({
    url: z.string().describe('The address.'),
    idle: duration('1h').describe('The idle end.'),
    key: secretRef().optional().describe('The key.'),
    dangerouslyOpen: z.boolean().default(false).describe('Lets everybody in.'),
  }),
})

const write = (name: string, text: string): void => writeFileSync(join(directory, name), text)
write('gatehouse.yaml', 'server:\n  url: https://gate.example.org\n  key: { env: KEY }\n')
write('production.yaml', 'server: { idle: 30m, dangerouslyOpen: true }')
write('wrong.yaml', 'server: { ulr: x, idle: 1 }')

async function run(...args: readonly string[]) {
  const seen = { output: '', errors: '', exitCode: 0 }
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  addConfigCommand(program, {
    schema,
    env: { KEY: 'hunter2' },
    cwd: directory,
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
