import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { ada, createRecords, type Facility, sendJson, startFacility } from '../../../../test/support/facility/index.ts'
import { FacilityFault } from './call.ts'
import { createExchangeHash, type ExchangeHash } from './hash.ts'

let facility: Facility
let exchangeHash: ExchangeHash

before(async () => {
  facility = await startFacility(createRecords())
  exchangeHash = createExchangeHash({ url: `${facility.url}/hash/` })
})
after(() => facility.close())
beforeEach(() => {
  facility.bent.clear()
  facility.asked.length = 0
})

test('a hash is exchanged for the account that the facility names', async () => {
  assert.equal(await exchangeHash(ada.hash), 'ada')
  const [{ method, headers, body } = assert.fail()] = facility.asked
  assert.equal(method, 'POST')
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers.authorization, undefined, 'this call takes no credentials')
  assert.equal(body, `{"eaa_hash":"${ada.hash}"}`)
})

test('a hash that is linked with nobody is nobody', async () => {
  assert.equal(await exchangeHash('other'), undefined)
  facility.bent.set('hash', (response) => sendJson(response, 400, 'Bad arguments'))
  assert.equal(await exchangeHash('other'), undefined)
})

test('an empty or endless hash is not even asked about', async () => {
  assert.equal(await exchangeHash(''), undefined)
  assert.equal(await exchangeHash('x'.repeat(1025)), undefined)
  assert.equal(facility.asked.length, 0)
})

const raw = (status: number, body: string, type = 'application/json') => ({ status, body, type })
const FAULTS = {
  'an empty object': raw(200, '{}'),
  'a text': raw(200, '"ada"'),
  null: raw(200, 'null'),
  'a list': raw(200, '[{"login":"ada"}]'),
  'no body': raw(200, ''),
  'a number for a name': raw(200, '{"login":1}'),
  'an empty name': raw(200, '{"login":""}'),
  'a name with a line end': raw(200, '{"login":"ada\\n"}'),
  'a name with an invisible character': raw(200, '{"login":"a\\u200bda"}'),
  'half a character': raw(200, '{"login":"ada\\ud800"}'),
  'an endless name': raw(200, `{"login":"${'x'.repeat(256)}"}`),
  'two names': raw(200, '{"login":"ada","login":"bob"}'),
  'another field beside': raw(200, '{"login":"ada","uid":"bob"}'),
  'the name under another name': raw(200, '{"uid":"ada"}'),
  'cut JSON': raw(200, '{"login":"ada"'),
  HTML: raw(200, '{"login":"ada"}', 'text/html'),
  'another success': raw(201, '{"login":"ada"}'),
  'no content': raw(204, ''),
  'a redirect': raw(302, '{"login":"ada"}'),
  'no credentials': raw(403, '{"login":"ada"}'),
  'a failure': raw(500, '{"login":"ada"}'),
  '10 MB': raw(200, `{"login":"ada"}${' '.repeat(1e7)}`),
}
for (const [name, { status, body, type }] of Object.entries(FAULTS)) {
  test(`what is not exactly the name of an account is a fault: ${name}`, async () => {
    facility.bent.set('hash', (response) => {
      const headers = { 'content-type': type, ...(status === 302 && { location: `${facility.url}/trap` }) }
      response.writeHead(status, headers).end(status === 204 ? undefined : body)
    })
    await assert.rejects(exchangeHash(ada.hash), (error) => {
      assert.ok(error instanceof FacilityFault)
      assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, /hash-of-ada|bob/)
      return true
    })
    assert.equal(facility.asked.length, 1, 'asked once, and no redirect followed')
  })
}

test('a facility that is not there is a fault', async () => {
  const gone = await startFacility(createRecords())
  await gone.close()
  await assert.rejects(createExchangeHash({ url: `${gone.url}/hash/` })(ada.hash), /no answer \(ECONNREFUSED\)/)
})
