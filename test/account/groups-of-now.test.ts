// In which groups somebody is, by a token: what was heard of them last, at whichever login or refresh, and never what an older
// session still believes (security.md S5, T4). At a real OpenID provider, with two sessions of one person.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OidcBrowser, type OidcLab, startOidcLab } from '../gateway/oidc-lab.ts'
import { makeToken, openSocket } from '../gateway/token-lab.ts'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { bearer, claimsOf, KEYS } from './account-lab.ts'

const TOKEN_SECONDS = 300
/** Long enough for what is remembered of people, tokens and the groups of their owners. */
const MINUTE_MS = 61_000

interface GroupsLab extends OidcLab {
  readonly clock: ReturnType<typeof createManualClock>
  setGroups(who: string, groups: readonly string[]): void
  accountToken(person: OidcBrowser): Promise<string>
  /** What the service behind the door says to a program. */
  status(token: string): Promise<number>
}

async function startGroupsLab(echo: EchoUpstream): Promise<GroupsLab> {
  const clock = createManualClock(Date.now())
  const lab = await startOidcLab({
    clock,
    accessTokenSeconds: TOKEN_SECONDS,
    config: {
      account: { keys: KEYS.slice(0, 1) },
      upstreams: [{ id: 'echo', path: '/api/echo/', to: echo.url, allow: ['group:lab'] }],
    },
  })
  return {
    ...lab,
    clock,
    setGroups(who, groups) {
      const index = lab.accounts.findIndex(({ username }) => username === who)
      lab.accounts[index] = {
        ...(lab.accounts[index] ?? assert.fail(`${who} has an account there`)),
        groups: [...groups],
      }
    },
    async accountToken(person) {
      const answer = await person.get('/account/token/create')
      assert.equal(answer.status, 200, answer.text)
      return (answer.json() as { token: string }).token
    },
    status: async (token) => (await lab.stranger().get('/api/echo/x', { authorization: bearer(token) })).status,
  }
}

test('a group that a second login took away is in no token, whichever session makes it', {
  timeout: 60_000,
}, async () => {
  await using echo = await startEchoUpstream()
  await using lab = await startGroupsLab(echo)
  const older = await lab.logIn('ada')
  const before = await lab.accountToken(older)
  assert.deepEqual([claimsOf(before).groups, await lab.status(before)], [['lab'], 200])

  lab.setGroups('ada', [])
  await lab.logIn('ada')
  const made = await lab.accountToken(older)
  assert.deepEqual([claimsOf(made).groups, await lab.status(made)], [[], 403])
})

test('what a refresh says of a person’s groups counts for all their tokens', { timeout: 60_000 }, async () => {
  await using echo = await startEchoUpstream()
  await using lab = await startGroupsLab(echo)
  const ada = await lab.logIn('ada')
  const tokens = [await lab.accountToken(ada), (await makeToken(ada, lab.url)).secret]
  const statuses = () => Promise.all(tokens.map(lab.status))
  assert.deepEqual(await statuses(), [200, 200])

  lab.setGroups('ada', [])
  lab.clock.advance((TOKEN_SECONDS - 59) * 1_000)
  assert.equal((await ada.get('/api/echo/x')).status, 403)
  assert.deepEqual(await statuses(), [403, 403])

  lab.setGroups('ada', ['lab', 'staff'])
  lab.clock.advance((TOKEN_SECONDS - 59) * 1_000)
  assert.equal((await ada.get('/api/echo/x')).status, 200)
  assert.deepEqual(await statuses(), [200, 200])
  assert.deepEqual(claimsOf(await lab.accountToken(ada)).groups, ['lab', 'staff'])
})

test('what was opened with a token ends when its person has lost a group it was opened with', {
  timeout: 60_000,
}, async () => {
  await using echo = await startEchoUpstream()
  await using lab = await startGroupsLab(echo)
  const ada = await lab.logIn('ada')
  const authorization = bearer(await lab.accountToken(ada))
  const { closed } = await openSocket(lab.url, '/api/echo/socket', { authorization })
  lab.setGroups('ada', [])
  await lab.logIn('ada')
  lab.clock.advance(MINUTE_MS)
  assert.equal((await closed).code, 4403)
})
