// Tokens that are not ours, or not ours as we made them (security.md T1; RFC 8725): none of them counts, whoever signed it.

import assert from 'node:assert/strict'
import { generateKeyPairSync, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import { createManualClock } from '../../test/support/manual-clock.ts'
import type { Claims } from './claims.ts'
import { AUDIENCE, encode, forge, ISSUER, makeClaims, makeKey, makeKeys } from './token.fixture.ts'
import { claimsToBeAccountToken, createTokenFormat } from './token-format.ts'

const clock = createManualClock()
const now = clock.now()
const seconds = now / 1000
const [secret, older, foreign] = [makeKey(), makeKey(), makeKey()]
const keys = makeKeys(secret, older)
const { newest } = keys
const format = createTokenFormat({ clock, keys, issuer: () => ISSUER, audience: AUDIENCE })
const reads = async (token: string): Promise<boolean> => 'claims' in (await format.read(token))

const claims = makeClaims(now)
const header = { typ: 'spt3g+jwt', alg: 'HS256', kid: newest.id }
const { bytes: key } = newest
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' })
const jwk = { kty: 'oct', k: Buffer.from('mallory chose this key, 32 bytes.').toString('base64url') }
const good = await format.write(claims)
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.')

test('what is ours counts: by the newest key, by an older one, by a node whose clock is a little ahead', async () => {
  assert.ok(await reads(good))
  assert.ok(await reads(forge({ header, payload: claims, key })), 'the forger writes as we do')
  const olderKeys = makeKeys(older)
  const byOlder = createTokenFormat({ clock, keys: olderKeys, issuer: () => ISSUER, audience: AUDIENCE })
  assert.ok(await reads(await byOlder.write(claims)))
  assert.ok(await reads(await format.write(makeClaims(now + 20_000))))
  assert.deepEqual(await format.read(good), { claims })
})

test('a token says eyJ0eXAiO first, as those of the original do', () => assert.ok(good.startsWith('eyJ0eXAiO')))

/** Signed with our key unless it says otherwise: what counts is not the signature alone. */
const headers: Readonly<Record<string, unknown>> = {
  'no type': { alg: 'HS256', kid: newest.id },
  'type JWT': { ...header, typ: 'JWT' },
  'type at+jwt': { ...header, typ: 'at+jwt' },
  'type logout+jwt': { ...header, typ: 'logout+jwt' },
  'type in capital letters': { ...header, typ: 'SPT3G+JWT' },
  'type with its prefix': { ...header, typ: 'application/spt3g+jwt' },
  'type null': { ...header, typ: null },
  'alg HS384': { ...header, alg: 'HS384' },
  'alg hs256': { ...header, alg: 'hs256' },
  'alg a list': { ...header, alg: ['HS256'] },
  'alg null': { ...header, alg: null },
  'no alg': { typ: header.typ, kid: header.kid },
  'alg RS256': { ...header, alg: 'RS256' },
  'alg none': { ...header, alg: 'none' },
  'no kid': { typ: header.typ, alg: header.alg },
  'kid empty': { ...header, kid: '' },
  'kid null': { ...header, kid: null },
  'kid a number': { ...header, kid: 0 },
  'kid a list': { ...header, kid: [newest.id] },
  'kid with a path': { ...header, kid: '../../../../dev/null' },
  'kid a device': { ...header, kid: '/dev/null' },
  'kid with a query': { ...header, kid: "x' UNION SELECT 'key" },
  'kid with a command': { ...header, kid: `${newest.id}|id` },
  'kid with a blank': { ...header, kid: `${newest.id} ` },
  'kid with NUL': { ...header, kid: `${newest.id}\0` },
  'kid __proto__': { ...header, kid: '__proto__' },
  'kid constructor': { ...header, kid: 'constructor' },
  'kid of the other key': { ...header, kid: keys.all[1]?.id },
  'a critical extension': { ...header, crit: ['exp'], exp: seconds + 60 },
  'crit that is empty': { ...header, crit: [] },
  'b64 false': { ...header, b64: false, crit: ['b64'] },
  'b64 true': { ...header, b64: true },
  zip: { ...header, zip: 'DEF' },
  cty: { ...header, cty: 'JWT' },
  jwk: { ...header, jwk },
  jku: { ...header, jku: 'https://evil.test/jwks.json' },
  x5u: { ...header, x5u: 'https://evil.test/cert.pem' },
  x5c: { ...header, x5c: ['MIIB'] },
  x5t: { ...header, x5t: 'x' },
  'another member': { ...header, x: 1 },
  'another order': { alg: 'HS256', kid: newest.id, typ: 'spt3g+jwt' },
  'alg twice': `{"typ":"spt3g+jwt","alg":"none","alg":"HS256","kid":"${newest.id}"}`,
  'kid twice': `{"typ":"spt3g+jwt","alg":"HS256","kid":"x","kid":"${newest.id}"}`,
  'typ twice': `{"typ":"JWT","typ":"spt3g+jwt","alg":"HS256","kid":"${newest.id}"}`,
  'white space': `{"typ": "spt3g+jwt","alg":"HS256","kid":"${newest.id}"}`,
  'a byte order mark': `\ufeff${JSON.stringify(header)}`,
  'an escape': JSON.stringify(header).replace('spt', '\\u0073pt'),
  'a list': [header],
  null: null,
  nothing: '',
}

test('no header but the one that we write, though the signature is right', async () => {
  for (const [name, each] of Object.entries(headers)) {
    assert.equal(await reads(forge({ header: each, payload: claims, key })), false, name)
    assert.equal(await reads(`${encode(each)}.${goodPayload}.`), false, `${name}, unsigned`)
    assert.equal(await reads(`${encode(each)}.${goodPayload}.${goodSignature}`), false, `${name}, signature of another`)
  }
})

/** With the header of ours: who does not have the key, or has another. */
const signatures: Readonly<Record<string, () => string | Promise<string>>> = {
  'a key of somebody else': () => forge({ header, payload: claims, key: makeKeys(foreign).newest.bytes }),
  'the older key under the name of the newest': () =>
    forge({ header, payload: claims, key: keys.all[1]?.bytes ?? assert.fail() }),
  'an empty key': () => forge({ header, payload: claims, key: '' }),
  'a public key as secret': () => forge({ header, payload: claims, key: publicPem }),
  'the text of the key in place of its bytes': () => forge({ header, payload: claims, key: secret.reveal() }),
  'the name of the key': () => forge({ header, payload: claims, key: newest.id }),
  'a well-known secret': () => forge({ header, payload: claims, key: 'secret' }),
  'HMAC with SHA-1': () => forge({ header, payload: claims, key, digest: 'sha1' }),
  'HMAC with SHA-512': () => forge({ header, payload: claims, key, digest: 'sha512' }),
  'RS256 under its own name': () =>
    new SignJWT({ ...claims }).setProtectedHeader({ ...header, alg: 'RS256' }).sign(rsa.privateKey),
  'ES256 under its own name': () =>
    new SignJWT({ ...claims }).setProtectedHeader({ ...header, alg: 'ES256' }).sign(ec.privateKey),
  'a key that comes along': () =>
    new SignJWT({ ...claims }).setProtectedHeader({ ...header, jwk }).sign(Buffer.from(jwk.k, 'base64url')),
  none: () => `${goodHeader}.${goodPayload}.`,
  'only zeros': () => `${goodHeader}.${goodPayload}.${Buffer.alloc(32).toString('base64url')}`,
  half: () => `${goodHeader}.${goodPayload}.${goodSignature.slice(0, 22)}`,
  'twice as much': () => `${good}${goodSignature}`,
  'of another payload': () => `${goodHeader}.${encode({ ...claims, groups: ['admins'] })}.${goodSignature}`,
}

test('no signature but that of the key that is named', async () => {
  for (const [name, make] of Object.entries(signatures)) assert.equal(await reads(await make()), false, name)
})

const spellings: Readonly<Record<string, string>> = {
  empty: '',
  'one part': goodHeader,
  'two parts': `${goodHeader}.${goodPayload}`,
  'four parts': `${good}.`,
  'five parts, as an encrypted one': `${goodHeader}.${goodPayload}.${goodSignature}.x.y`,
  'dots alone': '..',
  'padding after the signature': `${good}=`,
  'padding after the payload': `${goodHeader}.${goodPayload}=.${goodSignature}`,
  'a blank before': ` ${good}`,
  'a blank after': `${good} `,
  'a line end after': `${good}\n`,
  'a line end in the signature': `${goodHeader}.${goodPayload}.${goodSignature.slice(0, 20)}\n${goodSignature.slice(20)}`,
  'a stray character in the signature': `${good.slice(0, -1)}!${good.slice(-1)}`,
  'the other alphabet of base64':
    good.replace(/-/g, '+').replace(/_/g, '/') === good ? `${good}+` : good.replace(/-/g, '+').replace(/_/g, '/'),
  'in quotes': `"${good}"`,
  'with its scheme': `Bearer ${good}`,
  'as JSON': JSON.stringify({ protected: goodHeader, payload: goodPayload, signature: goodSignature }),
  'in capital letters': good.toUpperCase(),
  'two of them': `${good},${good}`,
}

test('one spelling of a token, and no other', async () => {
  for (const [name, token] of Object.entries(spellings)) assert.equal(await reads(token), false, name)
})

const without = (name: keyof Claims): unknown =>
  Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name))

/** Signed with our key: who has it could as well write a good one, and these are still not ours. */
const payloads: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    Object.keys(claims)
      .filter((name) => name !== 'email')
      .map((name) => [`no ${name}`, without(name as keyof Claims)]),
  ),
  'another issuer': { ...claims, iss: 'https://evil.test' },
  'our issuer without the base path': { ...claims, iss: 'https://gate.test' },
  'our issuer with a slash': { ...claims, iss: `${ISSUER}/` },
  'a list of issuers': { ...claims, iss: [ISSUER] },
  'another audience': { ...claims, aud: 'gatehouse' },
  'audiences, ours among them': { ...claims, aud: [AUDIENCE, 'other'] },
  'a list of our audience': { ...claims, aud: [AUDIENCE] },
  'no audience in the list': { ...claims, aud: [] },
  'audience null': { ...claims, aud: null },
  'audience in capital letters': { ...claims, aud: 'SPT3G-API' },
  'two people': { ...claims, user_id: 'user-grace' },
  nobody: { ...claims, sub: '', user_id: '' },
  'a person that is a number': { ...claims, sub: 1, user_id: 1 },
  'a person that is a list': { ...claims, sub: ['user-ada'], user_id: ['user-ada'] },
  'groups that are a text': { ...claims, groups: 'admins' },
  'groups that are numbers': { ...claims, groups: [1] },
  'expired a second ago': makeClaims(now, {
    iat: seconds - 60,
    nbf: seconds - 60,
    exp: seconds - 1,
    auth_time: seconds - 60,
  }),
  'expired just now': makeClaims(now, { iat: seconds - 60, nbf: seconds - 60, exp: seconds, auth_time: seconds - 60 }),
  'expired for long': makeClaims(now, { iat: 1, nbf: 1, exp: 2, auth_time: 0 }),
  'an end that is a text': { ...claims, exp: String(claims.exp) },
  'an end that is a fraction': { ...claims, exp: claims.exp + 0.5 },
  'an end below zero': { ...claims, exp: -1 },
  'an end that is null': { ...claims, exp: null },
  'an end that is a list': { ...claims, exp: [claims.exp] },
  'an end that is true': { ...claims, exp: true },
  'an end without end': JSON.stringify(claims).replace(`"exp":${claims.exp}`, '"exp":1e999'),
  'an end in another spelling': JSON.stringify(claims).replace(`"exp":${claims.exp}`, `"exp":${claims.exp}.0`),
  'an end beyond numbers': { ...claims, exp: 2 ** 60 },
  'an end before its beginning': { ...claims, exp: claims.iat - 1 },
  'a beginning to come': makeClaims(now + 120_000),
  'good only later than issued': { ...claims, nbf: claims.iat + 10 },
  'good before it was issued': { ...claims, nbf: claims.iat - 10 },
  'a beginning that is a text': { ...claims, iat: String(claims.iat) },
  'a beginning that is null': { ...claims, nbf: null },
  'a login after it was issued': { ...claims, auth_time: claims.iat + 1 },
  'a login before all time': { ...claims, auth_time: -1 },
  'an id that is empty': { ...claims, jti: '' },
  'an id that is a number': { ...claims, jti: 1 },
  'a claim that we do not make': { ...claims, admin: true },
  scopes: { ...claims, scope: 'admin' },
  'a claim twice': `{"sub":"user-grace",${JSON.stringify(claims).slice(1)}`,
  'a claim twice, ours first': `${JSON.stringify(claims).slice(0, -1)},"exp":9999999999}`,
  'white space': JSON.stringify(claims, undefined, 1),
  'an escape': JSON.stringify(claims).replace('Ada', '\\u0041da'),
  'a byte order mark': `\ufeff${JSON.stringify(claims)}`,
  'a prototype': `{"__proto__":{"admin":true},${JSON.stringify(claims).slice(1)}`,
  'a list': [claims],
  'a text': 'claims',
  null: null,
  nothing: '',
}

test('no claims but such as we make, though the signature is right', async () => {
  for (const [name, payload] of Object.entries(payloads)) {
    assert.equal(await reads(forge({ header, payload, key })), false, name)
  }
})

test('who brings an expired token is told so, and nothing of any other fault', async () => {
  const expired = makeClaims(now, { iat: seconds - 60, nbf: seconds - 60, exp: seconds - 1, auth_time: seconds - 60 })
  assert.deepEqual(await format.read(await format.write(expired)), { fault: 'The token has expired.' })
  const altered = await format.read(forge({ header, payload: expired, key: 'x' }))
  assert.deepEqual(altered, { fault: 'The token is not one of this service, or it was altered.' })
})

test('of 10,000 tokens with one bit turned none counts', { timeout: 120_000 }, async () => {
  const bytes = Buffer.from(good)
  // Every bit of the signature's last character, which holds two that say nothing; the rest at random.
  const places = [
    ...Array.from({ length: 8 }, (_, bit) => (bytes.length - 1) * 8 + bit),
    ...Array.from({ length: 9_992 }, () => randomInt(bytes.length * 8)),
  ]
  for (const place of places) {
    const turned = Buffer.from(bytes)
    turned.writeUInt8(turned.readUInt8(place >> 3) ^ (1 << (place & 7)), place >> 3)
    assert.equal(await reads(turned.toString('latin1')), false, `bit ${place}`)
  }
})

test('only what says to be such a token is looked at: the rest is somebody else’s', () => {
  const say = (typ: unknown): boolean => claimsToBeAccountToken(`${encode({ typ, alg: 'none' })}.x.y`)
  assert.deepEqual(['spt3g+jwt', 'SPT3G+JWT', 'application/spt3g+jwt'].map(say), [true, true, true])
  assert.deepEqual(['JWT', 'at+jwt', 'x', '', undefined, null, 1].map(say), Array(7).fill(false))
  for (const text of ['', 'gh_abc', 'a.b', 'a.b.c', '..', `${goodHeader}.x`, `${good}.x.y`]) {
    assert.equal(claimsToBeAccountToken(text), false, text)
  }
})
