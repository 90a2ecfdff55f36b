// Two people whose names differ by less than what is counted as one account: whoever may log in as the one gains nothing
// for guessing at the other.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ada, createRecords, type Facility, startFacility } from '../support/facility/index.ts'
import { createClient, type TestClient } from '../support/http-client.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'

const victim = { username: 'alice@lab.example', password: 'the password of the victim' }
const mallory = { username: 'alice@evil.example', password: 'the password of mallory' }

let facility: Facility
let gateway: TestGateway

before(async () => {
  const records = createRecords()
  const account = records.accounts.get(ada.username) ?? assert.fail()
  for (const { username, password } of [victim, mallory]) records.accounts.set(username, { ...account, password })
  facility = await startFacility(records)
  gateway = await startGateway({
    clock: createManualClock(),
    config: {
      server: { trustedProxies: ['127.0.0.1'], limits: { logins: { failuresPerAccount: '12/1h' } } },
      identity: [{ id: 'office', type: 'facility', login: `${facility.url}/login/` }],
    },
  })
})
after(async () => {
  await gateway.close()
  await facility.close()
})

const logIn = async (client: TestClient, form: Readonly<Record<string, string>>, address: string) =>
  (await client.post('/auth/login/office', form, { 'x-forwarded-for': address })).status

/** Guesses at the victim, each few of them after a login of mallory's own. @returns how many were looked at */
async function guess(addressOf: (round: number) => string): Promise<number> {
  const before = facility.asked.length
  let own = 0
  for (let round = 0; round < 4; round++) {
    const browser = createClient(gateway.url)
    if ((await logIn(browser, mallory, addressOf(round))) === 303) own++
    for (let n = 0; n < 5; n++) await logIn(browser, { ...victim, password: `guess ${round} ${n}` }, addressOf(round))
  }
  return facility.asked.length - before - own
}

test('a login to the one brings no budget for the other, neither to the browser nor to the address', async () => {
  const browser = createClient(gateway.url)
  assert.equal(await logIn(browser, victim, '203.0.113.9'), 303)

  assert.equal(await guess(() => '192.0.2.1'), 5, 'by the browser')
  const rest = await guess((round) => `198.51.100.${round}`)
  assert.equal(rest, 7, 'by the address: of twelve, five were looked at before')

  assert.equal(await logIn(createClient(gateway.url), victim, '203.0.113.77'), 429, 'shut for strangers')
  assert.equal(await logIn(browser, victim, '203.0.113.77'), 303, 'not in the browser of the victim')
  assert.equal(await logIn(createClient(gateway.url), victim, '203.0.113.9'), 303, 'nor where the victim has been')
})
