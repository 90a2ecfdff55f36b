// Against a real OpenLDAP server; what no such server does (hang, lie) is done by a small one.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { GatewayError, systemClock } from '#kernel'
import { silentLog } from '../../../test/support/fake-context.ts'
import {
  BASE,
  findFreePort,
  isMissing,
  makeDirectory,
  removeDirectory,
  type Slapd,
  serviceAccount,
  startSlapd,
} from '../../../test/support/programs.ts'
import { testProvider } from '../provider.contract.ts'
import type { PasswordProvider, Proof, Verification } from '../provider.ts'
import { ldapDriver } from './ldap.ts'

const PASSWORD = 'CANARY-password'
const folder = makeDirectory('ldap-test')
const passwordFile = join(folder, 'service-account')
writeFileSync(passwordFile, serviceAccount.password, { mode: 0o600 })

/** Signed by itself, so that it is its own authority. */
function makeCertificate(name: string): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-out', certificate, '-keyout', key], {
    stdio: 'ignore',
  })
  return { certificate, key }
}

const ours = makeCertificate('localhost')
const theirs = makeCertificate('other.test')

const started = await startSlapd({ tls: ours })
const skip = isMissing(started) ? started.missing : false
const slapd = started as Slapd

const people = `ou=people,${BASE}`
const groups = `ou=groups,${BASE}`
const dnOf = (uid: string): string => `uid=${uid},${people}`

const addPerson = (uid: string, more: Readonly<Record<string, string | string[]>> = {}) =>
  slapd.add(dnOf(uid), { objectClass: 'inetOrgPerson', uid, cn: uid, sn: uid, userPassword: PASSWORD, ...more })

before(async () => {
  if (skip !== false) return
  await addPerson('ada', { cn: ['Ada Lovelace', 'Ada'], mail: 'ada@example.org' })
  await addPerson('bob', { mail: 'ada@example.org' })
  await slapd.add(`cn=lab,${groups}`, { objectClass: 'groupOfNames', member: [dnOf('ada'), dnOf('bob')] })
  await slapd.add(`cn=staff,${groups}`, { objectClass: 'groupOfNames', member: dnOf('bob') })
  await slapd.add(`cn=unix,${groups}`, { objectClass: 'posixGroup', gidNumber: '5000', memberUid: ['ada', 'x'] })
  await slapd.add(`ou=more,${groups}`, { objectClass: 'organizationalUnit' })
  await slapd.add(`cn=staff,ou=more,${groups}`, { objectClass: 'groupOfNames', member: dnOf('ada') })
  await slapd.add(`cn=staff,${people}`, { objectClass: 'groupOfNames', member: dnOf('ada') })
})
after(async () => {
  if (skip === false) await slapd.stop()
  removeDirectory(folder)
})

const deps = { clock: systemClock, log: silentLog, storage: {} as never, urlTo: (path: string) => path }

const settings = (changes: object = {}) => ({
  id: 'sso',
  type: 'ldap',
  servers: [slapd.url],
  startTls: false,
  bind: { dn: serviceAccount.dn, password: { file: passwordFile } },
  people: { base: people },
  ...changes,
})

function createProvider(changes: object = {}): PasswordProvider {
  const provider = ldapDriver.create(ldapDriver.config.parse(settings(changes)), deps)
  return provider.kind === 'password' ? provider : assert.fail()
}

const verify = (provider: PasswordProvider, username: string, password = PASSWORD): Promise<Verification> =>
  provider.verify({ username, password, clientAddress: '192.0.2.7' })

async function proofOf(provider: PasswordProvider, username: string, password?: string): Promise<Proof['identity']> {
  const verification = await verify(provider, username, password)
  return verification.kind === 'proven'
    ? verification.proof.identity
    : assert.fail(`${username} is ${verification.kind}`)
}

/** @returns what the log would say */
async function faultOf(provider: PasswordProvider): Promise<string> {
  const error = await verify(provider, 'ada').then(
    ({ kind }) => assert.fail(`ended as ${kind}`),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof GatewayError && error.code === 'login.providerUnavailable')
  assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.internal)}`, /CANARY/)
  return String(error.internal?.reason)
}

const binds = (): number => slapd.operations().match(/ BIND dn="/g)?.length ?? 0

if (skip === false) {
  testProvider('ldap', async () => ({
    provider: createProvider(),
    person: { username: 'ada', password: PASSWORD },
    close: async () => {},
  }))
}

test('a person is the identifier of their entry, with what the entry says', { skip }, async () => {
  const identity = await proofOf(createProvider(), 'ada')
  assert.match(identity.subject, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.deepEqual(identity, {
    provider: 'sso',
    issuer: `ldap:${people}`,
    subject: identity.subject,
    username: 'ada',
    displayName: 'Ada Lovelace',
    email: 'ada@example.org',
    groups: [],
  })
  for (const username of ['ADA', ' ada ']) assert.deepEqual(await proofOf(createProvider(), username), identity)
  assert.notEqual((await proofOf(createProvider(), 'bob')).subject, identity.subject, 'the same address, two people')
})

test('an e-mail address that is not exactly one is none', { skip }, async () => {
  const addresses = ['mallory@evil.test@example.org', 'a@evil.test, b@example.org', 'Ada <a@example.org>', 'ada']
  for (const [index, mail] of addresses.entries()) {
    await addPerson(`mail${index}`, { mail })
    assert.equal((await proofOf(createProvider(), `mail${index}`)).email, undefined, mail)
  }
})

test('an account that was deleted and made again is another person', { skip }, async () => {
  await addPerson('eve')
  const before = await proofOf(createProvider(), 'eve')
  await slapd.remove(dnOf('eve'))
  assert.equal((await verify(createProvider(), 'eve')).kind, 'refused')
  await addPerson('eve')
  assert.notEqual((await proofOf(createProvider(), 'eve')).subject, before.subject)
})

test('groups come from memberOf, and only those directly below the base', { skip }, async () => {
  const provider = createProvider({ groups: { type: 'memberOf', base: groups }, groupsPrefix: 'ldap:' })
  assert.deepEqual((await proofOf(provider, 'ada')).groups, ['ldap:lab'])
  assert.deepEqual([...(await proofOf(provider, 'bob')).groups].sort(), ['ldap:lab', 'ldap:staff'])
})

test('or are looked up by whom they list', { skip }, async () => {
  const byDn = createProvider({ groups: { type: 'search', base: groups } })
  assert.deepEqual((await proofOf(byDn, 'ada')).groups, ['lab'])
  const byName = createProvider({
    groups: { type: 'search', base: groups, memberAttribute: 'memberUid', holds: 'username' },
  })
  assert.deepEqual((await proofOf(byName, 'ADA')).groups, ['unix'])
  assert.deepEqual((await proofOf(byName, 'bob')).groups, [])
})

test('an empty password does not reach the directory, which would say yes to it', { skip }, async () => {
  const provider = createProvider()
  const before = binds()
  for (const password of ['', '\0', `${PASSWORD}\0`, 'x'.repeat(1025)]) {
    assert.equal((await verify(provider, 'ada', password)).kind, 'refused')
  }
  assert.equal(binds(), before)
})

const INJECTIONS = [
  '*',
  'ad*',
  '*)(uid=*',
  'ada)(|(uid=*',
  'ada)(&',
  'ada)(userPassword=*',
  'ada))(|(cn=*',
  '\\2a',
  'ad\\61',
  '(ada)',
  '&(uid=ada)',
  '|(uid=ada)(uid=bob)',
  '!(uid=x)',
  `ada,${people}`,
  `uid=ada,${people}`,
  dnOf('ada'),
  'ada+cn=Ada Lovelace',
  'ada"',
  "ada' or '1'='1",
  'ada;--',
  'ada#',
  'ada<!--',
  'ada/../bob',
  'ada\u0000',
  'ada\u0000)(uid=*',
  'ada\n',
  '\u00a0',
  'objectClass=*',
  '\ud800',
]
for (const username of INJECTIONS) {
  test(`is a name like any other, and nobody’s: ${JSON.stringify(username)}`, { skip }, async () => {
    const isName = !['ada\n'].includes(username)
    assert.equal((await verify(createProvider(), username)).kind, isName ? 'refused' : 'proven')
  })
}

test('names with every special character are found, and their groups too', { skip }, async () => {
  const odd = 'x*y(z)\\,+"<>;= #é'
  const dn = `uid=x*y(z)\\5c\\2c\\2b\\22\\3c\\3e\\3b\\3d \\23é,${people}`
  await slapd.add(dn, { objectClass: 'inetOrgPerson', uid: odd, cn: odd, sn: odd, userPassword: PASSWORD })
  await slapd.add(`cn=a\\2cou\\3dgroups,${groups}`, { objectClass: 'groupOfNames', member: dn })
  for (const type of ['search', 'memberOf']) {
    const identity = await proofOf(createProvider({ groups: { type, base: groups } }), odd)
    assert.deepEqual([identity.username, identity.groups], [odd, ['a,ou=groups']])
  }
})

test('two entries of one name are nobody', { skip }, async () => {
  await slapd.add(`ou=guests,${people}`, { objectClass: 'organizationalUnit' })
  await addPerson('twin')
  assert.equal((await verify(createProvider(), 'twin')).kind, 'proven')
  const person = { objectClass: 'inetOrgPerson', uid: 'twin', cn: 'twin', sn: 'twin', userPassword: PASSWORD }
  await slapd.add(`uid=twin,ou=guests,${people}`, person)
  assert.equal((await verify(createProvider(), 'twin')).kind, 'refused')
})

test('so are three, and the directory is not asked for more of them than that takes', { skip }, async () => {
  for (const place of ['ou=one', 'ou=two', 'ou=three'].map((ou) => `${ou},${people}`)) {
    await slapd.add(place, { objectClass: 'organizationalUnit' })
    const person = { objectClass: 'inetOrgPerson', uid: 'triplet', cn: 'x', sn: 'x', userPassword: PASSWORD }
    await slapd.add(`uid=triplet,${place}`, person)
  }
  const before = slapd.operations().length
  assert.deepEqual(await verify(createProvider(), 'triplet'), await verify(createProvider(), 'nobody'))
  const counts = [
    ...slapd
      .operations()
      .slice(before)
      .matchAll(/nentries=(\d+)/g),
  ].map(([, count]) => Number(count))
  assert.equal(Math.max(...counts), 2)
})

test('who is not among the people cannot log in', { skip }, async () => {
  const byName = createProvider({ people: { base: BASE, filter: '(objectClass=inetOrgPerson)', username: 'cn' } })
  assert.equal((await verify(byName, 'gatehouse', serviceAccount.password)).kind, 'refused')
  assert.equal((await verify(byName, 'bob')).kind, 'proven')
  const onlyAda = createProvider({ people: { base: people, filter: '(&(objectClass=person)(!(uid=bob)))' } })
  assert.equal((await verify(onlyAda, 'ada')).kind, 'proven')
  assert.equal((await verify(onlyAda, 'bob')).kind, 'refused')
})

test('an entry without a password is nobody’s', { skip }, async () => {
  await slapd.add(dnOf('none'), { objectClass: 'inetOrgPerson', uid: 'none', cn: 'none', sn: 'none' })
  assert.deepEqual(await verify(createProvider(), 'none'), await verify(createProvider(), 'nobody'))
})

test('a referral to another server is not followed', { skip }, async () => {
  await using trap = await startServer(() => {})
  const ref = `${trap.url}/uid=carol,${people}`
  await slapd.add(`cn=elsewhere,${people}`, { objectClass: ['referral', 'extensibleObject'], ref })
  assert.equal((await verify(createProvider(), 'carol')).kind, 'refused')
  assert.equal((await verify(createProvider(), 'ada')).kind, 'proven')
  assert.equal(
    await verify(createProvider({ people: { base: `cn=elsewhere,${people}` } }), 'ada').catch((error) => error.code),
    'login.providerUnavailable',
  )
  assert.equal(trap.asked(), 0)
})

test('known and unknown names are refused after the same time', { skip }, async () => {
  const provider = createProvider()
  const timed = async (username: string): Promise<number> => {
    const startedAt = performance.now()
    assert.deepEqual(await verify(provider, username, 'wrong'), { kind: 'refused', reason: 'credentials' })
    return performance.now() - startedAt
  }
  const [known, unknown]: [number[], number[]] = [[], []]
  for (let round = 0; round < 15; round++) {
    known.push(await timed('ada'))
    unknown.push(await timed('nobody'))
  }
  const median = (times: number[]): number => times.sort((a, b) => a - b)[7] ?? 0
  assert.ok(median(known) >= 199, 'at the step and not before')
  // Timers are late on a busy machine, for both alike.
  assert.ok(Math.abs(median(known) - median(unknown)) < 20, `${median(known)} and ${median(unknown)} ms`)
})

const withTls = (changes: object) => createProvider({ startTls: true, ca: ours.certificate, ...changes })
const byName = (): string => `ldap://localhost:${slapd.port}`

test('LDAPS and StartTLS work with the authority that is given', { skip }, async () => {
  const before = slapd.operations().match(/TLS established/g)?.length ?? 0
  assert.equal((await verify(withTls({ servers: [slapd.tlsUrl] }), 'ada')).kind, 'proven')
  assert.equal((await verify(withTls({ servers: [byName()] }), 'ada')).kind, 'proven')
  assert.equal((await verify(withTls({ servers: [byName()] }), 'ada', 'wrong')).kind, 'refused')
  assert.equal(slapd.operations().match(/TLS established/g)?.length, before + 3)
})

test('no password goes to a server whose certificate is not believed', { skip }, async () => {
  const before = binds()
  for (const servers of [[slapd.tlsUrl], [byName()]]) {
    assert.match(await faultOf(withTls({ servers, ca: undefined })), /SELF_SIGNED_CERT/)
    assert.match(await faultOf(withTls({ servers, ca: theirs.certificate })), /SELF_SIGNED_CERT/)
  }
  // It bears the name, not the address.
  assert.match(await faultOf(withTls({ servers: [`ldaps://127.0.0.1:${slapd.tlsPort}`] })), /ALTNAME_INVALID/)
  assert.match(await faultOf(withTls({ servers: [slapd.url] })), /ALTNAME_INVALID/)
  assert.equal(binds(), before)
})

test('a server that cannot encrypt is told nothing', { skip }, async () => {
  const plain = await startSlapd()
  if (isMissing(plain)) return
  assert.match(await faultOf(withTls({ servers: [plain.url] })), /result code/)
  assert.doesNotMatch(plain.operations(), /BIND dn="cn=gatehouse/)
  await plain.stop()
})

test('what is sent ahead of the handshake is no answer of the server', { skip }, async () => {
  const wrong = join(folder, 'wrong')
  writeFileSync(wrong, 'CANARY-wrong', { mode: 0o600 })
  // In the clear, a yes to StartTLS; behind it a BindResponse with success that lacks its end: a text of 14 bytes. The
  // server's own refusal, through TLS, has 14 bytes.
  const yes = [0x30, 0x0c, 0x02, 0x01, 0x02, 0x78, 0x07, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00]
  const injected = (id: number) => [0x30, 0x1a, 0x02, 0x01, id, 0x61, 0x15, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x0e]
  for (const id of [2, 3]) {
    await using relay = await startServer((client) => {
      client.write(Buffer.from([...yes, ...injected(id)]))
      client.once('data', (hello) => {
        const real = connect(slapd.tlsPort, '127.0.0.1').on('error', () => {})
        real.write(hello)
        client.pipe(real).pipe(client)
      })
    })
    const bind = { dn: serviceAccount.dn, password: { file: wrong } }
    const provider = withTls({ servers: [relay.url.replace('127.0.0.1', 'localhost')], bind })
    assert.match(await faultOf(provider), /the account of this gateway is refused \(result code 49\)/)
  }
})

test('a server that does not stop answering StartTLS is left', { skip }, async () => {
  await using flood = await startServer((socket) => {
    // A message of a gigabyte begins, and goes on as long as somebody takes it.
    socket.write(Buffer.from([0x30, 0x84, 0x40, 0, 0, 0]))
    const more = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
    }
    socket.on('drain', more)
    more()
  })
  const provider = withTls({ servers: [flood.url.replace('127.0.0.1', 'localhost')] })
  assert.doesNotMatch(await faultOf(provider), /no answer in time/)
})

test('servers are asked in order, and one that does not answer is asked last for a while', { skip }, async () => {
  const gone = await findFreePort()
  const other = await startSlapd()
  if (isMissing(other)) return
  const provider = createProvider({ servers: [`ldap://127.0.0.1:${gone}`, slapd.url, other.url] })
  for (let round = 0; round < 3; round++) assert.equal((await verify(provider, 'ada')).kind, 'proven')
  assert.doesNotMatch(other.operations(), /BIND dn="cn=gatehouse/)
  assert.match(await faultOf(createProvider({ servers: [`ldap://127.0.0.1:${gone}`] })), /ECONNREFUSED/)
  await other.stop()
})

test('a directory that was restarted is found again', { skip }, async () => {
  const own = await startSlapd()
  if (isMissing(own)) return
  const provider = createProvider({
    servers: [own.url],
    people: { base: BASE, filter: '(objectClass=*)', username: 'cn' },
  })
  const login = async () => verify(provider, 'gatehouse', serviceAccount.password)
  assert.equal((await login()).kind, 'proven')
  await own.halt()
  await assert.rejects(login(), { code: 'login.providerUnavailable' })
  await own.restart()
  assert.equal((await login()).kind, 'proven')
  await own.stop()
})

test('the account of the gateway is refused: nobody logs in, and the log says why', { skip }, async () => {
  const wrong = join(folder, 'wrong')
  writeFileSync(wrong, 'CANARY-wrong', { mode: 0o600 })
  const provider = createProvider({ bind: { dn: serviceAccount.dn, password: { file: wrong } } })
  assert.match(await faultOf(provider), /the account of this gateway is refused \(result code 49\)/)
})

test('what the directory is not like the configuration says, the log says', { skip }, async () => {
  assert.match(await faultOf(createProvider({ people: { base: people, subject: 'objectGUID' } })), /without objectGUID/)
  assert.match(await faultOf(createProvider({ people: { base: `ou=none,${BASE}` } })), /result code 32/)
  assert.match(await faultOf(createProvider({ people: { base: people, filter: '(!!)' } })), /people\.filter/)
})

/** Does this once something was asked. */
async function startServer(answer: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.once('data', () => answer(socket))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `ldap://127.0.0.1:${port}`,
    asked: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

test('a server that hangs is given up on within ten seconds', { skip }, async () => {
  await using liar = await startServer(() => {})
  const startedAt = performance.now()
  assert.match(await faultOf(createProvider({ servers: [liar.url] })), /no answer in time/)
  assert.ok(performance.now() - startedAt < 10_000)
})

const LIES: Readonly<Record<string, (socket: Socket) => void>> = {
  'an end': (socket) => void socket.end(),
  'a reset': (socket) => void socket.resetAndDestroy(),
  'bytes that are no LDAP': (socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'),
  'an endless answer': (socket) => void socket.write(Buffer.alloc(2 * 1024 * 1024, 0x30)),
  'half an answer': (socket) => void socket.end(Buffer.from([0x30, 0x0c, 0x02, 0x01])),
}
for (const [name, answer] of Object.entries(LIES)) {
  test(`no login comes of ${name}`, { skip }, async () => {
    await using liar = await startServer(answer)
    assert.ok((await faultOf(createProvider({ servers: [liar.url] }))).length > 0)
  })
}

test('a configuration that could not be kept safe is refused', () => {
  const parse = (changes: object) =>
    ldapDriver.config.safeParse({
      id: 'lab',
      type: 'ldap',
      servers: ['ldaps://ldap.example.org'],
      people: { base: 'ou=people,dc=example,dc=org' },
      ...changes,
    }).success
  assert.ok(parse({}))
  assert.ok(parse({ servers: ['ldap://ldap.example.org'] }), 'StartTLS is the default')
  assert.ok(parse({ servers: ['ldap://[::1]:389'], startTls: false }))
  assert.ok(!parse({ servers: ['ldap://ldap.example.org'], startTls: false }))
  assert.ok(!parse({ servers: ['ldap://127.0.0.1.example.org'], startTls: false }))
  assert.ok(parse({ servers: ['ldap://ldap.example.org'], startTls: false, dangerouslyAllowPlain: true }))
  for (const server of [
    'ldap.example.org',
    'https://ldap.example.org',
    'ldaps://a@b',
    'ldaps://a/dc=x',
    'ldaps://a:0',
    'ldaps://a:99999',
    'ldaps://',
  ]) {
    assert.ok(!parse({ servers: [server] }), server)
  }
  for (const changes of [
    { subject: 'mail' },
    { subject: 'uid' },
    { base: 'people' },
    { filter: 'uid=x' },
    { filter: '(a=b))' },
    { filter: '(a=b)(c=d)' },
    { username: 'uid)(x=' },
  ]) {
    assert.ok(!parse({ people: { base: 'ou=people,dc=example,dc=org', ...changes } }), JSON.stringify(changes))
  }
})
