import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { GatewayError } from '#kernel'
import { createMemoryKeyValue } from '#storage'
import { ada, createRecords, type Facility, sendJson, startFacility } from '../../../test/support/facility/index.ts'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { testProvider } from '../provider.contract.ts'
import type { DriverDeps, RedirectProvider } from '../provider.ts'
import { FRONT_SECRET, type Front, grace, secretFile, startFront } from './trusted-header.fixture.ts'
import { trustedHeaderDriver } from './trusted-header.ts'

let front: Front
let facility: Facility

before(async () => {
  front = await startFront()
  facility = await startFacility(createRecords())
})
after(async () => {
  await front.close()
  await facility.close()
})
beforeEach(() => {
  facility.bent.clear()
  facility.asked.length = 0
})

const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const clock = createManualClock()
const deps: DriverDeps = {
  clock,
  log,
  storage: { sql: () => assert.fail('nothing is stored'), keyValue: createMemoryKeyValue({ clock }) },
  urlTo: (path) => `https://gate.test${path}`,
}

const CALLBACK = 'https://gate.test/auth/callback/sso'
const REMOTE = {
  subject: 'X-Remote-User',
  displayName: 'X-Remote-Name',
  groups: 'X-Remote-Groups',
  email: 'X-Remote-Mail',
}
const basics = { id: 'sso', type: 'trusted-header', from: ['127.0.0.1'], secret: { file: secretFile } }

/** @param config beside what every entry has, as an operator writes it */
function create(config: Readonly<Record<string, unknown>>): RedirectProvider {
  const provider = trustedHeaderDriver.create(trustedHeaderDriver.config.parse({ ...basics, ...config }), deps)
  return provider.kind === 'redirect' ? provider : assert.fail()
}

/** What of a configuration is refused, and why. */
function faultsOf(config: Readonly<Record<string, unknown>>): readonly string[] {
  const { error } = trustedHeaderDriver.config.safeParse({ ...basics, ...config })
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const SECRET = ['X-Gatehouse-Front', FRONT_SECRET]

/** Comes back with these headers, name, value, name, value … */
const complete = (provider: RedirectProvider, rawHeaders: readonly string[], peer = '127.0.0.1') =>
  provider.complete({ url: new URL(`${CALLBACK}?state=s`), rawHeaders, peer }, {}, 's')

const refused = (code: string, reason?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GatewayError)
  assert.equal(error.code, code)
  if (reason !== undefined) assert.match(String(error.internal.reason), reason)
  return true
}

testProvider('trusted-header', async () => ({
  provider: create({ headers: REMOTE, loginUrl: '/front/login?target=' }),
  person: grace,
  visit: (url) => front.visit(new URL(url).searchParams.get('target') ?? assert.fail('no target')),
  readBegun: (url) => {
    assert.equal(`${url.origin}${url.pathname}`, 'https://gate.test/front/login')
    const target = new URL(url.searchParams.get('target') ?? '')
    return { state: target.searchParams.get('state'), redirectUri: `${target.origin}${target.pathname}` }
  },
  keepsNothing: true,
  close: async () => {},
}))

test('what Apache says arrives as it was meant, letters of every kind and lists with escapes included', async () => {
  const provider = create({ headers: REMOTE, groupsPrefix: 'front:' })
  const { identity } = await provider.complete(await front.visit(`${CALLBACK}?state=s`), {}, 's')
  assert.deepEqual(identity, {
    provider: 'sso',
    issuer: 'front:sso',
    subject: 'grace',
    username: 'grace',
    displayName: grace.displayName,
    groups: ['front:lab', 'front:beam;line'],
  })
})

const TIMED = { headers: { ...REMOTE, authenticatedAt: 'X-Login-Time' } }
const at = (time: string) => [...SECRET, 'X-Remote-User', 'grace', 'X-Login-Time', time]

test('a login is as old as the front server says, in either way of writing times', async () => {
  const provider = create(TIMED)
  const said = clock.now() - 3_600_000
  const times = [new Date(said).toISOString(), String(said / 1000)]
  for (const time of times) assert.equal((await complete(provider, at(time))).authenticatedAt, said, time)
  assert.equal((await complete(provider, at('(null)'))).authenticatedAt, undefined)
  assert.equal((await complete(create({ headers: REMOTE }), at('1'))).authenticatedAt, undefined)
})

test('a time that is none, or is to come, logs nobody in', async () => {
  const provider = create(TIMED)
  for (const time of ['now', '-1', '1e9', '2026-01-01 00:00:00', '2026-01-01T00:00:00+01:00', '9'.repeat(12)])
    await assert.rejects(complete(provider, at(time)), refused('login.notProven', /is no time/), time)
  const ahead = (ms: number) => at(new Date(clock.now() + ms).toISOString())
  await assert.rejects(complete(provider, ahead(61_000)), refused('login.notProven', /from the future/))
  assert.ok(await complete(provider, ahead(59_000)))
})

test('only who says when, and can be told to ask, brings a login of just now; unless the operator believes it', async () => {
  const freshLoginUrl = '/front/login?forceAuthn=true&target='
  assert.equal(create({ ...TIMED, freshLoginUrl }).canBeFresh, true)
  assert.equal(create(TIMED).canBeFresh, false)
  assert.equal(create({ headers: REMOTE, freshLoginUrl }).canBeFresh, false)
  const urls = await Promise.all(
    [true, false].map(async (mustBeFresh) => {
      const provider = create({ ...TIMED, freshLoginUrl, loginUrl: '/front/login?target=' })
      return (await provider.begin({ redirectUri: CALLBACK, mustBeFresh })).urlFor('x')
    }),
  )
  assert.deepEqual(
    urls.map((url) => url.split('target=')[0]),
    ['https://gate.test/front/login?forceAuthn=true&', 'https://gate.test/front/login?'],
  )
  const believed = create({ ...TIMED, dangerouslyBelieveFreshLogins: true })
  assert.equal(believed.canBeFresh, true)
  assert.equal((await complete(believed, at(''))).authenticatedAt, clock.now())
  assert.equal((await complete(believed, at('1767225600'))).authenticatedAt, 1_767_225_600_000)
})

test('where the front server logs in on the way back, the login goes straight there', async () => {
  const { urlFor } = await create({ headers: REMOTE }).begin({ redirectUri: CALLBACK })
  assert.equal(await urlFor('a b&c'), `${CALLBACK}?state=a+b%26c`)
})

test('a logout ends at the front server too, which sends back to where we say', async () => {
  const way = { returnTo: 'https://gate.test/auth/logged-out', state: 'x&y' }
  const there = await create({ headers: REMOTE, logoutUrl: '/Shibboleth.sso/Logout?return=' }).logoutUrl?.(
    undefined,
    way,
  )
  const url = new URL(there ?? '')
  assert.equal(url.href.split('?')[0], 'https://gate.test/Shibboleth.sso/Logout')
  assert.equal(url.searchParams.get('return'), 'https://gate.test/auth/logged-out?state=x%26y')
  assert.equal(create({ headers: REMOTE }).logoutUrl, undefined)
})

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

test('only the front server itself is believed', async () => {
  const provider = create({ headers: REMOTE })
  const asAda = ['X-Remote-User', 'ada']
  assert.equal((await complete(provider, [...asAda, ...SECRET])).identity.subject, 'ada')
  for (const [headers, peer, reason] of [
    [[...asAda, ...SECRET], '127.0.0.2', /does not come from the front server/],
    [[...asAda, ...SECRET], 'unix', /does not come from the front server/],
    [[...asAda, ...SECRET], 'unknown', /does not come from the front server/],
    [asAda, '127.0.0.1', /without the secret/],
    [[...asAda, 'X-Gatehouse-Front', ''], '127.0.0.1', /without the secret/],
    [[...asAda, 'X-Gatehouse-Front', FRONT_SECRET.slice(1)], '127.0.0.1', /another one/],
    [[...asAda, 'X-Gatehouse-Front', `${FRONT_SECRET}0`], '127.0.0.1', /another one/],
    [[...asAda, 'X-Gatehouse-Front', FRONT_SECRET.toUpperCase()], '127.0.0.1', /another one/],
    [[...asAda, 'X_Gatehouse_Front', FRONT_SECRET], '127.0.0.1', /another spelling/],
    [[...asAda, ...SECRET, ...SECRET], '127.0.0.1', /twice/],
  ] as const) {
    await assert.rejects(complete(provider, headers, peer), refused('login.notProven', reason), String(reason))
  }
})

test('a peer on a unix socket needs no secret, and an address is none', async () => {
  const provider = create({ headers: REMOTE, from: ['unix'], secret: undefined })
  assert.equal((await complete(provider, ['X-Remote-User', 'ada'], 'unix')).identity.subject, 'ada')
  await assert.rejects(complete(provider, ['X-Remote-User', 'ada']), refused('login.notProven'))
})

test('what has two readings is refused, whichever header it is', async () => {
  const provider = create({ headers: REMOTE })
  const cases: Readonly<Record<string, readonly string[]>> = {
    twice: ['X-Remote-User', 'ada', 'X-Remote-User', 'ada'],
    'twice, in letters of another size': ['X-Remote-User', 'ada', 'x-remote-user', 'mallory'],
    'with an underscore beside': ['X-Remote-User', 'ada', 'X_Remote_User', 'mallory'],
    'with an underscore only': ['X_Remote_User', 'ada'],
    'with a dot beside': ['x.remote.user', 'mallory', 'X-Remote-User', 'ada'],
    'with another mark only': ['X-Remote~User', 'ada'],
    'groups twice': ['X-Remote-User', 'ada', 'X-Remote-Groups', 'lab', 'X-Remote-Groups', 'admins'],
    'groups with an underscore': ['X-Remote-User', 'ada', 'X_Remote_Groups', 'admins'],
  }
  for (const [name, headers] of Object.entries(cases))
    await assert.rejects(complete(provider, [...headers, ...SECRET]), refused('login.notProven'), name)
})

test('a subject that is not a whole name is nobody', async () => {
  const provider = create({ headers: REMOTE })
  for (const name of ['', '(null)', 'a\u0007da', latin1('a\u200bda'), latin1('a\u2028'), 'x'.repeat(256)])
    await assert.rejects(complete(provider, ['X-Remote-User', name, ...SECRET]), refused('login.notProven'), name)
  await assert.rejects(complete(provider, SECRET), refused('login.notProven', /no subject/))
})

test('bytes that are no UTF-8 are refused, in every header that is read', async () => {
  const provider = create({ headers: REMOTE })
  for (const bytes of ['\xe4', '\xc3', '\xc0\xaf', '\xed\xa0\x80', '\xf5\x80\x80\x80']) {
    for (const name of ['X-Remote-User', 'X-Remote-Name', 'X-Remote-Mail']) {
      const others = name === 'X-Remote-User' ? [] : ['X-Remote-User', 'ada']
      const headers = [...others, name, `a${bytes}`, ...SECRET]
      await assert.rejects(complete(provider, headers), refused('login.notProven', /no UTF-8/), `${name} ${bytes}`)
    }
  }
})

test('the secret has a header of its own, in whatever spelling another one is written', () => {
  const needsOwn = ['secretHeader: the secret needs a header of its own']
  const faults = (config: object) => faultsOf({ ...config }).map((fault) => fault.split(',')[0]?.split(': what')[0])
  const taken = ['X-Remote-User', 'x-remote-user', 'X_Remote_User', 'X.REMOTE-USER']
  const others = ['subject', 'issuer', 'username', 'displayName', 'email', 'groups', 'authenticatedAt']
  for (const secretHeader of taken) {
    for (const name of others) {
      const headers = { subject: 'X-Somebody', [name]: 'X-Remote-User' }
      assert.ok(faults({ secretHeader, headers }).includes(needsOwn[0]), `${secretHeader} ${name}`)
    }
    const exchange = { header: 'X-Remote-User', url: 'https://office.example.org/hash' }
    assert.ok(faults({ secretHeader, exchange }).includes(needsOwn[0]), secretHeader)
  }
  const twice = { subject: 'X-Gatehouse-Front' }
  assert.ok(faults({ headers: twice }).includes(needsOwn[0]), 'its default is a name too')
  assert.deepEqual(faultsOf({ headers: REMOTE, secretHeader: 'X-Remote-Users' }), [])
})

test('the same name at two identity providers is two people', async () => {
  const provider = create({ headers: { subject: 'uid', issuer: 'Shib-Identity-Provider' } })
  const subjectAt = async (issuer: string, uid: string) =>
    (await complete(provider, ['uid', uid, 'Shib-Identity-Provider', issuer, ...SECRET])).identity.subject
  assert.equal(await subjectAt('https://a.test/idp', 'ada'), 'https://a.test/idp!ada')
  assert.equal(await subjectAt('https://b.test/idp', 'ada'), 'https://b.test/idp!ada')
  const persistent = 'https://a.test/idp!https://gate.test/sp!8f2c'
  assert.equal(await subjectAt('https://a.test/idp', persistent), persistent)
  assert.equal(await subjectAt('https://b.test/idp', persistent), `https://b.test/idp!${persistent}`)
  await assert.rejects(subjectAt('https://a.test/idp!x', 'ada'), refused('login.notProven', /issuer/))
  await assert.rejects(complete(provider, ['uid', 'ada', ...SECRET]), refused('login.notProven', /issuer/))
})

test('an e-mail address is shown and is no key; what is none is left out', async () => {
  const provider = create({ headers: REMOTE })
  const mail = async (text: string) =>
    (await complete(provider, ['X-Remote-User', 'ada', 'X-Remote-Mail', text, ...SECRET])).identity
  assert.equal((await mail('ada@example.org')).email, 'ada@example.org')
  assert.equal((await mail('grace@example.org')).subject, 'ada')
  for (const text of ['attacker@evil@allowed.test', 'ada', 'a@x.test;b@y.test@z'])
    assert.equal((await mail(text)).email, undefined, text)
})

const umbrella = () =>
  create({ headers: { displayName: 'X-Remote-Name' }, exchange: { header: 'EAAHash', url: `${facility.url}/hash/` } })

test('a hash is exchanged by us, and whom the facility names is logged in, whatever stands beside it', async () => {
  for (const beside of [[], ['uid', 'bob'], ['UID', 'bob'], ['EAAKey', 'x', 'uid', 'bob']]) {
    const { identity } = await complete(umbrella(), ['EAAHash', ada.hash, ...beside, ...SECRET])
    assert.deepEqual([identity.subject, identity.username], ['ada', 'ada'])
    assert.equal(identity.issuer, `${facility.url}/hash/`)
  }
  assert.ok(facility.asked.every(({ body }) => !body.includes('bob')))
})

test('a hash that nobody is linked with is said so; one that came doubtfully is not even asked about', async () => {
  await assert.rejects(complete(umbrella(), ['EAAHash', 'other', ...SECRET]), refused('login.notLinked'))
  facility.asked.length = 0
  await assert.rejects(complete(umbrella(), ['EAAHash', ada.hash]), refused('login.notProven'))
  await assert.rejects(complete(umbrella(), ['EAAHash', ada.hash, ...SECRET], '192.0.2.7'), refused('login.notProven'))
  await assert.rejects(complete(umbrella(), ['EAA_Hash', ada.hash, ...SECRET]), refused('login.notProven'))
  await assert.rejects(complete(umbrella(), ['uid', 'ada', ...SECRET]), refused('login.notProven', /no hash/))
  assert.equal(facility.asked.length, 0)
})

test('a facility that answers otherwise logs nobody in', async () => {
  for (const body of [{}, 'ada', { uid: 'ada' }, { login: '' }]) {
    facility.bent.set('hash', (response) => sendJson(response, 200, body))
    await assert.rejects(complete(umbrella(), ['EAAHash', ada.hash, ...SECRET]), refused('login.providerUnavailable'))
  }
})

test('a configuration that would believe too much is refused', () => {
  assert.deepEqual(faultsOf({ headers: REMOTE }), [])
  for (const [config, fault] of [
    [{ headers: REMOTE, secret: undefined }, /^secret: an address alone proves nothing/],
    [{ headers: REMOTE, from: ['unix', '10.0.0.5'], secret: undefined }, /^secret: an address alone/],
    [{ headers: REMOTE, from: [] }, /^from:/],
    [{ headers: REMOTE, from: ['0.0.0.0/0'] }, /^from.0: an address/],
    [{ headers: REMOTE, from: ['front.example.org'] }, /^from.0: an address/],
    [{ headers: {} }, /^headers.subject: the person is named either/],
    [
      { headers: REMOTE, exchange: { header: 'EAAHash', url: 'https://a.test/' } },
      /^headers.subject: the person is named/,
    ],
    [{ headers: {}, exchange: { header: 'EAAHash', url: 'http://office.test/' } }, /^exchange.url: http/],
    [{ headers: { subject: 'Authorization' } }, /^headers.subject: this header means something else/],
    [{ headers: { subject: 'a b' } }, /^headers.subject: the name of a header/],
    [{ headers: { subject: 'Remote-User', username: 'REMOTE_USER' } }, /^headers: two of the headers/],
    [{ headers: REMOTE, loginUrl: '//evil.test/?target=' }, /^loginUrl: a path of the front server/],
    [{ headers: REMOTE, loginUrl: '/\\evil.test/?target=' }, /^loginUrl: a path of the front server/],
    [{ headers: REMOTE, loginUrl: '/Shibboleth.sso/Login' }, /^loginUrl: the address to come back to/],
    [{ headers: REMOTE, uid: 'uid' }, /Unrecognized key/],
  ] as const) {
    assert.match(faultsOf(config).join('\n'), fault)
  }
})
