import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slotOf } from './redis-slot.ts'

test('slots are those of the specification', () => {
  // CRC16("123456789") is 0x31C3.
  assert.equal(slotOf('123456789'), 0x31c3)
  assert.equal(slotOf(''), 0)
  assert.equal(slotOf('foo'), 12_182)
})

test('what stands between the first braces decides, if there is something', () => {
  assert.equal(slotOf('{user1000}.following'), slotOf('user1000'))
  assert.equal(slotOf('foo{bar}{zap}'), slotOf('bar'))
  assert.equal(slotOf('foo{{bar}}zap'), slotOf('{bar'))
  assert.notEqual(slotOf('foo{}{bar}'), slotOf('bar'))
  assert.notEqual(slotOf('a}{b'), slotOf('b'))
})
