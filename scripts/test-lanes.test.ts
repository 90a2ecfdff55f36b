import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { runInLanes } from './test-lanes.ts'

test('each runs once, never more than there is room for, and room is not left to those that wait', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 })),
      fc.integer({ min: 1, max: 3 }),
      async (widths, lanes) => {
        const items = widths.map((width, id) => ({ id, width: Math.min(width, lanes) }))
        const started: number[] = []
        let taken = 0
        await runInLanes(items, { lanes, lanesOf: ({ id }) => widths[id] ?? 1 }, async ({ id, width }) => {
          started.push(id)
          taken += width
          assert.ok(taken <= lanes)
          await new Promise((resolve) => setImmediate(resolve))
          const free = lanes - taken
          const fits = items.find((item) => !started.includes(item.id) && item.width <= free)
          assert.equal(fits, undefined)
          taken -= width
        })
        assert.deepEqual(
          started.toSorted((a, b) => a - b),
          items.map(({ id }) => id),
        )
      },
    ),
  ))

test('what goes wrong is told once the others have ended', async () => {
  const ended: string[] = []
  const running = runInLanes(['bad', 'slow', 'later'], { lanes: 2, lanesOf: () => 1 }, async (name) => {
    if (name === 'bad') throw new Error('no good')
    await new Promise((resolve) => setImmediate(resolve))
    ended.push(name)
  })
  await assert.rejects(running, /no good/)
  assert.deepEqual(ended, ['slow'])
})
