import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Candidate, createBalancer } from './balancer.ts'

interface Named extends Candidate {
  readonly name: string
  load: number
}

const candidates = (weights: readonly number[]): Named[] =>
  weights.map((weight, index) => ({ name: 'abcdefghij'[index] as string, weight, load: 0, turn: 0 }))

const picksOf = (among: readonly Named[], count: number, choose = createBalancer('round-robin')): string =>
  Array.from({ length: count }, () => choose(among).name).join('')

test('round robin: each in turn, weights spread evenly', () => {
  assert.equal(picksOf(candidates([1, 1, 1]), 6), 'abcabc')
  assert.equal(picksOf(candidates([5, 1, 1]), 7), 'aabacaa')
})

test('round robin: what comes back gets no more than its share', () => {
  const all = candidates([1, 1, 1])
  const [, ...others] = all
  picksOf(others, 100)
  assert.deepEqual(picksOf(all, 6).split('').sort().join(''), 'aabbcc')
})

test('least connections: the fewest for its weight; equals in turn', () => {
  const choose = createBalancer('least-connections')
  const all = candidates([1, 1, 2])
  const pick = () => {
    const chosen = choose(all)
    chosen.load++
    return chosen.name
  }
  const first = Array.from({ length: 8 }, pick)
  assert.deepEqual(first.filter((name) => name === 'c').length, 4)
  ;(all[0] as Named).load = 0
  assert.equal(pick(), 'a')
})

test('random: as the weights say', () => {
  const all = candidates([1, 3])
  let at = 0
  const choose = createBalancer('random', () => (at++ % 100) / 100)
  const picks = picksOf(all, 100, choose)
  assert.equal(picks.replaceAll('b', '').length, 25)
  assert.equal(createBalancer('random', () => 1)(all).name, 'b')
})

test('in every full round each gets its weight, whoever is there', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 }), (weights) => {
      const all = candidates(weights)
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (let round = 0; round < 3; round++) {
        const picks = picksOf(all, total)
        for (const { name, weight } of all) assert.equal(picks.split(name).length - 1, weight)
      }
    }),
  )
})
