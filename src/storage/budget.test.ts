import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Rate } from '#config'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createBudget } from './budget.ts'
import { createMemoryKeyValue } from './key-value/memory.ts'

const minute = 60_000
/** A manual clock at the beginning of a window of a minute. */
const startMs = 1_000_000 * minute

function createNodes(rate: Rate, count = 1) {
  const clock = createManualClock(startMs)
  const store = createMemoryKeyValue({ clock })
  const calls = { get: 0, increment: 0, isAway: false }
  const answer = <T>(work: () => Promise<T>): Promise<T> => (calls.isAway ? Promise.reject(new Error('away')) : work())
  const keyValue = {
    get: (key: string) => answer(() => store.get(key)).finally(() => void calls.get++),
    increment: (key: string, options: { readonly by: number; readonly ttlMs: number }) =>
      answer(() => store.increment(key, options)).finally(() => void calls.increment++),
  }
  const nodes = Array.from({ length: count }, () => createBudget({ name: 'test', rate, clock, keyValue }))
  const take = async (times: number, node = nodes[0], key = 'ada'): Promise<number> => {
    let given = 0
    for (let n = 0; n < times; n++) if ((await node?.take(key)) === 0) given++
    return given
  }
  return { clock, store, calls, nodes, take }
}

test('as many as the limit are given in a window, and each key has its own', async () => {
  const { take, nodes } = createNodes({ limit: 10, windowMs: minute })
  assert.equal(await take(20, nodes[0], 'ada'), 10)
  assert.equal(await take(20, nodes[0], 'grace'), 10)
})

test('whoever is refused is told when there is one more, and then there is', async () => {
  const { clock, nodes, take } = createNodes({ limit: 10, windowMs: minute })
  clock.advance(20_000)
  await take(10)
  for (let round = 0; round < 30; round++) {
    const waitMs = Number(await nodes[0]?.take('ada'))
    assert.ok(waitMs > 0 && waitMs <= minute, String(waitMs))
    clock.advance(waitMs - 2)
    assert.ok(Number(await nodes[0]?.take('ada')) > 0, 'not before')
    clock.advance(3)
    assert.equal(await nodes[0]?.take('ada'), 0, `round ${round}`)
  }
})

test('the edge of a window brings no second budget', async () => {
  const { clock, take } = createNodes({ limit: 60, windowMs: minute })
  clock.advance(minute - 10)
  assert.equal(await take(100), 60)
  clock.advance(20)
  assert.equal(await take(100), 0)
  clock.advance(10_000)
  assert.equal(await take(100), 10, 'they come back evenly')
})

test('a node that comes new to a key finds what the others took, in this window and the one before', async () => {
  const { clock, nodes, take } = createNodes({ limit: 60, windowMs: minute }, 3)
  clock.advance(minute - 10)
  assert.equal(await take(60, nodes[0]), 60)
  assert.equal(await take(60, nodes[1]), 1, 'the first goes through while the store is asked')
  clock.advance(20)
  assert.equal(await take(60, nodes[2]), 1)
})

test('in steady state nothing waits and the store is rarely asked', async () => {
  const { nodes, calls, take } = createNodes({ limit: 100_000, windowMs: minute })
  await take(10_000)
  calls.increment = 0
  let waited = 0
  for (let n = 0; n < 50_000; n++) {
    const taken = nodes[0]?.take('ada')
    if (typeof taken !== 'number') waited++
    // What is asked in the background gets its turn, as between two requests.
    if (n % 10 === 0) await Promise.resolve()
    await taken
  }
  assert.ok(waited <= 2, `${waited} waited`)
  assert.ok(calls.increment < 60, `${calls.increment} questions`)
})

test('who asks little takes little: nothing is set aside that others could use', async () => {
  const { nodes, store, take } = createNodes({ limit: 1000, windowMs: minute }, 5)
  for (const node of nodes) await take(2, node)
  const sum = Number(await store.get(`rate:test:ada:${startMs / minute}`))
  assert.ok(sum <= 30, `${sum} taken for 10`)
})

test('while the store is away a node counts for itself: neither unlimited nor refused', async () => {
  const { clock, calls, take, nodes } = createNodes({ limit: 50, windowMs: minute }, 2)
  calls.isAway = true
  assert.equal(await take(100, nodes[0]), 50)
  calls.isAway = false
  clock.advance(1500)
  // Two more have come back by then; and the other node hears of what was taken meanwhile.
  await take(10, nodes[0])
  assert.ok((await take(100, nodes[1])) <= 50)
})

test('what was taken while the store was away is told it afterwards', async () => {
  const { clock, calls, take, nodes } = createNodes({ limit: 50, windowMs: minute }, 2)
  calls.isAway = true
  assert.equal(await take(40, nodes[0]), 40)
  calls.isAway = false
  clock.advance(1500)
  await take(1, nodes[0])
  const given = await take(100, nodes[1])
  assert.ok(given <= 10, `${given} more`)
})

test('a store that loses its count does not bring a new budget', async () => {
  const { store, take, nodes } = createNodes({ limit: 100, windowMs: minute }, 2)
  const first = await take(80, nodes[0])
  await store.delete(`rate:test:ada:${startMs / minute}`)
  const second = await take(100, nodes[0])
  const third = await take(100, nodes[1])
  assert.ok(first + second + third <= 103, `${first} + ${second} + ${third}`)
})

test('many keys are forgotten, not kept for ever', async () => {
  const clock = createManualClock(startMs)
  const keyValue = createMemoryKeyValue({ clock })
  const rate = { limit: 10, windowMs: minute }
  const budget = createBudget({ name: 'test', rate, clock, keyValue, maxKeys: 100 })
  for (let n = 0; n < 10; n++) await budget.take('ada')
  for (let n = 0; n < 1000; n++) await budget.take(`stranger ${n}`)
  assert.equal(await budget.take('ada'), 0, 'the first is given on trust')
  assert.ok((await budget.take('ada')) > 0, 'the store has not forgotten')
})

test('all nodes together never give more than the limit and one each', async () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ node: fc.nat({ max: 4 }), times: fc.integer({ min: 1, max: 40 }) }) },
      { weight: 1, arbitrary: fc.record({ waitMs: fc.integer({ min: 1, max: 9000 }) }) },
      { weight: 1, arbitrary: fc.constant({ parallel: 60 }) },
    ),
    { minLength: 1, maxLength: 60 },
  )
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 300 }), steps, async (limit, script) => {
      const rate = { limit, windowMs: minute }
      const { clock, nodes, take } = createNodes(rate, 5)
      let given = 0
      let elapsedMs = 0
      for (const step of script) {
        if ('waitMs' in step) {
          const waitMs = Math.min(step.waitMs, minute - 1 - elapsedMs)
          clock.advance(waitMs)
          elapsedMs += waitMs
        } else if ('parallel' in step) {
          const taken = await Promise.all(
            Array.from({ length: step.parallel }, async (_, n) => nodes[n % nodes.length]?.take('ada')),
          )
          given += taken.filter((waitMs) => waitMs === 0).length
        } else given += await take(step.times, nodes[step.node])
      }
      assert.ok(given <= limit + nodes.length, `${given} of ${limit}`)
    }),
    { numRuns: 200 },
  )
})

test('in any stretch of time no more is given than the limit and what has come back since', async () => {
  const bursts = fc.array(
    fc.record({ waitMs: fc.integer({ min: 0, max: 50_000 }), times: fc.integer({ min: 1, max: 80 }), node: fc.nat(2) }),
    { minLength: 2, maxLength: 30 },
  )
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 60 }), bursts, async (limit, script) => {
      const { clock, nodes, take } = createNodes({ limit, windowMs: minute }, 3)
      const events: { readonly atMs: number; readonly given: number }[] = []
      for (const { waitMs, times, node } of script) {
        clock.advance(waitMs)
        events.push({ atMs: clock.now(), given: await take(times, nodes[node]) })
      }
      for (const [index, from] of events.entries()) {
        let sum = 0
        for (const { atMs, given } of events.slice(index)) {
          sum += given
          const spanMs = atMs - from.atMs
          // One for each node and window is given on trust.
          const onTrust = nodes.length * (Math.floor(spanMs / minute) + 2)
          assert.ok(sum <= limit * (1 + spanMs / minute) + onTrust + 1, `${sum} in ${spanMs} ms of ${limit}`)
        }
      }
    }),
    { numRuns: 200 },
  )
})
