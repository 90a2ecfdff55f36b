// What a renewal says of the person's groups: where the provider says one of them twice, and when it was asked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestContext } from '#http'
import { Secret } from '#kernel'
import type { Credential, RenewedCredential, Sessions } from '#sessions'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createCredentials } from './credentials.ts'
import type { LoginJournal } from './login-journal.ts'
import type { IdentityProvider } from './provider.ts'

/** @returns the groups that the session gets, undefined if they stay what they were; and how long ago they were asked for */
async function renew(before: readonly string[], said: readonly string[]) {
  const clock = createManualClock()
  const credential: Credential = {
    kind: 'oauth',
    accessToken: new Secret('a'),
    refreshToken: new Secret('r'),
    expiresAt: clock.now() + 1000,
  }
  let renewed: RenewedCredential | undefined
  const session = { row: { provider: 'sso', subject: 'ada', groups: before }, credentials: { sso: credential } }
  const sessions = {
    current: { get: () => session },
    async renewCredential(...[, , , renewCredential]: Parameters<Sessions['renewCredential']>) {
      renewed = await renewCredential(credential)
      return session
    },
  }
  const refresh = async () => {
    clock.advance(TAKEN_MS)
    return { credential, groups: said }
  }
  let askedAgoMs: number | undefined
  const provider = { id: 'sso', label: 'SSO', refresh }
  const { renewLogin } = createCredentials({
    clock,
    sessions: sessions as unknown as Sessions,
    journal: { groupsChanged: async () => {} } as unknown as LoginJournal,
    accounts: {
      async setGroups(_id, { askedAt }) {
        askedAgoMs = clock.now() - askedAt
      },
    },
    providers: new Map([['sso', provider as unknown as IdentityProvider]]),
  })
  await renewLogin({} as RequestContext)
  return { groups: renewed?.groups, askedAgoMs }
}

/** By the provider, to answer. */
const TAKEN_MS = 700

const groupsAfter = async (before: readonly string[], said: readonly string[]) => (await renew(before, said)).groups

test('a group that is gone is lost, also where another one is said twice', async () => {
  assert.deepEqual(await groupsAfter(['lab', 'staff'], ['lab', 'lab']), ['lab', 'lab'])
  assert.deepEqual(await groupsAfter(['lab', 'lab'], ['lab', 'staff']), ['lab', 'staff'])
})

test('groups in another order, or said twice, are the same', async () => {
  assert.equal(await groupsAfter(['lab', 'staff'], ['staff', 'lab']), undefined)
  assert.equal(await groupsAfter(['lab'], ['lab', 'lab']), undefined)
})

test('what counts is when the provider was asked, not when it answered', async () => {
  assert.equal((await renew(['lab'], ['staff'])).askedAgoMs, TAKEN_MS)
})
