import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { createFetchExperiments, experimentsUrl, FacilityFault, type FetchExperiments } from '#identity'
import { Secret } from '#kernel'
import {
  createRecords,
  type Facility,
  type FacilityExperiment,
  sendJson,
  startFacility,
} from '../../../../test/support/facility/index.ts'
import { toPersonUrl } from './person-url.ts'

const SESSION = {
  session_number: '7',
  start_date: '2026-03-01T08:00:00Z',
  end_date: { year: 2026, month: 3, day: 4 },
  subject: 'Powder',
  body: '',
  data_set_path: '{"/data/7":{"bind":"/mnt","mode":"ro"}}',
}

const entry = (id: unknown, changes: object = {}): FacilityExperiment => ({
  subject: `Subject ${String(id)}`,
  proposal_id: id,
  body: 'Neutrons',
  beam_line: 'BL-1',
  uid: '1001',
  gid: 2001,
  sessions: [SESSION],
  ...changes,
})

let facility: Facility
let fetchExperiments: FetchExperiments

const fetchFrom = (url: string): FetchExperiments =>
  createFetchExperiments({ url, basic: { username: 'gatehouse', password: new Secret('CANARY-basic') } })

before(async () => {
  facility = await startFacility(createRecords())
  fetchExperiments = fetchFrom(`${facility.url}/experiments/$USERNAME/`)
})
after(() => facility.close())
beforeEach(() => {
  facility.bent.clear()
  facility.asked.length = 0
  setExperiments([])
})

const setExperiments = (experiments: FacilityExperiment[]): void => {
  const account = facility.records.accounts.get('ada')
  if (account !== undefined) account.experiments = experiments
}

test('a page is asked for with Basic and the documented parameters, and read', async () => {
  setExperiments([entry('2026001'), entry('2026002', { sessions: [{ ...SESSION, session_number: 12 }] })])
  const page = await fetchExperiments('ada', { page: 1, ordering: '-proposal_id', search: 'neu&x=1', favorite: true })
  assert.equal(page?.count, 0, 'nothing matches')
  const [{ method, target, headers, body } = assert.fail()] = facility.asked
  assert.equal(method, 'GET')
  assert.equal(body, '')
  assert.equal(headers.authorization, `Basic ${btoa('gatehouse:CANARY-basic')}`)
  assert.equal(
    target,
    '/experiments/ada/?page_size=7&page=1&ordering=-proposal_id&search=neu%26x%3D1&calipsouserexperiment__favorite=true',
  )

  const found = await fetchExperiments('ada', { ordering: '-proposal_id', search: 'neutrons' })
  assert.equal(facility.asked[1]?.target, '/experiments/ada/?page_size=7&ordering=-proposal_id&search=neutrons')
  assert.deepEqual(
    found?.experiments.map(({ proposalId, sessions }) => [proposalId, sessions[0]?.number]),
    [
      ['2026002', '12'],
      ['2026001', '7'],
    ],
  )
  assert.deepEqual(found?.experiments[1], {
    proposalId: '2026001',
    subject: 'Subject 2026001',
    body: 'Neutrons',
    beamLine: 'BL-1',
    uid: 1001,
    gid: 2001,
    sessions: [
      {
        number: '7',
        startsAt: Date.UTC(2026, 2, 1, 8),
        endsAt: Date.UTC(2026, 2, 4),
        subject: 'Powder',
        body: '',
        dataSetPath: SESSION.data_set_path,
      },
    ],
  })
})

test('pages are numbered; the links of the facility go nowhere', async () => {
  setExperiments(Array.from({ length: 15 }, (_, index) => entry(String(100 + index))))
  const first = await fetchExperiments('ada')
  assert.deepEqual([first?.count, first?.pageSize, first?.experiments.length], [15, 7, 7])
  assert.deepEqual([first?.hasPrevious, first?.hasNext], [false, true])
  const last = await fetchExperiments('ada', { page: 3 })
  assert.deepEqual([last?.experiments.length, last?.hasPrevious, last?.hasNext], [1, true, false])
  assert.equal(await fetchExperiments('ada', { page: 4 }), undefined)
  assert.equal(await fetchExperiments('nobody'), undefined)
  assert.doesNotMatch(JSON.stringify([first, last]), /127\.0\.0\.1/)
  assert.equal(facility.asked.length, 4)
})

const { session_number: _, ...UNNUMBERED } = SESSION
const READABLE: Readonly<Record<string, object>> = {
  'a session’s number in the other spelling': { sessions: [{ ...UNNUMBERED, sesion_number: '7' }] },
  'both spellings that agree': { sessions: [{ ...SESSION, sesion_number: 7 }] },
  'a number as a number': { sessions: [{ ...SESSION, session_number: 7 }] },
}
for (const [name, changes] of Object.entries(READABLE)) {
  test(`is read: ${name}`, async () => {
    setExperiments([entry('1', changes)])
    const page = await fetchExperiments('ada')
    assert.equal(page?.experiments[0]?.sessions[0]?.number, '7')
  })
}

test('what may be absent may be absent', async () => {
  setExperiments([entry(1, { uid: null, gid: '', sessions: [{ session_number: '1' }] }), entry(2, { sessions: null })])
  const page = await fetchExperiments('ada')
  assert.deepEqual(page?.experiments[0], {
    proposalId: '1',
    subject: 'Subject 1',
    body: 'Neutrons',
    beamLine: 'BL-1',
    sessions: [{ number: '1', subject: '', body: '', dataSetPath: '[]' }],
  })
  assert.deepEqual(page?.experiments[1]?.sessions, [])
})

const UNREADABLE: Readonly<Record<string, object>> = {
  'no number of the proposal': { proposal_id: undefined },
  'an empty one': { proposal_id: '' },
  'one with a line end': { proposal_id: 'a\nb' },
  'an object for a subject': { subject: {} },
  'no number of a session': { sessions: [UNNUMBERED] },
  'two numbers of a session': { sessions: [{ ...SESSION, sesion_number: '8' }] },
  'another date': { sessions: [{ ...SESSION, start_date: '01/03/2026' }] },
  'a date with an offset': { sessions: [{ ...SESSION, start_date: '2026-03-01T08:00:00+01:00' }] },
  'no such day': { sessions: [{ ...SESSION, start_date: '2026-02-30T08:00:00Z' }] },
  'no such day in parts': { sessions: [{ ...SESSION, end_date: { year: 2026, month: 2, day: 30 } }] },
  'half a date in parts': { sessions: [{ ...SESSION, end_date: { year: 2026, month: 2 } }] },
  'a date as a number': { sessions: [{ ...SESSION, end_date: 1_772_352_000 }] },
  'root as the user': { uid: 0 },
  'root as text': { uid: '0' },
  'root as the group': { gid: 0 },
  'a negative user': { uid: -1 },
  'a user that 32 bits do not hold': { uid: 2 ** 32 },
  'the user that means none': { uid: 2 ** 32 - 1 },
  'a user’s name': { uid: 'root' },
  'sessions that are no list': { sessions: {} },
}
for (const [name, changes] of Object.entries(UNREADABLE)) {
  test(`costs its entry and no other: ${name}`, async () => {
    setExperiments([entry('good'), entry('zz-CANARY', changes)])
    const page = await fetchExperiments('ada')
    assert.deepEqual(
      page?.experiments.map(({ proposalId }) => proposalId),
      ['good'],
    )
    assert.equal(page?.count, 2)
    assert.equal(page?.unreadable.length, 1)
    assert.doesNotMatch(page?.unreadable.join() ?? '', /CANARY/)
  })
}

const page = (changes: object) => ({ count: 0, next: null, previous: null, results: [], ...changes })
const FAULTS: Readonly<Record<string, readonly [number, unknown]>> = {
  'an empty object': [200, {}],
  'a list': [200, []],
  null: [200, null],
  'no count': [200, page({ count: undefined })],
  'a count below zero': [200, page({ count: -1 })],
  'results that are no list': [200, page({ results: {} })],
  'more results than a page has': [200, page({ results: Array.from({ length: 1001 }, () => 1) })],
  '400': [400, 'Bad arguments'],
  'no credentials': [403, page({})],
  'a failure': [500, page({})],
  'another success': [201, page({})],
}
for (const [name, [status, body]] of Object.entries(FAULTS)) {
  test(`is a fault: ${name}`, async () => {
    facility.bent.set('experiments', (response) => sendJson(response, status, body))
    await assert.rejects(fetchExperiments('ada'), FacilityFault)
  })
}

test('a redirect is a fault, and nobody is sent the credentials', async () => {
  const trap = await startFacility(createRecords())
  facility.bent.set('experiments', (response) => {
    response.writeHead(307, { location: `${trap.url}/experiments/ada/` }).end()
  })
  await assert.rejects(fetchExperiments('ada'), FacilityFault)
  assert.equal(trap.asked.length, 0)
  await trap.close()
})

test('HTML, 10 MB and a broken connection are faults', async () => {
  facility.bent.set('experiments', (response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(JSON.stringify(page({})))
  })
  await assert.rejects(fetchExperiments('ada'), /without JSON/)
  facility.bent.set('experiments', (response) => sendJson(response, 200, page({ more: 'x'.repeat(1e7) })))
  await assert.rejects(fetchExperiments('ada'), /more than 8388608 bytes/)
  facility.bent.set('experiments', (response) => void response.destroy())
  await assert.rejects(fetchExperiments('ada'), /no answer/)
})

for (const name of [
  'a/b',
  'a?b=c',
  'a#b',
  'a%2e%2e',
  '%2F..',
  'a b',
  'a&page_size=9',
  '…',
  "a'b",
  '$&',
  'a;b',
  'a\\b',
]) {
  test(`a name stays a name: ${name}`, async () => {
    facility.bent.set('experiments', (response) => sendJson(response, 200, page({})))
    await fetchExperiments(name)
    const [{ target } = assert.fail()] = facility.asked
    assert.equal(target, `/experiments/${encodeURIComponent(name)}/?page_size=7`)
  })
}

for (const name of [
  '',
  '.',
  '..',
  '../admin',
  'a/../b',
  '..\\admin',
  'a\nb',
  'a\r\nHost: x',
  '\0',
  '\ud800',
  'x'.repeat(256),
]) {
  test(`no address holds such a name: ${JSON.stringify(name).slice(0, 40)}`, async () => {
    await assert.rejects(fetchExperiments(name), /a name that no address can hold/)
    assert.equal(facility.asked.length, 0)
  })
}

test('whatever the name, the address is the operator’s, with one piece more', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
      let url: URL
      try {
        url = toPersonUrl('https://office.test/a/$USERNAME/b', name)
      } catch (error) {
        assert.ok(error instanceof FacilityFault)
        return
      }
      const [, a, person = '', b, ...more] = url.pathname.split('/')
      assert.deepEqual(
        [url.origin, a, decodeURIComponent(person), b, more],
        ['https://office.test', 'a', name, 'b', []],
      )
      assert.equal(`${url.search}${url.hash}`, '')
    }),
  )
})

test('an address has the name once, in its path', () => {
  const isRight = (url: string): boolean => experimentsUrl().safeParse(url).success
  assert.ok(isRight('https://office.example.org/experiments/$USERNAME/'))
  assert.ok(isRight('https://office.example.org/$USERNAME?format=json'))
  for (const url of [
    'https://office.example.org/experiments/',
    'https://$USERNAME.example.org/experiments/',
    'https://$USERNAME/experiments/',
    'https://office.example.org/?user=$USERNAME',
    'https://office.example.org/$USERNAME/$USERNAME',
    'https://office.example.org/$USER/',
    '$USERNAME',
  ]) {
    assert.ok(!isRight(url), url)
  }
})
