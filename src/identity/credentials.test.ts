// What a renewal says of the person's groups, where the provider says one of them twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestContext } from '#http'
import { Secret } from '#kernel'
import type { Credential, RenewedCredential, Sessions } from '#sessions'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createCredentials } from './credentials.ts'
import type { LoginJournal } from './login-journal.ts'
import type { IdentityProvider } from './provider.ts'

/** @returns the groups that the session gets; undefined if they stay what they were */
async function groupsAfter(before: readonly string[], said: readonly string[]): Promise<readonly string[] | undefined> {
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
    async renewCredential(...[, , , renew]: Parameters<Sessions['renewCredential']>) {
      renewed = await renew(credential)
      return session
    },
  }
  const provider = { id: 'sso', label: 'SSO', refresh: async () => ({ credential, groups: said }) }
  const { renewLogin } = createCredentials({
    clock,
    sessions: sessions as unknown as Sessions,
    journal: { groupsChanged: async () => {} } as unknown as LoginJournal,
    accounts: { setGroups: async () => {} },
    providers: new Map([['sso', provider as unknown as IdentityProvider]]),
  })
  await renewLogin({} as RequestContext)
  return renewed?.groups
}

test('a group that is gone is lost, also where another one is said twice', async () => {
  assert.deepEqual(await groupsAfter(['lab', 'staff'], ['lab', 'lab']), ['lab', 'lab'])
  assert.deepEqual(await groupsAfter(['lab', 'lab'], ['lab', 'staff']), ['lab', 'staff'])
})

test('groups in another order, or said twice, are the same', async () => {
  assert.equal(await groupsAfter(['lab', 'staff'], ['staff', 'lab']), undefined)
  assert.equal(await groupsAfter(['lab'], ['lab', 'lab']), undefined)
})
