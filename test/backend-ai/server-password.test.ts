// `POST /server/update-password-no-auth`: another password for one that has expired (§1.7).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'
import { hideBody } from './hide-body.ts'
import { cookieSet, post, problem } from './post.ts'

const ada = { username: 'ada@example.org', password: 'CANARY-old', passwordExpiredOn: '2026-11-01' }
const change = { username: ada.username, current_password: 'CANARY-old', new_password: 'CANARY-new' }

for (const profile of ['26.2', '26.8'] as const) {
  test(`${profile}: an expired password is told, replaced, and the new one logs in`, async () => {
    await using lab = await startBackendAiLab({ profile, manager: { accounts: [ada] } })
    const expired = await post(lab.stranger(), 'login', { username: ada.username, password: ada.password })
    assert.equal(expired.status, profile === '26.2' ? 200 : 401)
    assert.deepEqual(expired.json().data, {
      type: 'https://api.backend.ai/probs/password-expired',
      title: 'Password has expired.',
      details: 'Password expired on 2026-11-01',
    })
    const answer = await post(lab.stranger(), 'update-password-no-auth', { ...change, domain: 'other', extra: 1 })
    assert.equal(answer.status, 200)
    const { password_changed_at, ...rest } = answer.json()
    assert.match(String(password_changed_at), /^\d{4}-\d{2}-\d{2}T/)
    assert.deepEqual(rest, profile === '26.2' ? {} : { data: null })
    assert.equal(cookieSet(answer), undefined)

    const sent = lab.manager.requests.find(({ target }) => target === '/auth/update-password-no-auth') ?? assert.fail()
    // Plain, whatever the way to the Manager.
    assert.deepEqual(sent.all('content-type'), ['application/json'])
    assert.deepEqual(sent.all('x-backendai-encoded'), [])
    assert.deepEqual(JSON.parse((await sent.body.whole()).toString()), { ...change, domain: 'default' })
    const login = { username: ada.username, password: 'CANARY-new' }
    assert.equal((await post(lab.stranger(), 'login', login)).json().authenticated, true)
    for (const secret of ['CANARY-old', 'CANARY-new']) assert.ok(!JSON.stringify(lab.gateway.logs).includes(secret))
  })
}

test('what the Manager refuses is told with 200; a hidden body is read', async () => {
  await using lab = await startBackendAiLab({ profile: '26.8', manager: { accounts: [ada] } })
  const hidden = await hideBody(lab.gateway.url, JSON.stringify({ ...change, current_password: 'wrong' }))
  const answer = await post(lab.stranger(), 'update-password-no-auth', hidden, { 'x-backendai-encoded': 'true' })
  assert.equal(answer.status, 200)
  assert.deepEqual(answer.json(), {
    data: {
      type: 'https://api.backend.ai/probs/auth-failed',
      title: 'Credential/signature mismatch.',
      details: 'User credential mismatch.',
    },
    password_changed_at: null,
  })
})

test('what is missing is named, in the order of the fields', async () => {
  await using lab = await startBackendAiLab()
  for (const [body, field] of [
    ['', 'username'],
    ['[]', 'username'],
    ['{"username":null}', 'username'],
    ['{"username":"ada"}', 'current_password'],
    ['{"username":"ada","new_password":"x"}', 'current_password'],
    ['{"username":"ada","current_password":"x"}', 'new_password'],
    ['{"username":"ada","current_password":"x","new_password":{}}', 'new_password'],
  ] as const) {
    assert.deepEqual(
      problem(await post(lab.stranger(), 'update-password-no-auth', body)),
      { status: 400, type: 'invalid-api-params', title: `You must provide the ${field} field.` },
      body,
    )
  }
  assert.equal(lab.manager.counts.all, 0)
})

test('a Manager that is away or answers nonsense is a 502', async () => {
  await using lab = await startBackendAiLab({ manager: { accounts: [ada] } })
  for (const what of [
    { kind: 'hang up' },
    { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' },
    { kind: 'answer', status: 302, headers: { 'content-type': 'application/json' }, body: '{}' },
  ] as const) {
    const stop = lab.manager.disturb(what, { target: /update-password/ })
    assert.equal(problem(await post(lab.stranger(), 'update-password-no-auth', change)).status, 502)
    stop()
  }
})
