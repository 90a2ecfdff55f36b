// What an OpenID provider, or somebody between it and us, may send, and what must come of it: the relying-party cases
// of the OpenID conformance suite and attacks on JWTs (RFC 8725), one line each.

import {
  createEcKey,
  createRsaKey,
  encodeJson,
  type Json,
  RawAnswer,
  type SigningKey,
  signEncoded,
  signToken,
  type Tampering,
  type TokenParts,
} from '../../../../test/support/tampering-provider.ts'

export interface Case {
  readonly name: string
  /** `deny`: no session, an audit entry, an error. `accept`: logged in as ada. */
  readonly expect: 'deny' | 'accept'
  readonly tampering: Tampering
  /** What the log must name as the reason, so that a case is not refused for something else. */
  readonly because?: RegExp
}

/** What cases may use. */
export interface CaseKit {
  /** The provider's own key, published. */
  readonly key: SigningKey
  /** An address that nobody may call. */
  readonly trap: string
  readonly issuer: string
  readonly clientSecret: string
}

const attacker = createRsaKey('attacker')
const attackerSameKid = createRsaKey('main')
const elliptic = createEcKey('elliptic')
const weak = createRsaKey('main', 1024)

const now = (): number => Math.floor(Date.now() / 1000)
const html = new RawAnswer(200, { 'content-type': 'text/html' }, '<!doctype html><title>Sorry</title>')
/** Good, but for its size. */
const huge = (body: unknown): RawAnswer =>
  new RawAnswer(200, { 'content-type': 'application/json' }, JSON.stringify(body) + ' '.repeat(10 * 1024 * 1024))
const json = { 'content-type': 'application/json' }

export function createCases(kit: CaseKit): readonly Case[] {
  const { key, trap } = kit

  const claims = (expect: Case['expect'], name: string, change: (payload: Json) => Json): Case => ({
    name: `claim: ${name}`,
    expect,
    because: new RegExp(`\\b${name.split(' ')[0]}\\b`),
    tampering: { idToken: ({ header, payload }) => signToken({ header, payload: change(payload) }, key) },
  })
  const without = (payload: Json, name: string): Json => {
    const { [name]: _, ...rest } = payload
    return rest
  }
  const header = (expect: Case['expect'], name: string, change: Json, signer: SigningKey | string = key): Case => ({
    name: `header: ${name}`,
    expect,
    because: /"alg" header|signature verification|no applicable keys|crit|typ/,
    tampering: { idToken: (parts) => signToken({ ...parts, header: { ...parts.header, ...change } }, signer) },
  })
  const token = (name: string, idToken: (parts: TokenParts) => unknown, because = /JWT|JWE|id_token/): Case => ({
    name: `token: ${name}`,
    expect: 'deny',
    because,
    tampering: { idToken },
  })
  const unsigned = (alg: unknown, signature = '') =>
    token(
      `alg ${JSON.stringify(alg)} ${signature === '' ? 'without' : 'with'} a signature`,
      ({ header: head, payload }) => [encodeJson({ ...head, alg }), encodeJson(payload), signature].join('.'),
    )
  const rawPayload = (payload: Json, name: string, text: string): string =>
    Buffer.from(JSON.stringify({ ...payload, [name]: '@@' }).replace('"@@"', text)).toString('base64url')
  const rawClaim = (name: string, text: string) =>
    token(
      `${name} is ${text}`,
      ({ header: head, payload }) =>
        signEncoded(`${encodeJson(head)}.${rawPayload(payload, name, text)}`, 'RS256', key),
      new RegExp(`${name} is`),
    )
  const answer = (
    expect: Case['expect'],
    where: keyof Tampering,
    name: string,
    give: (body: Json) => unknown,
  ): Case => ({
    name: `${where}: ${name}`,
    expect,
    tampering: { [where]: give },
  })
  const published = (expect: Case['expect'], name: string, keys: readonly unknown[], signer = key): Case => ({
    name: `jwks: ${name}`,
    expect,
    tampering: { jwks: () => ({ keys }), idToken: (parts) => signToken(parts, signer) },
  })

  return [
    // OIDC Core §3.1.3.7, claim by claim
    claims('accept', 'as the provider made them', (payload) => payload),
    claims('deny', 'iss of another', (payload) => ({ ...payload, iss: 'https://evil.test' })),
    claims('deny', 'iss with a slash more', (payload) => ({ ...payload, iss: `${kit.issuer}/` })),
    claims('deny', 'iss in another case', (payload) => ({ ...payload, iss: kit.issuer.toUpperCase() })),
    claims('deny', 'iss missing', (payload) => without(payload, 'iss')),
    claims('deny', 'iss in a list', (payload) => ({ ...payload, iss: [kit.issuer] })),
    claims('deny', 'iss empty', (payload) => ({ ...payload, iss: '' })),
    claims('accept', 'aud as a list of one', (payload) => ({ ...payload, aud: ['gatehouse'] })),
    claims('deny', 'aud of another', (payload) => ({ ...payload, aud: 'other' })),
    claims('deny', 'aud missing', (payload) => without(payload, 'aud')),
    claims('deny', 'aud empty', (payload) => ({ ...payload, aud: '' })),
    claims('deny', 'aud an empty list', (payload) => ({ ...payload, aud: [] })),
    claims('deny', 'aud a list without us', (payload) => ({ ...payload, aud: ['other', 'third'] })),
    claims('deny', 'aud with a second, no azp', (payload) => ({ ...payload, aud: ['gatehouse', 'other'] })),
    claims('deny', 'aud with a second, azp us', (payload) => ({
      ...payload,
      aud: ['gatehouse', 'other'],
      azp: 'gatehouse',
    })),
    claims('deny', 'azp the other of two in aud', (payload) => ({
      ...payload,
      aud: ['gatehouse', 'other'],
      azp: 'other',
    })),
    claims('deny', 'aud a number', (payload) => ({ ...payload, aud: 1 })),
    claims('deny', 'aud an object', (payload) => ({ ...payload, aud: { gatehouse: true } })),
    claims('deny', 'aud in another case', (payload) => ({ ...payload, aud: 'Gatehouse' })),
    claims('accept', 'azp us', (payload) => ({ ...payload, azp: 'gatehouse' })),
    claims('deny', 'azp another', (payload) => ({ ...payload, azp: 'other' })),
    claims('accept', 'exp half a minute ago', (payload) => ({ ...payload, exp: now() - 30 })),
    claims('deny', 'exp two minutes ago', (payload) => ({ ...payload, exp: now() - 120 })),
    claims('deny', 'exp at the epoch', (payload) => ({ ...payload, exp: 0 })),
    claims('deny', 'exp missing', (payload) => without(payload, 'exp')),
    claims('deny', 'exp as text', (payload) => ({ ...payload, exp: String(now() + 3600) })),
    claims('deny', 'exp null', (payload) => ({ ...payload, exp: null })),
    rawClaim('exp', '1e999'),
    claims('deny', 'iat missing', (payload) => without(payload, 'iat')),
    claims('deny', 'iat as text', (payload) => ({ ...payload, iat: String(now()) })),
    claims('accept', 'iat half a minute ahead', (payload) => ({ ...payload, iat: now() + 30 })),
    claims('deny', 'iat an hour ahead', (payload) => ({ ...payload, iat: now() + 3600 })),
    claims('deny', 'iat negative', (payload) => ({ ...payload, iat: -1 })),
    rawClaim('iat', '1e999'),
    claims('deny', 'nbf an hour ahead', (payload) => ({ ...payload, nbf: now() + 3600 })),
    claims('deny', 'nbf as text', (payload) => ({ ...payload, nbf: 'now' })),
    claims('deny', 'sub missing', (payload) => without(payload, 'sub')),
    claims('deny', 'sub empty', (payload) => ({ ...payload, sub: '' })),
    claims('deny', 'sub a number', (payload) => ({ ...payload, sub: 1 })),
    claims('deny', 'sub null', (payload) => ({ ...payload, sub: null })),
    claims('deny', 'sub a list', (payload) => ({ ...payload, sub: ['ada'] })),
    claims('deny', 'sub too long', (payload) => ({ ...payload, sub: 'a'.repeat(256) })),
    claims('deny', 'nonce missing', (payload) => without(payload, 'nonce')),
    claims('deny', 'nonce of another login', (payload) => ({ ...payload, nonce: 'other' })),
    claims('deny', 'nonce empty', (payload) => ({ ...payload, nonce: '' })),
    claims('deny', 'nonce in a list', (payload) => ({ ...payload, nonce: [payload.nonce] })),
    claims('deny', 'auth_time as text', (payload) => ({ ...payload, auth_time: 'yesterday' })),
    claims('accept', 'auth_time long ago', (payload) => ({ ...payload, auth_time: 1 })),
    claims('accept', 'strangers beside them', (payload) => ({
      ...payload,
      roles: [{}],
      x: null,
      'https://x.test/y': 1,
    })),

    // RFC 8725: what the header says decides nothing
    ...[undefined, null, '', 'none', 'None', 'NONE', 'nOnE', 'none ', 0, false, [], ['RS256'], {}].map((alg) =>
      unsigned(alg),
    ),
    unsigned('none', 'AAAA'),
    unsigned('RS256'),
    unsigned('RS256', 'AAAA'),
    header('deny', 'HS256 with the public key', { alg: 'HS256' }, key.publicPem),
    header('deny', 'HS256 with the public key, one line', { alg: 'HS256' }, key.publicPem.trim()),
    header('deny', 'HS256 with the modulus', { alg: 'HS256' }, String(key.publicJwk.n)),
    header('deny', 'HS256 with the client’s secret', { alg: 'HS256' }, kit.clientSecret),
    header('deny', 'HS256 with nothing', { alg: 'HS256' }, ''),
    header('deny', 'HS512 with the public key', { alg: 'HS512' }, key.publicPem),
    header('deny', 'RS384, which is not on our list', { alg: 'RS384' }),
    header('deny', 'RS512, which is not on our list', { alg: 'RS512' }),
    header('deny', 'PS256, which is not on our list', { alg: 'PS256' }),
    {
      name: 'header: RS512, which the provider would have us take',
      expect: 'deny',
      because: /"alg" header/,
      tampering: {
        discovery: (document) => ({ ...document, id_token_signing_alg_values_supported: ['none', 'HS256', 'RS512'] }),
        jwks: () => ({ keys: [{ ...key.publicJwk, alg: undefined }] }),
        idToken: (parts) => signToken({ ...parts, header: { alg: 'RS512', kid: 'main' } }, key),
      },
    },
    header('deny', 'ES256 with its key inside', { alg: 'ES256', kid: 'elliptic', jwk: elliptic.publicJwk }, elliptic),
    header('deny', 'an attacker’s key inside', { jwk: attacker.publicJwk }, attacker),
    header('deny', 'an attacker’s key inside, by our kid', { jwk: { ...attacker.publicJwk, kid: 'main' } }, attacker),
    header('deny', 'an attacker’s key inside, by its kid', { kid: 'attacker', jwk: attacker.publicJwk }, attacker),
    header('deny', 'jku to an attacker', { kid: 'attacker', jku: `${trap}/jwks` }, attacker),
    header('deny', 'jku to an attacker, our kid', { jku: `${trap}/jwks` }, attacker),
    header('accept', 'jku to an attacker, signed well', { jku: `${trap}/jwks` }),
    header('deny', 'x5u to an attacker', { kid: 'attacker', x5u: `${trap}/x5u` }, attacker),
    header('accept', 'x5u to an attacker, signed well', { x5u: `${trap}/x5u` }),
    header('deny', 'x5c of an attacker', { x5c: ['MIIB'] }, attacker),
    header('deny', 'our kid, an attacker’s signature', {}, attackerSameKid),
    header('deny', 'kid unknown', { kid: 'unknown' }),
    header('deny', 'kid of the attacker', { kid: 'attacker' }, attacker),
    header('deny', 'kid a path', { kid: '../../../../dev/null', alg: 'HS256' }, ''),
    header('deny', 'kid a query', { kid: "main' UNION SELECT 'a" }),
    header('deny', 'kid a number', { kid: 0 }),
    header('deny', 'kid a list', { kid: ['main'] }),
    header('deny', 'kid null', { kid: null }),
    header('accept', 'kid absent, one key', { kid: undefined }),
    header('deny', 'crit that we do not know', { crit: ['x'], x: 1 }),
    header('deny', 'crit empty', { crit: [] }),
    header('deny', 'crit with exp', { crit: ['exp'] }),
    header('deny', 'b64 critical', { crit: ['b64'], b64: false }),
    header('accept', 'typ JWT', { typ: 'JWT' }),
    header('accept', 'typ jwt', { typ: 'jwt' }),
    header('deny', 'typ of an access token', { typ: 'at+jwt' }),
    header('deny', 'typ of a logout token', { typ: 'logout+jwt' }),
    header('deny', 'typ of a security event', { typ: 'secevent+jwt' }),

    // What is not a JWT, or not this one
    token('absent', () => undefined),
    token('null', () => null),
    token('a number', () => 1),
    token('an object', ({ payload }) => payload),
    token('empty', () => ''),
    token('blank', () => '   '),
    token('one part', () => 'abc'),
    token('two parts', ({ header: head, payload }) => `${encodeJson(head)}.${encodeJson(payload)}`),
    token('four parts', (parts) => `${signToken(parts, key)}.AAAA`),
    token('five parts', (parts) => `${signToken(parts, key)}.AAAA.AAAA`),
    token('an encrypted one', () => `${encodeJson({ alg: 'RSA-OAEP', enc: 'A128GCM' })}.AAAA.AAAA.AAAA.AAAA`),
    token('a header that is a list', ({ payload }) =>
      signEncoded(`${encodeJson([])}.${encodeJson(payload)}`, 'RS256', key),
    ),
    token('a header that is no JSON', ({ payload }) => signEncoded(`AAAA.${encodeJson(payload)}`, 'RS256', key)),
    token('a payload that is no JSON', ({ header: head }) => signEncoded(`${encodeJson(head)}.AAAA`, 'RS256', key)),
    token('a payload that is a list', ({ header: head }) =>
      signEncoded(`${encodeJson(head)}.${encodeJson([])}`, 'RS256', key),
    ),
    token('a payload that is null', ({ header: head }) =>
      signEncoded(`${encodeJson(head)}.${encodeJson(null)}`, 'RS256', key),
    ),
    token('another payload under a good signature', (parts) => {
      const [head, , signature] = signToken(parts, key).split('.')
      return [head, encodeJson({ ...parts.payload, sub: 'grace' }), signature].join('.')
    }),
    token('the signature cut', (parts) => signToken(parts, key).slice(0, -4)),
    token('one bit of the signature', (parts) => {
      const [head, payload, signature = ''] = signToken(parts, key).split('.')
      const bytes = Buffer.from(signature, 'base64url')
      bytes[7] = (bytes[7] ?? 0) ^ 1
      return [head, payload, bytes.toString('base64url')].join('.')
    }),
    token('in the other base64', (parts) => signToken(parts, key).replaceAll('.', '+.')),
    token('the access token', () => 'CANARY-not-a-jwt'),

    // The key set
    published('deny', 'empty', []),
    published('deny', 'keys of other kinds only', [elliptic.publicJwk]),
    published('deny', 'a shared secret by our kid', [{ kty: 'oct', kid: 'main', k: 'AAAA', alg: 'RS256' }]),
    published('deny', 'the key is for encryption', [{ ...key.publicJwk, use: 'enc' }]),
    published('deny', 'the key is not for verifying', [{ ...key.publicJwk, use: undefined, key_ops: ['encrypt'] }]),
    published('deny', 'the key is for another algorithm', [{ ...key.publicJwk, alg: 'RS512' }]),
    published('deny', 'two keys of one kid', [key.publicJwk, attackerSameKid.publicJwk]),
    published('deny', 'a key of 1024 bits', [weak.publicJwk], weak),
    published('deny', 'a member that is no key', [key.publicJwk, 'x']),
    published('accept', 'a stranger beside ours', [{ kty: 'XX', kid: 'x' }, elliptic.publicJwk, key.publicJwk]),
    {
      name: 'jwks: two keys and no kid',
      expect: 'deny',
      tampering: {
        jwks: ({ keys }) => ({ keys: [...keys, attacker.publicJwk] }),
        idToken: (parts) => signToken({ ...parts, header: { alg: 'RS256' } }, key),
      },
    },
    answer('deny', 'jwks', 'no keys at all', () => ({})),
    answer('deny', 'jwks', 'HTML', () => html),
    answer('deny', 'jwks', '10 MB', huge),
    answer('deny', 'jwks', 'status 500', () => new RawAnswer(500)),
    answer('deny', 'jwks', 'a redirect', () => new RawAnswer(307, { location: `${trap}/jwks` })),

    // The token endpoint
    answer('accept', 'token', 'token_type in capitals', (body) => ({ ...body, token_type: 'BEARER' })),
    answer('accept', 'token', 'no expires_in', (body) => without(body, 'expires_in')),
    answer('accept', 'token', 'no refresh token', (body) => without(body, 'refresh_token')),
    answer('accept', 'token', 'a very long life', (body) => ({ ...body, expires_in: 1e300 })),
    answer('deny', 'token', 'token_type missing', (body) => without(body, 'token_type')),
    answer('deny', 'token', 'token_type mac', (body) => ({ ...body, token_type: 'mac' })),
    answer('deny', 'token', 'token_type DPoP', (body) => ({ ...body, token_type: 'DPoP' })),
    answer('deny', 'token', 'access token missing', (body) => without(body, 'access_token')),
    answer('deny', 'token', 'access token empty', (body) => ({ ...body, access_token: '' })),
    answer('deny', 'token', 'access token a list', (body) => ({ ...body, access_token: [body.access_token] })),
    answer('deny', 'token', 'refresh token a number', (body) => ({ ...body, refresh_token: 1 })),
    answer('deny', 'token', 'expires_in no number', (body) => ({ ...body, expires_in: 'soon' })),
    answer('deny', 'token', 'expires_in negative', (body) => ({ ...body, expires_in: -1 })),
    answer('deny', 'token', 'an empty object', () => ({})),
    answer('deny', 'token', 'a list', () => []),
    answer('deny', 'token', 'null', () => 'null'),
    answer('deny', 'token', 'cut JSON', (body) => JSON.stringify(body).slice(0, -2)),
    answer('deny', 'token', 'HTML', () => html),
    answer('deny', 'token', '10 MB', huge),
    answer('deny', 'token', 'no content', () => new RawAnswer(204)),
    answer('deny', 'token', 'status 201', (body) => new RawAnswer(201, json, JSON.stringify(body))),
    answer('deny', 'token', 'status 500', (body) => new RawAnswer(500, json, JSON.stringify(body))),
    answer('deny', 'token', 'status 400 with tokens', (body) => new RawAnswer(400, json, JSON.stringify(body))),
    answer('deny', 'token', 'invalid_grant', () => new RawAnswer(400, json, '{"error":"invalid_grant"}')),
    answer('deny', 'token', 'invalid_client', () => new RawAnswer(401, json, '{"error":"invalid_client"}')),
    answer(
      'deny',
      'token',
      'a redirect that keeps the method',
      () => new RawAnswer(307, { location: `${trap}/token` }),
    ),
    answer('deny', 'token', 'a redirect', () => new RawAnswer(302, { location: `${trap}/token` })),

    // The userinfo endpoint
    answer('accept', 'userinfo', 'more claims', (body) => ({ ...body, extra: 1 })),
    answer('deny', 'userinfo', 'sub of another', (body) => ({ ...body, sub: 'grace' })),
    answer('deny', 'userinfo', 'sub missing', (body) => without(body, 'sub')),
    answer('deny', 'userinfo', 'sub in a list', (body) => ({ ...body, sub: [body.sub] })),
    answer('deny', 'userinfo', 'a list', (body) => [body]),
    answer('deny', 'userinfo', 'HTML', () => html),
    answer('deny', 'userinfo', '10 MB', huge),
    answer(
      'deny',
      'userinfo',
      'status 401',
      () => new RawAnswer(401, { 'www-authenticate': 'Bearer error="invalid_token"' }),
    ),
    answer('deny', 'userinfo', 'status 500', () => new RawAnswer(500)),
    answer('deny', 'userinfo', 'a redirect', () => new RawAnswer(302, { location: `${trap}/userinfo` })),
    answer('deny', 'userinfo', 'an unsigned JWT', (body) => unsignedJwt({ ...body, iss: kit.issuer })),
    answer('deny', 'userinfo', 'a JWT of an attacker', (body) =>
      jwtAnswer(signToken({ header: { alg: 'RS256', kid: 'main' }, payload: body }, attacker)),
    ),
    answer('accept', 'userinfo', 'a JWT of the provider', (body) =>
      jwtAnswer(signToken({ header: { alg: 'RS256', kid: 'main' }, payload: body }, key)),
    ),
  ]
}

const jwtAnswer = (jwt: string): RawAnswer => new RawAnswer(200, { 'content-type': 'application/jwt' }, jwt)

const unsignedJwt = (payload: Json): RawAnswer => jwtAnswer(`${encodeJson({ alg: 'none' })}.${encodeJson(payload)}.`)

/** Access tokens of a provider whose groups stand there: it is a JWT of that provider for us and this person, or no JWT. */
export const createAccessTokenCases = ({ key, trap, clientSecret }: CaseKit): readonly Case[] => {
  const access = (name: string, accessToken: Tampering['accessToken'] & {}, expect: Case['expect'] = 'deny'): Case => ({
    name: `access token: ${name}`,
    expect,
    tampering: { accessToken },
    ...(expect === 'deny' && { because: /\bthe access token: / }),
  })
  const claims = (name: string, change: Json, expect?: Case['expect']) =>
    access(name, ({ header, payload }) => signToken({ header, payload: { ...payload, ...change } }, key), expect)
  const header = (name: string, change: Json, signer: SigningKey | string = key, expect?: Case['expect']) =>
    access(name, (parts) => signToken({ ...parts, header: { ...parts.header, ...change } }, signer), expect)
  const unsigned = (alg: unknown) =>
    access(`alg ${JSON.stringify(alg)}`, ({ header: head, payload }) =>
      [encodeJson({ ...head, alg }), encodeJson(payload), ''].join('.'),
    )
  return [
    claims('as the provider made it', {}, 'accept'),
    access('no JWT', () => 'CANARY-opaque', 'accept'),
    access('no JWT, with dots', () => 'CANARY.opaque.token', 'accept'),
    access(
      'for others to read',
      () => `${encodeJson({ alg: 'RSA-OAEP', enc: 'A128GCM' })}.AAAA.AAAA.AAAA.AAAA`,
      'accept',
    ),
    ...[undefined, null, 'none', 'None', '', 0, []].map(unsigned),
    header('HS256 with the public key', { alg: 'HS256' }, key.publicPem),
    header('HS256 with the client’s secret', { alg: 'HS256' }, clientSecret),
    header('RS512, which is not on our list', { alg: 'RS512' }),
    header('an attacker’s signature', {}, attackerSameKid),
    header('an attacker’s key inside', { jwk: attacker.publicJwk }, attacker),
    header('an attacker’s key by address', { jku: `${trap}/jwks`, x5u: `${trap}/x5u` }, attacker),
    header('kid unknown', { kid: 'unknown' }),
    header('kid a path', { kid: '../../dev/null', alg: 'HS256' }, ''),
    header('crit that we do not know', { crit: ['x'], x: 1 }),
    header('typ of a logout token', { typ: 'logout+jwt' }),
    header('typ an object', { typ: {} }),
    header('typ as RFC 9068 has it', { typ: 'at+jwt' }, key, 'accept'),
    header('no typ', { typ: undefined }, key, 'accept'),
    claims('iss of another', { iss: 'https://evil.test' }),
    claims('iss missing', { iss: undefined }),
    claims('sub of another', { sub: 'grace' }),
    claims('sub missing', { sub: undefined }),
    claims('given to another client', { azp: 'other' }),
    claims('given to nobody', { azp: undefined }),
    claims('given to us and to another', { client_id: 'other' }),
    claims('given to us, as RFC 9068 says it', { azp: undefined, client_id: 'gatehouse' }, 'accept'),
    claims('over', { exp: now() - 120 }),
    claims('without an end', { exp: undefined }),
    claims('an end that is text', { exp: 'soon' }),
    claims('not yet', { nbf: now() + 3600 }),
    claims('an ID token of Keycloak', { typ: 'ID' }),
    claims('a refresh token of Keycloak', { typ: 'Refresh' }),
    access('another payload under a good signature', (parts) => {
      const [head, , signature] = signToken(parts, key).split('.')
      return [head, encodeJson({ ...parts.payload, groups: ['admins'] }), signature].join('.')
    }),
  ]
}

/** Discovery documents that no login may begin with. */
export const createDiscoveryCases = ({ issuer, trap }: CaseKit): readonly Case[] => {
  const document = (name: string, discovery: (body: Json) => unknown): Case => ({
    name: `discovery: ${name}`,
    expect: 'deny',
    tampering: { discovery },
  })
  return [
    document('issuer of another', (body) => ({ ...body, issuer: 'https://evil.test' })),
    document('issuer with a slash more', (body) => ({ ...body, issuer: `${issuer}/` })),
    document('issuer missing', (body) => ({ ...body, issuer: undefined })),
    document('issuer a number', (body) => ({ ...body, issuer: 1 })),
    document('token endpoint missing', (body) => ({ ...body, token_endpoint: undefined })),
    document('token endpoint without TLS elsewhere', (body) => ({ ...body, token_endpoint: 'http://evil.test/token' })),
    document('token endpoint a path', (body) => ({ ...body, token_endpoint: '/token' })),
    document('token endpoint a file', (body) => ({ ...body, token_endpoint: 'file:///etc/passwd' })),
    document('authorization endpoint a script', (body) => ({ ...body, authorization_endpoint: 'javascript:alert(1)' })),
    document('authorization endpoint missing', (body) => ({ ...body, authorization_endpoint: undefined })),
    document('key set missing', (body) => ({ ...body, jwks_uri: undefined })),
    document('key set without TLS elsewhere', (body) => ({ ...body, jwks_uri: 'http://evil.test/jwks' })),
    document('userinfo without TLS elsewhere', (body) => ({ ...body, userinfo_endpoint: 'http://evil.test/me' })),
    document('logout a script', (body) => ({ ...body, end_session_endpoint: 'javascript:alert(1)' })),
    document('an empty object', () => ({})),
    document('a list', (body) => [body]),
    document('HTML', () => html),
    document('10 MB', huge),
    document('status 500', () => new RawAnswer(500)),
    document('a redirect', () => new RawAnswer(301, { location: `${trap}/.well-known/openid-configuration` })),
  ]
}
