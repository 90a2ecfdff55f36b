import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '#kernel'
import { identity, onEveryDatabase, openNodes } from './people.fixture.ts'

const REQUIRED = { signUp: { approval: 'required' } }
const DAY_MS = 24 * 3_600_000

await onEveryDatabase('sign-ups', (createDatabase) => {
  test('who is new waits, and who was there before does not', async () => {
    await using node = await openNodes(await createDatabase())
    const before = await node.users.admit(identity())
    const strict = node.createNode(REQUIRED)
    assert.equal((await strict.users.admit(identity())).approval, 'approved')
    const eve = await strict.users.admit(identity({ subject: 'eve', email: 'eve@example.org' }))
    assert.equal(eve.approval, 'pending')
    assert.deepEqual([strict.principalOf(before).isPending, strict.principalOf(eve).isPending], [false, true])
    // However often, and whether or not approval is still asked for.
    assert.equal((await strict.users.admit(identity({ subject: 'eve' }))).approval, 'pending')
    assert.equal(strict.users.isDisabled(eve.id), false)
  })

  test('fifty first logins at once are one person who waits', async () => {
    await using node = await openNodes(await createDatabase(), REQUIRED)
    const admitted = await Promise.all(Array.from({ length: 50 }, () => node.users.admit(identity())))
    assert.equal(new Set(admitted.map(({ id }) => id)).size, 1)
    assert.deepEqual(new Set(admitted.map(({ approval }) => approval)), new Set(['pending']))
  })

  test('whom the configuration trusts does not wait', async () => {
    const signUp = { approval: 'required', autoApproveGroups: ['staff'], providers: ['sso'] }
    await using node = await openNodes(await createDatabase(), { signUp, admins: ['user:sso/grace', 'group:boss'] })
    const approvalOf = async (facts: Parameters<typeof identity>[0]) =>
      (await node.users.admit(identity(facts))).approval
    assert.equal(await approvalOf({ subject: 'a', groups: ['staff'] }), 'approved')
    assert.equal(await approvalOf({ subject: 'grace', groups: [] }), 'approved')
    assert.equal(await approvalOf({ subject: 'b', groups: ['boss'] }), 'approved')
    assert.equal(await approvalOf({ subject: 'c', groups: [], isInvited: true }), 'approved')
    assert.equal(await approvalOf({ subject: 'd', groups: [], provider: 'other' }), 'approved')
    assert.equal(await approvalOf({ subject: 'e', groups: ['local:staff', 'Staff'] }), 'pending')
    assert.equal(await approvalOf({ subject: 'e', groups: ['staff'] }), 'approved', 'who got the group meanwhile')
    assert.equal(await approvalOf({ subject: 'e', groups: [] }), 'approved', 'and keeps the approval')
  })

  test('an approval that the configuration gives is written down as any other, once, with what it was for', async () => {
    const signUp = { approval: 'required', autoApproveGroups: ['staff'], providers: ['sso'] }
    await using node = await openNodes(await createDatabase(), { signUp, admins: ['user:sso/grace'] })
    const entriesOf = async (facts: Parameters<typeof identity>[0], logins = 1) => {
      let id = '' as UserId
      for (let i = 0; i < logins; i += 1) ({ id } = await node.users.admit(identity(facts)))
      const entries = await node.storage.audit.list({ limit: 9, userId: id })
      return entries.map(({ action, actor, detail }) => [action, actor, detail])
    }
    const approved = (entry: string) => [['user.approve', 'config', { entry }]]
    assert.deepEqual(await entriesOf({ subject: 'a', groups: ['lab', 'staff'] }, 3), approved('group:staff'))
    assert.deepEqual(await entriesOf({ subject: 'grace', groups: [] }), approved('user:sso/grace'))
    assert.deepEqual(await entriesOf({ subject: 'e', groups: [] }, 2), [], 'who waits is not approved')
    assert.deepEqual(await entriesOf({ subject: 'e', groups: ['staff'] }, 2), approved('group:staff'), 'until then')
    for (const free of [
      { subject: 'b', isInvited: true as const },
      { subject: 'c', provider: 'other' },
    ])
      assert.deepEqual(await entriesOf({ ...free, groups: ['staff'] }), [], 'nobody decides about them')
    const many = await Promise.all(
      Array.from({ length: 20 }, () => node.users.admit(identity({ subject: 'f', groups: ['staff'] }))),
    )
    const [{ id } = assert.fail()] = many
    assert.equal((await node.storage.audit.list({ limit: 30, userId: id })).length, 1, 'twenty logins at once')
  })

  test('an approval lets in, is written down, and the person hears of it', async () => {
    await using node = await openNodes(await createDatabase(), REQUIRED)
    const ada = await node.users.admit(identity())
    await node.users.approve(ada.id, { actor: 'user-grace', address: '192.0.2.7', requestId: 'r1' })
    const approved = await node.users.admit(identity())
    assert.deepEqual([approved.approval, node.principalOf(approved).isPending], ['approved', false])
    assert.deepEqual(
      node.mails.map(({ to, template }) => [to, template]),
      [['ada@example.org', 'access.signUpApproved']],
    )
    assert.match(node.mails[0]?.text ?? '', /https:\/\/gate\.test\//)
    await node.users.approve(ada.id)
    assert.equal(node.mails.length, 1, 'again is nothing new')
    const entries = await node.storage.audit.list({ limit: 9, userId: ada.id })
    assert.deepEqual(
      entries.map(({ action, actor }) => [action, actor]),
      [['user.approve', 'user-grace']],
    )
    assert.deepEqual(node.ended, [])
  })

  test('a refusal ends the sessions and keeps the person out, until they are approved after all', async () => {
    await using node = await openNodes(await createDatabase(), REQUIRED)
    const ada = await node.users.admit(identity())
    await node.users.refuse(ada.id)
    assert.deepEqual(node.ended, [[ada.id, 'disabled']])
    assert.equal(node.users.isDisabled(ada.id), true)
    await assert.rejects(node.users.admit(identity({ username: 'renamed' })), {
      code: 'access.signUpRefused',
      status: 403,
      detail: /Whom to ask: the desk/,
    })
    assert.equal((await node.users.find(ada.id))?.username, 'ada', 'the row stays as it was')
    assert.deepEqual(
      node.mails.map(({ template }) => template),
      ['access.signUpRefused'],
    )
    await node.users.approve(ada.id)
    assert.equal(node.users.isDisabled(ada.id), false)
    assert.equal((await node.users.admit(identity())).approval, 'approved')
  })

  test('only who waits can be refused, and only who exists decided about', async () => {
    await using node = await openNodes(await createDatabase())
    const ada = await node.users.admit(identity())
    await assert.rejects(node.users.refuse(ada.id), { code: 'access.notPending' })
    for (const decide of [node.users.approve, node.users.refuse]) {
      await assert.rejects(decide('nobody' as UserId), { code: 'access.userUnknown' })
    }
    assert.deepEqual([node.ended, node.mails], [[], []])
  })

  test('the administrators get one mail for each person and day, each by themselves', async () => {
    const admins = ['user:sso/grace', 'group:boss', 'group:local:desk']
    await using node = await openNodes(await createDatabase(), { ...REQUIRED, admins })
    const { users, groups, clock } = node
    await users.admit(identity({ subject: 'grace', email: 'grace@lab.test' }))
    await users.admit(identity({ subject: 'boss', email: 'boss@lab.test', groups: ['boss'] }))
    await users.admit(identity({ subject: 'no-mail', groups: ['boss'], email: '' }))
    const away = await users.admit(identity({ subject: 'away', email: 'away@lab.test', groups: ['boss'] }))
    await users.setDisabled(away.id, true)
    const [desk, hedy] = [
      await users.admit(identity({ subject: 'desk', email: 'desk@lab.test', isInvited: true })),
      await users.admit(identity({ subject: 'hedy', email: 'hedy@lab.test', isInvited: true })),
    ]
    await groups.create({ name: 'desk' })
    await groups.add('desk', desk.id)
    await users.setRoles(hedy.id, ['admin'])
    await users.admit(
      identity({ subject: 'bosses', email: 'no@lab.test', groups: ['bosses', 'the boss'], isInvited: true }),
    )
    assert.equal(node.mails.length, 0)

    const eve = identity({ subject: 'eve', username: 'eve', displayName: 'Eve', email: 'eve@x.test' })
    await Promise.all([users.admit(eve), users.admit(eve), users.admit(eve)])
    const told = () => node.mails.map(({ to }) => to).toSorted()
    const everybody = ['boss@lab.test', 'desk@lab.test', 'grace@lab.test', 'hedy@lab.test']
    assert.deepEqual(
      told().filter((to) => to !== ''),
      everybody,
    )
    assert.match(node.mails[0]?.text ?? '', /Name: Eve\nUser name: eve\nLogged in with: sso\n.*eve@x\.test/)
    assert.match(node.mails[0]?.text ?? '', /https:\/\/gate\.test\/portal\/admin\/users\?state=pending/)
    const count = node.mails.length
    clock.advance(DAY_MS - 1)
    await users.admit(eve)
    assert.equal(node.mails.length, count)
    clock.advance(1)
    await users.admit(eve)
    assert.equal(node.mails.length, 2 * count, 'a day later they are reminded')
  })

  test('everybody is written to in the language that they have chosen', async () => {
    await using node = await openNodes(await createDatabase(), REQUIRED)
    const { users, languages } = node
    const grace = await users.admit(identity({ subject: 'grace', email: 'grace@lab.test', isInvited: true }))
    await users.setRoles(grace.id, ['admin'])
    languages.keptBy(async (id) => (id === grace.id ? 'fr' : undefined))
    const [eve, bob, tom] = [
      await users.admit(identity({ subject: 'eve', email: 'eve@x.test' })),
      await users.admit(identity({ subject: 'bob', email: 'bob@x.test' })),
      await users.admit(identity({ subject: 'tom', email: 'tom@x.test' })),
    ]
    assert.deepEqual(
      new Set(node.mails.map(({ to, subject }) => `${to}: ${subject}`)),
      new Set(['grace@lab.test: Ada Lovelace attend votre approbation']),
    )
    node.mails.length = 0
    languages.keptBy(async (id) => (id === eve.id ? 'ja' : undefined))
    await users.approve(eve.id)
    await users.refuse(bob.id)
    languages.keptBy(() => Promise.reject(new Error('away')))
    await users.approve(tom.id)
    assert.deepEqual(
      node.mails.map(({ to, subject }) => [to, subject]),
      [
        ['eve@x.test', 'アカウントが承認されました'],
        ['bob@x.test', 'Your account was not approved'],
        ['tom@x.test', 'Your account is approved'],
      ],
    )
  })

  test('somebody who can make accounts does not fill a mailbox', async () => {
    await using node = await openNodes(await createDatabase(), {
      signUp: { approval: 'required', notify: ['office@lab.test'] },
    })
    for (let each = 0; each < 30; each++) await node.users.admit(identity({ subject: `eve-${each}` }))
    assert.equal(node.mails.length, 20)
    assert.equal(node.logged.filter(({ event }) => event === 'sign_up_mails_bounded').length, 10)
    node.clock.advance(3_600_000)
    await node.users.admit(identity({ subject: 'eve-29' }))
    assert.equal(node.mails.length, 21, 'who was left out is told of later')
  })

  test('every node knows of who waits and of what was decided', async () => {
    await using here = await openNodes(await createDatabase(), REQUIRED)
    const there = here.createNode()
    await there.standings.reload()
    const ada = await here.users.admit(identity())
    assert.equal(there.principalOf({ ...ada, approval: 'approved' }).isPending, false, 'not yet')
    await there.standings.poll()
    assert.equal(there.principalOf({ ...ada, approval: 'approved' }).isPending, true)
    await here.users.approve(ada.id)
    await there.standings.poll()
    assert.equal(there.principalOf(ada).isPending, false)
    await here.users.setDisabled(ada.id, true)
    await there.standings.poll()
    assert.equal(there.users.isDisabled(ada.id), true)
  })
})
