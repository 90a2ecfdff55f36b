// Settings that are kept in etcd: where each key goes, over what, and what is said of those that go nowhere.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { composeSchema } from './compose-schema.ts'
import { describeConfig } from './describe-config.ts'
import { duration } from './duration.ts'
import { loadConfig, loadSection } from './load-config.ts'
import { formatProblem } from './problem.ts'
import { secretRef } from './secret-ref.ts'

const provider = z.discriminatedUnion('type', [
  z.strictObject({ id: z.string(), type: z.literal('local'), title: z.string().default('Here') }),
  z.strictObject({ id: z.string(), type: z.literal('oidc'), clientId: z.string(), clientSecret: secretRef() }),
])
const etcd = z.strictObject({ endpoints: z.array(z.string()).default([]) }).meta({ 'x-local': true })
const schema = composeSchema({
  etcd,
  server: z.strictObject({
    name: z.string().default('gate'),
    idle: duration('1h'),
    proxies: z.array(z.string()).default([]),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  identity: z.array(provider),
  places: z.array(z.strictObject({ id: z.string().optional(), path: z.string() })),
})

const prefix = '/gatehouse/config/'
const load = (entries: Readonly<Record<string, string>>, file = '{}', env: Readonly<Record<string, string>> = {}) =>
  loadConfig({
    files: [{ name: 'g.yaml', text: file }],
    env: { SECRET: 'hunter2', ...env },
    schema,
    cwd: '/',
    etcd: { prefix, entries: new Map(Object.entries(entries).map(([key, text]) => [prefix + key, text])) },
  })

const configOf = (...args: Parameters<typeof load>) => {
  const loaded = load(...args)
  if (!loaded.ok) assert.fail(loaded.problems.map(formatProblem).join('\n'))
  return loaded.config
}
const problemsOf = (...args: Parameters<typeof load>): string => {
  const loaded = load(...args)
  return loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n')
}

test('a key is a path, its value is YAML; it goes over the files and under the environment', () => {
  const entries = {
    'server/idle': '30m',
    'server/name': '12',
    'server/proxies': '[10.0.0.1, 10.0.0.2]',
    'server/headers': 'X-A: a\nX-B: b\n',
  }
  const file = 'server: { name: from-file, idle: 2h, proxies: [1.1.1.1], headers: { X-C: c } }'
  assert.deepEqual(configOf(entries, file).server, {
    name: '12',
    idle: 30 * 60_000,
    proxies: ['10.0.0.1', '10.0.0.2'],
    headers: { 'X-A': 'a', 'X-B': 'b', 'X-C': 'c' },
  })
  assert.equal(configOf(entries, file, { GATEHOUSE_SERVER__IDLE: '5m' }).server.idle, 5 * 60_000)
  assert.equal(configOf({ 'server/idle': '' }, file).server.idle, 3_600_000, 'nothing takes it back to the default')
})

test('a whole section, and settings in it by keys of their own', () => {
  const entries = { server: '{ name: all, idle: 3h }', 'server/idle': '4h' }
  const { name, idle } = configOf(entries).server
  assert.deepEqual([name, idle], ['all', 4 * 3_600_000])
})

test('things of a list are laid over those of the files by id, key by key; new ones come last', () => {
  const file = 'identity: [{ id: house, type: local }, { id: b, type: local, title: B }]'
  assert.deepEqual(configOf({ 'identity/house/title': 'House', 'identity/new': 'type: local' }, file).identity, [
    { id: 'house', type: 'local', title: 'House' },
    { id: 'b', type: 'local', title: 'B' },
    { id: 'new', type: 'local', title: 'Here' },
  ])
  const [sso] = configOf({
    'identity/sso/clientId': '4711',
    'identity/sso/clientSecret': '{ env: SECRET }',
    'identity/sso/type': 'oidc',
  }).identity
  assert.equal(sso?.type === 'oidc' && sso.clientId, '4711')
  assert.equal(sso?.type === 'oidc' && sso.clientSecret.reveal(), 'hunter2')
})

test('print shows the key that a value comes from, and where in it', () => {
  const loaded = load({ 'server/idle': '30m', server: 'name: x\nheaders:\n  X-A: a' })
  assert.ok(loaded.ok)
  const lines = describeConfig(loaded).split('\n')
  const originOf = (path: string) => lines.find((line) => line.startsWith(path))?.split('  # ')[1]
  assert.equal(originOf('server.idle'), 'etcd /gatehouse/config/server/idle')
  assert.equal(originOf('server.name'), 'etcd /gatehouse/config/server')
  assert.equal(originOf('server.headers.X-A'), 'etcd /gatehouse/config/server:3:8')
})

test('what is wrong is told with its key, all at once, after the files', () => {
  const said = problemsOf(
    {
      'server/idle': 'soon',
      'server/ilde': '1h',
      'server/name': '[a',
      'places/x': 'a',
      'places/y': '{ id: z, path: /y }',
      'identity/a/type': 'lokal',
      'nothing/at/all': '1',
      'server/__proto__': '1',
    },
    'server: { idel: 1h }',
  )
  const places = said.split('\n').filter((line) => !line.startsWith(' '))
  assert.match(places[0] ?? '', /^g\.yaml:1:11 {2}server\.idel/)
  for (const key of ['server/idle', 'server/ilde', 'places/x', 'places/y', 'identity/a/type', 'nothing/at/all'])
    assert.ok(
      places.some((place) => place.startsWith(`etcd ${prefix}${key} `)),
      `${key} in\n${said}`,
    )
  assert.match(said, /__proto__ names no setting/)
  assert.match(said, /did you mean "idle"\?/)
  assert.match(said, /the entry of the list with the id "x"/)
  assert.match(problemsOf({ 'server/headers': '"unclosed' }), /etcd .*headers.*\n {2}not usable as YAML/)
  assert.match(problemsOf({ 'server/headers': 'a: 1\na: 2' }), /not usable as YAML|duplicate key/)
  assert.match(problemsOf({ 'server/name': 'caf\u{fffd}' }), /not text in UTF-8/)
})

test('a secret is referred to there as in a file, and never repeated', () => {
  const said = problemsOf({ 'identity/sso': '{ type: oidc, clientId: x, clientSecret: hunter2 }' })
  assert.match(said, /a secret is not written here but referred to/)
  assert.doesNotMatch(said, /hunter2/)
})

test('what says where etcd is cannot be taken from there', () => {
  for (const entries of [{ 'etcd/endpoints': '[http://evil:2379]' }, { etcd: '{ endpoints: [] }' }] as const)
    assert.match(problemsOf(entries), /not allowed\n {2}why: what says where etcd is cannot be taken from there/)
})

test('a list without ids in the files is not replaced by a thing with one', () => {
  const said = problemsOf({ 'places/x': '{ path: /x }' }, 'places: [{ path: /y }]')
  assert.match(said, /has no ids/)
  assert.equal(configOf({ 'places/x': '{ path: /x }' }).places.length, 1)
})

test('the marks that tools make for folders say nothing, and neither do too many bytes', () => {
  assert.equal(configOf({ '': '', 'server/': '', 'server/name': 'x' }).server.name, 'x')
  assert.match(problemsOf({ 'server/name': 'x'.repeat(1024 * 1024 + 1) }), /hold more than 1024 KiB/)
})

test('what few bytes make much of is refused at once: deep keys, many keys, aliases in each of them', () => {
  const list = `[${'1, '.repeat(200)}1]`
  const multiplied = `{ a: &a ${list}, b: [${'*a, '.repeat(100)}*a] }`
  const many = (count: number, text: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`server/x${index}`, text]))
  const began = performance.now()
  assert.match(problemsOf({ [`server/${'x/'.repeat(20_000)}y`]: '1' }), /never 64 levels deep/)
  assert.match(problemsOf(many(50_000, 'x')), /more than 2000 keys/)
  assert.match(problemsOf(many(100, multiplied)), /more than 50000 values, counting aliases/)
  assert.match(problemsOf({ [`server/headers/${'x'.repeat(1024 * 1024)}`]: '' }), /hold more than 1024 KiB/)
  assert.ok(performance.now() - began < 5000)
})

test('what moves the cursor of a terminal, or cannot be seen, is told by its code', () => {
  for (const entries of [
    { 'server/a\u001b[2J\nb\u202ec': '1' },
    { server: '"a\\e[2J\\nb\\u202ec": 1' },
    { 'server/proxies': '["\\e[2J", { "\\e[2J": 1 }]' },
  ] as readonly Record<string, string>[])
    for (const line of problemsOf(entries).split('\n')) {
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u)
      assert.match(line, /^(etcd|g\.yaml| {2}\S)/)
    }
  const printed = load({ 'server/name': 'a\u202eb', 'server/headers': '"x\\e[2J": "\\e[2J"' })
  assert.ok(printed.ok)
  assert.doesNotMatch(describeConfig(printed).replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
})

test('the section that says where etcd is can be read alone, also where others are wrong', () => {
  const at = (text: string) =>
    loadSection({ files: [{ name: 'g.yaml', text }], env: {}, schema, cwd: '/' }, 'etcd', etcd)
  assert.deepEqual(at('{ etcd: { endpoints: [a] }, server: { idle: wrong } }'), { endpoints: ['a'] })
  assert.deepEqual(at('{}'), { endpoints: [] })
  assert.equal(at('{ etcd: { endpoints: 1 } }'), undefined)
  assert.equal(at('{ etcd: { '), undefined)
})

test('whatever is kept there, nothing is thrown and no prototype is touched', () => {
  const segment = fc.oneof(
    fc.constantFrom('server', 'identity', 'places', 'idle', 'x', 'id', 'etcd', '__proto__'),
    fc.string(),
  )
  const key = fc.array(segment, { maxLength: 4 }).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(fc.string(), fc.json())), (entries) => {
      load(entries)
      assert.equal(({} as Record<string, unknown>).polluted, undefined)
    }),
    { numRuns: 100 },
  )
})
