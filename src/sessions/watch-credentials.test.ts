// What is open with a connected account's credential ends when that account is connected no more, and nothing else does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mount } from '#http'
import type { WatchEnd } from './session.ts'
import { adaLogin, createTestBrowser, createTestNode, createTestSite, type TestNode } from './sessions.fixture.ts'

async function twoNodes() {
  const site = await createTestSite()
  const [here, there] = [createTestNode(site), createTestNode(site)]
  const browser = createTestBrowser()
  await browser.request(here, (ctx) => here.sessions.begin(ctx, adaLogin()))
  /** Opens something that lasts at a service that uses these credentials. */
  const open = (node: TestNode, ...credentials: string[]): Promise<readonly WatchEnd[]> =>
    browser.request(
      node,
      (ctx) => {
        const ends: WatchEnd[] = []
        node.sessions.watch(ctx, (reason) => ends.push(reason))
        return ends
      },
      { mount: { credentials } as unknown as Mount },
    )
  const disconnect = (name: string) => browser.request(here, (ctx) => here.sessions.setCredential(ctx, name, undefined))
  const settled = async () => void (await Promise.all([here.settled(), there.settled()]))
  return { here, there, open, disconnect, settled }
}

test('on whichever node it is open, once', async () => {
  const { here, there, open, disconnect, settled } = await twoNodes()
  const using = [await open(here, 'manager'), await open(there, 'manager'), await open(there, 'lab', 'manager')]
  const others = [await open(here), await open(here, 'lab'), await open(there, 'lab')]
  await disconnect('manager')
  await settled()
  assert.deepEqual(using, [['disconnected'], ['disconnected'], ['disconnected']])
  assert.deepEqual(others, [[], [], []])
  await disconnect('lab')
  await settled()
  assert.deepEqual(using.at(-1), ['disconnected'], 'it is told once')
  assert.deepEqual(others, [[], ['disconnected'], ['disconnected']])
})

test('what was opened without the credential has nothing to lose', async () => {
  const { here, open, disconnect, settled } = await twoNodes()
  await disconnect('manager')
  const ends = await open(here, 'manager')
  await disconnect('lab')
  await settled()
  assert.deepEqual(ends, [])
})
