// Every way on which passwords could be tried is counted, or closed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import { post, problem } from './post.ts'

const PROFILES: readonly ProfileName[] = ['26.2', '26.4', '26.8']

for (const profile of PROFILES) {
  test(`${profile}: who is logged in can try nobody’s password past the counting, and sees no secret key`, async () => {
    await using lab = await startBackendAiLab({ profile })
    const mallory = await lab.logIn('mallory@example.org')
    const { username, password } = lab.manager.accounts.get('ada@example.org')
    const before = lab.manager.counts.all
    const bodies = [
      ['auth/authorize', { type: 'keypair', domain: 'default', username, password }],
      ['auth/update-password-no-auth', { domain: 'default', username, current_password: password, new_password: 'x' }],
    ] as const
    for (const [path, body] of bodies) {
      for (const client of [mallory, lab.stranger()]) {
        const answer = await client.ask(`/func/${path}`, { method: 'POST', body: JSON.stringify(body) })
        const { status, type } = problem(answer)
        assert.deepEqual([status, type], [403, 'generic-forbidden'], path)
      }
      for (const spelling of [path.replace('/', '%2F'), path.replace('/', '//'), `/${path}`, `%2F${path}`]) {
        const answer = await mallory.ask(`/func/${spelling}`, { method: 'POST', body: JSON.stringify(body) })
        assert.equal(answer.status, 400, spelling)
      }
    }
    assert.equal(lab.manager.counts.all, before)
    assert.equal(lab.manager.accounts.get('ada@example.org').password, password)
  })
}

for (const profile of PROFILES) {
  for (const [what, status, answer] of [
    [
      'a password that a plugin rejects',
      400,
      {
        type: 'https://api.backend.ai/probs/rejected-by-hook',
        title: 'Operation rejected by a hook plugin.',
        msg: 'LDAP: 49',
      },
    ],
    ['a code after which another one is asked for', 200, { data: { response_type: 'REQUIRE_TWO_FACTOR_AUTH' } }],
  ] as const) {
    test(`${profile}: ${what} is a failure`, async () => {
      const limits = { logins: { failures: '3/20m' } }
      await using lab = await startBackendAiLab({ profile, config: { server: { limits } } })
      const headers = { 'content-type': 'application/json' }
      lab.manager.disturb({ kind: 'answer', status, headers, body: JSON.stringify(answer) }, { target: /authorize/ })
      const guess = () => post(lab.stranger(), 'login', { username: 'ada@example.org', password: 'x', otp: '123456' })
      for (let count = 0; count < 3; count++) assert.notEqual((await guess()).status, 429)
      assert.equal((await guess()).status, 429)
    })
  }
}

test('who is only asked for a code, or has sent none, has failed at nothing', async () => {
  const limits = { logins: { failures: '3/20m' } }
  await using lab = await startBackendAiLab({ profile: '26.8', config: { server: { limits } } })
  const type = 'https://api.backend.ai/probs/rejected-by-hook'
  const headers = { 'content-type': 'application/json' }
  for (const [status, answer] of [
    [200, { data: { response_type: 'REQUIRE_TWO_FACTOR_AUTH' } }],
    [400, { type, title: 'Operation rejected by a hook plugin.', msg: 'OTP not provided' }],
  ] as const) {
    const body = JSON.stringify(answer)
    const stop = lab.manager.disturb({ kind: 'answer', status, headers, body }, { target: /authorize/ })
    for (let count = 0; count < 5; count++) {
      const login = { username: 'ada@example.org', password: 'x', otp: '' }
      assert.equal((await post(lab.stranger(), 'login', login)).status, status)
    }
    stop()
  }
})
