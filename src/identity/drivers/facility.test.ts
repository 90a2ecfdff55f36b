import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { ada, createRecords, type Facility, sendJson, startFacility } from '../../../test/support/facility/index.ts'
import { silentLog } from '../../../test/support/fake-context.ts'
import { makeDirectory, removeDirectory } from '../../../test/support/programs.ts'
import { createTestSite, type Outcome, type TestBrowser, type TestSite } from '../identity.fixture.ts'
import { testProvider } from '../provider.contract.ts'
import type { PasswordProvider } from '../provider.ts'
import { facilityDriver } from './facility.ts'

const folder = makeDirectory('facility')
const secretFile = join(folder, 'basic')
writeFileSync(secretFile, 'CANARY-basic', { mode: 0o600 })

let facility: Facility
let site: TestSite

before(async () => {
  facility = await startFacility(createRecords())
})
after(async () => {
  await facility.close()
  removeDirectory(folder)
})
beforeEach(() => {
  facility.bent.clear()
  facility.asked.length = 0
})
afterEach(() => site.close())

const useSite = async (settings: object = {}): Promise<void> => {
  site = await createTestSite([
    { id: 'sso', type: 'facility', label: 'User office', login: `${facility.url}/login/`, ...settings },
  ])
}
beforeEach(() => useSite())

const authorizing = (settings: object = {}) => ({
  isAuthorized: {
    url: `${facility.url}/is_staff/`,
    basic: { username: 'gatehouse', password: { file: secretFile } },
    ...settings,
  },
})

const createProvider = ({ url }: Facility): PasswordProvider => {
  const config = facilityDriver.config.parse({ id: 'sso', type: 'facility', login: `${url}/login/` })
  const { clock, storage } = site
  const provider = facilityDriver.create(config, { clock, storage, log: silentLog, urlTo: (path) => path })
  return provider.kind === 'password' ? provider : assert.fail()
}

testProvider('facility', async () => {
  const own = await startFacility(createRecords())
  return { provider: createProvider(own), person: ada, close: own.close }
})

const logIn = (form: Readonly<Record<string, string>> = {}, browser = site.browser()): Promise<Outcome> =>
  browser.post('/auth/login/sso', { username: ada.username, password: ada.password, ...form })

const whoIs = async (browser: TestBrowser) => {
  const row = (await browser.session())?.row
  return row && { subject: row.subject, username: row.username, groups: row.groups }
}

const assertSilent = (...more: unknown[]): void =>
  assert.doesNotMatch(JSON.stringify([site.logged, site.audited, ...more]), /CANARY/)

test('a login asks the facility as documented', async () => {
  const browser = site.browser()
  assert.equal((await logIn({}, browser)).status, 303)
  assert.deepEqual(await whoIs(browser), { subject: 'ada', username: 'ada', groups: [] })
  const [{ method, target, headers, body } = assert.fail()] = facility.asked
  assert.deepEqual([method, target], ['POST', '/login/'])
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers.authorization, undefined, 'this call takes no credentials of ours')
  assert.equal(headers.cookie, undefined)
  assert.equal(body, JSON.stringify({ username: ada.username, password: ada.password }))
  assert.equal(facility.asked.length, 1)
  assertSilent()
})

test('fields of the form do not reach the facility', async () => {
  await logIn({ uid: 'bob', login: 'bob', EAAHash: 'x' })
  assert.deepEqual(Object.keys(JSON.parse(facility.asked[0]?.body ?? '') as object), ['username', 'password'])
})

test('each spelling of a name is sent as one, and is one person', async () => {
  for (const username of ['Ada', ' ADA ', 'ada\u00a0']) {
    const browser = site.browser()
    await logIn({ username }, browser)
    assert.equal((await whoIs(browser))?.subject, 'ada', username)
  }
  assert.equal(new Set(facility.asked.map(({ body }) => body)).size, 1)
})

test('a facility that tells names apart by case gets them as they were typed', async () => {
  await site.close()
  await useSite({ usernames: 'as-typed' })
  assert.equal((await logIn({ username: 'Ada' })).status, 401)
  assert.match(facility.asked[0]?.body ?? '', /"Ada"/)
  const browser = site.browser()
  await logIn({}, browser)
  assert.equal((await whoIs(browser))?.subject, 'ada')
})

test('what a database may take for somebody else’s name is not even asked about', async () => {
  facility.bent.set('login', (response) => sendJson(response, 200, 'Login OK'))
  const provider = createProvider(facility)
  const verify = (changes: object) => provider.verify({ ...ada, clientAddress: '192.0.2.7', ...changes })
  for (const username of [
    '',
    ' ',
    'ádа',
    'ａｄａ',
    'a da',
    'ada\0',
    'ad\u200ba',
    'a\u0308da',
    '\ud800',
    'x'.repeat(256),
  ]) {
    assert.equal((await verify({ username })).kind, 'refused', JSON.stringify(username))
  }
  for (const password of ['', 'x'.repeat(1025), 'a\0b']) assert.equal((await verify({ password })).kind, 'refused')
  assert.equal(facility.asked.length, 0)
})

const raw =
  (status: number, body: string | undefined, headers: Record<string, string> = JSON_TYPE) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body)
const JSON_TYPE = { 'content-type': 'application/json' }
const OK = '"Login OK"'

const NO_SUCCESS: Readonly<Record<string, readonly [(response: ServerResponse) => void, number]>> = {
  'an empty object': [raw(200, '{}'), 503],
  true: [raw(200, 'true'), 503],
  null: [raw(200, 'null'), 503],
  'no body': [raw(200, ''), 503],
  'another text': [raw(200, '"Unable to authenticate"'), 503],
  'the text in other letters': [raw(200, '"LOGIN OK"'), 503],
  'the text in a list': [raw(200, '["Login OK"]'), 503],
  'the text without quotes': [raw(200, 'Login OK'), 503],
  'the text twice': [raw(200, '"Login OK""Login OK"'), 503],
  'authenticated as text': [raw(200, '{"authenticated":"false"}'), 503],
  'authenticated, true': [raw(200, '{"authenticated":true}'), 503],
  'a name, and a proof of another': [raw(200, '{"uid":"ada","proof-of":"bob"}'), 503],
  'a name': [raw(200, '{"login":"bob"}'), 503],
  'cut JSON': [raw(200, '"Login'), 503],
  HTML: [raw(200, OK, { 'content-type': 'text/html' }), 503],
  'no content type': [raw(200, OK, {}), 503],
  'a content type that begins like it': [raw(200, OK, { 'content-type': 'application/jsonp' }), 503],
  'status 201': [raw(201, OK), 503],
  'status 202': [raw(202, OK), 503],
  'no content': [raw(204, undefined), 503],
  'part of it': [raw(206, OK), 503],
  'a redirect': [(response) => raw(302, OK, { ...JSON_TYPE, location: `${facility.url}/login/` })(response), 503],
  'a redirect that keeps the method': [
    (response) => raw(307, OK, { ...JSON_TYPE, location: `${facility.url}/login/` })(response),
    503,
  ],
  '400': [raw(400, OK), 401],
  '401': [raw(401, OK), 401],
  '403': [raw(403, OK), 401],
  '404': [raw(404, OK), 401],
  '429': [raw(429, OK), 503],
  '500': [raw(500, OK), 503],
  '502 with HTML': [raw(502, '<h1>', { 'content-type': 'text/html' }), 503],
  '10 MB': [raw(200, OK + ' '.repeat(1e7)), 503],
  'a broken connection': [(response) => void response.destroy(), 503],
  'half an answer': [
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '100' })
      response.write(OK, () => response.destroy())
    },
    503,
  ],
}
for (const [name, [answer, status]] of Object.entries(NO_SUCCESS)) {
  test(`no login comes of ${name}`, async () => {
    facility.bent.set('login', answer)
    const browser = site.browser()
    const outcome = await logIn({}, browser)
    assert.equal(outcome.status, status)
    assert.equal(await browser.session(), undefined)
    assert.equal(facility.asked.length, 1, 'asked once, and no redirect followed')
    assert.equal(site.audited.at(-1)?.action, 'login.failed')
    assertSilent(outcome)
  })
}

test('a facility that hangs, or drips, is given up on within ten seconds', async () => {
  for (const answer of [() => {}, drip]) {
    facility.bent.set('login', answer)
    const startedAt = performance.now()
    assert.equal((await logIn()).status, 503)
    assert.ok(performance.now() - startedAt < 10_000)
  }
  assertSilent()
})

function drip(response: ServerResponse): void {
  response.writeHead(200, JSON_TYPE)
  const timer = setInterval(() => response.write(' '), 100)
  response.on('close', () => clearInterval(timer))
}

test('password and authorization together stay below ten seconds', async () => {
  await site.close()
  await useSite(authorizing())
  facility.bent.set('login', (response) => void setTimeout(() => sendJson(response, 200, 'Login OK'), 4_500).unref())
  facility.bent.set('is_staff', () => {})
  const startedAt = performance.now()
  assert.equal((await logIn()).status, 503)
  assert.ok(performance.now() - startedAt < 10_000)
})

test('a facility that is not there says so', async () => {
  await site.close()
  const gone = await startFacility(createRecords())
  await gone.close()
  await useSite({ login: `${gone.url}/login/` })
  assert.equal((await logIn()).status, 503)
  assertSilent()
})

const AGREED: readonly (readonly [success: unknown, answer: string, subject: string | undefined])[] = [
  [{ status: 'ok' }, '{"status":"ok"}', 'ada'],
  [{ status: 'ok' }, '{"status":"ok","more":1}', undefined],
  [{ status: 'ok' }, '{"status":"no","status":"ok"}', undefined],
  [{ status: 'ok' }, '"Login OK"', undefined],
  [{ authenticated: true }, '{"authenticated":true}', 'ada'],
  [{ authenticated: true }, '{"authenticated":"true"}', undefined],
  [{ authenticated: true }, '{"authenticated":1}', undefined],
  [{ login: '$USERNAME' }, '{"login":"ada.lovelace"}', 'ada.lovelace'],
  [{ login: '$USERNAME' }, '{"login":"Ada"}', 'Ada'],
  [{ login: '$USERNAME' }, '{"login":"$USERNAME"}', '$USERNAME'],
  [{ login: '$USERNAME' }, '{"login":""}', undefined],
  [{ login: '$USERNAME' }, '{"login":"a\\nb"}', undefined],
  [{ login: '$USERNAME' }, '{"login":null}', undefined],
  [{ login: '$USERNAME' }, '{"login":["ada"]}', undefined],
  [{ login: '$USERNAME' }, '{"login":"bob","login":"ada"}', undefined],
  [{ login: '$USERNAME' }, '{"login":"bob","log\\u0069n":"ada"}', undefined],
  [{ login: '$USERNAME' }, '{"login":"ada","uid":"bob"}', undefined],
  [{ login: '$USERNAME' }, '{}', undefined],
  [{ ok: true, uid: '$USERNAME' }, '{"uid":"ada","ok":true}', 'ada'],
  [{ ok: true, uid: '$USERNAME' }, '{"uid":"ada","ok":false}', undefined],
  [{ ok: true, uid: '$USERNAME' }, '{"uid":"ada"}', undefined],
]
for (const [success, answer, subject] of AGREED) {
  test(`where ${JSON.stringify(success)} is agreed, ${answer} is ${subject ?? 'nobody'}`, async () => {
    await site.close()
    await useSite({ success })
    facility.bent.set('login', raw(200, answer))
    const browser = site.browser()
    await logIn({}, browser)
    assert.equal((await whoIs(browser))?.subject, subject)
  })
}

test('where the answer names the person, any name may be typed', async () => {
  await site.close()
  await useSite({ success: { login: '$USERNAME' } })
  facility.bent.set('login', raw(200, '{"login":"ada"}'))
  const browser = site.browser()
  await logIn({ username: 'Ádá Lovelace' }, browser)
  assert.match(facility.asked[0]?.body ?? '', /"ádá lovelace"/)
  assert.deepEqual(await whoIs(browser), { subject: 'ada', username: 'ada', groups: [] })
})

test('who is not authorized is not let in, and is told so only with the right password', async () => {
  await site.close()
  await useSite(authorizing())
  const browser = site.browser()
  assert.equal((await logIn({}, browser)).status, 303)
  assert.deepEqual((await whoIs(browser))?.groups, [])
  const [, { method, target, headers, body } = assert.fail()] = facility.asked
  assert.deepEqual([method, target, body], ['POST', '/is_staff/', '{"login":"ada"}'])
  assert.equal(headers.authorization, `Basic ${btoa('gatehouse:CANARY-basic')}`)

  facility.asked.length = 0
  const wrong = await logIn({ username: 'bob' })
  assert.equal(facility.asked.length, 1, 'nothing is asked about who did not prove themselves')
  const refused = await logIn({ username: 'bob', password: 'CANARY-password-bob' })
  assert.equal(refused.status, 401)
  assert.match(String(refused.data?.error), /not authorised/)
  assert.doesNotMatch(String(wrong.data?.error), /not authorised/)
  assert.equal(site.audited.at(-1)?.detail?.reason, 'not_authorized')
  assertSilent()
})

test('or only lacks a group', async () => {
  await site.close()
  await useSite({ ...authorizing({ group: 'staff' }), groupsPrefix: 'office:' })
  for (const [username, groups] of [
    ['ada', ['office:staff']],
    ['bob', []],
  ] as const) {
    const browser = site.browser()
    await logIn({ username, password: `CANARY-password-${username}` }, browser)
    assert.deepEqual((await whoIs(browser))?.groups, groups)
  }
})

test('whose name the answer brought is asked about', async () => {
  await site.close()
  await useSite({ ...authorizing(), success: { login: '$USERNAME' } })
  facility.bent.set('login', raw(200, '{"login":"bob"}'))
  assert.equal((await logIn()).status, 401)
  assert.equal(facility.asked[1]?.body, '{"login":"bob"}')
})

const NOT_AUTHORIZED: Readonly<Record<string, readonly [(response: ServerResponse) => void, number]>> = {
  false: [raw(200, '{"result":false}'), 401],
  'an unknown account': [raw(404, '{"result":true}'), 401],
  'true as text': [raw(200, '{"result":"true"}'), 503],
  one: [raw(200, '{"result":1}'), 503],
  null: [raw(200, '{"result":null}'), 503],
  'an empty object': [raw(200, '{}'), 503],
  'another field beside': [raw(200, '{"result":true,"but":"no"}'), 503],
  HTML: [raw(200, '{"result":true}', { 'content-type': 'text/html' }), 503],
  '201': [raw(201, '{"result":true}'), 503],
  'no content': [raw(204, undefined), 503],
  'a redirect': [(response) => raw(302, '{"result":true}', { location: `${facility.url}/trap` })(response), 503],
  'no credentials': [raw(403, '{"result":true}'), 503],
  'a failure': [raw(500, '{"result":true}'), 503],
}
for (const [name, [answer, status]] of Object.entries(NOT_AUTHORIZED)) {
  test(`authorizes nobody: ${name}`, async () => {
    for (const settings of [authorizing(), ...(status === 503 ? [authorizing({ group: 'staff' })] : [])]) {
      await site.close()
      await useSite(settings)
      facility.bent.set('is_staff', answer)
      const browser = site.browser()
      assert.equal((await logIn({}, browser)).status, status)
      assert.equal(await browser.session(), undefined)
      assertSilent()
    }
  })
}

test('known and unknown names get the same answer', async () => {
  const outcomes = []
  for (const username of ['ada', 'nobody', '../ada', 'ádá', 'x'.repeat(255)]) {
    outcomes.push(await logIn({ username, password: 'CANARY-wrong' }))
  }
  for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0])
  assertSilent(outcomes)
})

test('a configuration that could not be kept safe is refused', () => {
  const parse = (extra: object) =>
    facilityDriver.config.safeParse({ id: 'f', type: 'facility', login: 'https://office.example.org/login/', ...extra })
      .success
  assert.ok(parse({}))
  assert.ok(parse({ login: 'http://127.0.0.1:8000/login/' }))
  assert.ok(!parse({ login: 'http://office.example.org/login/' }))
  assert.ok(parse({ login: 'http://office.example.org/login/', dangerouslyAllowHttp: true }))
  assert.ok(!parse({ isAuthorized: { url: 'http://office.example.org/is_staff/' } }))
  assert.ok(!parse({ login: 'https://ada:secret@office.example.org/login/' }))
  for (const success of ['', {}, null, true, [], { a: null }, { a: {} }, { a: '$USERNAME', b: '$USERNAME' }]) {
    assert.ok(!parse({ success }), JSON.stringify(success))
  }
})
