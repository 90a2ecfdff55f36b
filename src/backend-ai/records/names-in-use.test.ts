import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { createNamesInUse } from './names-in-use.ts'

test('a name is known until it is asked for', () => {
  const names = createNamesInUse(createManualClock())
  names.note('ref', 'name')
  names.note('other', 'another')
  assert.equal(names.take('ref'), 'name')
  assert.equal(names.take('ref'), undefined)
  assert.equal(names.take('other'), 'another')
})

test('a name that was not in use for ten minutes is forgotten, and no other', () => {
  const clock = createManualClock()
  const names = createNamesInUse(clock)
  names.note('first', 'a')
  names.note('second', 'b')
  clock.advance(5 * 60_000)
  names.note('first', 'a')
  clock.advance(5 * 60_000)
  names.sweep()
  assert.deepEqual([names.take('second'), names.take('first')], [undefined, 'a'])
})
