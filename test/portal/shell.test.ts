// What a page of the portal is told to show around its own content (`GET /api/v1/portal`): the pages that somebody may use,
// and the notices of now.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Lab, type Persona, startLab } from '../gateway/lab.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'

interface Shell {
  readonly person: { readonly isAdmin: boolean }
  readonly pages: readonly string[]
  readonly notices: readonly Readonly<Record<string, unknown>>[]
}

const START = Date.UTC(2026, 11, 1, 5, 59)
const MINUTE = 60_000
const always = { id: 'always', level: 'info', text: 'Welcome.' }
const between = { id: 'between', level: 'warning', text: 'Storage is read-only until 07:00.' }
const later = { id: 'later', level: 'info', text: 'There is a new queue.' }
const before6 = { id: 'before-6', level: 'info', text: 'Save your work until 06:00.' }

let clock: ManualClock
let lab: Lab

before(async () => {
  clock = createManualClock(START)
  lab = await startLab({
    clock,
    config: {
      sessions: { idle: '12h' },
      portal: {
        notices: [
          always,
          { ...between, from: '2026-12-01T06:00:00Z', until: '2026-12-01T08:00:00+01:00' },
          { ...later, from: '2026-12-01T06:30:00Z' },
          { ...before6, until: '2026-12-01T06:00:00Z' },
        ],
      },
    },
  })
})
after(() => lab[Symbol.asyncDispose]())

async function shellOf(who: Persona): Promise<Shell> {
  const answer = await (await lab.logIn(who)).get('/api/v1/portal')
  assert.equal(answer.status, 200)
  return answer.json() as Shell
}

const FOR_ALL = ['home', 'apps', 'profile', 'appearance', 'sessions', 'tokens', 'help']

test('a plain member is shown no page of administrators, nor opens one; an administrator does both', async () => {
  const [member, admin] = [await shellOf('ada'), await shellOf('grace')]
  assert.deepEqual([member.person.isAdmin, admin.person.isAdmin], [false, true])
  assert.deepEqual(member.pages, FOR_ALL)
  assert.deepEqual(admin.pages.toSorted(), [...FOR_ALL, 'admin'].toSorted())
  const [ada, grace] = [await lab.logIn('ada'), await lab.logIn('grace')]
  for (const path of ['/admin', '/admin/users', '/admin/users/somebody']) {
    const statuses = [(await ada.get(path)).status, (await grace.get(path)).status]
    assert.deepEqual(statuses, [403, 200], path)
  }
})

test('a notice is shown from its beginning on, and no more at its end', async () => {
  for (const [atMs, notices] of [
    [START, [always, before6]],
    [START + MINUTE - 1, [always, before6]],
    [START + MINUTE, [always, between]],
    [START + 31 * MINUTE - 1, [always, between]],
    [START + 31 * MINUTE, [always, between, later]],
    [START + 61 * MINUTE - 1, [always, between, later]],
    [START + 61 * MINUTE, [always, later]],
  ] as const) {
    clock.advance(atMs - clock.now())
    assert.deepEqual((await shellOf('ada')).notices, notices, new Date(atMs).toISOString())
  }
})
