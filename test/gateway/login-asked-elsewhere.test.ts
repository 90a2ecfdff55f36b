// Passwords that others check, through the whole gateway: a facility by REST and an LDAP directory. They are on the login
// page, wrong passwords are counted before anybody is asked, and no log has seen one.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { ada, createRecords, type Facility, startFacility } from '../support/facility/index.ts'
import { createClient, type TestAnswer } from '../support/http-client.ts'
import { BASE, isMissing, type Slapd, startSlapd } from '../support/programs.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'

const started = await startSlapd({ isPublic: true })
const skip = isMissing(started) ? started.missing : false
const slapd = started as Slapd
const people = `ou=people,${BASE}`

let facility: Facility
let gateway: TestGateway

before(async () => {
  facility = await startFacility(createRecords())
  if (skip !== false) return
  const { username: uid, password: userPassword } = ada
  await slapd.add(`uid=${uid},${people}`, { objectClass: 'inetOrgPerson', uid, cn: uid, sn: uid, userPassword })
  gateway = await startGateway({
    config: {
      identity: [
        { id: 'office', type: 'facility', label: 'User office', login: `${facility.url}/login/` },
        {
          id: 'lab',
          type: 'ldap',
          label: 'Lab account',
          servers: [slapd.url],
          startTls: false,
          people: { base: people },
        },
      ],
    },
  })
})
after(async () => {
  await facility.close()
  if (skip !== false) return
  await gateway.close()
  await slapd.stop()
})

const logIn = (provider: string, form: Readonly<Record<string, string>> = ada): Promise<TestAnswer> =>
  createClient(gateway.url).post(`/auth/login/${provider}`, form)

/** How often it was asked about a password. */
const asked: Readonly<Record<string, () => number>> = {
  office: () => facility.asked.length,
  lab: () => slapd.operations().match(/ BIND dn="uid=/g)?.length ?? 0,
}

describe('passwords that others check', { skip }, () => {
  test('their forms are on the login page', async () => {
    const { text } = await createClient(gateway.url).get('/auth/login')
    for (const [id, label] of [
      ['office', 'User office'],
      ['lab', 'Lab account'],
    ]) {
      assert.match(text, new RegExp(`action="/auth/login/${id}"[^]*${label}[^]*id="password-${id}"`))
    }
  })

  for (const [provider, count] of Object.entries(asked)) {
    test(`${provider}: unknown and known names get the same page`, async () => {
      const pageOf = async (username: string) => {
        const { status, text } = await logIn(provider, { username, password: 'CANARY-wrong' })
        return `${status} ${text.replace(/nonce="[^"]*"/g, '').replaceAll(/[0-9a-f-]{36}/g, '')}`
      }
      assert.equal(await pageOf('bob'), await pageOf('nobody'))
    })

    test(`${provider}: after five wrong passwords nobody is asked any more, however the name is spelled`, async () => {
      assert.equal((await logIn(provider)).status, 303)
      const before = count()
      const statuses: number[] = []
      for (const username of ['ada', 'ADA', ' ada', 'ada', 'Ada', 'ada', 'aDa']) {
        statuses.push((await logIn(provider, { username, password: 'CANARY-wrong' })).status)
      }
      assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429])
      assert.equal((await logIn(provider)).status, 429, 'the right one too')
      assert.equal(count(), before + 5)
    })
  }

  test('no password is in the log', () => {
    assert.ok(gateway.logs.some(({ event }) => event === 'login_failed'))
    assert.doesNotMatch(JSON.stringify(gateway.logs), /CANARY/)
  })
})

test('the library for directories is loaded by the first login at one, and not before', { skip }, () => {
  const drivers = new URL('../../src/identity/drivers.ts', import.meta.url).href
  const entry = { id: 'lab', type: 'ldap', servers: [slapd.url], startTls: false, people: { base: people } }
  const program = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) { if (name === 'ldapts') console.log('loaded'); return next(name, context) } })
    const { createProvider, driverConfigs } = await import(${JSON.stringify(drivers)})
    const config = driverConfigs.map((schema) => schema.safeParse(${JSON.stringify(entry)})).find(({ success }) => success).data
    const provider = createProvider(config, { clock: { monotonicMs: () => performance.now() } })
    console.log('created')
    const { kind } = await provider.verify(${JSON.stringify(ada)})
    console.log(kind)`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  assert.deepEqual([...new Set(stdout.trim().split('\n'))], ['created', 'loaded', 'proven'], stderr)
})
