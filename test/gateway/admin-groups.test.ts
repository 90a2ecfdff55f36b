// Where the configuration makes a group of Gatehouse's own one of administrators, whoever is put into it administers: like a
// role, that needs a login of just now, and no token does it (security.md T4).

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { type Lab, startLab } from './lab.ts'
import { codeOf, makeToken, program, sendJson } from './token-lab.ts'

const GROUPS = '/api/v1/admin/groups'
const HOUR_MS = 3_600_000

let clock: ManualClock
let lab: Lab

before(async () => {
  clock = createManualClock(Date.now())
  const access = { admins: ['group:admins', 'group:local:gatekeepers'] }
  lab = await startLab({ clock, config: { access, sessions: { idle: '12h' } } })
  for (const name of ['gatekeepers', 'beam']) await lab.gateway.apis.access.groups.create({ name })
})
after(() => lab[Symbol.asyncDispose]())

test('who administers is decided by people who have just logged in, never with a token', {
  timeout: 60_000,
}, async () => {
  const grace = await lab.logIn('grace')
  const mallory = await lab.logIn('mallory')
  const isAdmin = async (): Promise<boolean> =>
    ((await mallory.get('/api/v1/me')).json() as { isAdmin: boolean }).isAdmin
  const { id } = (await lab.gateway.apis.access.users.find('local/mallory')) ?? assert.fail('the login made a user')
  const token = program(lab.url, (await makeToken(grace, lab.url, { scopes: ['admin'] })).secret)
  const member = (group: string): string => `${GROUPS}/${group}/members/${id}`

  assert.equal((await token.send(member('beam'), 'PUT')).status, 204, 'any other group may be kept by a program')
  assert.equal(codeOf(await token.send(member('gatekeepers'), 'PUT')), '403 token.sessionOnly')
  clock.advance(HOUR_MS + 1)
  assert.equal(codeOf(await sendJson(grace, lab.url, member('gatekeepers'), {}, 'PUT')), '403 access.loginNotRecent')
  assert.equal(await isAdmin(), false)

  const justNow = await lab.logIn('grace')
  assert.equal((await sendJson(justNow, lab.url, member('gatekeepers'), {}, 'PUT')).status, 204)
  assert.equal(await isAdmin(), true)
  assert.equal((await token.send(member('gatekeepers'), 'DELETE')).status, 204, 'keeping somebody out is never late')
  assert.equal(await isAdmin(), false)
})
