import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '#kernel'
import { identity, onEveryDatabase, openNodes } from './people.fixture.ts'

await onEveryDatabase('groups and roles', (createDatabase) => {
  test('who is in a group has it beside those of the provider, on every node', async () => {
    await using here = await openNodes(await createDatabase())
    const there = here.createNode()
    const ada = await here.users.admit(identity({ groups: ['lab'] }))
    assert.deepEqual(await here.groups.create({ name: 'beamline-7', description: 'The seventh' }), {
      name: 'beamline-7',
      description: 'The seventh',
      createdAt: here.clock.now(),
      memberCount: 0,
    })
    await here.groups.create({ name: 'another' })
    await here.groups.add('beamline-7', ada.id)
    await here.groups.add('beamline-7', ada.id)
    await here.groups.add('another', ada.id)
    const groups = ['lab', 'local:another', 'local:beamline-7']
    assert.deepEqual(here.principalOf(ada).groups, groups)
    assert.deepEqual(here.users.localGroupsOf(ada.id), ['another', 'beamline-7'])
    await there.standings.poll()
    assert.deepEqual(there.principalOf(ada).groups, groups)
    assert.deepEqual(
      (await here.groups.list()).map(({ name, memberCount }) => [name, memberCount]),
      [
        ['another', 1],
        ['beamline-7', 1],
      ],
    )
    assert.deepEqual(
      (await here.groups.members('beamline-7')).map(({ id }) => id),
      [ada.id],
    )
    await here.groups.remove('beamline-7', ada.id)
    await here.groups.delete('another')
    assert.deepEqual(here.principalOf(ada).groups, ['lab'])
    assert.deepEqual(here.lost, [ada.id, ada.id])
    await there.standings.poll()
    assert.deepEqual(there.principalOf(ada).groups, ['lab'])
    assert.deepEqual(here.lost, [ada.id, ada.id, ada.id], 'the other node ends what is open there')
    await here.groups.remove('beamline-7', ada.id)
    await here.groups.create({ name: 'another' })
    assert.deepEqual(await here.groups.members('another'), [], 'a new group of an old name is empty')
  })

  test('no provider gives a group of ours', async () => {
    await using node = await openNodes(await createDatabase(), { admins: ['group:local:admins'] })
    await node.groups.create({ name: 'admins' })
    const eve = await node.users.admit(identity({ groups: ['local:admins', 'local:', 'lab', 'Local:x', ' local:y'] }))
    assert.deepEqual(eve.groups, ['lab', 'Local:x', ' local:y'])
    assert.equal(node.principalOf(eve).isAdmin, false)
    assert.deepEqual(node.principalOf({ ...eve, groups: ['local:admins', 'lab'] }).groups, ['lab'])
    await node.groups.add('admins', eve.id)
    assert.equal(node.principalOf(eve).isAdmin, true)
  })

  test('names are of a form that policies can write', async () => {
    await using node = await openNodes(await createDatabase())
    for (const name of ['', 'A', 'ä', 'a b', '-a', 'a/b', 'a:b', 'x'.repeat(64), "a'; drop table users; --", 'a\n']) {
      await assert.rejects(node.groups.create({ name }), { code: 'access.groupNameUnusable' }, name)
    }
    await node.groups.create({ name: 'a.b_c-1' })
    await assert.rejects(node.groups.create({ name: 'a.b_c-1' }), { code: 'access.groupExists' })
  })

  test('what is not there cannot be filled, emptied or removed', async () => {
    await using node = await openNodes(await createDatabase())
    const ada = await node.users.admit(identity())
    await node.groups.create({ name: 'lab' })
    await assert.rejects(node.groups.add('ghosts', ada.id), { code: 'access.groupUnknown' })
    await assert.rejects(node.groups.remove('ghosts', ada.id), { code: 'access.groupUnknown' })
    await assert.rejects(node.groups.members('ghosts'), { code: 'access.groupUnknown' })
    await assert.rejects(node.groups.delete('ghosts'), { code: 'access.groupUnknown' })
    await assert.rejects(node.groups.add('lab', 'nobody' as UserId), { code: 'access.userUnknown' })
    await assert.rejects(node.groups.remove('lab', 'nobody' as UserId), { code: 'access.userUnknown' })
  })

  test('every change says who made it', async () => {
    await using node = await openNodes(await createDatabase())
    const ada = await node.users.admit(identity())
    const by = { actor: 'user-grace', address: '192.0.2.7', requestId: 'r1' }
    await node.groups.create({ name: 'lab' }, by)
    await node.groups.add('lab', ada.id, by)
    await node.groups.remove('lab', ada.id, by)
    await node.groups.delete('lab', by)
    await node.users.setRoles(ada.id, ['admin'], by)
    await node.users.setRoles(ada.id, ['admin'], by)
    await node.users.setRoles(ada.id, [], by)
    const entries = await node.storage.audit.list({ limit: 20 })
    assert.deepEqual(
      entries
        .toReversed()
        .map(({ action, subject, userId, actor, detail }) => [action, subject, userId, actor, detail]),
      [
        ['group.create', 'lab', undefined, 'user-grace', undefined],
        ['group.add', 'lab', ada.id, 'user-grace', undefined],
        ['group.remove', 'lab', ada.id, 'user-grace', undefined],
        ['group.delete', 'lab', undefined, 'user-grace', undefined],
        ['user.roles', undefined, ada.id, 'user-grace', { given: 'admin', taken: '' }],
        ['user.roles', undefined, ada.id, 'user-grace', { given: '', taken: 'admin' }],
      ],
    )
  })

  test('a role makes an administrator, unless the account waits', async () => {
    await using node = await openNodes(await createDatabase(), { signUp: { approval: 'required' } })
    const ada = await node.users.admit(identity())
    await node.users.setRoles(ada.id, ['admin'])
    assert.deepEqual([node.principalOf(ada).isAdmin, node.users.rolesOf(ada.id)], [false, ['admin']])
    await node.users.approve(ada.id)
    assert.equal(node.principalOf(await node.users.admit(identity())).isAdmin, true)
    await node.users.setRoles(ada.id, [])
    assert.equal(node.principalOf(await node.users.admit(identity())).isAdmin, false)
    await assert.rejects(node.users.setRoles('nobody' as UserId, ['admin']), { code: 'access.userUnknown' })
  })

  test('users are found by part of a name and by state', async () => {
    await using node = await openNodes(await createDatabase(), { signUp: { approval: 'required' } })
    const { users } = node
    const add = (subject: string, facts: Parameters<typeof identity>[0] = {}) =>
      users.admit(identity({ subject, username: subject, displayName: subject, isInvited: true, ...facts }))
    await add('ada', { displayName: 'Ada L_velace 100%' })
    await add('bob', { email: 'ROBERT@example.org' })
    const cy = await add('cy')
    await users.setDisabled(cy.id, true)
    const { isInvited: _, ...stranger } = identity({ subject: 'dot', username: 'dot', displayName: 'dot' })
    const { id: dot } = await users.admit(stranger)
    const { id: eve } = await users.admit({ ...stranger, subject: 'eve', username: 'eve' })
    await users.refuse(eve)
    const subjectsOf = async (query: Parameters<typeof users.list>[0]) =>
      (await users.list(query)).map(({ subject }) => subject)
    assert.deepEqual(await subjectsOf({ search: 'LOV' }), [])
    assert.deepEqual(await subjectsOf({ search: 'L_V' }), ['ada'])
    assert.deepEqual(await subjectsOf({ search: '100%' }), ['ada'])
    assert.deepEqual(await subjectsOf({ search: 'robert@' }), ['bob'])
    assert.deepEqual(await subjectsOf({ search: '%' }), ['ada'])
    for (const search of ['!', '\\', "'", "' or 1=1 --", '%_%'])
      assert.deepEqual(await subjectsOf({ search }), [], search)
    assert.deepEqual(await subjectsOf({ state: 'active' }), ['ada', 'bob'])
    assert.deepEqual(await subjectsOf({ state: 'pending' }), ['dot'])
    assert.deepEqual(await subjectsOf({ state: 'refused' }), ['eve'])
    assert.deepEqual(await subjectsOf({ state: 'disabled' }), ['cy'])
    assert.deepEqual(await subjectsOf({ search: 'bob', state: 'pending' }), [])
    await users.approve(dot)
    assert.deepEqual(await subjectsOf({ state: 'active', limit: 2 }), ['ada', 'bob'])
    const { id: bob } = (await users.find('bob')) ?? assert.fail('bob is there')
    assert.deepEqual(await subjectsOf({ state: 'active', limit: 2, after: bob }), ['dot'])
  })
})
