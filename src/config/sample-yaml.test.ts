import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { composeSchema } from './compose-schema.ts'
import { duration } from './duration.ts'
import { filePath } from './file-path.ts'
import { toReferenceMarkdown } from './reference-markdown.ts'
import { toSampleYaml } from './sample-yaml.ts'
import { secretRef } from './secret-ref.ts'

const first = z
  .strictObject({ type: z.literal('first'), one: z.string().describe('The one.') })
  .meta({ title: 'First' })
const second = z.strictObject({ type: z.literal('second'), two: z.int().default(2).describe('The two.') })

const schema = composeSchema({
  server: z
    .strictObject({
      url: z
        .string()
        .describe('The address')
        .meta({ examples: ['https://x'] }),
      idle: duration('1h').describe('The idle end.'),
      limits: z.strictObject({ head: z.int().min(1).max(9).default(4).describe('The head.') }).prefault({}),
      key: secretRef().optional().describe('The key.'),
      headers: z
        .record(z.string(), z.union([z.string(), secretRef()]))
        .default({})
        .describe('Headers.'),
      pages: z.record(z.string(), filePath()).default({}).describe('Pages | or not.'),
    })
    .meta({ title: 'Server', description: 'The front.' }),
  store: z.discriminatedUnion('type', [first, second]).prefault({ type: 'second' }).describe('Where it is kept.'),
  things: z.array(z.discriminatedUnion('type', [first, second])).describe('Many.'),
  rules: z.record(z.string(), z.array(z.strictObject({ allow: z.array(z.string()).describe('Who.') }))).default({}),
})

test('every key is there, and without the comment signs it is a valid tree of keys', () => {
  const sample = toSampleYaml(schema)
  const lines = sample.split('\n').filter((line) => !line.startsWith('##'))
  assert.ok(lines.every((line) => line === '' || line.startsWith('# ')))
  assert.deepEqual(parse(lines.map((line) => line.slice(2)).join('\n')), {
    server: {
      url: 'https://x',
      idle: '1h',
      limits: { head: 4 },
      key: { file: '/run/secrets/name' },
      headers: {},
      pages: {},
    },
    store: { type: 'second', two: 2 },
    things: [
      { type: 'first', one: '…' },
      { type: 'second', two: 2 },
    ],
    rules: { NAME: [{ allow: [] }] },
  })
  assert.match(sample, /^## {3}or: First\n## {3}type: first\n## {3}# The one\. Required\.\n## {3}one: …\n/m)
  assert.match(sample, /^## {3}The address\. Required\.$/m)
})

test('the sample is the same each time, and says where editors find the schema', () => {
  assert.equal(toSampleYaml(schema), toSampleYaml(schema))
  assert.match(toSampleYaml(schema, './x.schema.json'), /^# yaml-language-server: \$schema=\.\/x\.schema\.json\n/)
})

test('the reference has a row for each key, and a table for each type of a thing', () => {
  const page = toReferenceMarkdown(schema)
  assert.equal(page, toReferenceMarkdown(schema))
  for (const row of [
    '## `server`: Server',
    'The front.',
    '| `server.url` | text | required | The address | `https://x` |',
    '| `server.idle` | duration | `1h` | The idle end. |  |',
    '| `server.headers` | map (each: text or a secret) | `{}` | Headers. |  |',
    '| `server.limits.head` | whole number from 1 to 9 | `4` | The head. |  |',
    '| `server.key` | secret |  | The key. | `{ file: /run/secrets/name }` |',
    '| `server.pages` | map (each: a path) | `{}` | Pages \\| or not. |  |',
    '### `store` with `type: first`: First',
    '### `things[]` with `type: second`',
    '| `things[].two` | whole number | `2` | The two. |  |',
    '| `rules.NAME[].allow` | list (each: text) | required | Who. |  |',
  ]) {
    assert.ok(page.split('\n').includes(row), row)
  }
})
