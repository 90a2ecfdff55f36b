// What a provider of plain OAuth, or somebody between it and us, may send, and what must come of it: the relying-party
// cases that are about OAuth itself, and a strict reading of who the person is.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Alterations } from '../../../../test/support/altering-front.ts'
import { type ListeningServer, listen } from '../../../../test/support/oidc-provider.ts'
import { encodeJson, type Json, RawAnswer } from '../../../../test/support/tampering-provider.ts'
import { type OAuth2Lab, startOAuth2Lab, TOKEN, USER } from './oauth2.fixture.ts'

interface Case {
  readonly expect: 'deny' | 'accept'
  readonly alterations?: Alterations
  readonly callback?: (callback: URL) => void
  readonly config?: Readonly<Record<string, unknown>>
  /** What the log must name as the reason, so that a case is not refused for something else. */
  readonly because?: RegExp
}

let lab: OAuth2Lab
let trap: ListeningServer
let trapped = 0

before(async () => {
  lab = await startOAuth2Lab()
  trap = await listen()
  trap.serve((_request, response) => {
    trapped += 1
    response.end('{}')
  })
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await trap.close()
})

const json = { 'content-type': 'application/json' }
const html = new RawAnswer(200, { 'content-type': 'text/html' }, '<!doctype html><title>Sorry</title>')
const huge = (body: Json): RawAnswer => new RawAnswer(200, json, JSON.stringify(body) + ' '.repeat(10 * 1024 * 1024))
const redirect = (status: number) => () => new RawAnswer(status, { location: `${trap.url}/x` })
const without = (body: Json, name: string): Json =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

const query = (change: (query: URLSearchParams) => void, because?: RegExp): Case => ({
  expect: 'deny',
  callback: ({ searchParams }) => change(searchParams),
  ...(because && { because }),
})
const token = (expect: Case['expect'], alter: (body: Json) => unknown, because?: RegExp): Case => ({
  expect,
  alterations: { [TOKEN]: alter },
  ...(because && { because }),
})
const user = (expect: Case['expect'], alter: (body: Json) => unknown, because?: RegExp): Case => ({
  expect,
  alterations: { [USER]: alter },
  ...(because && { because }),
})
const subject = (value: unknown, because = /the subject/): Case =>
  user('deny', (body) => ({ ...body, id: value }), because)

const responses: Readonly<Record<string, Case>> = {
  'as it came': { expect: 'accept' },
  'state missing': query((sent) => sent.delete('state')),
  'state wrong': query((sent) => sent.set('state', 'another')),
  'state twice': query((sent) => sent.append('state', sent.get('state') ?? '')),
  'code missing': query((sent) => sent.delete('code')),
  'code wrong': query((sent) => sent.set('code', 'x'.repeat(43))),
  'code twice': query((sent) => sent.append('code', sent.get('code') ?? '')),
  'a token in the address': query((sent) => sent.set('token', 'x')),
  'an ID token in the address': query((sent) => sent.set('id_token', 'eyJ.a.b')),
  'an answer as a JWT': query((sent) => sent.set('response', 'eyJ.a.b')),
  'an error beside the code': query((sent) => sent.set('error', 'server_error')),
  'iss, where none is known': query((sent) => sent.set('iss', 'https://evil.test'), /iss/),
  'iss, where one is known': {
    expect: 'accept',
    config: { issuer: 'https://gitlab.test' },
    callback: ({ searchParams }) => searchParams.set('iss', 'https://gitlab.test'),
  },
  'iss of another': {
    ...query((sent) => sent.set('iss', 'https://evil.test'), /iss/),
    config: { issuer: 'https://gitlab.test' },
  },
  'iss with a slash more': {
    ...query((sent) => sent.set('iss', 'https://gitlab.test/'), /iss/),
    config: { issuer: 'https://gitlab.test' },
  },
  'iss missing where one is known': { expect: 'deny', config: { issuer: 'https://gitlab.test' }, because: /iss/ },
}

const tokens: Readonly<Record<string, Case>> = {
  'token_type in capitals': token('accept', (body) => ({ ...body, token_type: 'BEARER' })),
  'no expires_in': token('accept', (body) => without(body, 'expires_in')),
  'no refresh token': token('accept', (body) => without(body, 'refresh_token')),
  'token_type missing': token('deny', (body) => without(body, 'token_type')),
  'token_type mac': token('deny', (body) => ({ ...body, token_type: 'mac' })),
  'token_type DPoP': token('deny', (body) => ({ ...body, token_type: 'DPoP' })),
  'access token missing': token('deny', (body) => without(body, 'access_token')),
  'access token empty': token('deny', (body) => ({ ...body, access_token: '' })),
  'access token a list': token('deny', (body) => ({ ...body, access_token: [body.access_token] })),
  'access token of somebody’s own making': token(
    'deny',
    (body) => ({ ...body, access_token: 'CANARY' }),
    /401|challenge/,
  ),
  'refresh token a number': token('deny', (body) => ({ ...body, refresh_token: 1 })),
  'expires_in negative': token('deny', (body) => ({ ...body, expires_in: -1 })),
  'scope a list': token('deny', (body) => ({ ...body, scope: ['read_user'] })),
  'an ID token that nobody asked for': token(
    'deny',
    (body) => {
      const iss = new URL(String(lab.config.tokenUrl)).origin
      const claims = { iss, sub: '101', aud: 'gatehouse', iat: Math.floor(Date.now() / 1000), exp: 9e9 }
      return { ...body, id_token: `${encodeJson({ alg: 'RS256' })}.${encodeJson(claims)}.AAAA` }
    },
    /it gives ID tokens/,
  ),
  'an empty object': token('deny', () => ({})),
  'a list': token('deny', () => []),
  'cut JSON': token('deny', (body) => JSON.stringify(body).slice(0, -2)),
  HTML: token('deny', () => html),
  '10 MB': token('deny', huge),
  'no content': token('deny', () => new RawAnswer(204)),
  'status 201': token('deny', (body) => new RawAnswer(201, json, JSON.stringify(body))),
  'status 500': token('deny', (body) => new RawAnswer(500, json, JSON.stringify(body))),
  'status 400 with tokens': token('deny', (body) => new RawAnswer(400, json, JSON.stringify(body))),
  'an error with status 200, as GitHub has it': token('deny', () => ({ error: 'bad_verification_code' })),
  'a redirect that keeps the method': token('deny', () => redirect(307)()),
  'a redirect': token('deny', () => redirect(302)()),
  'it hangs': token('deny', () => new RawAnswer(200, {}, '', true)),
}

const people: Readonly<Record<string, Case>> = {
  'an integer as subject': user('accept', (body) => body),
  'a text as subject': user('accept', (body) => ({ ...body, id: '101' })),
  'strangers beside it': user('accept', (body) => ({ ...body, sub: 'grace', x: null, roles: [{}] })),
  'a type with a suffix': user(
    'accept',
    (body) => new RawAnswer(200, { 'content-type': 'application/vnd.api+json; charset=utf-8' }, JSON.stringify(body)),
  ),
  'groups of the wrong shape are none': user('accept', (body) => ({ ...body, teams: { names: { admins: true } } })),
  'no subject': user('deny', (body) => without(body, 'id'), /the subject/),
  'subject null': subject(null),
  'subject true': subject(true),
  'subject a list': subject([101]),
  'subject an object': subject({ id: 101 }),
  'subject a fraction': subject(1.5),
  'subject a number that has lost its last digits': user(
    'deny',
    (body) => JSON.stringify({ ...body, id: '@@' }).replace('"@@"', '12345678901234567891'),
    /the subject/,
  ),
  'subject empty': subject(''),
  'subject too long': subject('x'.repeat(256)),
  'subject with a space': subject('ada lovelace'),
  'subject with a line break': subject('ada\ngrace'),
  'subject with a control character': subject('ada\u0000'),
  'subject with a character that is not seen': subject('ada\u200b'),
  'subject an e-mail address': subject('ada@example.org', /e-mail/),
  'subject an e-mail address, allowed': {
    expect: 'accept',
    config: { dangerouslyAllowEmailAsSubject: true },
    alterations: { [USER]: (body) => ({ ...body, id: 'ada@example.org' }) },
  },
  'an empty object': user('deny', () => ({}), /the subject/),
  'a list': user('deny', (body) => [body], /no object/),
  null: user('deny', () => 'null', /no object/),
  'a text': user('deny', () => '"ada"', /no object/),
  'cut JSON': user('deny', (body) => JSON.stringify(body).slice(0, -2), /no JSON/),
  'JSON that is called something else': user(
    'deny',
    (body) => new RawAnswer(200, { 'content-type': 'text/plain' }, JSON.stringify(body)),
    /no JSON/,
  ),
  'JSON without a type': user('deny', (body) => new RawAnswer(200, {}, JSON.stringify(body)), /no JSON/),
  HTML: user('deny', () => html, /no JSON/),
  '10 MB': user('deny', huge),
  'no content': user('deny', () => new RawAnswer(204), /204/),
  'status 201': user('deny', (body) => new RawAnswer(201, json, JSON.stringify(body)), /201/),
  'status 401': user('deny', () => new RawAnswer(401, { 'www-authenticate': 'Bearer error="invalid_token"' })),
  'status 401 with a person': user('deny', (body) => new RawAnswer(401, json, JSON.stringify(body)), /401/),
  'status 403': user('deny', (body) => new RawAnswer(403, json, JSON.stringify(body)), /403/),
  'status 429': user('deny', (body) => new RawAnswer(429, json, JSON.stringify(body)), /429/),
  'status 500': user('deny', (body) => new RawAnswer(500, json, JSON.stringify(body)), /500/),
  'a redirect': user('deny', () => redirect(302)(), /302/),
  'a redirect that keeps the method': user('deny', () => redirect(307)(), /307/),
  'it hangs': user('deny', () => new RawAnswer(200, {}, '', true)),
}

async function check({ expect, alterations = {}, callback, config, because }: Case): Promise<void> {
  lab.alter(alterations)
  const site = await lab.createSite(config)
  try {
    const browser = site.browser()
    const startedAt = performance.now()
    const outcome = await lab.logIn(browser, callback)
    assert.ok(performance.now() - startedAt < 10_000, 'given up on within ten seconds')
    const session = await browser.session()
    if (expect === 'accept') {
      assert.equal(outcome.status, 303, JSON.stringify(site.logged))
      assert.match(session?.row.subject ?? '', /^(101|ada@example\.org)$/)
      assert.deepEqual(session?.row.groups, [])
      return
    }
    assert.equal(session, undefined, 'a session was begun')
    assert.ok([401, 503].includes(outcome.status), `answered ${outcome.status}`)
    assert.deepEqual(site.admitted, [])
    assert.ok(!browser.cookies.has('__Host-gatehouse'), 'a session cookie was set')
    const audited = site.audited.map(({ action, outcome: result }) => [action, result])
    assert.deepEqual(audited, [['login.failed', 'failure']])
    const reasons = site.logged.filter(({ event }) => event === 'login_failed').map(({ reason }) => String(reason))
    assert.equal(reasons.length, 1)
    if (because !== undefined) assert.match(reasons[0] ?? '', because)
    // Not a word of what the provider sent, nor of what we hold.
    assert.doesNotMatch(JSON.stringify([site.logged, site.audited, outcome]), /CANARY|eyJ|evil/)
  } finally {
    lab.alter({})
    await site.close()
    assert.equal(trapped, 0, 'the trap was called')
  }
}

for (const [what, cases] of Object.entries({ 'the answer through the browser': responses, tokens, people })) {
  describe(`oauth2: ${what}`, () => {
    for (const [name, each] of Object.entries(cases)) test(`${each.expect}: ${name}`, () => check(each))
  })
}
