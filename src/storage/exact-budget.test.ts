import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createExactBudget } from './exact-budget.ts'
import { createMemoryKeyValue } from './key-value/memory.ts'

const minute = 60_000
const rate = { limit: 5, windowMs: minute }

function createNodes() {
  const clock = createManualClock(1_000_000 * minute)
  const keyValue = createMemoryKeyValue({ clock })
  const nodes = [0, 1].map(() => createExactBudget({ name: 'test', rate, clock, keyValue }))
  let turn = 0
  const take = (key = 'ada') => nodes[turn++ % 2]?.take(key) ?? assert.fail()
  return { clock, keyValue, nodes, take }
}

test('of many at once on two nodes as many as the limit are granted', async () => {
  const { take } = createNodes()
  const takings = await Promise.all(Array.from({ length: 100 }, () => take()))
  assert.equal(takings.filter(({ waitMs }) => waitMs === 0).length, 5)
  assert.ok(takings.every(({ waitMs }) => waitMs >= 0 && waitMs <= 2 * minute))
})

test('what was refused is not counted', async () => {
  const { clock, take } = createNodes()
  for (let n = 0; n < 50; n++) await take()
  clock.advance(minute + 12_001)
  assert.equal((await take()).waitMs, 0)
})

test('the edge of a window brings no second budget', async () => {
  const { clock, take } = createNodes()
  clock.advance(minute - 1)
  for (let n = 0; n < 5; n++) assert.equal((await take()).waitMs, 0)
  clock.advance(2)
  const { waitMs } = await take()
  assert.ok(waitMs > 11_000, String(waitMs))
  clock.advance(waitMs)
  assert.equal((await take()).waitMs, 0)
})

test('what is given back can be taken again, also after the window has ended', async () => {
  const { clock, nodes, take } = createNodes()
  clock.advance(minute - 10)
  const [first] = await Promise.all(Array.from({ length: 5 }, () => take()))
  clock.advance(20)
  assert.ok((await take()).waitMs > 0)
  await nodes[0]?.giveBack('ada', first?.takenAt ?? 0)
  clock.advance(20)
  assert.equal((await take()).waitMs, 0)
})

test('without the store nothing is granted', async () => {
  const away = async () => Promise.reject(new Error('away'))
  const budget = createExactBudget({
    name: 'test',
    rate,
    clock: createManualClock(),
    keyValue: { get: away, increment: away },
  })
  await assert.rejects(budget.take('ada'), /away/)
})
