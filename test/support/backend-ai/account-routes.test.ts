import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Manager, startManager } from './index.ts'
import { ask, type Sent } from './signed-client.ts'

const post = (manager: Manager, path: string, body: unknown, sent: Sent = {}) =>
  ask(manager.url + path, { method: 'POST', body: JSON.stringify(body), ...sent })

describe('an account', () => {
  test('is made by signing up, once, and taken away by signing out', async () => {
    await using manager = await startManager()
    const eve = { email: 'eve@example.org', password: 'CANARY-eve' }
    assert.equal((await post(manager, '/auth/signup', { ...eve, domain: 'other' })).status, 400)
    const answer = await post(manager, '/auth/signup', { ...eve, domain: 'default' })
    assert.equal(answer.status, 201)
    const person = manager.accounts.get('eve@example.org')
    assert.deepEqual(answer.json(), { access_key: person.accessKey, secret_key: person.secretKey })
    assert.equal((await post(manager, '/auth/signup', { ...eve, domain: 'default' })).status, 400)

    assert.equal((await post(manager, '/auth/signout', eve)).status, 401)
    assert.equal((await post(manager, '/auth/signout', { ...eve, password: 'x' }, { as: person })).status, 401)
    assert.equal((await post(manager, '/auth/signout', eve, { as: person })).status, 200)
    assert.equal((await post(manager, '/auth/signout', eve, { as: person })).status, 401)
  })

  test('has a password that its owner changes', async () => {
    await using manager = await startManager()
    const ada = manager.accounts.get('ada@example.org')
    const change = (body: object) => post(manager, '/auth/update-password', body, { as: ada })
    const wanted = { new_password: 'CANARY-2', new_password2: 'CANARY-2' }
    assert.equal((await change({ old_password: 'x', ...wanted })).status, 401)
    assert.equal((await change({ old_password: ada.password, ...wanted, new_password2: 'x' })).status, 400)
    assert.equal((await change({ old_password: ada.password, ...wanted })).status, 200)
    assert.equal(ada.password, 'CANARY-2')
  })

  for (const [version, expected] of [
    ['26.2', ['password_changed_at']],
    ['26.4', ['data', 'password_changed_at']],
  ] as const) {
    test(`whose password expired gets another without logging in (${version})`, async () => {
      const username = 'old@example.org'
      const accounts = [{ username, password: 'CANARY-1', passwordExpiredOn: '2026-03-01' }]
      await using manager = await startManager({ version, accounts })
      const path = '/auth/update-password-no-auth'
      const body = { domain: 'default', username, current_password: 'CANARY-1', new_password: 'CANARY-2' }
      assert.equal((await post(manager, path, { ...body, current_password: 'x' })).status, 401)
      assert.equal((await post(manager, path, { ...body, domain: 'x' })).status, 401)
      assert.equal((await post(manager, path, { ...body, new_password: 'CANARY-1' })).status, 400)
      assert.equal((await ask(manager.url + path, { method: 'POST', body: 'ABCDEFGHIJKLMNOP:VBYQ' })).status, 400)
      const answer = await post(manager, path, body)
      assert.deepEqual(Object.keys(answer.json()), expected)
      const { password, passwordExpiredOn } = manager.accounts.get(username)
      assert.deepEqual([password, passwordExpiredOn], ['CANARY-2', undefined])
    })
  }

  test('gets a second factor from its owner', async () => {
    await using manager = await startManager()
    const ada = manager.accounts.get('ada@example.org')
    assert.equal((await post(manager, '/totp', {})).status, 401)
    assert.equal((await post(manager, '/totp', {}, { as: ada })).status, 200)
    assert.equal((await post(manager, '/totp/verify', { otp: 'x' }, { as: ada })).status, 400)
  })
})

test('plugins take anybody', async () => {
  await using manager = await startManager({ version: '26.8' })
  for (const path of ['/cloud/a', '/custom-auth/b', '/openid/c', '/saml/d', '/totp/e', '/v2/x/public/y']) {
    const answer = await ask(manager.url + path, { headers: { Authorization: 'Bearer of-the-client' } })
    assert.equal(answer.status, 200, path)
    assert.equal(answer.echo().verified, false)
  }
  assert.equal((await ask(`${manager.url}/v2/x/private/y`)).status, 401)
})
