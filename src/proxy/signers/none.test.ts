import assert from 'node:assert/strict'
import { signerContract } from '../signer.contract.ts'

signerContract({
  name: 'none',
  sign: { type: 'none' },
  owned: [],
  needsCredential: false,
  verify: (received) => assert.deepEqual(received.all('authorization'), []),
})
