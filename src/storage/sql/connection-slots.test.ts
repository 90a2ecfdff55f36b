import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createConnectionSlots } from './connection-slots.ts'

describe('connection slots', () => {
  it('are given in order of arrival, as many as there are', async () => {
    const slots = createConnectionSlots({ slots: 1, queue: 10, waitMs: 5_000 })
    const order: number[] = []
    const first = await slots.take()
    const others = [1, 2, 3].map(async (number) => {
      const give = await slots.take()
      order.push(number)
      give()
    })
    assert.deepEqual(order, [])
    first()
    await Promise.all(others)
    assert.deepEqual(order, [1, 2, 3])
  })

  it('given back twice are one slot', async () => {
    const slots = createConnectionSlots({ slots: 1, queue: 0, waitMs: 5_000 })
    const give = await slots.take()
    give()
    give()
    await slots.take()
    await assert.rejects(slots.take(), /0 others wait/)
  })

  it('refuse at once whom the queue cannot hold, and after a while whom it holds', async () => {
    const slots = createConnectionSlots({ slots: 1, queue: 1, waitMs: 20 })
    const give = await slots.take()
    const waiting = slots.take()
    await assert.rejects(slots.take(), /1 others wait for a connection already/)
    await assert.rejects(waiting, /no connection was free within 20 ms/)
    give()
    // Who gave up holds no slot.
    ;(await slots.take())()
    await slots.take()
  })
})
