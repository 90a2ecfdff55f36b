// The case table of sealed values: what was sealed opens, and nothing else does.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { generateRingKey, type RingKey } from './key-ring.ts'
import { createSealer, deriveKey, type SealContext } from './seal.ts'

const [newKey, oldKey] = [generateRingKey(Date.UTC(2026, 10, 21)), generateRingKey(Date.UTC(2026, 9, 1))]
const ringOf = (...keys: RingKey[]) => ({ keys })
const sealer = createSealer(ringOf(newKey, oldKey))
const context = { purpose: 'session', boundTo: 'websession:abc' }
const withSecret = { ...context, secret: 'the half in the cookie' }

describe('seal', () => {
  it('gives back any bytes, with and without a secret', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5_000 }),
        fc.string(),
        fc.string(),
        fc.option(fc.uint8Array()),
        (...args) => {
          const [plaintext, purpose, boundTo, secret] = args
          const where: SealContext = { purpose, boundTo, ...(secret && { secret }) }
          assert.deepEqual(sealer.open(sealer.seal(plaintext, where), where), Buffer.from(plaintext))
        },
      ),
    )
  })

  it('names the sealing key and hides the text', () => {
    const sealed = sealer.seal('CANARY', context)
    assert.match(sealed, new RegExp(`^v1\\.${newKey.id}\\.[A-Za-z0-9_-]+$`))
    assert.doesNotMatch(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1'), /CANARY/)
  })

  it('never gives the same value twice', () => {
    assert.equal(new Set(Array.from({ length: 1_000 }, () => sealer.seal('x', context))).size, 1_000)
  })

  it('opens what an older key of the ring sealed', () => {
    const sealed = createSealer(ringOf(oldKey)).seal('x', withSecret)
    assert.equal(sealer.open(sealed, withSecret)?.toString(), 'x')
  })

  const other = createSealer(ringOf({ ...newKey, secret: oldKey.secret }))
  const refused: readonly (readonly [string, (sealed: string) => Buffer | undefined])[] = [
    ['another purpose', (sealed) => sealer.open(sealed, { ...withSecret, purpose: 'sessions' })],
    ['another place', (sealed) => sealer.open(sealed, { ...withSecret, boundTo: 'websession:abd' })],
    [
      'purpose and place cut elsewhere',
      (sealed) => sealer.open(sealed, { ...withSecret, purpose: 'sessionw', boundTo: 'ebsession:abc' }),
    ],
    ['another secret', (sealed) => sealer.open(sealed, { ...withSecret, secret: 'the half in the cookiE' })],
    ['no secret', (sealed) => sealer.open(sealed, context)],
    ['an empty secret', (sealed) => sealer.open(sealed, { ...context, secret: '' })],
    ['a ring without the key', (sealed) => createSealer(ringOf(oldKey)).open(sealed, withSecret)],
    ['a ring with another key of that id', (sealed) => other.open(sealed, withSecret)],
    ['an empty ring', (sealed) => createSealer(ringOf()).open(sealed, withSecret)],
    ['another version', (sealed) => sealer.open(sealed.replace('v1.', 'v2.'), withSecret)],
    ['the id of another key', (sealed) => sealer.open(sealed.replace(newKey.id, oldKey.id), withSecret)],
    ['a part more', (sealed) => sealer.open(`${sealed}.`, withSecret)],
    ['padding', (sealed) => sealer.open(`${sealed}=`, withSecret)],
    ['a space', (sealed) => sealer.open(` ${sealed}`, withSecret)],
    ['a line end', (sealed) => sealer.open(`${sealed}\n`, withSecret)],
    ['the head only', (sealed) => sealer.open(sealed.slice(0, sealed.lastIndexOf('.') + 1), withSecret)],
    ['nothing', () => sealer.open('', withSecret)],
  ]
  for (const [name, open] of refused) {
    it(`does not open with ${name}`, () => assert.equal(open(sealer.seal('x', withSecret)), undefined))
  }

  it('tells an empty secret from none', () => {
    assert.equal(sealer.open(sealer.seal('x', context), { ...context, secret: '' }), undefined)
  })

  it('does not open when any one character differs or the end is cut off', () => {
    const sealed = sealer.seal('a plaintext of some length', withSecret)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let at = 0; at < sealed.length; at += 1) {
      assert.equal(sealer.open(sealed.slice(0, at), withSecret), undefined, `cut at ${at}`)
      for (const letter of alphabet) {
        if (letter === sealed[at]) continue
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1)
        assert.equal(sealer.open(changed, withSecret), undefined, `${letter} at ${at}`)
      }
    }
  })

  it('never throws at what is not sealed', () => {
    fc.assert(fc.property(fc.string(), (text) => sealer.open(text, context) === undefined))
    fc.assert(fc.property(fc.base64String(), (text) => sealer.open(`v1.${newKey.id}.${text}`, context) === undefined))
  })

  it('refuses to seal before a ring is loaded', () => {
    assert.throws(() => createSealer(ringOf()).seal('x', context), /before the key ring is loaded/)
  })
})

describe('deriveKey', () => {
  it('is the same each time, of the length asked, and differs by purpose and key', () => {
    assert.deepEqual(deriveKey(newKey, 'jwt', 32), deriveKey({ ...newKey }, 'jwt', 32))
    assert.equal(deriveKey(newKey, 'jwt', 64).length, 64)
    assert.notDeepEqual(deriveKey(newKey, 'jwt', 32), deriveKey(newKey, 'jws', 32))
    assert.notDeepEqual(deriveKey(newKey, 'jwt', 32), deriveKey(oldKey, 'jwt', 32))
  })
})
