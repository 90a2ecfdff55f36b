import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newTotpSecret, oneTimeCode } from './totp.ts'

// RFC 6238, appendix B: the ASCII secret 12345678901234567890, the last six digits of the SHA-1 column.
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const codes: Readonly<Record<string, string>> = {
  59: '287082',
  1111111109: '081804',
  1111111111: '050471',
  1234567890: '005924',
  2000000000: '279037',
  20000000000: '353130',
}

for (const [seconds, code] of Object.entries(codes)) {
  test(`at ${seconds} s the code is ${code}`, () => assert.equal(oneTimeCode(secret, Number(seconds) * 1000), code))
}

test('a new secret has the length that apps expect', () => assert.match(newTotpSecret(), /^[A-Z2-7]{32}$/))
