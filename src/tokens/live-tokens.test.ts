// When this node may believe what it remembers of tokens, against stores whose answers the test lets go one by one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Access, User } from '#access'
import type { UserId } from '#kernel'
import type { WatchEnd } from '#sessions'
import { createMemoryKeyValue } from '#storage'
import { silentLog } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createLiveTokens, tokenPollMs } from './live-tokens.ts'
import type { LiveToken } from './token-reader.ts'
import { createLiveTokenWatches } from './token-watches.ts'

const MINUTE = 60_000

function createNode() {
  const clock = createManualClock()
  const state = {
    version: 'a',
    isAway: false,
    token: undefined as LiveToken | undefined,
    groups: ['lab'] as readonly string[],
    isDisabled: false,
    reads: 0,
    held: undefined as Promise<void> | undefined,
  }
  const user = { id: 'user-ada' as UserId } as User
  const good = (expiresAt?: number): LiveToken => ({
    token: { id: 'token-1', userId: user.id, ...(expiresAt !== undefined && { expiresAt }) } as LiveToken['token'],
    user,
    scopes: ['services'],
  })
  state.token = good()
  const ask = async <Answer>(answer: () => Answer): Promise<Answer> => {
    if (state.isAway) throw new Error('the database is away')
    const read = answer()
    await state.held
    return read
  }
  const reader = {
    byHash: () => {
      state.reads += 1
      return ask(() => state.token)
    },
    byIds: () => ask(() => (state.token === undefined ? [] : [state.token])),
  }
  const watches = createLiveTokenWatches({
    clock,
    log: silentLog,
    reader,
    isDisabled: () => state.isDisabled,
    principalOf: () => ({ groups: state.groups }) as ReturnType<Access['principalOf']>,
  })
  const keyValue = createMemoryKeyValue({ clock })
  const live = createLiveTokens({
    clock,
    log: silentLog,
    reader,
    watches,
    version: () => ask(() => state.version),
    keyValue,
  })
  const change = () => {
    state.version += '+'
  }
  const poll = async (ms = tokenPollMs) => {
    clock.advance(ms)
    await live.poll()
  }
  const ends: WatchEnd[] = []
  const watch = async () => {
    const found = await live.find('hash')
    assert.ok(found)
    return live.watch(found, (reason) => ends.push(reason))
  }
  return { clock, state, live, good, change, poll, watch, ends }
}

test('what was read is remembered while the mark is seen, and read again each minute', async () => {
  const { clock, live, poll } = createNode()
  await live.find('hash')
  assert.equal(live.remembered('hash'), undefined, 'nobody has looked at the mark yet')
  await poll()
  await live.find('hash')
  assert.ok(live.remembered('hash'))
  clock.advance(999)
  assert.ok(live.remembered('hash'))
  clock.advance(1)
  assert.equal(live.remembered('hash'), undefined, 'the mark was seen a second ago')
  for (let waited = 1000; waited < MINUTE; waited += 1000) await poll(1000)
  assert.equal(live.remembered('hash'), undefined)
})

test('nothing that the mark has overtaken is believed', async () => {
  const { live, change, poll } = createNode()
  await poll()
  await live.find('hash')
  change()
  await poll()
  assert.equal(live.remembered('hash'), undefined)
})

test('what is read while the mark changes is not remembered', async () => {
  const { live, state, change, poll } = createNode()
  await poll()
  const held = Promise.withResolvers<void>()
  state.held = held.promise
  const reading = live.find('hash')
  state.held = undefined
  state.token = undefined
  change()
  await poll()
  held.resolve()
  assert.ok(await reading, 'it was good when it was read')
  assert.equal(live.remembered('hash'), undefined)
})

test('a database that does not answer is no reason to believe what was', async () => {
  const { clock, live, state, poll } = createNode()
  await poll()
  await live.find('hash')
  state.isAway = true
  clock.advance(600)
  await live.poll()
  assert.ok(live.remembered('hash'), 'seen 600 ms ago')
  clock.advance(400)
  await live.poll()
  assert.equal(live.remembered('hash'), undefined)
  await assert.rejects(live.find('hash'))
  state.isAway = false
  await live.poll()
  assert.ok(await live.find('hash'))
})

test('one that has expired is not remembered as good', async () => {
  const { clock, live, state, good, poll } = createNode()
  state.token = good(clock.now() + 500)
  await poll(0)
  await live.find('hash')
  assert.ok(live.remembered('hash'))
  clock.advance(500)
  assert.equal(live.remembered('hash'), undefined)
})

test('our own change is seen when it was announced: a look that was under way is repeated', async () => {
  const { live, state, change, poll, watch, ends } = createNode()
  await poll()
  await watch()
  const held = Promise.withResolvers<void>()
  state.held = held.promise
  const looking = live.poll()
  state.held = undefined
  state.token = undefined
  change()
  const announced = live.announce()
  held.resolve()
  await Promise.all([looking, announced])
  assert.deepEqual(ends, ['revoked'])
  assert.equal(live.remembered('hash'), undefined)
})

test('what is open ends once, with the reason', async () => {
  type Node = ReturnType<typeof createNode>
  const reasons: Readonly<Record<string, (node: Node) => void>> = {
    revoked: ({ state, change }) => {
      state.token = undefined
      change()
    },
    disabled: ({ state }) => {
      state.isDisabled = true
    },
    'groups-lost': ({ state }) => {
      state.groups = []
    },
    expired: ({ state, good, clock }) => {
      state.token = good(clock.now())
      state.version += '+'
    },
  }
  for (const [reason, happen] of Object.entries(reasons)) {
    const node = createNode()
    await node.poll()
    await node.watch()
    await node.poll()
    assert.deepEqual(node.ends, [])
    happen(node)
    await node.poll()
    await node.poll()
    assert.deepEqual(node.ends, [reason])
  }
})

test('what is open ends when the account loses a scope, and goes on when it gets one', async () => {
  const { state, good, change, poll, watch, ends } = createNode()
  const toScopes = (...scopes: readonly string[]) => {
    state.token = { ...good(), scopes }
    change()
    return poll()
  }
  await poll()
  await watch()
  await toScopes('services', 'self:read')
  assert.deepEqual(ends, [])
  await toScopes('self:read')
  assert.deepEqual(ends, ['groups-lost'])
})

test('a group that is added ends nothing, and who has closed hears nothing', async () => {
  const { state, poll, watch, ends, change } = createNode()
  await poll()
  const stop = await watch()
  state.groups = ['lab', 'crew']
  await poll()
  stop()
  state.token = undefined
  change()
  await poll()
  assert.deepEqual(ends, [])
})

test('one that was revoked before it was watched is found out at once', async () => {
  const { live, state, change, poll, ends } = createNode()
  await poll()
  const found = await live.find('hash')
  state.token = undefined
  change()
  await poll()
  assert.ok(found)
  live.watch(found, (reason) => ends.push(reason))
  await new Promise(setImmediate)
  assert.deepEqual(ends, ['revoked'])
})

test('a minute after, what is open is read again, though nothing was said', async () => {
  const { state, poll, watch, ends } = createNode()
  await poll()
  await watch()
  state.token = undefined
  for (let waited = 0; waited < MINUTE; waited += tokenPollMs) await poll()
  assert.deepEqual(ends, ['revoked'])
})

test('what another one hands over is read: the end of it may have been said before this one listened', async () => {
  const [before, after] = [createNode(), createNode()]
  await before.poll()
  await before.watch()
  after.state.token = undefined
  await after.poll()
  before.live.handOver(after.live)
  await new Promise(setImmediate)
  assert.deepEqual(before.ends, ['revoked'])
})

test('what could not be read when it was handed over is read as soon as it can be', async () => {
  const [before, after] = [createNode(), createNode()]
  await before.poll()
  await before.watch()
  after.state.token = undefined
  await after.poll()
  after.state.isAway = true
  before.live.handOver(after.live)
  after.state.isAway = false
  await new Promise(setImmediate)
  await after.poll()
  assert.deepEqual(before.ends, ['revoked'])
})
