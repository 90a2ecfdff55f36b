// What every key-value driver must do; each runs this suite in a test of its own. Third parties may run it on theirs.
// Two nodes share each space, so whatever one does the other must see. (In memory both are the same store.)

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { KeyValueDriver } from './key-value.ts'

export interface KeyValueFixture {
  /** Two started nodes on one space that nobody else uses. */
  readonly nodes: readonly [KeyValueDriver, KeyValueDriver]
  /** Lets at least so much time pass for the store. */
  readonly passTime: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

const longMs = 60_000
const shortMs = 80
const afterShortMs = 130

export function keyValueContract(driver: string, open: () => Promise<KeyValueFixture>): void {
  describe(`key-value contract: ${driver}`, () => {
    let fixture: KeyValueFixture
    let a: KeyValueDriver
    let b: KeyValueDriver
    let keys = 0
    const newKey = (prefix = 'key') => `${prefix}:${++keys}`
    const short = { ttlMs: shortMs }
    const long = { ttlMs: longMs }

    before(async () => {
      fixture = await open()
      ;[a, b] = fixture.nodes
    })
    after(() => fixture?.close())

    describe('values', () => {
      it('are undefined until set, then seen by every node', async () => {
        const key = newKey()
        assert.equal(await a.get(key), undefined)
        assert.equal(await a.set(key, 'one', long), true)
        assert.deepEqual([await a.get(key), await b.get(key)], ['one', 'one'])
        assert.equal(await b.set(key, 'two', long), true)
        assert.deepEqual([await a.get(key), await b.get(key)], ['two', 'two'])
      })

      it('come back as they were, under any key', async () => {
        const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
        await fc.assert(
          fc.asyncProperty(text, text, async (name, value) => {
            const key = `any:${name}`
            await a.set(key, value, long)
            assert.equal(await b.get(key), value)
            await a.delete(key)
          }),
          { numRuns: 60 },
        )
      })

      it('may be large', async () => {
        const key = newKey()
        const value = 'ä€😀'.repeat(100_000)
        await a.set(key, value, long)
        assert.equal(await b.get(key), value)
      })

      it('end with their time to live', async () => {
        const key = newKey()
        await a.set(key, 'x', short)
        await fixture.passTime(afterShortMs)
        assert.deepEqual([await a.get(key), await b.get(key)], [undefined, undefined])
      })

      it('take the time to live of the last set', async () => {
        const [longer, shorter] = [newKey(), newKey()]
        await a.set(longer, 'x', short)
        await a.set(longer, 'x', long)
        await a.set(shorter, 'x', long)
        await a.set(shorter, 'x', short)
        await fixture.passTime(afterShortMs)
        assert.deepEqual([await a.get(longer), await a.get(shorter)], ['x', undefined])
      })

      it('end at once when there is no time left', async () => {
        const key = newKey()
        await a.set(key, 'x', long)
        await a.set(key, 'y', { ttlMs: -5 })
        await fixture.passTime(5)
        assert.equal(await a.get(key), undefined)
      })

      it('may have a fraction of a millisecond to live', async () => {
        const key = newKey()
        assert.equal(await a.set(key, 'x', { ttlMs: longMs + 0.5 }), true)
        assert.equal(await a.get(key), 'x')
      })
    })

    describe('set with a condition', () => {
      it('writes if absent, once', async () => {
        const key = newKey()
        assert.equal(await a.set(key, 'one', { ...long, onlyIf: 'absent' }), true)
        assert.equal(await b.set(key, 'two', { ...long, onlyIf: 'absent' }), false)
        assert.equal(await b.get(key), 'one')
      })

      it('takes what has expired for absent', async () => {
        const key = newKey()
        await a.set(key, 'one', short)
        await fixture.passTime(afterShortMs)
        assert.equal(await a.set(key, 'two', { ...long, onlyIf: { equals: 'one' } }), false)
        assert.equal(await a.set(key, 'two', { ...long, onlyIf: 'absent' }), true)
      })

      it('writes if the value is exactly the expected one', async () => {
        const key = newKey()
        assert.equal(await a.set(key, 'two', { ...long, onlyIf: { equals: 'one' } }), false)
        await a.set(key, 'one', long)
        assert.equal(await b.set(key, 'two', { ...long, onlyIf: { equals: 'One' } }), false)
        assert.equal(await b.set(key, 'two', { ...long, onlyIf: { equals: 'one' } }), true)
        assert.equal(await a.get(key), 'two')
      })

      it('leaves the time to live alone when it does not write', async () => {
        const key = newKey()
        await a.set(key, 'one', long)
        await a.set(key, 'two', { ...short, onlyIf: 'absent' })
        await a.set(key, 'two', { ...short, onlyIf: { equals: 'x' } })
        await fixture.passTime(afterShortMs)
        assert.equal(await a.get(key), 'one')
      })

      it('lets one of many writers win', async () => {
        const key = newKey()
        const race = async (round: string, onlyIf: 'absent' | { equals: string }) => {
          const writers = Array.from({ length: 40 }, (_, n) =>
            (n % 2 ? a : b).set(key, `${round} ${n}`, { ...long, onlyIf }),
          )
          return (await Promise.all(writers)).flatMap((won, n) => (won ? [n] : []))
        }
        const first = await race('first', 'absent')
        assert.equal(first.length, 1)
        assert.equal(await a.get(key), `first ${first[0]}`)
        assert.equal((await race('second', { equals: `first ${first[0]}` })).length, 1)
      })
    })

    describe('delete', () => {
      it('says whether something was there', async () => {
        const key = newKey()
        assert.equal(await a.delete(key), false)
        await a.set(key, 'x', long)
        assert.equal(await b.delete(key), true)
        assert.deepEqual([await a.get(key), await a.delete(key)], [undefined, false])
      })

      it('with a condition deletes only the expected value', async () => {
        const key = newKey()
        assert.equal(await a.delete(key, { onlyIf: 'x' }), false)
        await a.set(key, 'x', long)
        assert.equal(await b.delete(key, { onlyIf: 'y' }), false)
        assert.equal(await a.get(key), 'x')
        assert.equal(await b.delete(key, { onlyIf: 'x' }), true)
        assert.equal(await a.get(key), undefined)
      })

      it('finds nothing in what has expired', async () => {
        const key = newKey()
        await a.set(key, 'x', short)
        await fixture.passTime(afterShortMs)
        assert.equal(await a.delete(key), false)
      })
    })

    describe('increment', () => {
      it('starts at 0, adds what it is told, and reads as a value', async () => {
        const key = newKey()
        assert.equal(await a.increment(key, { by: 2, ...long }), 2)
        assert.equal(await b.increment(key, { by: 40, ...long }), 42)
        assert.equal(await a.increment(key, { by: -43, ...long }), -1)
        assert.equal(await a.get(key), '-1')
      })

      it('loses nothing when many add at once', async () => {
        const key = newKey()
        const sums = await Promise.all(
          Array.from({ length: 100 }, (_, n) => (n % 2 ? a : b).increment(key, { by: 1, ...long })),
        )
        assert.deepEqual(
          sums.sort((x, y) => x - y),
          Array.from({ length: 100 }, (_, n) => n + 1),
        )
      })

      it('keeps the time to live of the first, and starts anew after it', async () => {
        const key = newKey()
        await a.increment(key, { by: 5, ...short })
        await a.increment(key, { by: 5, ...long })
        await fixture.passTime(afterShortMs)
        assert.equal(await a.increment(key, { by: 1, ...long }), 1)
      })

      it('refuses what is no number, and leaves it', async () => {
        const key = newKey()
        await a.set(key, 'x', long)
        await assert.rejects(a.increment(key, { by: 1, ...long }))
        assert.equal(await a.get(key), 'x')
      })
    })

    describe('sets', () => {
      const sorted = async (store: KeyValueDriver, set: string) => [...(await store.members(set))].sort()

      it('hold each member once, for every node', async () => {
        const set = newKey('set')
        assert.deepEqual(await a.members(set), [])
        await Promise.all(['x', 'y', 'x', 'ü 😀'].map((member) => a.addMember(set, member, long)))
        assert.deepEqual(await sorted(b, set), ['x', 'y', 'ü 😀'].sort())
      })

      it('let members go one by one', async () => {
        const set = newKey('set')
        await a.addMember(set, 'x', long)
        await a.addMember(set, 'y', long)
        await b.removeMember(set, 'x')
        await b.removeMember(set, 'never there')
        assert.deepEqual(await a.members(set), ['y'])
        await b.removeMember(set, 'y')
        await b.removeMember(newKey('set'), 'x')
        assert.deepEqual(await a.members(set), [])
      })

      it('lose a member when its time is over, and keep the others', async () => {
        const set = newKey('set')
        await a.addMember(set, 'brief', short)
        await a.addMember(set, 'lasting', long)
        await a.addMember(set, 'brief too', short)
        await a.addMember(set, 'renewed', short)
        await a.addMember(set, 'renewed', long)
        await fixture.passTime(afterShortMs)
        assert.deepEqual(await sorted(b, set), ['lasting', 'renewed'])
      })

      it('do not mix with each other', async () => {
        const [one, two] = [newKey('set'), newKey('set')]
        await a.addMember(one, 'x', long)
        assert.deepEqual(await a.members(two), [])
      })
    })

    describe('changes', () => {
      it('are told on every node: set, conditional set, delete', async () => {
        const [first, second, third] = [newKey('heard'), newKey('heard'), newKey('heard')]
        await a.set(third, 'x', long)
        const listening = fixture.nodes.map((node) => listenFor(node, 'heard:', [first, second, third]))
        const heard = (await Promise.all(listening)).map((each) => each.heard)
        await a.set(first, 'x', long)
        await b.set(second, 'x', { ...long, onlyIf: 'absent' })
        await a.delete(third)
        await Promise.all(heard)
      })

      it('are told for the prefix only, until unsubscribed', async () => {
        const [mine, other, last] = [newKey('mine'), newKey('other'), newKey('mine')]
        const told: (string | undefined)[] = []
        const stop = b.changes.subscribe('mine:', (key) => told.push(key))
        await a.set(other, 'x', long)
        const { heard } = await listenFor(b, 'mine:', [mine])
        await a.set(mine, 'x', long)
        await heard
        stop()
        const { heard: heardLast } = await listenFor(b, 'mine:', [last])
        await a.set(last, 'x', long)
        await heardLast
        assert.deepEqual([...new Set(told.filter((key) => key !== undefined))], [mine])
      })

      it('are told to the others when one listener throws', async () => {
        const key = newKey('throws')
        const stop = b.changes.subscribe('throws:', () => {
          throw new Error('a listener that throws')
        })
        const { heard } = await listenFor(b, 'throws:', [key])
        await a.set(key, 'x', long)
        await heard
        stop()
      })

      it('are fresh while the store answers', async () => {
        const key = newKey('fresh')
        const { heard } = await listenFor(b, 'fresh:', [key])
        await a.set(key, 'x', long)
        await heard
        assert.deepEqual([a.changes.isFresh(), b.changes.isFresh()], [true, true])
      })
    })

    it('sweeps without harm to what lives', async () => {
      const [dead, live, set] = [newKey(), newKey(), newKey('set')]
      await a.set(dead, 'x', short)
      await a.set(live, 'x', long)
      await a.addMember(set, 'dead', short)
      await a.addMember(set, 'live', long)
      await fixture.passTime(afterShortMs)
      await a.sweep()
      assert.deepEqual([await a.get(dead), await a.get(live), await a.members(set)], [undefined, 'x', ['live']])
    })

    it('is healthy while the store answers', async () => {
      assert.deepEqual((await a.health()).healthy, true)
    })
  })
}

interface Listening {
  /** Resolves when every key was told; fails after five seconds. */
  readonly heard: Promise<void>
}

/** Resolves when the feed listens: until it is fresh after a subscription, changes are told as `undefined`, if at all. */
async function listenFor(node: KeyValueDriver, prefix: string, keys: readonly string[]): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const missing = new Set(keys)
  const timer = setTimeout(() => reject(new Error(`not told within 5 s: ${[...missing].join(', ')}`)), 5_000)
  const stop = node.changes.subscribe(prefix, (key) => {
    if (key !== undefined) missing.delete(key)
    if (missing.size === 0) resolve()
  })
  const heard = promise.finally(() => {
    clearTimeout(timer)
    stop()
  })
  while (!node.changes.isFresh()) await new Promise((wake) => setTimeout(wake, 5))
  return { heard }
}
