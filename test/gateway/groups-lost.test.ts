// Somebody is taken out of a group at the login provider (security.md S5): with the next refresh of their token they are
// refused what the group was for, and nothing of theirs reaches the service any more. Nobody has to log in again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startOidcLab } from './oidc-lab.ts'

const TOKEN_SECONDS = 300

test('a group that is lost at the provider is lost here within the life of a token', { timeout: 30_000 }, async () => {
  const clock = createManualClock(Date.now())
  await using upstream = await startRecordingUpstream(() => ok())
  const upstreams = [{ path: '/api/', to: upstream.url, allow: ['group:lab'] }]
  await using lab = await startOidcLab({
    clock,
    accessTokenSeconds: TOKEN_SECONDS,
    config: { upstreams, access: { admins: ['group:admins'] } },
  })
  const [ada, grace] = [await lab.logIn('ada'), await lab.logIn('grace')]
  assert.equal((await ada.get('/api/before')).status, 200)
  /** What administrators are shown. */
  const shown = async () => {
    const { users } = (await grace.get('/api/v1/admin/users?search=ada')).json() as {
      users: readonly { username: string; groups: readonly string[] }[]
    }
    return users.find(({ username }) => username === 'ada')?.groups
  }
  assert.deepEqual(await shown(), ['lab'])

  const index = lab.accounts.findIndex(({ username }) => username === 'ada')
  const account = lab.accounts[index] ?? assert.fail('ada has an account there')
  lab.accounts[index] = { ...account, groups: [] }
  clock.advance((TOKEN_SECONDS - 59) * 1_000)
  const refused = await ada.get('/api/after')
  assert.deepEqual([refused.status, upstream.requests.length], [403, 1])
  const { groups } = (await ada.get('/api/v1/me')).json() as { groups: readonly string[] }
  assert.deepEqual(groups, [])
  assert.deepEqual(await shown(), [], 'administrators see it too')

  lab.accounts[index] = account
  clock.advance((TOKEN_SECONDS - 59) * 1_000)
  assert.equal((await ada.get('/api/again')).status, 200)
})
