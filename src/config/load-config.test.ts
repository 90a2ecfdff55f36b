import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { z } from 'zod'
import { Secret } from '#kernel'
import { composeSchema } from './compose-schema.ts'
import { describeConfig, describeConfigAsJson } from './describe-config.ts'
import { duration } from './duration.ts'
import { filePath } from './file-path.ts'
import { loadConfig } from './load-config.ts'
import { secretRef } from './secret-ref.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))
after(() => rmSync(directory, { recursive: true }))
mkdirSync(join(directory, 'etc'))

const store = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('sqlite'), path: filePath().prefault('data/db') }),
  z.strictObject({ type: z.literal('redis'), password: secretRef() }),
])

const schema = composeSchema({
  server: z.strictObject({
    url: z.string().optional(),
    idle: duration('1h'),
    key: secretRef().optional(),
    headers: z.record(z.string(), z.union([z.string(), secretRef()])).default({}),
    logo: filePath().optional(),
    pages: z.record(z.string(), filePath()).default({}),
    dangerouslyOpen: z.boolean().default(false).describe('Lets everybody in.'),
    dangerouslyTrust: z.array(z.string()).default([]).describe('Believes them.'),
  }),
  store: store.prefault({ type: 'sqlite' }),
})

const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text)
  return name
}

const load = (files: Parameters<typeof loadConfig>[0]['files'], env: Readonly<Record<string, string>> = {}) =>
  loadConfig({ files, env, schema, cwd: directory })

const loadOk = (...args: Parameters<typeof load>) => {
  const loaded = load(...args)
  assert.ok(loaded.ok, inspect(loaded, { depth: 5 }))
  return loaded
}

test('nothing at all gives the defaults', () => {
  const { config, warnings } = loadOk([])
  assert.equal(config.server.idle, 3_600_000)
  assert.equal(config.store.type, 'sqlite')
  assert.deepEqual(warnings, [])
})

test('paths are relative to the file that names them, those of variables to the working directory', () => {
  const name = file(
    'etc/a.yaml',
    'server: { logo: logo.svg, pages: { login: /abs/login, error: ../error } }\nstore: { type: sqlite, path: db }',
  )
  const { config } = loadOk([name], { GATEHOUSE_SERVER__PAGES__HOME: 'home' })
  assert.equal(config.server.logo, join(directory, 'etc/logo.svg'))
  assert.deepEqual(config.server.pages, {
    login: '/abs/login',
    error: join(directory, 'error'),
    home: join(directory, 'home'),
  })
  assert.deepEqual(config.store, { type: 'sqlite', path: join(directory, 'etc/db') })
})

test('a secret file is found beside the configuration, and by a variable from the working directory', () => {
  file('etc/key', 'hunter2\n')
  const name = file('etc/b.yaml', 'server: { key: { file: key } }')
  assert.equal(loadOk([name]).config.server.key?.reveal(), 'hunter2')
  assert.equal(loadOk([], { GATEHOUSE_SERVER__KEY_FILE: 'etc/key' }).config.server.key?.reveal(), 'hunter2')
  assert.equal(loadOk([], { GATEHOUSE_SERVER__KEY: '{ file: etc/key }' }).config.server.key?.reveal(), 'hunter2')
  assert.equal(loadOk([], { GATEHOUSE_SERVER__KEY: 'plain' }).config.server.key?.reveal(), 'plain')
})

test('a variable ending with _FILE reads any setting from a file', () => {
  file('etc/idle', '30m\n')
  assert.equal(loadOk([], { GATEHOUSE_SERVER__IDLE_FILE: 'etc/idle' }).config.server.idle, 1_800_000)
})

test('files that cannot be read are named with the reason', () => {
  const loaded = load(['none.yaml', 'etc', file('binary.yaml', '\ud800')])
  assert.ok(!loaded.ok)
  assert.deepEqual(
    loaded.problems.map(({ why }) => why),
    ['there is no such file', 'it is a directory'],
  )
  writeFileSync(join(directory, 'bytes.yaml'), Uint8Array.of(0x61, 0xff))
  writeFileSync(join(directory, 'large.yaml'), `#${'x'.repeat(1024 * 1024)}`)
  const others = load(['bytes.yaml', 'large.yaml'])
  assert.ok(!others.ok)
  assert.deepEqual(
    others.problems.map(({ why }) => why),
    ['it is not text in UTF-8', 'it is larger than 1024 KiB'],
  )
})

test('the configuration is frozen all the way down, and secrets stay usable', () => {
  const { config } = loadOk([{ name: 'x', text: 'server: { key: { env: KEY }, dangerouslyTrust: [a] }' }], { KEY: 'k' })
  assert.throws(() => Object.assign(config.server, { idle: 1 }), TypeError)
  assert.throws(() => config.server.dangerouslyTrust.push('b'), TypeError)
  assert.throws(() => Object.assign(config, { server: {} }), TypeError)
  assert.ok(config.server.key instanceof Secret)
})

test('dangerous settings are warned about when they are set to something else than the default', () => {
  const text = 'server: { dangerouslyOpen: true, dangerouslyTrust: [a, b] }'
  assert.deepEqual(
    loadOk([{ name: 'x', text }]).warnings.map(({ message }) => message),
    [
      'server.dangerouslyOpen is true (x:1:28). Lets everybody in.',
      'server.dangerouslyTrust is a list (x:1:52). Believes them.',
    ],
  )
  assert.deepEqual(
    loadOk([{ name: 'x', text: 'server: { dangerouslyOpen: false, dangerouslyTrust: [] }' }]).warnings,
    [],
  )
})

test('what is printed holds no secret, not even one in a URL', () => {
  const env = { KEY: 'hunter2', GATEHOUSE_STORE__TYPE: 'redis', GATEHOUSE_STORE__PASSWORD: 'hunter2' }
  const text = 'server: { key: { env: KEY }, url: https://user:hunter2@example.org/x }'
  const loaded = loadOk([{ name: 'x', text }], env)
  const printed = describeConfig(loaded) + JSON.stringify(describeConfigAsJson(loaded)) + inspect(loaded, { depth: 9 })
  assert.doesNotMatch(printed.replace(/url: 'https:[^']*'/, ''), /hunter2/)
  assert.match(printed, /server\.key: \[secret\] +# environment KEY, named in x:1:16\n/)
  assert.match(printed, /server\.url: "https:\/\/\[secret\]@example\.org\/x" /)
})

test('text that may stand where a secret may is hidden too, and takes a variable as a secret', () => {
  const text = 'server: { headers: { a: hunter2, b: { env: KEY } } }'
  const loaded = loadOk([{ name: 'x', text }], { KEY: 'k', GATEHOUSE_SERVER__HEADERS__C: 'hunter2' })
  assert.equal(loaded.config.server.headers.a, 'hunter2')
  assert.ok(loaded.config.server.headers.c instanceof Secret)
  assert.deepEqual(
    describeConfig(loaded)
      .match(/^server\.headers.*$/gm)
      ?.map((line) => line.replace(/ +# /, ' # ')),
    [
      'server.headers.a: [secret] # x:1:25',
      'server.headers.b: [secret] # environment KEY, named in x:1:37',
      'server.headers.c: [secret] # environment GATEHOUSE_SERVER__HEADERS__C',
    ],
  )
})

test('a problem never repeats a secret that stands in the wrong place', () => {
  const texts = [
    'server: { key: hunter2 }',
    'server: { key: { value: hunter2 } }',
    'server: { key: [hunter2] }',
    'server: { key: { env: "hunter 2" } }',
  ]
  for (const text of texts) {
    const loaded = load([{ name: 'x', text }])
    assert.ok(!loaded.ok)
    assert.doesNotMatch(JSON.stringify(loaded.problems), /hunter/, text)
  }
})

const words = fc.constantFrom(
  'server',
  'store',
  'idle',
  'key',
  'type',
  'file',
  'env',
  'sqlite',
  '1h',
  '{',
  '}',
  '[',
  ']',
  ': ',
  ', ',
  '\n',
  '  ',
  '- ',
  '~',
  '&a ',
  '*a',
  '__proto__',
)

test('no text and no environment make it throw: there is a configuration or there are problems', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(words).map((parts) => parts.join('')),
  )
  const names = fc.array(fc.constantFrom('SERVER', 'STORE', 'KEY', 'FILE', '0', '', 'PROTO', 'constructor'), {
    minLength: 1,
  })
  const variables = fc.dictionary(
    names.chain((parts) => fc.constantFrom('_', '__').map((by) => `GATEHOUSE_${parts.join(by)}`)),
    fc.oneof(fc.string(), texts),
    { maxKeys: 3 },
  )
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 3 }), variables, (sources, env) => {
      const loaded = load(
        sources.map((text, index) => ({ name: `${index}.yaml`, text })),
        env,
      )
      assert.ok(loaded.ok || loaded.problems.length > 0)
      for (const problem of loaded.ok ? [] : loaded.problems) assert.ok(problem.what && problem.why && problem.fix)
    }),
    { numRuns: 500 },
  )
})
