// A request that says itself who it is from has no session any more, whatever cookie it came with: nothing that the
// session holds is used for it, and what it opens is held in the name of who stands in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError, type UserId } from '#kernel'
import type { WatchEnd } from './session.ts'
import { adaLogin, createTestBrowser, createTestNode, createTestSite } from './sessions.fixture.ts'

test('who stands in has nothing of the session that came along', async () => {
  const node = createTestNode(await createTestSite())
  const browser = createTestBrowser()
  await browser.request(node, (ctx) => node.sessions.begin(ctx, adaLogin()))
  const { sessions } = node
  let end = (_reason: WatchEnd): void => {}
  const ends: string[] = []
  await browser.request(node, async (ctx) => {
    const [ref, userId] = ['token-1', 'user-grace' as UserId]
    assert.equal(sessions.holder(ctx)?.ref, sessions.current.get(ctx)?.row.ref)
    assert.notEqual(sessions.current.get(ctx), undefined)
    sessions.standIn(ctx, {
      ref,
      userId,
      watch: (ended) => {
        end = ended
        return { used: () => {}, stop: () => {} }
      },
    })
    assert.equal(sessions.current.get(ctx), undefined)
    assert.deepEqual([sessions.holder(ctx)?.ref, sessions.holder(ctx)?.userId], [ref, userId])
    const isExpired = (error: unknown) => error instanceof GatewayError && error.code === 'session.expired'
    await assert.rejects(sessions.extend(ctx), isExpired)
    await assert.rejects(sessions.setCredential(ctx, 'lab', undefined), isExpired)
    sessions.watch(ctx, (reason) => ends.push(reason))
  })
  await browser.request(node, (ctx) => sessions.end(ctx, 'logout'))
  await node.settled()
  assert.deepEqual(ends, [], 'the session was not what it was opened with')
  end('revoked')
  assert.deepEqual(ends, ['revoked'])
})
