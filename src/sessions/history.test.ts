// Random histories of many people on two nodes, with a feed that breaks and comes back: whatever happens, nobody is
// taken for somebody else, and after an acknowledged end nobody gets in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RequestContext } from '#http'
import { Secret, type UserId } from '#kernel'
import { createNamingMount } from '../../test/support/naming-mount.ts'
import { createCompactName } from './session-token.ts'
import {
  adaLogin,
  createTestBrowser,
  createTestNode,
  createTestSite,
  minute,
  type TestBrowser,
  type TestNode,
} from './sessions.fixture.ts'

const acts = [
  'read',
  'read',
  'use',
  'logIn',
  'logInNamed',
  'logOut',
  'revoke',
  'change',
  'breakFeed',
  'mendFeed',
  'wait',
] as const

interface Act {
  readonly what: (typeof acts)[number]
  readonly who: number
  readonly where: number
}

interface Person {
  readonly userId: UserId
  readonly browser: TestBrowser
  /** Of a session that is carried beside the cookie. */
  name: string | undefined
  /** What sessions were had with whose end was acknowledged. */
  readonly spent: Carried[]
  isLoggedIn: boolean
}

type Carried = Pick<Person, 'browser' | 'name'>

const act = fc.record({ what: fc.constantFrom(...acts), who: fc.nat(3), where: fc.nat(1) })

const histories = fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 10, maxLength: 60, size: 'max' })

test('in any history, each sees only themselves and ended sessions stay ended', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (rounds) => {
      const site = await createTestSite()
      const nodes = [createTestNode(site), createTestNode(site)]
      const people = Array.from({ length: 4 }, (_, i): Person => createPerson(`user-${i}`))
      for (const round of rounds) {
        const distinct = new Map(round.map((each) => [each.who, each])).values()
        await Promise.all([...distinct].map((each) => perform(each, people, nodes, site.clock)))
      }
      for (const node of nodes) mendFeed(node)
      await Promise.all(nodes.map((node) => node.settled()))
      for (const person of people) for (const node of nodes) await check(person, node)
    }),
    { numRuns: 200 },
  )
})

const createPerson = (id: string): Person => ({
  userId: id as UserId,
  browser: createTestBrowser(),
  name: undefined,
  spent: [],
  isLoggedIn: false,
})

async function perform(
  { what, who, where }: Act,
  people: readonly Person[],
  nodes: readonly TestNode[],
  clock: { advance(ms: number): void },
): Promise<void> {
  const [person, node] = [people[who], nodes[where]]
  assert.ok(person && node)
  const { userId } = person
  switch (what) {
    case 'read':
      return check(person, node)
    case 'use':
      return request(node, person, (ctx) => node.sessions.used(ctx))
    case 'logIn':
    case 'logInNamed': {
      const old = copyOf(person)
      const wasLoggedIn = person.isLoggedIn
      const name = what === 'logIn' ? undefined : createCompactName()
      await request(node, person, (ctx) =>
        node.sessions.begin(ctx, loginOf(userId), name === undefined ? name : { name }),
      )
      person.name = name
      if (wasLoggedIn) person.spent.push(old)
      person.isLoggedIn = true
      return
    }
    case 'logOut': {
      const old = copyOf(person)
      await request(node, person, (ctx) => node.sessions.end(ctx, 'logout'))
      return spend(person, old)
    }
    case 'revoke':
      await node.sessions.endAllOf(userId, 'revoked')
      return spend(person, copyOf(person))
    case 'change':
      if (!person.isLoggedIn) return
      await request(node, person, (ctx) => node.sessions.setCredential(ctx, 'extra', credentialOf(userId)))
      return
    case 'breakFeed':
      node.faults.isDeaf = true
      node.faults.isStale = true
      return
    case 'mendFeed':
      return mendFeed(node)
    case 'wait':
      return clock.advance(minute / 2)
  }
}

const request = <T>(node: TestNode, { browser, name }: Carried, work: (ctx: RequestContext) => T | Promise<T>) =>
  browser.request(node, work, { mount: createNamingMount(() => name) })

const copyOf = ({ browser, name }: Carried): Carried => ({ browser: browser.copy(), name })

function spend(person: Person, carried: Carried): void {
  if (person.isLoggedIn) person.spent.push(carried)
  person.isLoggedIn = false
}

function mendFeed({ faults }: TestNode): void {
  if (!faults.isStale) return
  faults.isDeaf = false
  faults.announceGap?.()
  faults.isStale = false
}

async function check(person: Person, node: TestNode): Promise<void> {
  const { userId, isLoggedIn, spent } = person
  const seen = await request(node, person, (ctx) => node.sessions.current.get(ctx))
  assert.equal(seen?.row.userId, isLoggedIn ? userId : undefined)
  for (const credential of Object.values(seen?.credentials ?? {})) {
    assert.ok(credential.kind === 'password' && credential.password.reveal() === `secret of ${userId}`)
  }
  for (const old of spent) {
    assert.equal(await request(node, old, (ctx) => node.sessions.current.get(ctx)?.row.userId), undefined)
  }
}

const credentialOf = (userId: UserId) =>
  ({ kind: 'password', username: userId, password: new Secret(`secret of ${userId}`) }) as const

const loginOf = (userId: UserId) =>
  adaLogin({ userId, subject: userId, sid: userId, credentials: { lab: credentialOf(userId) } })
