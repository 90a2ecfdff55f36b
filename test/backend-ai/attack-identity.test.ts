// Whom a login makes somebody: nobody but the person whose password the Manager has checked, or whom it has named.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import { cookieSet, post, problem } from './post.ts'

const TOKEN = 'CANARY-sso-token'
const ada = { username: 'ada@example.org', password: 'CANARY-ada' }
const mallory = { username: 'mallory@example.org', password: 'CANARY-mallory', signInToken: TOKEN }
const accounts = [ada, mallory]
const PROFILES: readonly ProfileName[] = ['26.2', '26.4', '26.8']

for (const profile of PROFILES) {
  test(`${profile}: a token of one’s own beside somebody else’s name makes nobody that person`, async () => {
    await using lab = await startBackendAiLab({ profile, manager: { accounts } })
    for (const field of ['sToken', 'stoken']) {
      const answer = await post(lab.stranger(), 'login', { ...ada, password: 'x', [field]: TOKEN })
      assert.deepEqual([answer.status, problem(answer).type], [400, 'invalid-api-params'], field)
      assert.equal(cookieSet(answer), undefined)
      assert.equal(cookieSet(answer, '__Host-gatehouse-known'), undefined)
    }
    assert.deepEqual(await lab.gateway.apis.access.users.list(), [])
    // The login that the Manager has begun is over.
    if (profile !== '26.2') assert.deepEqual(lab.manager.accounts.get(mallory.username).logins, [])
    assert.ok(!JSON.stringify(lab.gateway.logs).includes(TOKEN))
  })
}

test('with fields that a plugin may read, the person is whom the Manager names', async () => {
  await using lab = await startBackendAiLab({ profile: '26.8', manager: { accounts } })
  const own = await post(lab.stranger(), 'login', { ...mallory, username: 'Mallory@Example.org', stoken: TOKEN })
  assert.equal(own.json().authenticated, true)
  const { users } = lab.gateway.apis.access
  assert.deepEqual(
    (await users.list()).map(({ subject }) => subject),
    ['mallory@example.org'],
  )
  assert.equal((await post(lab.stranger(), 'login', { ...ada, hook: 'x' })).json().authenticated, true)
  assert.ok((await users.find('manager/ada@example.org')) !== undefined)
  // A Manager that does not say whom it let in has let in nobody.
  lab.manager.disturb({ kind: 'hang up' }, { target: /admin\/gql/ })
  const answer = await post(lab.stranger(), 'login', { ...ada, hook: 'x' })
  assert.equal(answer.status, 502)
  assert.equal(cookieSet(answer), undefined)
})

for (const profile of PROFILES) {
  test(`${profile}: tokens cannot be tried without end; a browser that has logged in goes on`, async () => {
    const limits = { logins: { failuresPerAddress: '5/20m' } }
    await using lab = await startBackendAiLab({ profile, manager: { accounts }, config: { server: { limits } } })
    const known = await lab.logIn(mallory.username)
    await post(known, 'logout')
    const attempts = Array.from({ length: 20 }, (_, n) =>
      post(lab.stranger(), 'token-login', { sToken: `CANARY-${n}` }),
    )
    const statuses = (await Promise.all(attempts)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 200).length, 5)
    assert.equal(statuses.filter((status) => status === 429).length, 15)
    assert.equal((await post(lab.stranger(), 'token-login', { sToken: TOKEN })).status, 429)
    assert.equal((await post(known, 'token-login', { sToken: TOKEN })).json().authenticated, true)
  })
}

test('a Manager that is out of order shuts out nobody who comes with a token', async () => {
  const limits = { logins: { failuresPerAddress: '3/20m' } }
  await using lab = await startBackendAiLab({ manager: { accounts }, config: { server: { limits } } })
  const headers = { 'content-type': 'application/json' }
  const stop = lab.manager.disturb({ kind: 'answer', status: 500, headers, body: '{}' }, { target: /authorize/ })
  for (let count = 0; count < 6; count++) {
    assert.equal((await post(lab.stranger(), 'token-login', { sToken: TOKEN })).status, 200)
  }
  stop()
  assert.equal((await post(lab.stranger(), 'token-login', { sToken: TOKEN })).json().authenticated, true)
})

test('who fails to log in here stays logged in at the portal', async () => {
  await using lab = await startBackendAiLab({ profile: '26.4', manager: { accounts } })
  const { identity, access } = lab.gateway.apis
  await identity.accounts.add({ name: 'ada', password: 'CANARY-local-password', groups: [] })
  const browser = lab.stranger()
  const form = new URLSearchParams({ username: 'ada', password: 'CANARY-local-password' }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  await browser.ask('/auth/login/local', { method: 'POST', body: form, headers })
  await lab.logIn()
  const user = (await access.users.find('manager/ada@example.org')) ?? assert.fail()
  await access.users.setDisabled(user.id, true)
  assert.equal((await post(browser, 'login', ada)).status, 403)
  assert.equal((await browser.ask('/api/v1/sessions/current')).status, 200)
})
