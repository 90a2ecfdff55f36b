// Nodes that share a key-value store: which rings may run together, and what seals during a rotation.

import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { LogFields, Logger } from '#telemetry'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { generateRingKey, type RingKey } from './key-ring.ts'
import { createKeyRingKeeper, keyRingRefreshMs } from './key-ring-keeper.ts'
import { createMemoryKeyValue } from './key-value/memory.ts'

const [first, second, third] = [1, 2, 3].map((month) => generateRingKey(Date.UTC(2026, month, 1))) as [
  RingKey,
  RingKey,
  RingKey,
]

describe('the key ring of several nodes', () => {
  let clock = createManualClock()
  let keyValue = createMemoryKeyValue({ clock })
  let events: string[] = []
  const log = createLog((fields) => events.push(fields.event))

  beforeEach(() => {
    clock = createManualClock()
    keyValue = createMemoryKeyValue({ clock })
    events = []
  })

  const createNode = (...keys: RingKey[]) => {
    const file = { keys, exposed: false, readable: true }
    const load = () => {
      if (!file.readable) throw new Error('permission denied')
      return { ...file, keys: file.keys.map((key) => ({ ...key })) }
    }
    const keeper = createKeyRingKeeper({ log, keyValue, load })
    return { ...keeper, file, ids: () => keeper.keyRing.keys.map(({ id }) => id) }
  }
  const start = async (...keys: RingKey[]) => {
    const node = createNode(...keys)
    await node.start()
    return node
  }

  it('is empty before the start and the file after it', async () => {
    const node = createNode(second, first)
    assert.deepEqual(node.ids(), [])
    await node.start()
    assert.deepEqual(node.ids(), [second.id, first.id])
  })

  it('lets nodes with the same ring run together', async () => {
    await start(second, first)
    assert.deepEqual((await start(second, first)).ids(), [second.id, first.id])
  })

  it('refuses a node with other keys, and leaves no trace of it', async () => {
    await start(first)
    await assert.rejects(start(second), /does not go with/)
    await start(first)
  })

  it('refuses a node that lacks the key that the others seal with', async () => {
    await start(second, first)
    await assert.rejects(start(first), /does not go with/)
  })

  it('refuses the same id with other bytes', async () => {
    await start(first)
    await assert.rejects(start({ ...first, secret: second.secret }), /does not go with/)
  })

  it('refuses at least one of two different nodes that start at once', async () => {
    const results = await Promise.allSettled([start(first), start(second)])
    const running = results.filter(({ status }) => status === 'fulfilled').length
    assert.ok(running < 2)
    assert.equal((await keyValue.members('keyring:nodes')).length, running, 'a refused node takes back what it said')
  })

  it('seals with a new key only when every node has it', async () => {
    const a = await start(first)
    const b = await start(first)
    a.file.keys = [second, first]
    await a.refresh()
    assert.deepEqual(a.ids(), [first.id, second.id], 'a has the new key and does not seal with it')
    b.file.keys = [second, first]
    await b.refresh()
    assert.deepEqual(b.ids(), [second.id, first.id], 'b knows that a can open it')
    await a.refresh()
    assert.deepEqual(a.ids(), [second.id, first.id])
    assert.deepEqual(events, [])
  })

  it('lets nodes be restarted with the new ring one after the other', async () => {
    const a = await start(first)
    const b = await start(first)
    await a.stop()
    const newA = await start(second, first)
    assert.deepEqual(newA.ids(), [first.id, second.id])
    await b.stop()
    const newB = await start(second, first)
    await newA.refresh()
    assert.deepEqual(
      [newA.ids(), newB.ids()],
      [
        [second.id, first.id],
        [second.id, first.id],
      ],
    )
  })

  it('no longer waits for a node that died', async () => {
    const a = await start(second, first)
    const key = 'keyring:nodes'
    assert.equal((await keyValue.members(key)).length, 1)
    await start(second, first)
    for (let ms = 0; ms <= 60_000; ms += keyRingRefreshMs) {
      await a.refresh()
      clock.advance(keyRingRefreshMs)
    }
    assert.equal((await keyValue.members(key)).length, 1)
  })

  it('keeps the keys in use when the file changes to a ring that the others cannot work with', async () => {
    const a = await start(first)
    const b = await start(first)
    a.file.keys = [third]
    await a.refresh()
    assert.deepEqual(a.ids(), [first.id])
    assert.deepEqual(events, ['key_ring_differs'])
    await b.refresh()
    assert.deepEqual(b.ids(), [first.id])
  })

  it('keeps the keys in use when the file cannot be read again', async () => {
    const a = await start(first)
    a.file.readable = false
    await a.refresh()
    assert.deepEqual(a.ids(), [first.id])
    assert.deepEqual(events, ['key_ring_unreadable'])
  })

  it('keeps the objects of keys that stay', async () => {
    const a = await start(first)
    const before = a.keyRing.keys[0]
    a.file.keys = [second, first]
    await a.refresh()
    assert.deepEqual(a.ids(), [second.id, first.id])
    assert.equal(a.keyRing.keys[1], before)
  })

  it('warns of a file that others can read', async () => {
    const node = createNode(first)
    node.file.exposed = true
    await node.start()
    assert.deepEqual(events, ['key_ring_exposed'])
  })

  it('says nothing of the keys in the store', async () => {
    await start(second, first)
    const said = (await keyValue.members('keyring:nodes')).join()
    for (const key of [first, second]) {
      for (const encoding of ['base64url', 'hex', 'latin1'] as const) {
        assert.ok(!said.includes(Buffer.from(key.secret).toString(encoding).slice(0, 8)))
      }
    }
  })

  it('ignores what no node said', async () => {
    await keyValue.addMember('keyring:nodes', '{"node":1}', { ttlMs: 1_000 })
    await keyValue.addMember('keyring:nodes', 'null', { ttlMs: 1_000 })
    await keyValue.addMember('keyring:nodes', 'x', { ttlMs: 1_000 })
    await start(first)
  })
})

function createLog(onEvent: (fields: LogFields) => void): Logger {
  return { debug: onEvent, info: onEvent, warn: onEvent, error: onEvent, child: () => createLog(onEvent) }
}
