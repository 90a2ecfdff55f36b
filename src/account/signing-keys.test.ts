import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { weakKeys } from '../../test/account/weak-keys.ts'
import { createSigningKeys, whyWeakSigningKey } from './signing-keys.ts'
import { makeKey } from './token.fixture.ts'

test('200 keys that somebody might make up are refused, each with a reason that does not quote it', () => {
  assert.ok(weakKeys.length >= 200)
  for (const key of weakKeys) {
    const why = whyWeakSigningKey(key)
    assert.ok(why !== undefined, JSON.stringify(key))
    assert.ok(key.length < 4 || !why.includes(key), why)
  }
})

test('keys of too few and too many bytes', () => {
  for (const bytes of [0, 1, 16, 24, 31]) {
    assert.match(whyWeakSigningKey(randomBytes(bytes).toString('base64')) ?? '', /at least 32/)
  }
  assert.match(whyWeakSigningKey(randomBytes(65).toString('base64')) ?? '', /at most 64/)
})

test('random keys pass, in either alphabet, with padding and without', () => {
  const key = Buffer.from(makeKey(32).reveal(), 'base64')
  const forms = [key.toString('base64'), key.toString('base64url'), key.toString('base64').replace(/=/g, '')]
  for (const form of forms) assert.equal(whyWeakSigningKey(form), undefined, form)
  for (const bytes of [48, 64]) assert.equal(whyWeakSigningKey(makeKey(bytes).reveal()), undefined)
  const [first, ...others] = forms.map((form) => createSigningKeys([{ reveal: () => form } as never]).newest)
  for (const other of others) assert.deepEqual(other, first, 'all of them are one key')
})

test('what a decoder would overlook is no key', () => {
  const text = makeKey().reveal()
  for (const odd of [
    `${text}\n`,
    ` ${text}`,
    text.replace(/^./, '!'),
    `${text.slice(0, 20)} ${text.slice(20)}`,
    `${text}=`,
  ]) {
    assert.match(whyWeakSigningKey(odd) ?? '', /not written in base64/, JSON.stringify(odd))
  }
})

test('the name of a key is the same everywhere and tells nothing of it', () => {
  const secrets = [makeKey(), makeKey()]
  const [keys, again] = [createSigningKeys(secrets), createSigningKeys(secrets.toReversed())]
  assert.deepEqual(keys.all, again.all.toReversed())
  assert.deepEqual(keys.newest, keys.all[0])
  assert.notEqual(keys.all[0]?.id, keys.all[1]?.id)
  for (const { id, bytes } of keys.all) assert.ok(!Buffer.from(bytes).toString('base64url').includes(id))
})
