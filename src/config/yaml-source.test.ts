import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toPlain } from './located.ts'
import type { Origin } from './origin.ts'
import { parseYaml } from './yaml-source.ts'

const at = (line: number, column: number): Origin => ({ kind: 'file', file: 'f', line, column })
const read = (text: string) => parseYaml(text, at)
const plain = (text: string): unknown => {
  const { tree, problems } = read(text)
  assert.deepEqual(problems, [])
  assert.ok(tree)
  return toPlain(tree)
}

test('scalars are those of YAML 1.2', () => {
  const text = 'a: yes\nb: 0o17\nc: 1.5\nd: true\ne: ~\nf: 2001-01-01\ng: 1_000\nh: 012\n1: "1"\n<<: text\n'
  assert.deepEqual(plain(text), {
    a: 'yes',
    b: 15,
    c: 1.5,
    d: true,
    e: null,
    f: '2001-01-01',
    g: '1_000',
    h: 12,
    1: '1',
    '<<': 'text',
  })
})

test('an empty text is an empty map', () => {
  for (const text of ['', '\n', '# only a comment', '\ufeff']) assert.deepEqual(plain(text), {}, JSON.stringify(text))
})

test('each value knows its line and column', () => {
  const { tree } = read('a:\n  b: 1\n  c: [x, y]\n')
  assert.ok(tree?.kind === 'map')
  const a = tree.entries.get('a')
  assert.deepEqual(a?.keyAt, at(1, 1))
  assert.ok(a?.kind === 'map')
  const c = a.entries.get('c')
  assert.ok(c?.kind === 'list')
  assert.deepEqual([c.keyAt, c.at, c.items[1]?.at], [at(3, 3), at(3, 6), at(3, 10)])
})

test('aliases are followed within bounds', () => {
  assert.deepEqual(plain('a: &x { b: 1 }\nc: *x\n'), { a: { b: 1 }, c: { b: 1 } })
  assert.deepEqual(plain('a: &x { b: &y 1 }\nc: &y 2\nd: *x\ne: *y\n'), { a: { b: 1 }, c: 2, d: { b: 1 }, e: 2 })
  assert.match(String(read('a: &x b\n? *x\n: 1').problems[0]?.why), /key/)
  assert.match(String(read('a: &x [*x]').problems[0]?.why), /contains itself/)
  assert.match(String(read('a: *x').problems[0]?.why), /no anchor/)
  const bomb = Array.from(
    { length: 30 },
    (_, level) => `k${level}: &a${level} [${`*a${level - 1}, `.repeat(level && 9)}x]`,
  )
  assert.match(String(read(bomb.join('\n')).problems[0]?.why), /more than 50000 values/)
})

test('depth is bounded', () => {
  for (const depth of [100, 5000]) {
    const { tree, problems } = read('['.repeat(depth) + ']'.repeat(depth))
    assert.equal(tree, undefined)
    assert.match(String(problems[0]?.why), /nested/)
    assert.equal(problems.length, 1)
  }
})

test('tags, other versions and several documents are refused', () => {
  for (const text of ['a: !x 1', 'a: !!binary aGk=', 'a: !!set {b}', '%YAML 1.1\n---\na: yes', 'a: 1\n---\nb: 2']) {
    const { tree, problems } = read(text)
    assert.equal(tree, undefined, text)
    assert.equal(problems.length, 1, text)
  }
})

test('keys that reach into objects are refused at any depth, and nothing is polluted', () => {
  for (const key of ['__proto__', 'constructor', 'prototype', '"\\u005f_proto__"']) {
    const { tree, problems } = read(`a: [{ ${key}: { polluted: true } }]`)
    assert.equal(problems[0]?.what, 'forbidden key', key)
    assert.deepEqual(tree && toPlain(tree), { a: [{}] })
  }
  assert.equal('polluted' in {}, false)
})

test('a problem with the syntax does not repeat the text', () => {
  const texts = [
    'a: "hunter2',
    'a: hunter2: x',
    'a: *hunter2',
    'a: @hunter2',
    'a: [hunter2',
    'hunter2\nb: 1',
    'a: "x" hunter2',
    '? [hunter2]\n: 1',
  ]
  for (const text of texts) {
    const { problems } = read(text)
    assert.notEqual(problems.length, 0, text)
    assert.doesNotMatch(JSON.stringify(problems), /hunter2/, text)
  }
})

const scraps = fc.constantFrom(
  'a',
  ': ',
  '- ',
  '\n',
  '  ',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '&a ',
  '*a ',
  '!!str ',
  '|',
  '? ',
  '#',
  '---',
  '\t',
  '~',
  '<<',
  '%',
)

test('no text makes the reader throw', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(scraps).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const { tree, problems } = read(text)
      assert.ok(tree !== undefined || problems.length > 0)
    }),
    { numRuns: 2000 },
  )
})
