import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '#kernel'
import type { Storage } from '#storage'
import { identity, onEveryDatabase, openNodes } from './people.fixture.ts'
import { createUserStore } from './user-store.ts'
import type { PeopleTables } from './user-tables.ts'

await onEveryDatabase('users', (createDatabase) => {
  test('the first login creates the user, later ones refresh it', async () => {
    await using node = await openNodes(await createDatabase())
    const { users, clock } = node
    const first = await users.admit(identity())
    assert.deepEqual(first, {
      id: first.id,
      provider: 'sso',
      subject: '8f2c41',
      username: 'ada',
      displayName: 'Ada Lovelace',
      email: 'ada@example.org',
      groups: ['lab', 'staff'],
      approval: 'approved',
      createdAt: clock.now(),
      lastLoginAt: clock.now(),
    })
    clock.advance(1000)
    const { email: _, ...withoutEmail } = identity({ username: 'countess', groups: [] })
    const second = await users.admit(withoutEmail)
    const { email: __, ...kept } = first
    assert.deepEqual(second, { ...kept, username: 'countess', groups: [], lastLoginAt: clock.now() })
    assert.equal((await users.list()).length, 1)
  })

  test('a person is provider and subject, whatever else they share', async () => {
    await using node = await openNodes(await createDatabase())
    const { users } = node
    const admitted = [
      await users.admit(identity()),
      await users.admit(identity({ provider: 'other' })),
      await users.admit(identity({ subject: '8F2C41' })),
      await users.admit(identity({ provider: 'a', subject: 'b/c' })),
      await users.admit(identity({ provider: 'a', subject: 'b' })),
    ]
    assert.equal(new Set(admitted.map(({ id }) => id)).size, 5)
  })

  test('a name that another issuer gives is nobody’s, until the issuer is said to have moved', async () => {
    await using node = await openNodes(await createDatabase())
    const { users, clock, storage, logged } = node
    const of = (issuer: string, formerIssuers: readonly string[] = []) => identity({ issuer, formerIssuers })
    const ada = await users.admit(of('https://a.test'))
    clock.advance(1000)
    const other = { code: 'access.otherIssuer', status: 403, detail: /Whom to ask: the desk/ }
    await assert.rejects(users.admit({ ...of('https://b.test'), groups: ['admins'] }), other)
    assert.deepEqual(await users.find(ada.id), ada, 'nothing has changed about her')
    assert.ok(logged.some(({ event, issuer }) => event === 'login_other_issuer' && issuer === 'https://b.test'))
    await assert.rejects(users.admit(of('https://b.test', ['https://c.test'])), other)
    // Her disabled account says nothing of itself to somebody else.
    await users.setDisabled(ada.id, true)
    await assert.rejects(users.admit(of('https://b.test')), other)
    await users.setDisabled(ada.id, false)

    assert.equal((await users.admit(of('https://b.test', ['https://a.test']))).id, ada.id)
    assert.equal((await users.admit(of('https://b.test'))).id, ada.id, 'the new name is kept')
    await assert.rejects(users.admit(of('https://a.test')), other)
    assert.equal((await users.admit(identity({ issuer: 'https://c.test' }))).id, ada.id, 'the entry alone vouches')

    const rows = await storage.sql<PeopleTables>().selectFrom('user_issuers').selectAll().execute()
    assert.deepEqual(rows, [{ user_id: ada.id, issuer: 'https://b.test' }])
  })

  test('who was there before issuers were kept is known by the next one', async () => {
    await using node = await openNodes(await createDatabase())
    const { users } = node
    const ada = await users.admit(identity())
    assert.equal((await users.admit(identity({ formerIssuers: [] }))).id, ada.id)
    await assert.rejects(users.admit(identity({ issuer: 'https://b.test', formerIssuers: [] })), {
      code: 'access.otherIssuer',
    })
  })

  test('of first logins with one name at two issuers, those of one are let in', async () => {
    await using node = await openNodes(await createDatabase())
    const { users } = node
    const issuers = Array.from({ length: 20 }, (_, at) => `https://${at % 2 === 0 ? 'a' : 'b'}.test`)
    const outcomes = await Promise.all(
      issuers.map(async (issuer) => {
        const outcome = await users.admit(identity({ issuer, formerIssuers: [] })).catch((error: Error) => error)
        return outcome instanceof Error ? undefined : issuer
      }),
    )
    assert.equal(new Set(outcomes.filter((issuer) => issuer !== undefined)).size, 1)
  })

  test('fifty first logins at once make one user', async () => {
    await using node = await openNodes(await createDatabase())
    const { users } = node
    const admitted = await Promise.all(Array.from({ length: 50 }, () => users.admit(identity())))
    assert.equal(new Set(admitted.map(({ id }) => id)).size, 1)
  })

  test('a user is found by id, by provider and subject, and by a username that is unique', async () => {
    await using node = await openNodes(await createDatabase())
    const { users } = node
    const ada = await users.admit(identity())
    const grace = await users.admit(identity({ subject: 'a/b', username: 'grace' }))
    const names = [ada.id, 'sso/8f2c41', 'ada', 'sso/a/b', 'grace']
    const found = await Promise.all(names.map((name) => users.find(name)))
    assert.deepEqual(
      found.map((user) => user?.id),
      [ada.id, ada.id, ada.id, grace.id, grace.id],
    )
    await users.admit(identity({ subject: 'second', username: 'ada' }))
    await users.admit(identity({ subject: 'third', username: 'sso/ghost' }))
    for (const name of ['ada', 'nobody', 'sso/nobody', 'sso/ghost', '', 'sso/', "' or 1=1 --", '%']) {
      assert.equal(await users.find(name), undefined, name)
    }
  })

  test('where an id is asked for, nobody’s name is taken for one', async () => {
    await using node = await openNodes(await createDatabase())
    const { users } = node
    const ada = await users.admit(identity())
    await users.admit(identity({ subject: 'mallory', username: 'an-id' }))
    assert.deepEqual([await users.findById(ada.id), await users.get(ada.id)], [ada, ada])
    for (const id of ['ada', 'sso/8f2c41', 'an-id']) {
      assert.equal(await users.findById(id), undefined, id)
      await assert.rejects(users.get(id), { code: 'access.userUnknown' }, id)
    }
  })

  test('users are listed by provider and subject, a page at a time', async () => {
    await using node = await openNodes(await createDatabase())
    const { users } = node
    for (const subject of ['c', 'a', 'b']) await users.admit(identity({ subject }))
    await users.admit(identity({ provider: 'local', subject: 'z' }))
    const namesOf = async (page?: Parameters<typeof users.list>[0]) =>
      (await users.list(page)).map(({ provider, subject }) => `${provider}/${subject}`)
    assert.deepEqual(await namesOf(), ['local/z', 'sso/a', 'sso/b', 'sso/c'])
    const [first, second] = await users.list({ limit: 2 })
    assert.equal(first?.subject, 'z')
    assert.deepEqual(await namesOf({ after: second?.id ?? '', limit: 2 }), ['sso/b', 'sso/c'])
    assert.deepEqual(await namesOf({ after: 'nobody' }), [])
  })

  test('a disabled user is refused at login, with whom to ask, and the row stays as it was', async () => {
    await using node = await openNodes(await createDatabase())
    const { users, clock } = node
    const ada = await users.admit(identity())
    await users.setDisabled(ada.id, true)
    const disabledAt = clock.now()
    clock.advance(1000)
    await assert.rejects(users.admit(identity({ username: 'renamed' })), {
      code: 'access.userDisabled',
      status: 403,
      detail: /Whom to ask: the desk/,
    })
    assert.deepEqual(await users.find(ada.id), { ...ada, disabledAt })
    await users.setDisabled(ada.id, false)
    assert.equal((await users.admit(identity())).disabledAt, undefined)
  })

  test('disabling ends the sessions, is kept in the audit log and known to the steps', async () => {
    await using node = await openNodes(await createDatabase())
    const { users, storage, ended, logged } = node
    const ada = await users.admit(identity())
    assert.equal(users.isDisabled(ada.id), false)
    await users.setDisabled(ada.id, true, { actor: 'user-grace', address: '192.0.2.7', requestId: 'r1' })
    assert.equal(users.isDisabled(ada.id), true)
    assert.deepEqual(ended, [[ada.id, 'disabled']])
    await users.setDisabled(ada.id, false)
    assert.equal(users.isDisabled(ada.id), false)
    assert.equal(ended.length, 1)
    const entries = await storage.audit.list({ limit: 10, userId: ada.id })
    assert.deepEqual(
      entries.map(({ action, actor, address, requestId, outcome, detail }) => [
        action,
        actor,
        address,
        requestId,
        outcome,
        detail?.sessionsEnded,
      ]),
      [
        ['user.enable', 'cli', undefined, undefined, 'success', 0],
        ['user.disable', 'user-grace', '192.0.2.7', 'r1', 'success', 1],
      ],
    )
    const events = logged.map(({ event }) => event)
    assert.deepEqual(
      events.filter((event) => event.startsWith('user_')),
      ['user_disable', 'user_enable'],
    )
  })

  test('disabling again ends what sessions there are now', async () => {
    await using node = await openNodes(await createDatabase())
    const { users, ended } = node
    const ada = await users.admit(identity())
    await users.setDisabled(ada.id, true)
    await users.setDisabled(ada.id, true)
    assert.equal(ended.length, 2)
  })

  test('nobody can be disabled who does not exist', async () => {
    await using node = await openNodes(await createDatabase())
    const { users, ended } = node
    await assert.rejects(users.setDisabled('nobody' as UserId, true), { code: 'access.userUnknown' })
    assert.deepEqual(ended, [])
  })

  test('other nodes hear who was disabled', { timeout: 10_000 }, async () => {
    await using here = await openNodes(await createDatabase())
    const there = here.createNode()
    const ada = await here.users.admit(identity())
    const stop = there.standings.listen()
    const heard = Promise.withResolvers<void>()
    here.storage.keyValue.changes.subscribe('access:people:', () => heard.resolve())
    await here.users.setDisabled(ada.id, true)
    await heard.promise
    while (!there.users.isDisabled(ada.id)) await new Promise(setImmediate)
    stop()
    const started = here.createNode()
    assert.equal(started.users.isDisabled(ada.id), false)
    await started.standings.reload()
    assert.equal(started.users.isDisabled(ada.id), true)
  })

  test('what a provider says is kept as it is where it counts, and made presentable where it is shown', async () => {
    await using node = await openNodes(await createDatabase())
    const { users } = node
    for (const subject of ['', 'x'.repeat(256), 'a\nb', 'a\0b', '\u009b31m', 'a\ud800', '\udc00a']) {
      await assert.rejects(users.admit(identity({ subject })), { code: 'access.identityUnusable' }, subject)
    }
    const quoted = identity({ subject: `'; drop table users; --`, groups: [`a"b'c`, '', 'grüppe'] })
    assert.deepEqual((await users.admit(quoted)).groups, quoted.groups)
    const shown = await users.admit(identity({ username: 'a\x1b[31m\0b', displayName: 'y'.repeat(1000), email: 'e\n' }))
    assert.equal(shown.username, 'a [31m b')
    assert.equal(shown.displayName.length, 255)
    assert.equal(shown.email, 'e ')
  })
})

test('who is disabled in the middle of a login is refused', async () => {
  await using node = await openNodes({ type: 'memory' })
  const { storage, users, clock } = node
  const ada = await users.admit(identity())
  let asked = 0
  const disabling: Pick<Storage, 'sql'> = {
    sql<Tables>() {
      asked += 1
      // Statements of the embedded database run one after the other: this one between the look-up and the update.
      if (asked === 2) void createUserStore(storage).setDisabledAt(ada.id, clock.now())
      return storage.sql<Tables>()
    },
  }
  const { user } = await createUserStore(disabling).admit(identity(), clock.now(), false)
  assert.equal(user.disabledAt, clock.now())
})
