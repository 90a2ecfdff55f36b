import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { checkToken } from './token.ts'

const first =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NzMyODkyMDYsImlhdCI6MTc3MzI4ODMwNiwiYWNjZXNzX2tleSI6IkFLSUFJT1NGT0ROTjdFWEFNUExFIiwicm9sZSI6InVzZXIifQ.6UorKhGJFJWzvoEnkuIVK6jJ-nLU1ToPog9FTWjqrFg'
const second =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NzMyODgzNjYsImlhdCI6MTc3MzI4ODMwNiwiYWNjZXNzX2tleSI6IkFLIiwicm9sZSI6InVzZXIifQ.-wQAFoyR_hgw7u3oMKYiMQar5l3uf3NfSwyAu8PZ0Zw'

const secrets: Record<string, string> = {
  AKIAIOSFODNN7EXAMPLE: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AK: 'short',
}
const issuedAtMs = 1773288306_000
const check = (token: string, nowMs = issuedAtMs) => checkToken(token, (accessKey) => secrets[accessKey], nowMs)

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = { exp: 1773288366, iat: 1773288306, access_key: 'AK', role: 'user' }
const tokenOf = (header: unknown, payload: unknown, secret = 'short', hash = 'sha256'): string => {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}
const header = { alg: 'HS256', typ: 'JWT' }

describe('the token', () => {
  test('both known vectors are valid', () => {
    assert.deepEqual(check(first), {
      valid: true,
      claims: { exp: 1773289206, iat: 1773288306, access_key: 'AKIAIOSFODNN7EXAMPLE', role: 'user' },
    })
    assert.deepEqual(check(second), { valid: true, claims })
  })

  test('is valid until the second before it expires', () => {
    assert.equal(check(second, 1773288365_999).valid, true)
    assert.equal(check(second, 1773288366_000).valid, false)
  })

  const refused: Readonly<Record<string, string>> = {
    'another secret': tokenOf(header, claims, 'other'),
    'an unknown access key': tokenOf(header, { ...claims, access_key: 'NOBODY' }),
    'alg none': `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`,
    'alg none beside a good signature': tokenOf({ alg: 'none', typ: 'JWT' }, claims),
    'alg HS512': tokenOf({ alg: 'HS512', typ: 'JWT' }, claims, 'short', 'sha512'),
    'a header that brings its own key': tokenOf({ ...header, jwk: {} }, claims),
    'no role': tokenOf(header, { ...claims, role: undefined }),
    'an unknown role': tokenOf(header, { ...claims, role: 'root' }),
    'exp as text': tokenOf(header, { ...claims, exp: '1773288366' }),
    'two parts': second.split('.').slice(0, 2).join('.'),
    'four parts': `${second}.x`,
    'not JSON': `${Buffer.from('{').toString('base64url')}.${second.split('.').slice(1).join('.')}`,
    'a signature one character short': second.slice(0, -1),
  }
  for (const [name, token] of Object.entries(refused)) {
    test(`refuses ${name}`, () => assert.equal(check(token).valid, false))
  }

  test('refuses a token with any one character changed', () => {
    for (let at = 0; at < second.length - 1; at++) {
      const changed = second.slice(0, at) + (second[at] === 'A' ? 'B' : 'A') + second.slice(at + 1)
      assert.equal(check(changed).valid, false, `character ${at}`)
    }
  })
})
