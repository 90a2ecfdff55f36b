import assert from 'node:assert/strict'
import { Secret } from '#kernel'
import { signerContract } from '../signer.contract.ts'

signerContract({
  name: 'bearer',
  sign: { type: 'bearer', credential: 'sso' },
  settings: { credentials: { sso: { kind: 'oauth', accessToken: new Secret('at-1') } } },
  owned: ['authorization'],
  needsCredential: true,
  verify: (received) => assert.deepEqual(received.all('authorization'), ['Bearer at-1']),
})
