import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createRevocations, revocationPollMs } from './revocations.ts'
import type { Revocation, RevocationStore } from './store.ts'
import { makeClaims } from './token.fixture.ts'

const day = 86_400_000

/** One table for several nodes, which can be away; and no key-value store that tells of anything. */
function createSite() {
  const clock = createManualClock()
  const rows: Revocation[] = []
  const state = { isAway: false }
  const answer = async <T>(run: () => T): Promise<T> => {
    if (state.isAway) throw new Error('the database is away')
    return run()
  }
  const store: RevocationStore = {
    add: (revocation) => answer(() => void rows.push(revocation)),
    since: (time) => answer(() => rows.filter(({ revokedAt }) => revokedAt >= time)),
    sweep: (now) => answer(() => void rows.splice(0, rows.length, ...rows.filter(({ keepUntil }) => keepUntil >= now))),
  }
  const keyValue = {
    set: () => Promise.reject(new Error('away')),
    changes: { subscribe: () => () => {}, isFresh: () => false },
  }
  const createNode = () => createRevocations({ clock, log: silentLog, store, keyValue, longestMs: 90 * day })
  /** Lets all nodes look once. */
  const look = async (): Promise<void> => {
    clock.advance(revocationPollMs)
    await new Promise(setImmediate)
  }
  return { clock, rows, state, createNode, look }
}

test('without a word from the key-value store another node knows within a look', async () => {
  const { clock, createNode, look } = createSite()
  const [here, there] = [createNode(), createNode()]
  await Promise.all([here.start(), there.start()])
  const claims = makeClaims(clock.now())
  let heard = 0
  there.onChange(() => {
    heard += 1
  })
  await here.revokeToken(claims.jti)
  assert.deepEqual([here.isRevoked(claims), there.isRevoked(claims)], [true, false])
  await look()
  assert.deepEqual([there.isRevoked(claims), heard], [true, 1])
  await look()
  assert.equal(heard, 1, 'told once')
  here.stop()
  there.stop()
})

test('what was revoked while the database was away from a node is heard of when it is back, however long it was', async () => {
  const { clock, rows, state, createNode, look } = createSite()
  const node = createNode()
  await node.start()
  const claims = makeClaims(clock.now())
  state.isAway = true
  await look()
  rows.push({ kind: 'token', subject: claims.jti, revokedAt: clock.now(), keepUntil: clock.now() + day })
  clock.stepWallClock(10 * 60_000)
  await look()
  assert.equal(node.isRevoked(claims), false)
  state.isAway = false
  await look()
  assert.equal(node.isRevoked(claims), true)
  node.stop()
})

test('what is known is believed for a second, then read again, and nothing is decided while that cannot be', async () => {
  const { clock, rows, state, createNode } = createSite()
  const node = createNode()
  await node.start()
  node.stop()
  const claims = makeClaims(clock.now())
  assert.equal(node.settled(), undefined)
  rows.push({ kind: 'token', subject: claims.jti, revokedAt: clock.now(), keepUntil: clock.now() + day })
  clock.advance(1_001)
  const [first, second] = [node.settled(), node.settled()]
  assert.ok(first !== undefined && first === second, 'two requests, one question')
  await first
  assert.equal(node.isRevoked(claims), true)
  clock.advance(1_001)
  state.isAway = true
  await assert.rejects(async () => node.settled(), /away/)
  state.isAway = false
  await node.settled()
})

test('nothing is revoked before it is kept, and a node that cannot read what is revoked does not start', async () => {
  const { clock, state, createNode } = createSite()
  const node = createNode()
  await node.start()
  state.isAway = true
  const claims = makeClaims(clock.now())
  await assert.rejects(node.revokeToken(claims.jti), /away/)
  await assert.rejects(node.revokeAllOf(claims.user_id), /away/)
  assert.equal(node.isRevoked(claims), false)
  node.stop()
  await assert.rejects(createNode().start(), /away/)
})

test('what was issued before all of a person’s were revoked is, and what was issued after is not, within the same moment', async () => {
  const { clock, createNode } = createSite()
  const node = createNode()
  await node.start()
  for (let times = 0; times < 3; times++) {
    const issued = makeClaims(clock.now(), { knows_revoked: await node.lastOf('user-ada') })
    assert.equal(node.isRevoked(issued), false)
    await node.revokeAllOf('user-ada')
    assert.equal(node.isRevoked(issued), true)
    assert.equal(node.isRevoked(makeClaims(clock.now(), { user_id: 'user-grace', sub: 'user-grace' })), false)
  }
  node.stop()
})

test('no clock and no delay makes a token good that was issued by a node that had not heard', async () => {
  const { clock, createNode, look } = createSite()
  const [here, there] = [createNode(), createNode()]
  await Promise.all([here.start(), there.start()])
  await here.revokeAllOf('user-ada')
  // The clock there is ahead, and the token of before was refreshed in the moment until it hears.
  const refreshed = makeClaims(clock.now() + 30_000)
  assert.equal(there.isRevoked(refreshed), false, 'not yet')
  await look()
  assert.deepEqual([here.isRevoked(refreshed), there.isRevoked(refreshed)], [true, true])
  const made = makeClaims(clock.now() - 30_000, { knows_revoked: await there.lastOf('user-ada') })
  assert.deepEqual([here.isRevoked(made), there.isRevoked(made)], [false, false])
  // A clock that is behind: the later of two counts as the later all the same.
  clock.stepWallClock(-20_000)
  await there.revokeAllOf('user-ada')
  assert.equal(there.isRevoked(made), true)
  here.stop()
  there.stop()
})

test('rows are kept longer than any token lasts, and dropped then, here and in memory', async () => {
  const { clock, rows, createNode } = createSite()
  const node = createNode()
  await node.start()
  const claims = makeClaims(clock.now())
  await node.revokeToken(claims.jti)
  clock.stepWallClock(90 * day)
  await node.sweep()
  assert.deepEqual([node.isRevoked(claims), rows.length], [true, 1])
  clock.stepWallClock(day)
  await node.sweep()
  assert.deepEqual([node.isRevoked(claims), rows.length], [false, 0])
  node.stop()
})
