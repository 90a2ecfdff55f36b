import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { composeSchema } from './compose-schema.ts'

const strict = z.strictObject({ a: z.int().default(1) })

test('a slice that is not mentioned has its own defaults', () => {
  const schema = composeSchema({
    object: strict,
    refined: strict.refine(({ a }) => a > 0),
    piped: strict.transform(({ a }) => a),
    list: z.array(z.string()),
    record: z.record(z.string(), z.string()),
    own: strict.prefault({ a: 7 }),
    absent: strict.optional(),
  })
  assert.deepEqual(schema.parse({}), {
    object: { a: 1 },
    refined: { a: 1 },
    piped: 1,
    list: [],
    record: {},
    own: { a: 7 },
  })
})

test('a slice that needs something says so under its own path', () => {
  const issues = composeSchema({ server: z.strictObject({ url: z.string() }) }).safeParse({}).error?.issues
  assert.deepEqual(
    issues?.map(({ path }) => path),
    [['server', 'url']],
  )
})

test('a key that no feature has is refused', () => {
  assert.equal(composeSchema({ a: strict }).safeParse({ b: 1 }).error?.issues[0]?.code, 'unrecognized_keys')
})
