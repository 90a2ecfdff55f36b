import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { byteSize } from './byte-size.ts'
import { composeSchema } from './compose-schema.ts'
import { duration } from './duration.ts'
import { toJsonSchema } from './json-schema.ts'
import { listenAddress } from './listen-address.ts'
import { secretRef } from './secret-ref.ts'

test('descriptions, defaults and examples are kept in the form in which operators write', () => {
  const { properties = {} } = toJsonSchema(
    z.strictObject({
      idle: duration('1h').describe('The idle end.'),
      head: byteSize('16KiB')
        .meta({ examples: ['8KiB'] })
        .describe('The head.'),
      listen: z
        .union([listenAddress(), z.array(listenAddress())])
        .prefault(':80')
        .transform((value) => [value])
        .describe('Where.'),
      secret: secretRef().optional().describe('The secret.'),
      lists: z.array(duration()).default([]).describe('Times.'),
    }),
  )
  const { idle, head, listen, secret, lists } = properties
  assert.deepEqual([idle?.description, idle?.default, idle?.type], ['The idle end.', '1h', 'string'])
  assert.deepEqual([head?.description, head?.default, head?.examples], ['The head.', '16KiB', ['8KiB']])
  assert.deepEqual([listen?.description, listen?.default], ['Where.', ':80'])
  assert.deepEqual([secret?.description, secret?.['x-type']], ['The secret.', 'secret'])
  assert.deepEqual([lists?.description, lists?.default], ['Times.', []])
})

test('it is JSON Schema 2020-12, strict, and the same each time', () => {
  const make = () => toJsonSchema(composeSchema({ a: z.strictObject({ b: duration() }), c: z.array(z.string()) }))
  assert.equal(JSON.stringify(make()), JSON.stringify(make()))
  assert.deepEqual(make(), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Gatehouse configuration',
    type: 'object',
    properties: {
      a: {
        default: {},
        type: 'object',
        properties: {
          b: {
            type: 'string',
            pattern: '^(0|[1-9]\\d{0,8})(ms|s|m|h|d)$',
            'x-type': 'duration',
            examples: ['30s'],
          },
        },
        required: ['b'],
        additionalProperties: false,
      },
      c: { default: [], type: 'array', items: { type: 'string' } },
    },
    additionalProperties: false,
  })
})
