import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { composeSchema } from './compose-schema.ts'
import { describeChanges } from './describe-changes.ts'
import { findChanges, hasSameContent } from './difference.ts'
import { duration } from './duration.ts'
import { loadConfig } from './load-config.ts'
import { secretRef } from './secret-ref.ts'

const tls = z.strictObject({ certificate: z.string() }).optional().meta({ 'x-restart': 'presence' })
const schema = composeSchema({
  server: z.strictObject({
    listen: z.string().default(':80').meta({ 'x-restart': 'always' }),
    idle: duration('1h'),
    key: secretRef().optional(),
    tls,
  }),
  stores: z
    .strictObject({ url: z.string().default('x'), password: secretRef().optional() })
    .meta({ 'x-restart': 'always' }),
  things: z.array(z.strictObject({ id: z.string(), size: z.int().default(1) })).default([]),
})

function load(text: string, env: Readonly<Record<string, string>> = {}) {
  const loaded = loadConfig({ files: [{ name: 'test', text }], env, schema, cwd: '/nowhere' })
  assert.ok(loaded.ok, JSON.stringify(loaded))
  return loaded.settings
}

const changes = (before: string, after: string, env: Parameters<typeof load>[1] = {}, envAfter = env) =>
  describeChanges(findChanges(load(before, env), load(after, envAfter), hasSameContent))

test('what is the same is no change, however it is written', () => {
  assert.equal(changes('server: { idle: 1h }', '{}'), '')
  const text = 'things: [{ id: a }, { id: b }]\nserver: { key: { env: KEY } }'
  assert.equal(changes(text, text, { KEY: 'hunter2' }), '')
})

test('values that differ are told with both sides, defaults included', () => {
  assert.equal(changes('server: { idle: 30m }', '{}'), '~ server.idle: 30m → 1h\n')
})

test('things of a list are known by their names: one that comes first does not change the others', () => {
  assert.equal(
    changes('things: [{ id: a, size: 2 }]', 'things: [{ id: new }, { id: a, size: 3 }]'),
    '+ things.new.id: new\n+ things.new.size: 1\n~ things.a.size: 2 → 3\n',
  )
  assert.equal(changes('things: [{ id: a }]', 'things: []'), '- things.a.id: a\n- things.a.size: 1\n+ things: []\n')
  assert.equal(
    changes('things: [{ id: a }, { id: b }]', 'things: [{ id: b }, { id: a }]'),
    '~ things: [ a, b ] → [ b, a ]\n',
  )
})

test('of a secret only whether it changed is told', () => {
  const text = 'server: { key: { env: KEY } }'
  const told = changes(text, text, { KEY: 'hunter2' }, { KEY: 'hunter3' })
  assert.equal(told, '~ server.key: [secret] from environment KEY (what it holds has changed)\n')
  assert.equal(
    changes(text, 'server: { key: { env: OTHER } }', { KEY: 'hunter2', OTHER: 'hunter2' }),
    '~ server.key: [secret] from environment KEY → [secret] from environment OTHER\n',
  )
})

test('what needs a restart is marked: each setting of a section, or the presence of one', () => {
  assert.equal(changes('{}', "server: { listen: ':81' }"), '~ server.listen: :80 → :81   # needs a restart\n')
  assert.equal(changes('{}', 'stores: { url: y }'), '~ stores.url: x → y   # needs a restart\n')
  assert.match(changes('{}', 'server: { tls: { certificate: a } }'), /^\+ .*# needs a restart\n$/)
  assert.match(changes('server: { tls: { certificate: a } }', '{}'), /^- .*# needs a restart\n$/)
  assert.doesNotMatch(
    changes('server: { tls: { certificate: a } }', 'server: { tls: { certificate: b } }'),
    /needs a restart/,
  )
})

test('no difference shows a secret', () => {
  const secrets = fc.stringMatching(/^[a-z]{12,20}$/)
  fc.assert(
    fc.property(secrets, secrets, (one, other) => {
      const text = 'server: { key: { env: KEY } }\nstores: { password: { env: KEY } }'
      const told = changes(text, text, { KEY: one }, { KEY: other })
      assert.equal(told.includes(one) || told.includes(other), false)
      assert.equal(told === '', one === other)
    }),
  )
})
