import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { claimsToBeOurs, createTokenSecret, parseTokenSecret } from './token-form.ts'

const kinds = ['api-token', 'service-account'] as const
const made = (kind: (typeof kinds)[number]) => createTokenSecret(kind)

test('what is made here is read as what it is', () => {
  for (const kind of kinds) {
    const { secret, form } = made(kind)
    assert.match(secret.reveal(), kind === 'api-token' ? /^gh_[0-9A-Za-z]{49}$/ : /^ghs_[0-9A-Za-z]{49}$/)
    assert.deepEqual(parseTokenSecret(secret.reveal()), form)
    assert.equal(form.kind, kind)
    assert.ok(secret.reveal().startsWith(form.hint) && form.hint.length <= 8)
    assert.ok(!inspect({ secret, form }).includes(secret.reveal()))
  }
})

test('any single character that is another one is found out without a store', () => {
  const anyPlace = fc.nat({ max: 48 })
  const anyCharacter = fc.constantFrom(
    ...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_. é'.split(''),
  )
  fc.assert(
    fc.property(fc.constantFrom(...kinds), anyPlace, anyCharacter, (kind, place, character) => {
      const text = made(kind).secret.reveal()
      const at = text.indexOf('_') + 1 + place
      fc.pre(text[at] !== character)
      assert.equal(parseTokenSecret(text.slice(0, at) + character + text.slice(at + 1)), undefined)
    }),
    { numRuns: 1000 },
  )
})

test('two characters in each other’s place, one too many, one too few, another prefix: none is read', () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.nat({ max: 47 }), (kind, place) => {
      const text = made(kind).secret.reveal()
      const at = text.indexOf('_') + 1 + place
      const swapped = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2)
      if (swapped !== text) assert.equal(parseTokenSecret(swapped), undefined)
      assert.equal(parseTokenSecret(text.slice(0, at) + text.slice(at + 1)), undefined)
      assert.equal(parseTokenSecret(text.slice(0, at) + text[at] + text.slice(at)), undefined)
    }),
  )
  const text = made('api-token').secret.reveal()
  for (const other of [
    text.replace('gh_', 'ghs_'),
    text.replace('gh_', 'GH_'),
    ` ${text}`,
    `${text}\n`,
    text.slice(3),
    '',
  ])
    assert.equal(parseTokenSecret(other), undefined, other)
})

test('no text at all is a reason to throw, and what is read claims to be ours', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `gh_${text}`),
      ),
      (text) => {
        if (parseTokenSecret(text) !== undefined) assert.ok(claimsToBeOurs(text))
      },
    ),
  )
  assert.deepEqual(['gh_', 'ghs_x', 'ghp_abc', 'eyJhbGciOiJIUzI1NiJ9.e30.x', 'GH_x'].map(claimsToBeOurs), [
    true,
    true,
    false,
    false,
    false,
  ])
})

test('ten thousand secrets are ten thousand, and each digit stands everywhere as often as any other', () => {
  const seen = new Set<string>()
  const counts = new Map<string, number>()
  for (let n = 0; n < 10_000; n++) {
    const secret = made('api-token').secret.reveal()
    seen.add(secret)
    // The first digit of 256 bits in base 62 is not evenly spread.
    for (const digit of secret.slice(4, 46)) counts.set(digit, (counts.get(digit) ?? 0) + 1)
  }
  assert.equal(seen.size, 10_000)
  const expected = (10_000 * 42) / 62
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  assert.equal(counts.size, 62)
  // 61 degrees of freedom: more than this once in ten million runs.
  assert.ok(chiSquare < 130, String(chiSquare))
})
