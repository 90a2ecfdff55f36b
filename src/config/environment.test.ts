import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { applyEnvironment } from './environment.ts'
import { createInputs } from './inputs.ts'
import { toJsonSchema } from './json-schema.ts'
import { locate, toPlain } from './located.ts'
import { fromDefault } from './origin.ts'
import { toVariablePart } from './variable-name.ts'

const schema = toJsonSchema(
  z.strictObject({
    text: z.string().optional(),
    count: z.int().optional(),
    either: z.union([z.string(), z.array(z.string())]).optional(),
    mixed: z.union([z.string(), z.int()]).optional(),
    flag: z.boolean().optional(),
    nested: z.strictObject({ deepKey: z.string().optional(), keyFile: z.string().optional() }).optional(),
    free: z.record(z.string(), z.string()).optional(),
    things: z.array(z.strictObject({ id: z.string(), size: z.int().optional() })).optional(),
  }),
)

function applied(env: Readonly<Record<string, string>>, written: unknown = {}) {
  const { tree, problems } = applyEnvironment({
    tree: locate(written, fromDefault),
    schema,
    inputs: createInputs(env),
    cwd: '/nowhere',
  })
  return { value: toPlain(tree), problems }
}

const settingsBy = (env: Readonly<Record<string, string>>, written: unknown = {}): unknown => {
  const { value, problems } = applied(env, written)
  assert.deepEqual(problems, [])
  return value
}

test('text stays as it is written, other types are YAML', () => {
  assert.deepEqual(settingsBy({ GATEHOUSE_TEXT: '012: [x' }), { text: '012: [x' })
  assert.deepEqual(settingsBy({ GATEHOUSE_COUNT: '12', GATEHOUSE_FLAG: 'true' }), { count: 12, flag: true })
  assert.deepEqual(settingsBy({ GATEHOUSE_EITHER: 'a, b' }), { either: 'a, b' })
  assert.deepEqual(settingsBy({ GATEHOUSE_EITHER: '[a, b]' }), { either: ['a', 'b'] })
  assert.deepEqual(settingsBy({ GATEHOUSE_EITHER: '[::1]:80' }), { either: '[::1]:80' })
  assert.deepEqual(
    [settingsBy({ GATEHOUSE_MIXED: '12' }), settingsBy({ GATEHOUSE_MIXED: 'x' })],
    [{ mixed: 12 }, { mixed: 'x' }],
  )
})

test('two underscores go down, case and single underscores do not matter', () => {
  for (const name of ['GATEHOUSE_NESTED__DEEP_KEY', 'GATEHOUSE_NESTED__DEEPKEY', 'GATEHOUSE_nested__deepKey']) {
    assert.deepEqual(settingsBy({ [name]: 'x' }), { nested: { deepKey: 'x' } }, name)
  }
})

test('entries of a list are named by id or by place, keys of a free map as they are or in small letters', () => {
  const written = { things: [{ id: 'my-first' }, { id: 'second' }], free: { 'X-Site': 'a' } }
  const env = { GATEHOUSE_THINGS__MY_FIRST__SIZE: '1', GATEHOUSE_THINGS__1__SIZE: '2' }
  assert.deepEqual(settingsBy({ ...env, GATEHOUSE_FREE__X_SITE: 'b', GATEHOUSE_FREE__NEW: 'c' }, written), {
    things: [
      { id: 'my-first', size: 1 },
      { id: 'second', size: 2 },
    ],
    free: { 'X-Site': 'b', new: 'c' },
  })
})

test('a whole section is an overlay, its own keys come after it', () => {
  const env = { GATEHOUSE_NESTED: '{ deepKey: a, keyFile: b }', GATEHOUSE_NESTED__DEEP_KEY: 'c' }
  assert.deepEqual(settingsBy(env), { nested: { deepKey: 'c', keyFile: 'b' } })
  const things = settingsBy({ GATEHOUSE_THINGS: '[{ id: b, size: 1 }]' }, { things: [{ id: 'a' }] })
  assert.deepEqual(things, { things: [{ id: 'a' }, { id: 'b', size: 1 }] })
})

test('an empty variable is not set; null takes a setting back', () => {
  assert.deepEqual(settingsBy({ GATEHOUSE_TEXT: '' }, { text: 'x' }), { text: 'x' })
  assert.deepEqual(settingsBy({ GATEHOUSE_TEXT: 'null' }, { text: 'x' }), { text: null })
})

test('a key that ends with File is a key before _FILE is a way to write', () => {
  assert.deepEqual(settingsBy({ GATEHOUSE_NESTED__KEY_FILE: '/x' }), { nested: { keyFile: '/x' } })
})

test('what tests and Kubernetes put there is none of our business', () => {
  const env = {
    GATEHOUSE_TEST_STORE: 'x',
    GATEHOUSE_SERVICE_HOST: 'x',
    GATEHOUSE_SERVICE_PORT_HTTP: 'x',
    GATEHOUSE_PORT: 'tcp://10.0.0.1:80',
    GATEHOUSE_METRICS_PORT_9090_TCP_ADDR: 'x',
    OTHER: 'x',
  }
  assert.deepEqual(settingsBy(env), {})
})

test('what names no setting is a problem, and its value is not repeated', () => {
  for (const name of [
    'TEX',
    'PORT',
    'NESTED__DEEP',
    'THINGS__0__ID',
    'TEXT__MORE',
    'FREE__',
    '__PROTO__',
    'FREE__CONSTRUCTOR',
  ]) {
    const { value, problems } = applied({ [`GATEHOUSE_${name}`]: 'hunter2' })
    assert.deepEqual(value, {}, name)
    assert.equal(problems[0]?.what, 'unknown variable', name)
    assert.doesNotMatch(JSON.stringify(problems), /hunter2/)
  }
  assert.equal(applied({ GATEHOUSE_NESTED__DEEP_KYE: 'x' }).problems[0]?.didYouMean, 'GATEHOUSE_NESTED__DEEP_KEY')
})

test('a setting that is set in two ways is a problem', () => {
  const { problems } = applied({ GATEHOUSE_TEXT: 'x', GATEHOUSE_TEXT_FILE: '/x' })
  assert.equal(problems[0]?.what, 'set twice')
})

test('the name of a variable leads back to the key', () => {
  const keys = fc.stringMatching(/^[a-z]{1,5}([A-Z][a-z]{1,5}){0,3}$/)
  fc.assert(
    fc.property(keys, (key) => {
      const only = toJsonSchema(z.strictObject({ outer: z.strictObject({ [key]: z.string() }) }))
      const env = { [`GATEHOUSE_OUTER__${toVariablePart(key)}`]: 'x' }
      const { tree } = applyEnvironment({
        tree: locate({}, fromDefault),
        schema: only,
        inputs: createInputs(env),
        cwd: '/',
      })
      assert.deepEqual(toPlain(tree), { outer: { [key]: 'x' } })
    }),
  )
})
