// What one login takes of a real directory at most: entries, groups, bytes and time.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Client } from 'ldapts'
import { GatewayError, systemClock } from '#kernel'
import { silentLog } from '../../../test/support/fake-context.ts'
import {
  BASE,
  isMissing,
  makeDirectory,
  removeDirectory,
  type Slapd,
  serviceAccount,
  startSlapd,
} from '../../../test/support/programs.ts'
import { ldapDriver } from './ldap.ts'

const PASSWORD = 'CANARY-password'
const folder = makeDirectory('ldap-limits')
const passwordFile = join(folder, 'service-account')
writeFileSync(passwordFile, serviceAccount.password, { mode: 0o600 })

const started = await startSlapd({ givesAll: true })
const skip = isMissing(started) ? started.missing : false
const slapd = started as Slapd

const people = `ou=people,${BASE}`
const groups = `ou=groups,${BASE}`
const ada = `uid=ada,${people}`
/** Just above the most that are kept. */
const MANY = 1010

describe('a login at a directory', { skip, timeout: 120_000 }, () => {
  before(async () => {
    const person = { objectClass: 'inetOrgPerson', uid: 'ada', cn: 'ada', sn: 'ada', userPassword: PASSWORD }
    await slapd.add(ada, person)
    const huge = { ...person, uid: 'huge', cn: ['huge', 'y'.repeat(1_200_000)] }
    await slapd.add(`uid=huge,${people}`, huge)
    await addGroups()
  })
  after(async () => {
    await slapd.stop()
    removeDirectory(folder)
  })

  /** Over one connection, many at a time. */
  async function addGroups(): Promise<void> {
    const client = new Client({ url: slapd.url, timeout: 60_000 })
    await client.bind(`cn=admin,${BASE}`, 'admin')
    const names = Array.from({ length: MANY }, (_, n) => `group-${n}`)
    await Promise.all(names.map((cn) => client.add(`cn=${cn},${groups}`, { objectClass: 'groupOfNames', member: ada })))
    await client.unbind()
  }

  const verify = (changes: object, username = 'ada') => {
    const config = {
      id: 'sso',
      type: 'ldap',
      servers: [slapd.url],
      startTls: false,
      bind: { dn: serviceAccount.dn, password: { file: passwordFile } },
      people: { base: people },
      ...changes,
    }
    const deps = { clock: systemClock, log: silentLog, storage: {} as never, urlTo: (path: string) => path }
    const provider = ldapDriver.create(ldapDriver.config.parse(config), deps)
    assert.ok(provider.kind === 'password')
    return provider.verify({ username, password: PASSWORD, clientAddress: '192.0.2.7' })
  }

  const groupsOf = async (changes: object): Promise<readonly string[]> => {
    const verification = await verify(changes)
    assert.ok(verification.kind === 'proven')
    return verification.proof.identity.groups
  }

  const isAway = (reason: RegExp) => (error: unknown) =>
    error instanceof GatewayError &&
    error.code === 'login.providerUnavailable' &&
    reason.test(String(error.internal.reason))

  test('takes a thousand groups of those that the entry lists', async () => {
    const found = await groupsOf({ groups: { type: 'memberOf', base: groups } })
    assert.deepEqual([found.length, new Set(found).size], [1000, 1000])
  })

  test('asks a search for a thousand, and the directory gives no more', async () => {
    const before = slapd.operations().length
    const found = await groupsOf({ groups: { type: 'search', base: groups } })
    assert.equal(found.length, 1000)
    assert.match(slapd.operations().slice(before), /SEARCH RESULT .*err=4 .*nentries=1000/)
  })

  test('asks for groups only where they are wanted', async () => {
    const before = slapd.operations().length
    assert.deepEqual(await groupsOf({}), [])
    assert.doesNotMatch(slapd.operations().slice(before), /memberOf/i)
  })

  test('ends where an entry is larger than a person has', async () => {
    await assert.rejects(verify({}, 'huge'), isAway(/the connection broke|ECONNRESET|EPIPE|no answer/))
  })

  test('ends within ten seconds where the directory stands still, whatever it was asked last', async () => {
    slapd.signal('SIGSTOP')
    const startedAtMs = performance.now()
    try {
      await assert.rejects(verify({}), isAway(/no answer in time/))
      const tookMs = performance.now() - startedAtMs
      assert.ok(tookMs < 10_000, `${tookMs} ms`)
    } finally {
      slapd.signal('SIGCONT')
    }
    assert.equal((await verify({})).kind, 'proven')
  })
})
