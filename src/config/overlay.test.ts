import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { toJsonSchema } from './json-schema.ts'
import { locate, toPlain } from './located.ts'
import { fromDefault } from './origin.ts'
import { overlay, overlayAll, withoutNulls } from './overlay.ts'
import { secretRef } from './secret-ref.ts'

const tree = (value: unknown) => locate(value, fromDefault)
const overlaid = (base: unknown, upper: unknown, schema?: z.ZodType): unknown =>
  toPlain(withoutNulls(overlay(tree(base), tree(upper), schema && toJsonSchema(schema))))

test('maps are overlaid deeply, what is not mentioned stays', () => {
  assert.deepEqual(overlaid({ a: { b: 1, c: 2 }, d: 3 }, { a: { c: 4, e: 5 } }), { a: { b: 1, c: 4, e: 5 }, d: 3 })
})

test('lists of things with an id are overlaid by id, new ones come last', () => {
  const base = [
    { id: 'a', x: 1 },
    { id: 'b', x: 2 },
  ]
  const upper = [{ id: 'c' }, { id: 'b', y: 3 }]
  assert.deepEqual(overlaid(base, upper), [{ id: 'a', x: 1 }, { id: 'b', x: 2, y: 3 }, { id: 'c' }])
})

test('other lists, and empty ones, are replaced', () => {
  assert.deepEqual(overlaid([1, 2], [3]), [3])
  assert.deepEqual(overlaid([{ id: 'a' }], []), [])
  assert.deepEqual(overlaid([{ id: 'a' }], [{ name: 'b' }]), [{ name: 'b' }])
  assert.deepEqual(overlaid({ a: 1 }, 'text'), 'text')
})

test('null takes a setting back', () => {
  assert.deepEqual(overlaid({ a: { b: 1 }, c: 2 }, { a: null }), { c: 2 })
})

test('an empty source says nothing', () => {
  assert.deepEqual(toPlain(overlayAll([tree({ a: 1 }), tree(null)])), { a: 1 })
  assert.deepEqual(toPlain(overlayAll([])), {})
})

test('a secret reference is replaced as a whole', () => {
  const schema = z.strictObject({ key: secretRef() })
  assert.deepEqual(overlaid({ key: { file: '/a' } }, { key: { env: 'A' } }, schema), { key: { env: 'A' } })
})

test('where the type of a thing changes, what only the old type has falls away, and slips stay to be reported', () => {
  const one = z.strictObject({ type: z.literal('one'), name: z.string(), one: z.string() })
  const two = z.strictObject({ type: z.literal('two'), name: z.string(), two: z.string().optional() })
  const base = { type: 'one', name: 'x', one: 'y', slip: 'z' }
  const union = z.discriminatedUnion('type', [one, two])
  assert.deepEqual(overlaid(base, { type: 'two' }, union), { type: 'two', name: 'x', slip: 'z' })
  assert.deepEqual(overlaid(base, { type: 'three' }, union), { ...base, type: 'three' })
})

// Only among sources that agree on the shape of each setting and take nothing back: a list or `null` in the middle
// forgets what the first source said, so there the grouping does matter, and sources are always applied in order.
const sources = fc.record(
  {
    a: fc.integer(),
    b: fc.record({ c: fc.string(), d: fc.record({ e: fc.boolean() }, { requiredKeys: [] }) }, { requiredKeys: [] }),
    list: fc.uniqueArray(fc.record({ id: fc.constantFrom('x', 'y', 'z'), v: fc.integer() }), {
      minLength: 1,
      selector: ({ id }) => id,
    }),
  },
  { requiredKeys: [] },
)

test('grouping does not matter', () => {
  fc.assert(
    fc.property(sources, sources, sources, (a, b, c) =>
      assert.deepEqual(overlaid(overlaid(a, b), c), overlaid(a, overlaid(b, c))),
    ),
  )
})

test('a source over itself, or over nothing, is itself', () => {
  fc.assert(
    fc.property(sources, (a) => {
      assert.deepEqual(overlaid(a, a), overlaid({}, a))
      assert.deepEqual(overlaid(a, {}), overlaid({}, a))
    }),
  )
})
