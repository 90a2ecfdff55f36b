import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createSampler } from './sampler.ts'

test('a source is written so often in a minute, and then how many were left out', () => {
  const clock = createManualClock()
  const sampler = createSampler({ clock, each: 2, all: 100 })
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => sampler.take('a')),
    [0, 0, undefined, undefined, undefined],
  )
  assert.equal(sampler.take('b'), 0)
  clock.advance(60_000)
  assert.deepEqual(
    [1, 2, 3].map(() => sampler.take('a')),
    [3, 0, undefined],
  )
  assert.equal(sampler.take('b'), 0)
})

test('all sources together are bounded, and so is what is remembered of them', () => {
  const clock = createManualClock()
  const sampler = createSampler({ clock, each: 2, all: 100 })
  const taken = Array.from({ length: 100_000 }, (_, n) => sampler.take(`source ${n}`))
  assert.equal(taken.filter((leftOut) => leftOut !== undefined).length, 100)
})
