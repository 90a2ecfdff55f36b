// Every way on which passwords could be tried is counted, or closed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ProfileName, startBackendAiLab } from './backend-ai-lab.ts'
import { problem } from './post.ts'

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
