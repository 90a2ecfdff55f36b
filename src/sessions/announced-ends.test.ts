// A provider's logout may overtake a login that it has proven already: while the code is exchanged, or the user's row is
// written. What was proven before the logout must not begin after it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '#kernel'
import {
  adaLogin,
  createTestBrowser,
  createTestNode,
  createTestSite,
  minute,
  type TestNode,
  whoIs,
} from './sessions.fixture.ts'
import type { NewSession } from './sessions.ts'

const at = 1_795_000_000_000
const issuer = 'https://sso.test'
const { sid: _, ...withoutSid } = adaLogin()

async function twoNodes() {
  const site = await createTestSite()
  return { site, here: createTestNode(site), there: createTestNode(site) }
}

/** @returns who is logged in after it, or the code of the refusal */
async function logIn(node: TestNode, login: NewSession): Promise<string | undefined> {
  const browser = createTestBrowser()
  try {
    await browser.request(node, (ctx) => node.sessions.begin(ctx, login))
  } catch (error) {
    assert.ok(error instanceof GatewayError)
    assert.equal(await whoIs(node, browser), undefined)
    return error.code
  }
  return whoIs(node, browser)
}

const cases: readonly (readonly [string, object, NewSession, string])[] = [
  ['its session, proven before', { sid: 'sid-1' }, adaLogin({ provenAt: at - 1 }), 'session.expired'],
  ['its session, proven in the same second', { sid: 'sid-1' }, adaLogin({ provenAt: at }), 'session.expired'],
  ['its session, nobody knows when', { sid: 'sid-1' }, adaLogin(), 'session.expired'],
  ['the person, proven before', { subject: 'ada' }, adaLogin({ provenAt: at - 1 }), 'session.expired'],
  ['the person, proven after', { subject: 'ada' }, adaLogin({ provenAt: at + 1_000 }), 'ada'],
  ['both, a login without a sid', { sid: 'x', subject: 'ada' }, { ...withoutSid, provenAt: at - 1 }, 'session.expired'],
  ['both, a login of another sid', { sid: 'x', subject: 'ada' }, adaLogin({ provenAt: at - 1 }), 'ada'],
  ['another session', { sid: 'sid-2' }, adaLogin({ provenAt: at - 1 }), 'ada'],
  ['another person', { subject: 'grace' }, adaLogin({ provenAt: at - 1 }), 'ada'],
]

for (const [name, named, login, expected] of cases) {
  test(`a logout that names ${name}: ${expected}`, async () => {
    const { here, there } = await twoNodes()
    await here.sessions.endAllAt({ issuer, ...named, endedAt: at }, 'provider-logout')
    assert.equal(await logIn(there, login), expected)
  })
}

test('a logout that comes while the session is written ends it too', async () => {
  const { here, there } = await twoNodes()
  const [logout, login] = await Promise.all([
    here.sessions.endAllAt({ issuer, sid: 'sid-1', endedAt: at }, 'provider-logout'),
    logIn(there, adaLogin({ provenAt: at })),
  ])
  assert.deepEqual([login === 'ada' ? 'left' : login, logout <= 1], ['session.expired', true])
})

test('a logout that is told of late does not undo a later one', async () => {
  const { here, there } = await twoNodes()
  for (const endedAt of [at, at - 60_000]) {
    await here.sessions.endAllAt({ issuer, subject: 'ada', endedAt }, 'provider-logout')
  }
  assert.equal(await logIn(there, adaLogin({ provenAt: at - 30_000 })), 'session.expired')
  assert.equal(await logIn(there, adaLogin({ provenAt: at + 1_000 })), 'ada')
})

test('after ten minutes nothing can be on its way any more', async () => {
  const { site, here } = await twoNodes()
  await here.sessions.endAllAt({ issuer, subject: 'ada', endedAt: at }, 'provider-logout')
  site.clock.advance(11 * minute)
  assert.equal(await logIn(here, adaLogin({ provenAt: at - 1 })), 'ada')
})

test('an account that was proven before its logout is not connected after it', async () => {
  const { here, there } = await twoNodes()
  const browser = createTestBrowser()
  await browser.request(here, (ctx) => here.sessions.begin(ctx, adaLogin()))
  const credential = adaLogin().credentials.manager
  const connect = (provenAt: number) =>
    browser.request(there, (ctx) =>
      there.sessions.setCredential(ctx, 'git', credential, { issuer: 'https://git.test', subject: 'ada7', provenAt }),
    )
  await here.sessions.disconnectAllAt({ issuer: 'https://git.test', subject: 'ada7', endedAt: at })
  await assert.rejects(connect(at - 1), { code: 'session.expired' })
  const held = () =>
    browser.request(there, (ctx) => Object.keys(there.sessions.current.get(ctx)?.credentials ?? {}).includes('git'))
  assert.equal(await held(), false)
  assert.equal(await whoIs(there, browser), 'ada', 'the session itself stays')
  await connect(at + 1_000)
  assert.equal(await held(), true)
})
