import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestContext } from '#http'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createOpenRequests } from './open-requests.ts'
import type { WatchEnd } from './session.ts'
import { adaLogin, createTestBrowser, createTestNode, createTestSite } from './sessions.fixture.ts'

/** Requests on sockets that only count; what was watched, used and cut. */
function setUp() {
  const told = { watched: 0, stopped: 0, used: 0 }
  const ends = new Map<RequestContext, (reason: WatchEnd) => void>()
  const requests = createOpenRequests((ctx, ended) => {
    told.watched += 1
    ends.set(ctx, ended)
    return { used: () => void told.used++, stop: () => void told.stopped++ }
  })
  const open = (httpVersion = '1.1') => {
    const cuts: string[] = []
    const socket = {
      bytesRead: 0,
      bytesWritten: 0,
      destroyed: false,
      destroy: () => void cuts.push('destroy'),
      resetAndDestroy: () => void cuts.push('reset'),
    }
    const ctx = createFakeContext({ request: { httpVersion, socket: socket as never } })
    return { ctx, socket, cuts }
  }
  return { requests, told, ends, open }
}

test('what is over before the next sweep costs no watch', () => {
  const { requests, told, open } = setUp()
  const { ctx } = open()
  requests.begin(ctx)
  requests.finish(ctx)
  requests.sweep()
  assert.deepEqual([told, requests.size()], [{ watched: 0, stopped: 0, used: 0 }, 0])
})

test('what lasts is watched once, and let go when it is over', () => {
  const { requests, told, open } = setUp()
  const { ctx } = open()
  requests.begin(ctx)
  for (let round = 0; round < 3; round += 1) requests.sweep()
  assert.deepEqual([told.watched, requests.size()], [1, 1])
  requests.finish(ctx)
  requests.finish(ctx)
  assert.deepEqual([told.stopped, requests.size()], [1, 0])
})

test('the end of the session breaks it off, once; without a length, by a reset', () => {
  for (const [version, expected] of [
    ['1.1', ['destroy']],
    ['1.0', ['reset', 'destroy']],
  ] as const) {
    const { requests, ends, open } = setUp()
    const { ctx, cuts } = open(version)
    requests.begin(ctx)
    requests.sweep()
    ends.get(ctx)?.('logout')
    ends.get(ctx)?.('logout')
    assert.deepEqual([cuts, requests.size()], [expected, 0])
  }
})

test('the end of the session does nothing to a request that is over', () => {
  const { requests, ends, open } = setUp()
  const { ctx, cuts } = open()
  requests.begin(ctx)
  requests.sweep()
  requests.finish(ctx)
  ends.get(ctx)?.('logout')
  assert.deepEqual(cuts, [])
})

test('a transfer is a use of the session, event by event is not', () => {
  const { requests, told, open } = setUp()
  const { ctx, socket } = open()
  requests.begin(ctx)
  requests.sweep()
  for (let event = 0; event < 100; event += 1) {
    socket.bytesWritten += 100
    requests.sweep()
  }
  assert.equal(told.used, 0)
  socket.bytesWritten += 60_000
  requests.sweep()
  socket.bytesRead += 70_000
  requests.sweep()
  assert.equal(told.used, 2)
})

test('who left while the steps ran is not kept', () => {
  const { requests, told, open } = setUp()
  const { ctx, socket } = open()
  socket.destroyed = true
  requests.begin(ctx)
  requests.sweep()
  assert.deepEqual([told.watched, requests.size()], [0, 0])
})

test('a request whose body has gone on is watched and broken off all the same', () => {
  const { requests, told, ends, open } = setUp()
  const [uploaded, other] = [open(), open()]
  for (const { ctx } of [uploaded, other]) requests.begin(ctx)
  // As undici does with the request whose body it has sent.
  Object.assign(uploaded.ctx.request, { socket: null })
  requests.sweep()
  uploaded.socket.bytesWritten += 70_000
  requests.sweep()
  assert.deepEqual([told.watched, told.used], [2, 1])
  for (const { ctx } of [uploaded, other]) ends.get(ctx)?.('logout')
  assert.deepEqual([uploaded.cuts, other.cuts], [['destroy'], ['destroy']])
})

for (const how of ['end', 'begin'] as const) {
  test(`who ends the session of the request gets an answer to it, and nothing else of the session does: ${how}`, async () => {
    const node = createTestNode(await createTestSite())
    const { openRequests } = node.sessions
    const browser = createTestBrowser()
    await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
    const cut: string[] = []
    const lasting = (ctx: RequestContext, name: string): void => {
      const socket = { bytesRead: 0, bytesWritten: 0, destroyed: false, destroy: () => void cut.push(name) }
      Object.assign(ctx.request, { socket })
      openRequests.begin(ctx)
      openRequests.sweep()
    }
    await browser.request(node, (ctx) => lasting(ctx, 'download'))
    await browser.request(node, async (ctx) => {
      lasting(ctx, 'who ends it')
      if (how === 'end') await node.sessions.end(ctx, 'logout')
      else await node.sessions.begin(ctx, adaLogin())
      await node.settled()
    })
    assert.deepEqual(cut, ['download'])
    node.stop()
  })
}
