import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseToml, TomlFault, type TomlValue } from './toml-source.ts'

/** Values with their places: `8080 @2:8`. */
function show(value: TomlValue): unknown {
  const place = `@${value.at.line}:${value.at.column}`
  if (value.kind === 'list') return value.items.map(show)
  if (value.kind !== 'table') return `${value.value} ${place}`
  return Object.fromEntries([...value.entries].map(([name, entry]) => [name, show(entry.value)]))
}

test('every value has its place, whichever way the table is written', async () => {
  const text = `[service]
port = 8090
wsproxy.url = "x"
[session.redis]
addr = { host = "h", port = 1 }
[session.redis.redis_helper_config]
socket_timeout = 5.5
[[list]]
a = [true, 2026-01-02]
[[list]]
`
  assert.deepEqual(show(await parseToml(text)), {
    service: { port: '8090 @2:8', wsproxy: { url: 'x @3:15' } },
    session: {
      redis: {
        addr: { host: 'h @5:17', port: '1 @5:29' },
        redis_helper_config: { socket_timeout: '5.5 @7:18' },
      },
    },
    list: [{ a: ['true @9:6', '2026-01-02 @9:12'] }, {}],
  })
})

test('hyphens and underscores are one name; the name as written is kept', async () => {
  const root = await parseToml('[apollo-router]\nconnection-limit = 1')
  const router = root.entries.get('apollo_router')
  assert.equal(router?.written, 'apollo-router')
  assert.deepEqual(show(root), { apollo_router: { connection_limit: '1 @2:20' } })
})

const refused: readonly (readonly [string, string, RegExp, number, number])[] = [
  ['a value is no TOML', 'a = 1\nb = yes\n', /unexpected/, 2, 5],
  ['a key stands twice', 'a = 1\na = 2', /multiple times/, 2, 1],
  [
    'a key stands twice, once with a hyphen',
    'a-b = 1\na_b = 2',
    /"a_b" stands there twice, first as "a-b" in line 1/,
    2,
    1,
  ],
  ['a table stands twice, once with a hyphen', '[a-b]\nx = 1\n[a_b]\n', /twice/, 3, 2],
  ['a list of tables stands twice, once with a hyphen', '[[a-b]]\n[[a_b]]\n', /twice/, 2, 3],
  ['a table goes through a value, once with a hyphen', 'a-b = 1\n[a_b.c]\n', /twice/, 2, 2],
  ['thousands of levels of a key', `a${'.a'.repeat(100_000)} = 1`, /nested too deeply/, 1, 1],
  ['thousands of levels of a value', `a = ${'['.repeat(5000)}${']'.repeat(5000)}`, /nested too deeply/, 1, 70],
]

for (const [what, text, why, line, column] of refused) {
  test(`refused with its place: ${what}`, async () => {
    await assert.rejects(parseToml(text), (error) => {
      assert.ok(error instanceof TomlFault)
      assert.match(error.message, why)
      assert.deepEqual(error.at, { line, column })
      return true
    })
  })
}

test('names like __proto__ are names like any other', async () => {
  const root = await parseToml('__proto__.polluted = 1\nconstructor = 2')
  assert.deepEqual([...root.entries.keys()], ['__proto__', 'constructor'])
  assert.equal((Object.prototype as { readonly polluted?: unknown }).polluted, undefined)
})

test('no text makes it throw anything but a fault with a place', async () => {
  const piece = fc.constantFrom(
    ...'[]{}=.,"\'#-_ab1\n\r\\ '.split(''),
    '"""',
    "'''",
    '[[',
    '2026-01-01',
    '\u{feff}',
    '\0',
    'é',
    'nan',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.array(piece).map((pieces) => pieces.join('')),
        fc.string(),
      ),
      async (text) => {
        try {
          assert.equal((await parseToml(text)).kind, 'table')
        } catch (error) {
          assert.ok(error instanceof TomlFault, String(error))
          assert.ok(error.at.line >= 1 && error.at.column >= 1)
        }
      },
    ),
    { numRuns: 200 },
  )
})
