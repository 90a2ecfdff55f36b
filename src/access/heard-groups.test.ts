// Groups that a provider says at renewals of several sessions: whichever answer comes last, the last question counts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identity, onEveryDatabase, openNodes } from './people.fixture.ts'

const SECOND = 1000

await onEveryDatabase('groups that are heard', (createDatabase) => {
  async function open() {
    const node = await openNodes(await createDatabase())
    const { id } = await node.users.admit(identity({ groups: ['login'] }))
    return {
      ...node,
      logIn: async (group: string) => void (await node.users.admit(identity({ groups: [group] }))),
      hear: (group: string, askedAt: number) => node.users.setGroups(id, { groups: [group], askedAt }),
      group: async () => (await node.users.find(id))?.groups.join(),
    }
  }

  test('an answer that was long on its way is not written over one to a later question', async () => {
    await using node = await open()
    const { clock, hear, group } = node
    clock.advance(SECOND)
    const early = clock.now()
    clock.advance(SECOND)
    await hear('later', clock.now())
    clock.advance(SECOND)
    await hear('earlier', early)
    assert.equal(await group(), 'later')
    await hear('latest', clock.now())
    assert.equal(await group(), 'latest')
  })

  test('nor over what a login said meanwhile', async () => {
    await using node = await open()
    const { clock, hear, logIn, group } = node
    const early = clock.now()
    clock.advance(SECOND)
    await logIn('again')
    await hear('earlier', early)
    assert.equal(await group(), 'again')
  })

  test('of many at once the last question wins, at every node', async () => {
    await using node = await open()
    const { clock, hear, group } = node
    const start = clock.now()
    clock.advance(60 * SECOND)
    const seconds = Array.from({ length: 20 }, (_, index) => ((index * 7) % 20) + 1)
    await Promise.all(seconds.map((second) => hear(`at ${second}`, start + second * SECOND)))
    assert.equal(await group(), 'at 20')
  })

  test('a clock that was ahead holds nothing up', async () => {
    await using node = await open()
    const { clock, hear, group } = node
    await hear('ahead', clock.now() + 3600 * SECOND)
    clock.advance(SECOND)
    await hear('present', clock.now())
    assert.equal(await group(), 'present')
  })
})
