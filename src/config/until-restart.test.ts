import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { composeSchema } from './compose-schema.ts'
import { untilRestart } from './until-restart.ts'

const schema = composeSchema({
  server: z.strictObject({
    listen: z.string().default(':80').meta({ 'x-restart': 'always' }),
    title: z.string().optional(),
    limits: z
      .strictObject({ head: z.int().default(1).meta({ 'x-restart': 'always' }), body: z.int().default(1) })
      .prefault({}),
    tls: z.strictObject({ key: z.string() }).optional().meta({ 'x-restart': 'presence' }),
  }),
  stores: z.strictObject({ url: z.string().default('x') }).meta({ 'x-restart': 'always' }),
  things: z.array(z.strictObject({ id: z.string() })),
})

test('what needs a restart stays, the rest is new', () => {
  const present = schema.parse({ server: { title: 'a', tls: { key: 'a' } }, things: [{ id: 'a' }] })
  const next = schema.parse({
    server: { listen: ':81', limits: { head: 2, body: 2 }, tls: { key: 'b' } },
    stores: { url: 'y' },
    things: [{ id: 'b' }],
  })
  assert.deepEqual(untilRestart(schema, present, next), {
    server: { listen: ':80', limits: { head: 1, body: 2 }, tls: { key: 'b' } },
    stores: { url: 'x' },
    things: [{ id: 'b' }],
  })
})

test('what is to come or to go stays away, or stays', () => {
  const [without, having] = [schema.parse({}), schema.parse({ server: { tls: { key: 'a' } } })]
  assert.equal(untilRestart(schema, without, having).server.tls, undefined)
  assert.deepEqual(untilRestart(schema, having, without).server.tls, { key: 'a' })
})
