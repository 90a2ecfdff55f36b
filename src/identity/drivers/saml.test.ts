import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, beforeEach, test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { GatewayError } from '#kernel'
import { createMemoryKeyValue } from '#storage'
import { createManualClock, type ManualClock } from '../../../test/support/manual-clock.ts'
import { makeDirectory, removeDirectory } from '../../../test/support/programs.ts'
import {
  ATTRIBUTES,
  makeKeyPair,
  PERSISTENT,
  type SamlIdp,
  startSamlIdp,
  toAttributeStatement,
} from '../../../test/support/saml-idp.ts'
import { testProvider } from '../provider.contract.ts'
import type { Proof, RedirectProvider } from '../provider.ts'
import { assertionWrappings, responseWrappings } from './saml/wrapping.fixture.ts'
import { samlDriver } from './saml.ts'

const directory = makeDirectory('saml')
const keys = makeKeyPair(directory, 'gate')
const strangers = makeKeyPair(directory, 'stranger')
const CALLBACK = 'https://gate.test/auth/callback/sso'
const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
let idp: SamlIdp
let clock: ManualClock
let keyValue: ReturnType<typeof createMemoryKeyValue>

before(async () => {
  idp = await startSamlIdp()
})
after(async () => {
  await idp.close()
  removeDirectory(directory)
})
beforeEach(() => {
  // The identity provider lives in real time.
  clock = createManualClock(Date.now())
  keyValue = createMemoryKeyValue({ clock })
  Object.assign(idp, untouched)
})

const untouched = {
  bend: () => ({}),
  tamper: (xml: string) => xml,
  loggedInAt: undefined,
  encrypts: false,
  signsResponses: false,
  signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  contentCipher: 'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  keyCipher: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
}
const encryption = { key: { file: keys.keyFile }, certificate: keys.certificateFile }

const basics = () => ({
  id: 'sso',
  type: 'saml',
  issuer: idp.entityId,
  loginUrl: idp.loginUrl,
  certificates: [idp.certificateFile],
})

/** Whom the identity provider knows. @param config beside what every entry has, as an operator writes it */
function create(config: Readonly<Record<string, unknown>> = {}): RedirectProvider {
  const deps = {
    clock,
    log,
    storage: { sql: () => assert.fail('nothing is stored there'), keyValue },
    urlTo: (path: string) => `https://gate.test${path}`,
  }
  const provider = samlDriver.create(samlDriver.config.parse({ ...basics(), ...config }), deps)
  if (provider.kind !== 'redirect') return assert.fail()
  idp.register(provider.metadata?.() ?? assert.fail())
  return provider
}

/** Logs in with the answer that the identity provider gives. */
async function logIn(provider: RedirectProvider, state = 's', how: { mustBeFresh?: boolean } = {}): Promise<Proof> {
  const { urlFor, data } = await provider.begin({ redirectUri: CALLBACK, ...how })
  const { fields } = await idp.answer(await urlFor(state))
  const callback = { url: new URL(`${CALLBACK}?state=${state}`), rawHeaders: [], peer: '192.0.2.7' }
  return provider.complete({ ...callback, answer: fields.SAMLResponse }, data, state)
}

const refused =
  (reason?: RegExp, code = 'login.notProven') =>
  (error: unknown) => {
    assert.ok(error instanceof GatewayError, String(error))
    assert.equal(error.code, code)
    if (reason !== undefined) assert.match(String(error.internal.reason), reason)
    assert.equal(error.cause, undefined)
    return true
  }

testProvider('saml', async () => ({
  provider: create(),
  person: { username: 'ada', password: 'not asked' },
  visit: async (loginUrl) => {
    const { action, fields } = await idp.answer(loginUrl)
    const { RelayState = '', SAMLResponse: answer } = fields
    const url = new URL(action)
    url.searchParams.set('state', RelayState)
    return { url, rawHeaders: [], peer: '192.0.2.7', answer }
  },
  namesByIssuer: true,
  readBegun: ({ searchParams }) => {
    const request = inflateRawSync(Buffer.from(searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
    const redirectUri = /AssertionConsumerServiceURL="([^"]+)"/.exec(request)?.[1] ?? null
    return { state: searchParams.get('RelayState'), redirectUri }
  },
  close: async () => {},
}))

test('a login says who the person is, by a name that stays', async () => {
  const { identity, credential } = await logIn(create({ groupsPrefix: 'idp:' }))
  const { sid, provenAt, ...person } = identity
  assert.deepEqual(person, {
    provider: 'sso',
    issuer: idp.entityId,
    formerIssuers: [],
    subject: idp.person.nameId,
    username: 'ada@uni.example',
    displayName: 'Ada Lovelace, 計算機',
    email: 'ada@example.org',
    groups: ['idp:lab', 'idp:beam;line'],
  })
  assert.match(sid ?? '', /^_/)
  assert.ok(Math.abs((provenAt ?? 0) - Date.now()) < 60_000)
  assert.equal(credential, undefined)
})

test('a login is as old as the person’s at the provider, and a fresh one is asked for there', async () => {
  const provider = create()
  const earlier = new Date(Date.now() - 7_200_000)
  idp.loggedInAt = earlier
  assert.equal((await logIn(provider)).authenticatedAt, earlier.getTime())
  const fresh = await logIn(provider, 's', { mustBeFresh: true })
  assert.ok((fresh.authenticatedAt ?? 0) > Date.now() - 60_000)
  const { urlFor } = await provider.begin({ redirectUri: CALLBACK })
  const query = new URL(await urlFor('s')).searchParams.get('SAMLRequest') ?? ''
  assert.doesNotMatch(inflateRawSync(Buffer.from(query, 'base64')).toString(), /ForceAuthn/)
})

const statement = (instant: string) =>
  `<saml:AuthnStatement${instant}><saml:AuthnContext><saml:AuthnContextClassRef>x</saml:AuthnContextClassRef>` +
  '</saml:AuthnContext></saml:AuthnStatement>'
const instant = (ageMs: number): string => ` AuthnInstant="${new Date(Date.now() - ageMs).toISOString()}"`

test('of several logins in an assertion the oldest counts; one without a time makes it unknown', async () => {
  idp.bend = () => ({ AuthnStatement: statement(instant(0)) + statement(instant(3_600_000)) })
  const { authenticatedAt = 0 } = await logIn(create())
  assert.ok(Math.abs(Date.now() - authenticatedAt - 3_600_000) < 60_000)
  idp.bend = () => ({ AuthnStatement: statement(instant(0)) + statement('') })
  assert.equal((await logIn(create())).authenticatedAt, undefined)
})

test('a login from the future, or at a time that is none, is refused', async () => {
  idp.bend = () => ({ AuthnStatement: statement(instant(-120_000)) })
  await assert.rejects(logIn(create()), refused(/login is from the future/))
  idp.bend = () => ({ AuthnStatement: statement(' AuthnInstant="yesterday"') })
  await assert.rejects(logIn(create()), refused(/AuthnInstant is no time/))
})

test('an attribute may name the person; one with two values names nobody', async () => {
  const provider = create({ subject: ATTRIBUTES.uniqueId })
  assert.equal((await logIn(provider)).identity.subject, '28c5353b8bb34984@uni.example')
  await assert.rejects(logIn(create({ subject: ATTRIBUTES.groups })), refused(/has not one value/))
  await assert.rejects(logIn(create({ subject: 'urn:oid:1.2.3' })), refused(/has not one value/))
})

test('a response that would take long to check is not checked; one with a thousand groups is', async () => {
  const groups = Array.from({ length: 1000 }, (_, index) => `group-${index}`)
  idp.bend = () => ({ AttributeStatement: toAttributeStatement({ [ATTRIBUTES.groups]: groups }) })
  assert.deepEqual((await logIn(create())).identity.groups, groups)
  const bombs = ['<a/>'.repeat(1500), `<a ${Array.from({ length: 4001 }, (_, index) => `x${index}=""`).join(' ')}/>`]
  for (const bomb of bombs) {
    idp.tamper = (xml) => xml.replace('</saml:AttributeStatement>', () => `${bomb}</saml:AttributeStatement>`)
    await assert.rejects(logIn(create()), refused(/the XML holds too much/))
  }
})

test('a persistent NameID counts only as this provider’s, for this service', async () => {
  const qualified = (qualifiers: string) => () => ({ NameIDFormat: `${PERSISTENT}" ${qualifiers} x="` })
  const [ours, entityId] = ['https://gate.test/auth/saml/sso/metadata', idp.entityId]
  for (const qualifiers of [
    `NameQualifier="${entityId}" SPNameQualifier="${ours}"`,
    'NameQualifier="" SPNameQualifier=""',
  ]) {
    idp.bend = qualified(qualifiers)
    assert.equal((await logIn(create())).identity.subject, idp.person.nameId, qualifiers)
  }
  for (const qualifiers of ['NameQualifier="https://other.test/idp"', 'SPNameQualifier="https://other.test/sp"']) {
    idp.bend = qualified(qualifiers)
    await assert.rejects(logIn(create()), refused(/another provider or service/), qualifiers)
    const named = create({ subject: ATTRIBUTES.uniqueId })
    assert.equal(
      (await logIn(named)).identity.subject,
      '28c5353b8bb34984@uni.example',
      'it is not what names the person',
    )
  }
})

for (const format of ['transient', 'emailAddress', 'unspecified'].map((name) => `nameid-format:${name}`)) {
  test(`a NameID that does not stay is no name: ${format}`, async () => {
    idp.bend = () => ({ NameIDFormat: `urn:oasis:names:tc:SAML:2.0:${format}` })
    await assert.rejects(logIn(create()), refused(/not persistent/))
  })
}

test('an assertion is read encrypted, signed, and with a signed response, in every combination', async () => {
  for (const encrypts of [false, true]) {
    for (const signsResponses of [false, true]) {
      Object.assign(idp, { encrypts, signsResponses })
      const provider = create({ encryption, signedResponse: signsResponses })
      assert.equal((await logIn(provider)).identity.subject, idp.person.nameId, `${encrypts} ${signsResponses}`)
    }
  }
})

test('where the response is to be signed, one that is not is refused', async () => {
  await assert.rejects(logIn(create({ signedResponse: true })), refused(/signature does not hold/))
})

test('a request is signed where we have a key for it, and says so in our metadata', async () => {
  const provider = create({ signing: encryption })
  assert.match(provider.metadata?.() ?? '', /AuthnRequestsSigned="true"[\s\S]*use="signing"/)
  const url = new URL(await (await provider.begin({ redirectUri: CALLBACK })).urlFor('s'))
  assert.equal(url.searchParams.get('SigAlg'), 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
  const { verify } = await import('node:crypto')
  const signed = url.search.slice(1).replace(/&Signature=.*$/, '')
  const signature = Buffer.from(url.searchParams.get('Signature') ?? '', 'base64')
  assert.ok(verify('sha256', Buffer.from(signed), readFileSync(keys.certificateFile), signature))
})

/** What is said wrongly, by the name of the case; signed as it should be. */
const past = () => new Date(Date.now() - 61_000).toISOString()
const ahead = () => new Date(Date.now() + 75_000).toISOString()
const BENT: Readonly<Record<string, readonly [SamlIdp['bend'], RegExp]>> = {
  'for another service': [() => ({ Audience: 'https://other.test/sp' }), /audience/],
  'for a service whose name begins as ours': [({ Audience }) => ({ Audience: `${Audience}/x` }), /audience/],
  'sent to another address': [() => ({ Destination: 'https://other.test/acs' }), /destination/],
  'for another recipient': [() => ({ SubjectRecipient: 'https://other.test/acs' }), /not confirmed/],
  'for another request': [() => ({ InResponseTo: '_other' }), /another request/],
  'for no request': [() => ({ InResponseTo: '' }), /another request/],
  'by another issuer': [() => ({ Issuer: 'https://other.test/idp' }), /issuer/],
  'confirmed until a while ago': [() => ({ SubjectConfirmationDataNotOnOrAfter: past() }), /not confirmed/],
  'valid until a while ago': [() => ({ ConditionsNotOnOrAfter: past() }), /has ended/],
  'valid in a while': [() => ({ ConditionsNotBefore: ahead() }), /not valid yet/],
  'from the future': [() => ({ IssueInstant: ahead() }), /future/],
  'with a time in another zone': [() => ({ ConditionsNotOnOrAfter: '2999-01-01T00:00:00+01:00' }), /is no time/],
  'with no time at all': [() => ({ SubjectConfirmationDataNotOnOrAfter: '' }), /does not hold/],
  'of a login that is over': [
    () => ({ AuthnStatement: `<saml:AuthnStatement SessionNotOnOrAfter="${past()}"/>` }),
    /login is over/,
  ],
  'without a login': [() => ({ AuthnStatement: '' }), /somebody has logged in/],
  'without a name': [() => ({ NameID: '' }), /no usable name/],
  'with a name of controls': [() => ({ NameID: 'ada\u200b' }), /no usable name/],
  'with an endless name': [() => ({ NameID: 'x'.repeat(256) }), /no usable name/],
}
for (const [name, [bend, reason]] of Object.entries(BENT)) {
  test(`an assertion is refused that is ${name}`, async () => {
    idp.bend = bend
    await assert.rejects(logIn(create()), refused(reason))
  })
}

test('60 seconds are forgiven to clocks, in both directions', async () => {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString()
  idp.bend = () => ({
    IssueInstant: at(45_000),
    ConditionsNotBefore: at(45_000),
    ConditionsNotOnOrAfter: at(-45_000),
    SubjectConfirmationDataNotOnOrAfter: at(-45_000),
  })
  await logIn(create())
})

test('a status that is no success is a cancelled login', async () => {
  for (const status of ['Responder', 'Requester', 'AuthnFailed']) {
    idp.bend = () => ({ StatusCode: `urn:oasis:names:tc:SAML:2.0:status:${status}` })
    await assert.rejects(logIn(create()), refused(undefined, 'login.cancelled'))
  }
})

/** What somebody on the way does to a signed response. */
const TAMPERED: Readonly<Record<string, (xml: string) => string>> = {
  'the name changed': (xml) => xml.replace(idp.person.nameId, 'mallory'),
  'a group added': (xml) => xml.replace('>lab<', '>lab</saml:AttributeValue><saml:AttributeValue>admins<'),
  'no signature': (xml) => xml.replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/, ''),
  'an empty signature': (xml) => xml.replace(/(<ds:SignatureValue>)[^<]*/, '$1'),
  'a bit of the signature flipped': (xml) =>
    xml.replace(/(<ds:SignatureValue>.)(.)/, (_, a, b) => a + (b === 'A' ? 'B' : 'A')),
  'a comment in the name': (xml) =>
    xml.replace(idp.person.nameId, (name) => `${name.slice(0, 4)}<!---->${name.slice(4)}`),
  'a comment elsewhere': (xml) => xml.replace('<samlp:Status>', '<!-- x --><samlp:Status>'),
  'a CDATA section': (xml) => xml.replace(idp.person.nameId, (name) => `<![CDATA[${name}]]>`),
  'an instruction': (xml) => xml.replace('<samlp:Status>', '<?x y?><samlp:Status>'),
  'a DOCTYPE': (xml) => `<!DOCTYPE x>${xml}`,
  'an entity of its own': (xml) => `<!DOCTYPE x [<!ENTITY e "mallory">]>${xml.replace(idp.person.nameId, '&e;')}`,
  'an entity from a file': (xml) =>
    `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml.replace(idp.person.nameId, '&e;')}`,
  'an entity bomb': (xml) =>
    `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${xml.replace(idp.person.nameId, '&b;')}`,
  'an entity that nobody declared': (xml) => xml.replace(idp.person.nameId, '&e;'),
  'another encoding': (xml) => `<?xml version="1.0" encoding="ISO-8859-1"?>${xml}`,
  'another root': (xml) => `<x>${xml}</x>`,
  'text after the end': (xml) => `${xml}<x/>`,
  'a cut end': (xml) => xml.slice(0, -20),
  'no assertion': (xml) => xml.replace(/<saml:Assertion[\s\S]*<\/saml:Assertion>/, ''),
  'a logout in its place': (xml) => xml.replaceAll('samlp:Response', 'samlp:LogoutResponse'),
  'SHA-1 in the digest': (xml) =>
    xml.replace('http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2000/09/xmldsig#sha1'),
  'a key that both sides know': (xml) =>
    xml.replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'),
  'a transform that drops text': (xml) =>
    xml.replace(
      '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
      '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>self::x</ds:XPath></ds:Transform>',
    ),
  'a signature over everything': (xml) => xml.replace(/<ds:Reference URI="[^"]*"/, '<ds:Reference URI=""'),
}
for (const [name, tamper] of Object.entries(TAMPERED)) {
  test(`a response is refused with ${name}`, async () => {
    idp.tamper = (xml) => {
      const tampered = tamper(xml)
      assert.notEqual(tampered, xml, 'the case does something')
      return tampered
    }
    const startedAt = performance.now()
    await assert.rejects(logIn(create()), refused())
    assert.ok(performance.now() - startedAt < 2000)
  })
}

for (const [name, wrap] of Object.entries(assertionWrappings)) {
  test(`a signed assertion is not believed of another one ${name}`, async () => {
    idp.tamper = wrap
    await assert.rejects(logIn(create()), refused(/^(?!the XML)/))
  })
}
for (const [name, wrap] of Object.entries(responseWrappings)) {
  test(`a signed response is not believed of another one, ${name}`, async () => {
    Object.assign(idp, { signsResponses: true, tamper: wrap })
    for (const signedResponse of [true, false])
      await assert.rejects(logIn(create({ signedResponse })), refused(/^(?!the XML)/))
  })
}

test('a signature by SHA-1 is none, also under encryption', async () => {
  idp.signatureMethod = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
  await assert.rejects(logIn(create()), refused(/method is not accepted/))
  idp.encrypts = true
  await assert.rejects(logIn(create({ encryption })), refused(/method is not accepted/))
})

test('a cipher without a tag, and a padding that gives answers, are refused before they are tried', async () => {
  idp.encrypts = true
  idp.contentCipher = 'http://www.w3.org/2001/04/xmlenc#aes256-cbc'
  await assert.rejects(logIn(create({ encryption })), refused(/the text’s encryption is not accepted/))
  idp.contentCipher = untouched.contentCipher
  idp.keyCipher = 'http://www.w3.org/2001/04/xmlenc#rsa-1_5'
  await assert.rejects(logIn(create({ encryption })), refused(/the key’s encryption is not accepted/))
})

test('what is encrypted for another is refused, and so is what is not signed within', async () => {
  idp.encrypts = true
  const provider = create({ encryption })
  idp.register((provider.metadata?.() ?? '').replace(pemOf(keys.certificateFile), pemOf(strangers.certificateFile)))
  await assert.rejects(logIn(provider), refused(/cannot be decrypted/))
})

const pemOf = (file: string): string => readFileSync(file, 'utf8').replace(/-----[A-Z ]+-----|\s/g, '')

test('another one’s certificate is none; of two certificates either will do', async () => {
  await assert.rejects(logIn(create({ certificates: [strangers.certificateFile] })), refused(/signature does not hold/))
  await logIn(create({ certificates: [strangers.certificateFile, idp.certificateFile] }))
})

test('an assertion counts once, also where another node saw it', async () => {
  const [here, there] = [create(), create()]
  const { urlFor, data } = await here.begin({ redirectUri: CALLBACK })
  const { fields } = await idp.answer(await urlFor('s'))
  const callback = {
    url: new URL(`${CALLBACK}?state=s`),
    rawHeaders: [],
    peer: '192.0.2.7',
    answer: fields.SAMLResponse,
  }
  await here.complete(callback, data, 's')
  await assert.rejects(here.complete(callback, data, 's'), refused(/used already/))
  await assert.rejects(there.complete(callback, data, 's'), refused(/used already/))
})

test('what is no base64 of UTF-8 is refused', async () => {
  const provider = create()
  const { data } = await provider.begin({ redirectUri: CALLBACK })
  const url = new URL(`${CALLBACK}?state=s`)
  for (const answer of ['', 'é', 'a', '%%%', Buffer.from([0xff, 0xfe, 0x3c]).toString('base64'), undefined])
    await assert.rejects(provider.complete({ url, rawHeaders: [], peer: '192.0.2.7', answer }, data, 's'), refused())
})

test('a configuration that would believe too much is refused', () => {
  const small = makeKeyPair(directory, 'small', 'rsa:1024')
  for (const [config, fault] of [
    [{ subject: 'mail' }, /^subject: an e-mail address/],
    [{ subject: 'urn:oid:0.9.2342.19200300.100.1.3' }, /^subject: an e-mail address/],
    [{ certificates: [] }, /^certificates/],
    [{ certificates: [keys.keyFile] }, /^certificates.0: it starts with no certificate/],
    [{ certificates: [small.certificateFile] }, /^certificates.0: it starts with no certificate/],
    [{ loginUrl: 'http://idp.test/sso' }, /^loginUrl: http/],
    [{ encryption: { key: { file: keys.certificateFile }, certificate: keys.certificateFile } }, /no RSA key/],
  ] as const) {
    const { error } = samlDriver.config.safeParse({ ...basics(), ...config })
    assert.match((error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'), fault)
  }
})
