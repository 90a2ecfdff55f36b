// Who waits for approval has a session, and no token.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startOidcLab } from '../gateway/oidc-lab.ts'
import { KEYS } from './account-lab.ts'

test('who waits for approval gets no token, and is told why', { timeout: 60_000 }, async () => {
  await using lab = await startOidcLab({
    config: { account: { keys: KEYS.slice(0, 1) }, access: { signUp: { approval: 'required' } } },
  })
  const ada = await lab.logIn('ada')
  for (const path of ['/account/token/create', '/api/v1/account/whoami']) {
    const answer = await ada.get(path)
    assert.equal(answer.status, 403, path)
    assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="spt3g", error="insufficient_scope"/)
    assert.equal((answer.json() as { status: string }).status, 'error')
  }
  const created = await ada.post('/account/token')
  assert.equal(created.status, 403)
  assert.doesNotMatch(created.text, /eyJ0eXAiO/)
})
