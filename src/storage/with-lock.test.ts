import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createMemoryKeyValue } from './key-value/memory.ts'
import { withLock } from './with-lock.ts'

describe('withLock', () => {
  let clock = createManualClock()
  let keyValue = createMemoryKeyValue({ clock })
  const options = { ttlMs: 10_000, waitMs: 5_000 }

  beforeEach(() => {
    clock = createManualClock()
    keyValue = createMemoryKeyValue({ clock })
  })

  it('lets one at a time work, and everyone in the end', async () => {
    let inside = 0
    let most = 0
    const work = async (n: number) => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
      return n
    }
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => withLock(keyValue, clock, 'x', options, () => work(n))),
    )
    assert.equal(most, 1)
    assert.deepEqual(
      results,
      Array.from({ length: 20 }, (_, n) => n),
    )
  })

  it('keeps different names apart', async () => {
    await withLock(keyValue, clock, 'x', options, () => withLock(keyValue, clock, 'y', options, async () => {}))
  })

  it('gives the lock back when the work fails', async () => {
    const failing = withLock(keyValue, clock, 'x', options, async () => {
      throw new Error('the work failed')
    })
    await assert.rejects(failing, /the work failed/)
    await withLock(keyValue, clock, 'x', options, async () => {})
  })

  it('gives up after the wait, without having worked', async () => {
    await keyValue.set('lock:x', 'somebody', { ttlMs: 60_000 })
    let worked = false
    const waiting = withLock(keyValue, clock, 'x', options, async () => {
      worked = true
    })
    const refused = assert.rejects(waiting, { code: 'storage.locked', status: 503 })
    await advanceInSteps(options.waitMs + 100)
    await refused
    assert.equal(worked, false)
  })

  it('gets the lock of a holder that died when its time is over', async () => {
    await keyValue.set('lock:x', 'somebody', { ttlMs: 1_000 })
    const waiting = withLock(keyValue, clock, 'x', options, async () => clock.monotonicMs())
    await advanceInSteps(2_000)
    const gotAt = await waiting
    assert.ok(gotAt >= 1_000 && gotAt <= 1_100, `${gotAt}`)
  })

  it('does not release a lock that has become somebody else’s', async () => {
    await withLock(keyValue, clock, 'x', options, async () => {
      clock.advance(options.ttlMs)
      await keyValue.set('lock:x', 'the next', { ttlMs: 60_000, onlyIf: 'absent' })
    })
    assert.equal(await keyValue.get('lock:x'), 'the next')
  })

  it('gives the result although the release failed', async () => {
    const broken = { ...keyValue, delete: () => Promise.reject(new Error('gone')) }
    assert.equal(await withLock(broken, clock, 'x', options, async () => 'done'), 'done')
  })

  const advanceInSteps = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
})
