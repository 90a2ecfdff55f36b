// The guides "Connect your own REST login" and "Connect an LDAP directory", done as they are written: their files, with
// what their tables say replaced, their commands, and a login.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FilterParser } from 'ldapts'
import { parse } from 'yaml'
import { ada, createRecords, type Facility, sendJson, startFacility } from '../support/facility/index.ts'
import { createClient } from '../support/http-client.ts'
import {
  BASE,
  findFreePort,
  isMissing,
  makeDirectory,
  removeDirectory,
  type Slapd,
  serviceAccount,
  startSlapd,
  tlsFiles,
} from '../support/programs.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { runCommand } from '../support/run-command.ts'
import { startGateway } from '../support/start-gateway.ts'
import { fillIn, type Guide, readGuide } from './guide-text.ts'

const started = await startSlapd({ tls: tlsFiles })
const skip = isMissing(started) ? started.missing : false
const slapd = started as Slapd

const folder = makeDirectory('guide-connect')
let service: RecordingUpstream
before(async () => {
  service = await startRecordingUpstream()
})
after(async () => {
  await service.close()
  removeDirectory(folder)
})

/** Saves the guide's file with what is ours in place of what its table names. */
function follow(guide: Guide, at: number, ours: Readonly<Record<string, string>>): string {
  const text = fillIn(guide, ours, at)
  writeFileSync(join(folder, 'gatehouse.yaml'), text)
  return text
}

const run = (command: string) => runCommand(command.trim().split(' ').slice(2), { cwd: folder })

const ownUrl = async (): Promise<string> => `http://127.0.0.1:${await findFreePort()}`

/** With the configuration of the guide, at its own address. */
async function serve(text: string) {
  const layer = parse(text) as { readonly server: { readonly url: string } }
  return startGateway({ config: [layer, { server: { listen: layer.server.url.replace('http://', '') } }] })
}

/** @returns the status of the service's answer */
async function visit(url: string, provider: string, person: Readonly<Record<string, string>>): Promise<number> {
  const client = createClient(url)
  const { status, text } = await client.post(`/auth/login/${provider}`, person)
  assert.equal(status, 303, text)
  return (await client.get('/api/service/')).status
}

describe('connect your own REST login', () => {
  const guide = readGuide('docs/guide/connect-rest-login.md')
  let facility: Facility
  before(async () => {
    facility = await startFacility(createRecords())
    writeFileSync(join(folder, 'office'), facility.records.basic.password, { mode: 0o600 })
  })
  after(() => facility.close())

  const followed = async (): Promise<string> =>
    follow(guide, 1, {
      'https://gate.example.org': await ownUrl(),
      'https://office.example.org/login/': `${facility.url}/login/`,
      'https://office.example.org/is_staff/': `${facility.url}/is_staff/`,
      '/run/secrets/office': join(folder, 'office'),
      'http://service:8081': service.url,
    })

  test('the file is right, and says who may', async () => {
    await followed()
    const [check = '', explain = ''] = guide.blocks('sh')
    const checked = await run(check)
    assert.equal(checked.exitCode, 0, checked.output + checked.errors)
    const explained = await run(explain)
    assert.equal(explained.exitCode, 0, explained.errors)
    assert.match(explained.output, /allowed/)
  })

  test('staff get through to the service, and nobody else', async () => {
    await using gateway = await serve(await followed())
    assert.equal(await visit(gateway.url, 'office', ada), 200)
    assert.equal(await visit(gateway.url, 'office', { username: 'bob', password: 'CANARY-password-bob' }), 403)
  })

  test('an answer with the name is read as the page says', async () => {
    const [{ success } = assert.fail()] = (parse(guide.blocks('yaml')[0] ?? '') as { identity: { success: object }[] })
      .identity
    facility.bent.set('login', (response) => sendJson(response, 200, { user: 'ada', status: 'ok' }))
    const login = `${facility.url}/login/`
    await using gateway = await startGateway({
      config: { identity: [{ id: 'office', type: 'facility', login, success }] },
    })
    const client = createClient(gateway.url)
    assert.equal((await client.post('/auth/login/office', { username: 'Ada L', password: 'x' })).status, 303)
    assert.match((await client.get('/api/v1/me')).text, /"ada"/)
  })
})

describe('connect an LDAP directory', { skip }, () => {
  const guide = readGuide('docs/guide/connect-ldap.md')
  const people = `ou=people,${BASE}`
  const bob = { username: 'bob', password: 'CANARY-password-bob' }
  before(async () => {
    writeFileSync(join(folder, 'ldap'), serviceAccount.password, { mode: 0o600 })
    for (const { username: uid, password } of [ada, bob]) {
      const person = { objectClass: 'inetOrgPerson', uid, cn: uid, sn: uid, userPassword: password }
      await slapd.add(`uid=${uid},${people}`, person)
    }
    await slapd.add(`cn=lab,ou=groups,${BASE}`, { objectClass: 'groupOfNames', member: `uid=ada,${people}` })
  })
  after(() => slapd.stop())

  const followed = async (): Promise<string> =>
    follow(guide, 0, {
      'https://gate.example.org': await ownUrl(),
      'ldaps://ldap.example.org': slapd.tlsUrl,
      '/etc/gatehouse/ldap-ca.pem': tlsFiles.certificate,
      'cn=gatehouse,dc=example,dc=org': serviceAccount.dn,
      '/run/secrets/ldap': join(folder, 'ldap'),
      'ou=people,dc=example,dc=org': people,
      'ou=groups,dc=example,dc=org': `ou=groups,${BASE}`,
      'http://service:8081': service.url,
      'group:lab': 'group:lab',
    })

  test('the file is right, and the doctor finds the directory', async () => {
    await followed()
    const [check = '', doctor = ''] = guide.blocks('sh')
    const checked = await run(check)
    assert.equal(checked.exitCode, 0, checked.output + checked.errors)
    assert.match((await run(doctor)).output, /^ok +directory lab +ldaps:\/\/localhost:\d+ answers/m)
  })

  test('the members of the group get through to the service, and nobody else', async () => {
    await using gateway = await serve(await followed())
    assert.equal(await visit(gateway.url, 'lab', ada), 200)
    assert.equal(await visit(gateway.url, 'lab', bob), 403)
  })

  test('the filter for Active Directory is one', () => {
    const [entry] = (parse(guide.blocks('yaml')[1] ?? '') as { identity: { people: { filter: string } }[] }).identity
    assert.ok(FilterParser.parseString(entry?.people.filter ?? ''))
  })
})
