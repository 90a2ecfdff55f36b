import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '#kernel'
import { startRecordingUpstream } from '../../../test/support/recording-upstream.ts'
import { startProxy } from '../../../test/support/start-proxy.ts'
import { signerContract } from '../signer.contract.ts'

const expected = `Basic ${Buffer.from('ada:p:ä').toString('base64')}`

signerContract({
  name: 'basic, the person’s own',
  sign: { type: 'basic', credential: 'facility' },
  settings: { credentials: { facility: { kind: 'password', username: 'ada', password: new Secret('p:ä') } } },
  owned: ['authorization'],
  needsCredential: true,
  verify: (received) => assert.deepEqual(received.all('authorization'), [expected]),
})

process.env.GATEHOUSE_TEST_PASSWORD = 'p:ä'
signerContract({
  name: 'basic, a fixed account',
  sign: { type: 'basic', username: 'ada', password: { env: 'GATEHOUSE_TEST_PASSWORD' } },
  owned: ['authorization'],
  needsCredential: false,
  verify: (received) => assert.deepEqual(received.all('authorization'), [expected]),
})

const asToken = `Basic ${Buffer.from('oauth2:CANARY-token').toString('base64')}`

signerContract({
  name: 'basic, an access token as the password',
  sign: { type: 'basic', credential: 'hub', username: 'oauth2' },
  settings: { credentials: { hub: { kind: 'oauth', accessToken: new Secret('CANARY-token') } } },
  owned: ['authorization'],
  needsCredential: true,
  verify: (received) => assert.deepEqual(received.all('authorization'), [asToken]),
})

test('a name with a colon would log in another person, and is not sent', async () => {
  await using upstream = await startRecordingUpstream()
  const facility = { kind: 'password', username: 'ada:x', password: new Secret('y') } as const
  const sign = { type: 'basic', credential: 'facility' }
  await using proxy = await startProxy({ upstreams: [{ to: upstream.url, sign }], credentials: { facility } })
  const answer = await fetch(`${proxy.url}/api/m/`)
  assert.deepEqual([answer.status, upstream.accepted()], [403, 0])
})
