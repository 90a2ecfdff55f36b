import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalName } from '#http'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { HOP_BY_HOP, IDENTITY_NAMES, IDENTITY_PREFIXES } from './header-names.ts'
import { createHeaderRules, type HeaderRulesOptions } from './headers.ts'

const rulesWith = (options: Partial<HeaderRulesOptions> = {}) =>
  createHeaderRules({
    owned: ['authorization', 'x-backendai-version'],
    frontHeaders: ['Umbrella_ID'],
    forwardAuthorization: false,
    cookieNames: ['__Host-gatehouse', '__Host-gatehouse-login'],
    publicPrefix: '/api/m/',
    isAlone: false,
    toPublicLocation: (location) => location,
    ...options,
  })
const rules = rulesWith()

/** Letters of either case, and any other token character (RFC 9110 §5.6.2) for each one that is no letter or digit. */
const otherSpelling = (name: string) =>
  fc
    .tuple(
      ...Array.from(name, (character) =>
        /[a-z]/.test(character)
          ? fc.constantFrom(character, character.toUpperCase())
          : /[0-9]/.test(character)
            ? fc.constant(character)
            : fc.constantFrom(...Array.from("-_.!#$%&'*+^`|~")),
      ),
    )
    .map((characters) => characters.join(''))

const namesOf = (headers: readonly string[]) => headers.filter((_, index) => index % 2 === 0)

test('no identity header passes, in any spelling', () => {
  const families = IDENTITY_PREFIXES.map((prefix) => `${prefix}for`)
  const own = ['x-backendai-version', 'umbrella-id', 'host']
  const name = fc.constantFrom(...IDENTITY_NAMES, ...families, ...own).chain(otherSpelling)
  fc.assert(fc.property(name, (each) => assert.deepEqual(rules.toUpstream([each, 'mallory'], false), [])))
})

test('no hop-by-hop header passes, in either direction', () => {
  const ctx = createFakeContext()
  fc.assert(
    fc.property(fc.constantFrom(...HOP_BY_HOP).chain(otherSpelling), (name) => {
      assert.deepEqual(rules.toUpstream([name, 'x'], false), [])
    }),
  )
  for (const name of HOP_BY_HOP) assert.deepEqual(rules.toClient(ctx, 200, { [name]: 'x' }), [])
})

test('what Connection nominates goes, wherever it stands, in either direction', () => {
  const sent = [
    'X-Custom',
    '1',
    'Connection',
    'close, X-Custom ,cookie',
    'Cookie',
    'a=1',
    'connection',
    'accept',
    'Accept',
    '*/*',
    'X-Kept',
    '2',
  ]
  assert.deepEqual(rules.toUpstream(sent, false), ['x-kept', '2'])
  const answered = { 'x-custom': ['1', '2'], connection: 'X-Custom, set-cookie', 'set-cookie': ['a=1'], etag: '"x"' }
  assert.deepEqual(rules.toClient(createFakeContext(), 200, answered), ['etag', '"x"'])
})

test('what steps added to an answer is there whatever the upstream nominates or says', () => {
  const ctx = createFakeContext({
    responseHeaders: new Map([
      ['x-request-id', 'ours'],
      ['vary', 'Origin'],
    ]),
    responseCookies: [{ name: '__Host-gatehouse', value: 'v', sameSite: 'Lax' }],
  })
  const answered = { connection: 'x-request-id, set-cookie', 'x-request-id': 'theirs', vary: 'Accept' }
  assert.deepEqual(rules.toClient(ctx, 200, answered), [
    'vary',
    'Accept',
    'x-request-id',
    'ours',
    'vary',
    'Origin',
    'set-cookie',
    '__Host-gatehouse=v; Path=/; HttpOnly; SameSite=Lax; Secure',
  ])
})

test('what a step says replaces what the upstream says', () => {
  const ctx = createFakeContext({ responseHeaders: new Map([['x-request-id', 'ours']]) })
  assert.deepEqual(rules.toClient(ctx, 200, { 'x-request-id': 'theirs', etag: '"x"' }), [
    'etag',
    '"x"',
    'x-request-id',
    'ours',
  ])
})

const endToEndName = fc
  .stringMatching(/^[a-z][a-z0-9]{0,12}(?:-[a-z0-9]{1,8}){0,2}$/)
  .filter((name) => rules.toUpstream([name, 'x'], false).length === 2 && !['cookie', 'content-type'].includes(name))

test('other headers keep their values, order and repeats', () => {
  const value = fc.stringMatching(/^[\x21-\x7e\xa0-\xff](?:[\t\x20-\x7e\xa0-\xff]{0,40}[\x21-\x7e])?$/)
  fc.assert(
    fc.property(fc.array(fc.tuple(endToEndName, value)), (headers) => {
      assert.deepEqual(rules.toUpstream(headers.flat(), false), headers.flat())
    }),
  )
  const answered = { 'x-a': ['1', '2', '1'], etag: 'W/"\xe9"', 'content-type': 'text/event-stream' }
  assert.deepEqual(rules.toClient(createFakeContext(), 200, answered), [
    'x-a',
    '1',
    'x-a',
    '2',
    'x-a',
    '1',
    'etag',
    'W/"\xe9"',
    'content-type',
    'text/event-stream',
  ])
})

test('the client’s own Authorization passes only where the upstream says so, in its own spelling', () => {
  const sent = ['Authorization', 'Bearer x', 'authorization_', 'kept']
  assert.deepEqual(rulesWith({ owned: [] }).toUpstream(sent, false), ['authorization_', 'kept'])
  const forwarding = rulesWith({ owned: [], forwardAuthorization: true })
  assert.deepEqual(forwarding.toUpstream(sent, false), ['authorization', 'Bearer x', 'authorization_', 'kept'])
  assert.deepEqual(rulesWith({ forwardAuthorization: true }).toUpstream(['AUTHORIZATION', 'x'], false), [])
})

test('a second spelling of a header that means something is dropped', () => {
  for (const name of ['content_type', 'Content.Type', 'COOKIE~'.replace('~', ''), 'content_encoding']) {
    const sent = rules.toUpstream([name, 'x=1'], false)
    assert.deepEqual(
      namesOf(sent).filter((each) => each !== canonicalName(each)),
      [],
      name,
    )
  }
})

test('a handshake carries no type of content that it does not have', () => {
  assert.deepEqual(rules.toUpstream(['Content-Type', 'text/plain', 'Accept', '*/*'], true), ['accept', '*/*'])
  assert.deepEqual(rules.toUpstream(['Content-Type', 'text/plain'], false), ['content-type', 'text/plain'])
})

test('a list of what goes on is exact, and stronger than what services believe of a gateway', () => {
  const few = rulesWith({
    forwardedHeaders: ['accept', 'authorization', 'host', 'te', 'x-backendai-sessionid', 'cookie'],
  })
  const sent = {
    Accept: '*/*',
    Authorization: 'Bearer x',
    Host: 'evil',
    TE: 'trailers',
    Connection: 'close',
    'X-BackendAI-SessionID': '0123',
    X_BackendAI_SessionID: 'in disguise',
    'X-BackendAI-Version': 'v1.20200101',
    'X-Foo': '1',
    'Remote-User': 'root',
    'Content-Type': 'text/plain',
    Cookie: 'gatehouse=s; a=1',
  }
  const kept = few.toUpstream(Object.entries(sent).flat(), false)
  assert.deepEqual(kept, ['accept', '*/*', 'x-backendai-sessionid', '0123', 'cookie', 'a=1'])
  const nominated = few.toUpstream(['Accept', '*/*', 'Connection', 'accept'], false)
  assert.deepEqual(nominated, [])
})

test('our cookies and what could be taken for them stay here; the others pass', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    '__Host-gatehouse=s': undefined,
    'a=1; __Host-gatehouse=s; b=2': 'a=1; b=2',
    'a=1;b="x y"': 'a=1; b="x y"',
    '__host-GATEHOUSE-login-7=s; a=1': 'a=1',
    'gatehouse=s; __Secure-gatehouse-two=s; a=1': 'a=1',
    '=__Host-gatehouse=s; a=1': 'a=1',
    '__Host-gatehouse; a=1': 'a=1',
    '\xa0__Host-gatehouse=s; "__Host-gatehouse=s; $gatehouse=s; a=1': 'a=1',
    'theme=gatehouse': 'theme=gatehouse',
  }
  for (const [sent, kept] of Object.entries(cases)) {
    assert.deepEqual(rules.toUpstream(['Cookie', sent], false), kept === undefined ? [] : ['cookie', kept], sent)
  }
})

test('an upstream cannot set or overwrite our cookies', () => {
  const lines = [
    'a=1; Path=/',
    '__Host-gatehouse=evil; Path=/; Secure',
    '__HOST-gatehouse-login=',
    '=__Host-gatehouse=x',
  ]
  assert.deepEqual(rules.toClient(createFakeContext(), 200, { 'set-cookie': lines }), ['set-cookie', 'a=1; Path=/'])
})

test('an answer does not describe the server behind, nor speak for the gateway', () => {
  const answered = {
    server: 'Apache/2.4.1',
    'x-powered-by': 'PHP',
    'alt-svc': 'h3=":443"',
    'access-control-allow-origin': '*',
    'x-accel-redirect': '/etc/passwd',
    'x-accel-buffering': 'no',
    location: 'http://up/x',
    'content-location': 'http://up/y',
  }
  const mapping = rulesWith({ toPublicLocation: (location) => location.replace('http://up', '/api') })
  assert.deepEqual(mapping.toClient(createFakeContext(), 302, answered), [
    'x-accel-buffering',
    'no',
    'location',
    '/api/x',
    'content-location',
    '/api/y',
  ])
})

test('the length of an answer is one plain number, and none where there is no content', () => {
  const lengthAs = (status: number, value: string | string[]) =>
    rules.toClient(createFakeContext(), status, { 'content-length': value })
  assert.deepEqual(lengthAs(200, '010'), ['content-length', '10'])
  assert.deepEqual(lengthAs(200, '0'), ['content-length', '0'])
  assert.deepEqual(lengthAs(304, '7'), ['content-length', '7'])
  assert.deepEqual(lengthAs(204, '0'), [])
  assert.deepEqual(lengthAs(200, ['1', '2']), [])
})

test('beyond the names that are remembered, each is still judged', () => {
  const forgetful = rulesWith()
  for (let index = 0; index < 5000; index++) forgetful.toUpstream([`x-${index}`, '1'], false)
  assert.deepEqual(forgetful.toUpstream(['X-Late', '1', 'X_Remote_User', 'x'], false), ['x-late', '1'])
})
