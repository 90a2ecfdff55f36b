import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { systemClock, type UserId } from '#kernel'
import { storageModule } from '#storage'
import { createNamingMount } from '../../test/support/naming-mount.ts'
import { isMissing, startMariadb, startPostgres, startRedis } from '../../test/support/programs.ts'
import type { StoreKind } from '../../test/support/store-servers.ts'
import { openTestStores } from '../../test/support/test-stores.ts'
import { sessionsModule } from './module.ts'
import type { WatchEnd } from './session.ts'
import { createCompactName } from './session-token.ts'
import { adaLogin, createTestContext, silentTelemetry } from './sessions.fixture.ts'
import type { Sessions } from './sessions.ts'

const redis = await startRedis()
const lackingIn = (...programs: readonly object[]): string | false => programs.find(isMissing)?.missing ?? false

const kinds: readonly (readonly [kind: StoreKind, skip: string | false])[] = [
  ['embedded', false],
  ['redis-postgres', lackingIn(redis, await startPostgres())],
  ['redis-mariadb', lackingIn(redis, await startMariadb())],
]

for (const [kind, skip] of kinds) {
  const limits = { skip, timeout: 30_000 }
  test(`${kind}: a logout on one node closes what is open on another within a second`, limits, async () => {
    await using stores = await openTestStores(kind)
    await using here = await startNode(stores.config)
    await using there = await startNode(stores.config)
    const cookieHeader = await logIn(here.sessions)
    const ctx = createTestContext({ cookieHeader })
    await there.sessions.load(ctx)
    assert.equal(there.sessions.current.get(ctx)?.row.username, 'ada')
    const told = new EventTarget()
    there.sessions.watch(ctx, (reason) => told.dispatchEvent(new CustomEvent<WatchEnd>('ended', { detail: reason })))

    const heard = once(told, 'ended', { signal: AbortSignal.timeout(5_000) })
    await here.sessions.endAllOf(adaLogin().userId, 'disabled')
    const endedAt = performance.now()
    const [event] = (await heard) as [CustomEvent<WatchEnd>]
    assert.equal(event.detail, 'disabled')
    assert.ok(performance.now() - endedAt < 1_000)
    assert.equal(await there.sessions.load(createTestContext({ cookieHeader })), undefined)
  })

  test(`${kind}: an attempt is taken once, a credential renewed once, by two nodes`, limits, async () => {
    await using stores = await openTestStores(kind)
    await using here = await startNode(stores.config)
    await using there = await startNode(stores.config)
    const nodes = [here.sessions, there.sessions] as const
    const cookieHeader = await logIn(here.sessions)
    let renewals = 0
    const calls = Array.from({ length: 50 }, async (_, i) => {
      const sessions = nodes[(i % 2) as 0 | 1]
      const ctx = createTestContext({ cookieHeader })
      await sessions.load(ctx)
      return sessions.renewCredential(
        ctx,
        'manager',
        (credential) => credential.kind === 'keypair',
        async () => {
          renewals += 1
          return { credential: { kind: 'password', username: `renewed ${renewals}`, password: adaSecret() } }
        },
      )
    })
    const renewed = (await Promise.all(calls)).map(
      ({ credentials: { manager } }) => manager?.kind === 'password' && manager.username,
    )
    assert.equal(renewals, 1)
    assert.deepEqual([...new Set(renewed)], ['renewed 1'])

    const begun = createTestContext({})
    const state = await here.sessions.attempts.begin(begun, {
      provider: 'lab',
      purpose: 'login',
      returnTo: '/',
      data: {},
    })
    const loginCookie = begun.responseCookies.map(({ name, value }) => `${name}=${value}`).join()
    const takes = Array.from({ length: 10 }, (_, i) =>
      nodes[(i % 2) as 0 | 1].attempts.take(createTestContext({ cookieHeader: loginCookie }), state),
    )
    assert.equal((await Promise.all(takes)).filter((each) => each !== undefined).length, 1)
  })

  test(`${kind}: a name that two nodes give to several sessions at once is one session's`, limits, async () => {
    await using stores = await openTestStores(kind)
    await using here = await startNode(stores.config)
    await using there = await startNode(stores.config)
    const nodes = [here.sessions, there.sessions] as const
    const name = createCompactName()
    const mount = createNamingMount(() => name)
    const people = Array.from({ length: 20 }, (_, i) => `user-${i}` as UserId)
    const begun = await Promise.allSettled(
      people.map((userId, i) =>
        nodes[(i % 2) as 0 | 1].begin(createTestContext({}), adaLogin({ userId, subject: userId }), { name }),
      ),
    )
    const winners = people.filter((_, i) => begun[i]?.status === 'fulfilled')
    assert.equal(winners.length, 1)
    const codes = begun.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
    assert.deepEqual([...new Set(codes)], ['session.nameTaken'])
    for (const sessions of nodes) {
      assert.equal((await sessions.load(createTestContext({ mount })))?.row.userId, winners[0])
    }
    const ended = await Promise.all(people.map((userId) => here.sessions.endAllOf(userId, 'revoked')))
    assert.equal(
      ended.reduce((sum, each) => sum + each, 0),
      1,
      'no list of anybody else has it',
    )
    assert.equal(await here.sessions.load(createTestContext({ mount })), undefined)
    await assert.rejects(there.sessions.begin(createTestContext({}), adaLogin(), { name }), {
      code: 'session.nameTaken',
    })
  })

  test(`${kind}: sessions are listed, counted and ended once`, limits, async () => {
    await using stores = await openTestStores(kind)
    await using node = await startNode(stores.config)
    const ada = adaLogin().userId
    for (let i = 0; i < 3; i += 1) await logIn(node.sessions)
    assert.equal((await node.sessions.list(ada)).length, 3)
    assert.deepEqual(await node.sessions.list('nobody' as UserId), [])
    const [first] = await node.sessions.list(ada)
    assert.equal(await node.sessions.endByRef(ada, first?.ref ?? '', 'revoked'), true)
    assert.equal(await node.sessions.endAllAt({ issuer: 'https://sso.test', subject: 'ada' }, 'provider-logout'), 2)
    assert.equal(await node.sessions.endAllOf(ada, 'revoked'), 0)
    assert.deepEqual(await node.sessions.list(ada), [])
  })
}

const adaSecret = () => {
  const { manager } = adaLogin().credentials
  assert.ok(manager?.kind === 'keypair')
  return manager.secretKey
}

async function startNode(config: unknown) {
  const base = { clock: systemClock, telemetry: silentTelemetry }
  const stores = storageModule.create(base, storageModule.config.parse(config))
  const part = sessionsModule.create({ ...base, storage: stores.api }, sessionsModule.config.parse({}))
  await stores.start?.()
  await part.start?.()
  return {
    sessions: part.api,
    async [Symbol.asyncDispose]() {
      await part.stop?.()
      await stores.stop?.()
    },
  }
}

async function logIn(sessions: Sessions): Promise<string> {
  const ctx = createTestContext({})
  await sessions.begin(ctx, adaLogin())
  return ctx.responseCookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}
