import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret, type UserId } from '#kernel'
import type { ActiveSession, Credential } from './session.ts'
import {
  adaLogin,
  createTestBrowser,
  createTestNode,
  createTestSite,
  type TestBrowser,
  type TestNode,
  whoIs,
} from './sessions.fixture.ts'
import type { RenewedCredential } from './sessions.ts'

/** A provider with rotating refresh tokens: each may be used once. */
function createProvider() {
  const calls: string[] = []
  return {
    calls,
    async renew(credential: Credential): Promise<RenewedCredential> {
      assert.ok(credential.kind === 'oauth')
      calls.push(credential.refreshToken?.reveal() ?? '')
      await new Promise(setImmediate)
      return { credential: oauth(calls.length) }
    },
  }
}

const oauth = (n: number): Credential => ({
  kind: 'oauth',
  accessToken: new Secret(`CANARY-access-${n}`),
  refreshToken: new Secret(`CANARY-refresh-${n}`),
})

const tokenIn = ({ credentials: { lab } }: ActiveSession): string | undefined =>
  lab?.kind === 'oauth' ? lab.accessToken.reveal() : undefined

const isFirst = (credential: Credential): boolean =>
  credential.kind === 'oauth' && credential.accessToken.reveal() === 'CANARY-access-0'

async function twoNodes() {
  const site = await createTestSite()
  const nodes = [createTestNode(site), createTestNode(site)] as const
  const browser = createTestBrowser()
  await browser.request(nodes[0], (ctx) => nodes[0].sessions.begin(ctx, adaLogin()))
  return { site, nodes, browser }
}

const renewBy = (
  node: TestNode,
  browser: TestBrowser,
  renew: (credential: Credential) => Promise<RenewedCredential>,
  isStale = isFirst,
) => browser.request(node, (ctx) => node.sessions.renewCredential(ctx, 'lab', isStale, renew))

/** Lets locks of the manual clock be polled until the work is done. */
async function ticking<T>(site: { readonly clock: { advance(ms: number): void } }, work: Promise<T>): Promise<T> {
  const pending = Symbol('pending')
  const settled = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  for (;;) {
    const outcome = await Promise.race([
      settled,
      new Promise<typeof pending>((resolve) => setImmediate(resolve, pending)),
    ])
    if (outcome !== pending) return work
    site.clock.advance(10)
  }
}

test('50 parallel calls on two nodes renew once, and all get the new credential', async () => {
  const { site, nodes, browser } = await twoNodes()
  const provider = createProvider()
  const calls = Array.from({ length: 50 }, (_, i) => renewBy(nodes[(i % 2) as 0 | 1], browser, provider.renew))
  const sessions = await ticking(site, Promise.all(calls))
  assert.deepEqual(provider.calls, ['CANARY-refresh-0'])
  assert.deepEqual([...new Set(sessions.map(tokenIn))], ['CANARY-access-1'])
})

test('the new credential is stored before anyone gets it', async () => {
  const { site, nodes, browser } = await twoNodes()
  const provider = createProvider()
  await ticking(site, renewBy(nodes[0], browser, provider.renew))
  const elsewhere = await browser.request(nodes[1], (ctx) => nodes[1].sessions.current.get(ctx))
  assert.ok(elsewhere && tokenIn(elsewhere) === 'CANARY-access-1')
})

test('groups that only the new credential can be asked for are asked once it is stored, and then kept', async () => {
  const { site, nodes, browser } = await twoNodes()
  const elsewhere = () => browser.request(nodes[1], (ctx) => nodes[1].sessions.current.get(ctx))
  let atFirstUse: string | undefined
  const renew = async (): Promise<RenewedCredential> => ({
    credential: oauth(1),
    askGroups: async () => {
      atFirstUse = tokenIn((await elsewhere()) ?? assert.fail())
      return ['new']
    },
  })
  const renewed = await ticking(site, renewBy(nodes[0], browser, renew))
  assert.equal(atFirstUse, 'CANARY-access-1')
  assert.deepEqual(renewed.row.groups, ['new'])
  assert.deepEqual((await elsewhere())?.row.groups, ['new'])
})

test('a credential stays renewed when nobody can be asked for the groups, or the answer is an error', async () => {
  for (const askGroups of [async () => undefined, () => Promise.reject(new Error('no answer'))]) {
    const { site, nodes, browser } = await twoNodes()
    const renew = async (): Promise<RenewedCredential> => ({ credential: oauth(1), askGroups })
    await ticking(site, renewBy(nodes[0], browser, renew)).catch(() => undefined)
    const session = await browser.request(nodes[1], (ctx) => nodes[1].sessions.current.get(ctx))
    assert.equal(session && tokenIn(session), 'CANARY-access-1')
    assert.deepEqual(session?.row.groups, adaLogin().groups)
  }
})

test('the request that renewed goes on with the new credential', async () => {
  const { site, nodes, browser } = await twoNodes()
  const provider = createProvider()
  await ticking(
    site,
    browser.request(nodes[0], async (ctx) => {
      const renewed = await nodes[0].sessions.renewCredential(ctx, 'lab', isFirst, provider.renew)
      assert.equal(nodes[0].sessions.current.get(ctx), renewed)
      assert.equal(tokenIn(renewed), 'CANARY-access-1')
    }),
  )
})

test('a credential that somebody else renewed is not renewed again', async () => {
  const { site, nodes, browser } = await twoNodes()
  const provider = createProvider()
  await browser.request(nodes[0], async (ctx) => {
    await ticking(site, renewBy(nodes[1], browser, provider.renew))
    const session = await ticking(site, nodes[0].sessions.renewCredential(ctx, 'lab', isFirst, provider.renew))
    assert.equal(tokenIn(session), 'CANARY-access-1')
  })
  assert.equal(provider.calls.length, 1)
})

test('waiters take a new credential as it is, even one that is stale at once', async () => {
  const { site, nodes, browser } = await twoNodes()
  const provider = createProvider()
  const calls = Array.from({ length: 25 }, () => renewBy(nodes[0], browser, provider.renew, () => true))
  await ticking(site, Promise.all(calls))
  assert.equal(provider.calls.length, 1)
})

test('a refusal reaches all who wait, after one call', async () => {
  const { site, nodes, browser } = await twoNodes()
  let calls = 0
  const refuse = async (): Promise<RenewedCredential> => {
    calls += 1
    await new Promise(setImmediate)
    throw new Error('invalid_grant')
  }
  const outcomes = await ticking(
    site,
    Promise.allSettled(Array.from({ length: 25 }, () => renewBy(nodes[0], browser, refuse))),
  )
  assert.ok(outcomes.every(({ status }) => status === 'rejected'))
  assert.equal(calls, 1)
  assert.equal(await whoIs(nodes[0], browser), 'ada', 'what a refusal means is for the caller to say')
})

test('after a failure the next caller tries again', async () => {
  const { site, nodes, browser } = await twoNodes()
  const provider = createProvider()
  await assert.rejects(
    ticking(
      site,
      renewBy(nodes[0], browser, async () => {
        throw new Error('provider down')
      }),
    ),
  )
  assert.equal(tokenIn(await ticking(site, renewBy(nodes[0], browser, provider.renew))), 'CANARY-access-1')
})

test('a logout during the renewal stands', async () => {
  const { site, nodes, browser } = await twoNodes()
  const renewing = renewBy(nodes[0], browser, async () => {
    await nodes[1].sessions.endAllOf('user-ada' as UserId, 'logout')
    return { credential: oauth(1) }
  })
  await assert.rejects(ticking(site, renewing), { code: 'session.expired' })
  assert.equal(await whoIs(nodes[0], browser), undefined)
})

test('nothing is renewed for a session that has ended', async () => {
  const { site, nodes, browser } = await twoNodes()
  const provider = createProvider()
  await browser.request(nodes[0], async (ctx) => {
    await nodes[1].sessions.endAllOf('user-ada' as UserId, 'logout')
    const renewing = nodes[0].sessions.renewCredential(ctx, 'lab', isFirst, provider.renew)
    await assert.rejects(ticking(site, renewing), { code: 'session.expired' })
  })
  assert.deepEqual(provider.calls, [])
})

test('changes made during the renewal are kept: last seen, and other credentials', async () => {
  const { site, nodes, browser } = await twoNodes()
  const session = await ticking(
    site,
    renewBy(nodes[0], browser, async () => {
      await browser.request(nodes[1], (ctx) => nodes[1].sessions.setCredential(ctx, 'manager', undefined))
      return { credential: oauth(1) }
    }),
  )
  assert.deepEqual(Object.keys(session.credentials), ['lab'])
  assert.equal(tokenIn(session), 'CANARY-access-1')
})

test('if the lock was lost and another was faster, the credential that others already use stands', async () => {
  const { site, nodes, browser } = await twoNodes()
  const session = await ticking(
    site,
    renewBy(nodes[0], browser, async () => {
      await browser.request(nodes[1], (ctx) => nodes[1].sessions.setCredential(ctx, 'lab', oauth(7)))
      return { credential: oauth(1) }
    }),
  )
  assert.equal(tokenIn(session), 'CANARY-access-7')
})

test('a credential dropped during its renewal stays dropped', async () => {
  const { site, nodes, browser } = await twoNodes()
  const session = await ticking(
    site,
    renewBy(nodes[0], browser, async () => {
      await browser.request(nodes[1], (ctx) => nodes[1].sessions.setCredential(ctx, 'lab', undefined))
      return { credential: oauth(1) }
    }),
  )
  assert.deepEqual(Object.keys(session.credentials), ['manager'])
})

test('without that credential the session is returned as it is', async () => {
  const { site, nodes, browser } = await twoNodes()
  const never = (): never => assert.fail('nothing to renew')
  const session = await ticking(
    site,
    browser.request(nodes[0], (ctx) => nodes[0].sessions.renewCredential(ctx, 'other', never, never)),
  )
  assert.equal(session.row.username, 'ada')
})

test('two credentials of one session are renewed side by side', async () => {
  const { site, nodes, browser } = await twoNodes()
  const order: string[] = []
  const slow = (name: string) => async (credential: Credential) => {
    order.push(`begin ${name}`)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    order.push(`end ${name}`)
    return { credential: credential.kind === 'oauth' ? oauth(1) : credential }
  }
  const renew = (name: string) =>
    browser.request(nodes[0], (ctx) => nodes[0].sessions.renewCredential(ctx, name, () => true, slow(name)))
  await ticking(site, Promise.all([renew('lab'), renew('manager')]))
  assert.deepEqual(order.slice(0, 2).toSorted(), ['begin lab', 'begin manager'])
})
