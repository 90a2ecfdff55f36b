import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Logger } from '#telemetry'
import { createManualClock } from '../../test/support/manual-clock.ts'
import type { SessionEnd } from './session.ts'
import { createTombstoneFeed } from './tombstone-feed.ts'
import type { Tombstone, Tombstones } from './tombstones.ts'

const start = Date.UTC(2026, 0, 1)

function createFeed() {
  const clock = createManualClock(start)
  const kept: Tombstone[] = []
  const told: string[] = []
  const logged: string[] = []
  const faults = { isDown: false }
  const tombstones: Tombstones = {
    put: async () => true,
    among: async () => new Map(),
    sweep: async () => {},
    async since(time: number) {
      if (faults.isDown) throw new Error('the database is away')
      return new Map(kept.filter(({ endedAt }) => endedAt >= time).map(({ ref, reason }) => [ref, reason]))
    },
  }
  const log: Logger = {
    debug() {},
    info() {},
    warn: (fields) => void logged.push(fields.event),
    error() {},
    child: () => log,
  }
  const announce = (ref: string, reason: SessionEnd): void => void told.push(`${ref} ${reason}`)
  const end = (ref: string, endedAt: number): void =>
    void kept.push({ ref, endedAt, keepUntil: endedAt + 1e9, reason: 'logout' })
  return { clock, told, logged, faults, end, feed: createTombstoneFeed({ clock, log, tombstones, announce }) }
}

test('each end is told once, by whichever clock it was written', async () => {
  const { clock, feed, told, end } = createFeed()
  end('here', start)
  end('behind', start - 60_000)
  end('ahead', start + 60_000)
  await feed.poll()
  assert.deepEqual(told.sort(), ['ahead logout', 'behind logout', 'here logout'])
  clock.advance(500)
  await feed.poll()
  end('late', start - 59_000)
  await feed.poll()
  assert.deepEqual(told.slice(3), ['late logout'])
})

test('while the database is away it is said once, and what was missed is told after', async () => {
  const { clock, feed, told, logged, faults, end } = createFeed()
  faults.isDown = true
  await feed.poll()
  end('meanwhile', start)
  clock.advance(600_000)
  await feed.poll()
  assert.deepEqual([told, logged], [[], ['session_ends_unheard']])
  faults.isDown = false
  await feed.poll()
  assert.deepEqual(told, ['meanwhile logout'])
})
