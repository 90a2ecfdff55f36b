import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { checkToken } from './token.ts'

const accessKey = 'AKIAIOSFODNN7EXAMPLE'
const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const secrets = new Map([
  [accessKey, secretKey],
  ['AK', 'short'],
])
const iat = 1773288306
const check = (token: string, nowSeconds = iat) =>
  checkToken(token, { findSecretKey: (key) => secrets.get(key), nowMs: nowSeconds * 1000 })

const vectors = {
  [accessKey]:
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NzMyODkyMDYsImlhdCI6MTc3MzI4ODMwNiwiYWNjZXNzX2tleSI6IkFLSUFJT1NGT0ROTjdFWEFNUExFIiwicm9sZSI6InVzZXIifQ.6UorKhGJFJWzvoEnkuIVK6jJ-nLU1ToPog9FTWjqrFg',
  AK: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NzMyODgzNjYsImlhdCI6MTc3MzI4ODMwNiwiYWNjZXNzX2tleSI6IkFLIiwicm9sZSI6InVzZXIifQ.-wQAFoyR_hgw7u3oMKYiMQar5l3uf3NfSwyAu8PZ0Zw',
}

describe('the vectors', () => {
  const lifetimes: Readonly<Record<string, number>> = { [accessKey]: 900, AK: 60 }
  for (const [key, token] of Object.entries(vectors)) {
    test(`${key} holds, with its claims`, () => {
      const exp = iat + (lifetimes[key] ?? 0)
      assert.deepEqual(check(token), { isValid: true, claims: { exp, iat, access_key: key, role: 'user' } })
    })

    test(`${key}: any bit flipped spoils it`, () => {
      const bytes = Buffer.from(token)
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const copy = Buffer.from(bytes)
        copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        assert.equal(check(copy.toString('latin1')).isValid, false, copy.toString('latin1'))
      }
    })

    test(`${key} ends with its lifetime`, () => {
      assert.equal(check(token, iat + (lifetimes[key] ?? 0) - 1).isValid, true)
      assert.equal(check(token, iat + (lifetimes[key] ?? 0)).isValid, false)
    })
  }
})

const encode = (text: string) => Buffer.from(text).toString('base64url')
const makeOf = (...parts: readonly string[]) => {
  const body = parts.join('.')
  return `${body}.${createHmac('sha256', secretKey).update(body).digest('base64url')}`
}
const make = (claims: object, header = '{"alg":"HS256","typ":"JWT"}') =>
  makeOf(encode(header), encode(JSON.stringify(claims)))
const claims = { exp: iat + 900, iat, access_key: accessKey, role: 'user' }

test('every role of the Manager passes', () => {
  for (const role of ['user', 'admin', 'superadmin']) assert.equal(check(make({ ...claims, role })).isValid, true)
})

const refused: Readonly<Record<string, string>> = {
  'another algorithm': make(claims, '{"alg":"none","typ":"JWT"}'),
  'its header in another order': make(claims, '{"typ":"JWT","alg":"HS256"}'),
  'one claim more': make({ ...claims, iss: 'x' }),
  'its claims in another order': make({ iat, exp: iat + 900, access_key: accessKey, role: 'user' }),
  'a fraction of a second': make({ ...claims, exp: iat + 900.5 }),
  'a lifetime under a minute': make({ ...claims, exp: iat + 59 }),
  'a lifetime over a day': make({ ...claims, exp: iat + 86_401 }),
  'an unknown role': make({ ...claims, role: 'root' }),
  'nobody’s access key': make({ ...claims, access_key: 'AKx' }),
  'another’s secret': make({ ...claims, access_key: 'AK' }),
  'a time to come': make({ ...claims, iat: iat + 2, exp: iat + 902 }),
  'its header padded': makeOf(`${encode('{"alg":"HS256","typ":"JWT"}')}=`, encode(JSON.stringify(claims))),
  'a fourth part': `${make(claims)}.x`,
  padding: `${make(claims)}=`,
  'nothing in it': '',
}
for (const [name, token] of Object.entries(refused)) {
  test(`a token with ${name} is refused`, () => assert.equal(check(token).isValid, false))
}
