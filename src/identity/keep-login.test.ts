// A login that something open keeps renewed: what goes wrong once does not end that.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestContext } from '#http'
import { Secret } from '#kernel'
import type { Sessions } from '#sessions'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createCredentials } from './credentials.ts'
import type { LoginJournal } from './login-journal.ts'
import type { IdentityProvider } from './provider.ts'

test('a store that fails at the moment of a renewal is asked again, until nobody needs the login', async () => {
  const clock = createManualClock()
  let renewals = 0
  const credentials = {
    sso: {
      kind: 'oauth',
      accessToken: new Secret('a'),
      refreshToken: new Secret('r'),
      expiresAt: clock.now() + 300_000,
    },
  }
  const session = { row: { provider: 'sso' }, credentials }
  const sessions = {
    current: { get: () => session },
    async renewCredential() {
      renewals++
      throw new Error('the store is away')
    },
  }
  const provider = { label: 'SSO', refresh: async () => undefined }
  const { keepLogin } = createCredentials({
    clock,
    sessions: sessions as unknown as Sessions,
    journal: {} as LoginJournal,
    accounts: { setGroups: async () => {} },
    providers: new Map([['sso', provider as unknown as IdentityProvider]]),
  })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const stop = keepLogin({} as RequestContext)
  clock.advance(240_000)
  await settle()
  assert.equal(renewals, 1)
  clock.advance(5_000)
  await settle()
  assert.equal(renewals, 2)
  stop()
  clock.advance(600_000)
  await settle()
  assert.equal(renewals, 2)
})
