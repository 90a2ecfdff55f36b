import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Principal } from '#access'
import { createFakeContext } from '../../../test/support/fake-context.ts'
import { ada } from '../../../test/support/start-proxy.ts'
import { signerContract } from '../signer.contract.ts'
import { createSigner, signerConfig } from './drivers.ts'

process.env.GATEHOUSE_TEST_KEY = 'k-123'
const sign = {
  type: 'header',
  headers: {
    'X-Api-Key': { env: 'GATEHOUSE_TEST_KEY' },
    'X-Fixed': 'yes',
    'X-Remote-User': '{username}',
    'X-Remote-Groups': '{groups}',
    'X-Who': '{provider}/{subject} <{email}> {name} {user_id}',
  },
}

signerContract({
  name: 'header',
  sign,
  owned: ['x-api-key', 'x-fixed', 'x-remote-user', 'x-remote-groups', 'x-who'],
  needsCredential: false,
  verify: (received) => {
    assert.deepEqual(received.all('x-api-key'), ['k-123'])
    assert.deepEqual(received.all('x-fixed'), ['yes'])
    assert.deepEqual(received.all('x-remote-user'), ['ada'])
    assert.deepEqual(received.all('x-remote-groups'), ['lab,staff'])
    assert.deepEqual(received.all('x-who'), ['sso/8f2c41 <ada@example.org> Ada%20Lovelace user-ada'])
  },
})

const signFor = (principal: Principal | undefined, headers: object) =>
  createSigner(signerConfig.parse({ type: 'header', headers }), { access: { principal: () => principal } } as never, {
    id: 'x',
  }).sign({ method: 'GET', target: '/', host: 'h', headers: [], hasBody: false, isUpgrade: false }, createFakeContext())

test('of somebody unknown nothing is said, while what is fixed is sent', () => {
  assert.deepEqual(signFor(undefined, sign.headers), ['x-api-key', 'k-123', 'x-fixed', 'yes'])
})

test('no name and no list of groups looks like another, and none breaks out of its header', () => {
  const text = fc.string({ unit: 'binary', minLength: 1 }).filter((each) => each.isWellFormed())
  const person = fc.record({ username: text, groups: fc.array(text, { maxLength: 4 }) })
  const headersOf = ({ username, groups }: { username: string; groups: string[] }) =>
    signFor({ ...ada, username, groups }, { 'X-User': '{username}', 'X-Groups': '{groups}' }) as readonly string[]
  fc.assert(
    fc.property(person, (each) => {
      const [, user = '', , groups = ''] = headersOf(each)
      assert.match(user + groups, /^[\x21-\x7e]*$/)
      assert.equal(decodeURIComponent(user), each.username)
      assert.deepEqual(groups === '' ? [] : groups.split(',').map(decodeURIComponent), each.groups)
    }),
  )
})
