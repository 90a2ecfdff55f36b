// Logins that a server in front has made, at the real gateway (security.md H1): who sends the headers past that server is
// nobody, whatever the spelling, and nothing of them reaches a service.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createClient, type TestClient } from '../support/http-client.ts'
import { findFreePort, makeDirectory, removeDirectory } from '../support/programs.ts'
import { type RawAnswer, sendRaw } from '../support/raw-http.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'

const SECRET = 'CANARY-3b1f8a6c2d9e4750b6a1c8d2e3f4a5b6'
const MARK = 'mallory-was-here'
const directory = makeDirectory('front')
writeFileSync(join(directory, 'secret'), SECRET, { mode: 0o600 })

let upstream: RecordingUpstream
let gateway: TestGateway
/** The same, where the front server is another machine. */
let elsewhere: TestGateway

const configFor = async (from: string) => {
  const port = await findFreePort()
  return {
    server: { url: `http://localhost:${port}`, listen: `127.0.0.1:${port}` },
    identity: [
      {
        id: 'umbrella',
        type: 'trusted-header',
        from: [from],
        secret: { file: join(directory, 'secret') },
        headers: { subject: 'Umbrella-Id', displayName: 'REMOTE_NAME', groups: 'isMemberOf' },
        loginUrl: '/Shibboleth.sso/Login?target=',
        logoutUrl: '/Shibboleth.sso/Logout?return=',
      },
    ],
    upstreams: [
      { path: '/api/plain/', to: upstream.url, allow: ['authenticated'] },
      { path: '/open/', to: upstream.url, allow: ['public'] },
      { path: '/listed/', to: upstream.url, allow: ['public'] },
    ],
  }
}

before(async () => {
  upstream = await startRecordingUpstream()
  gateway = await startGateway({ config: await configFor('127.0.0.1') })
  elsewhere = await startGateway({ config: await configFor('10.255.0.1') })
})
after(async () => {
  await gateway.close()
  await elsewhere.close()
  await upstream.close()
  removeDirectory(directory)
})

/** Begins a login. @returns where the front server is to send the browser */
async function begin(client: TestClient): Promise<URL> {
  const answer = await client.post('/auth/login/umbrella', { returnTo: '/api/plain/x' })
  assert.equal(answer.status, 303)
  const there = new URL(String(answer.headers.location))
  assert.equal(there.pathname, '/Shibboleth.sso/Login')
  return new URL(there.searchParams.get('target') ?? '')
}

/** Comes back with these header lines, as they are. */
function comeBack(client: TestClient, target: URL, lines: readonly string[]): Promise<RawAnswer> {
  const head = [
    `GET ${target.pathname}${target.search} HTTP/1.1`,
    `Host: ${target.host}`,
    `Cookie: ${client.cookieHeader()}`,
    'Connection: close',
    ...lines,
  ]
  return sendRaw(Number(target.port), Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'))
}

const bound = `X-Gatehouse-Front: ${SECRET}`
const asAda = ['Umbrella-Id: ada', `REMOTE_NAME: ${Buffer.from('Ada Lovelace 計算機').toString('latin1')}`]

test('whom the front server names is logged in, and lands where they wanted to go', async () => {
  const client = createClient(gateway.url)
  const answer = await comeBack(client, await begin(client), [...asAda, 'isMemberOf: lab;beam\\;line', bound])
  assert.equal(answer.status, 303)
  assert.match(answer.text, /\r\nlocation: \/api\/plain\/x\r\n/i)
  const [, session = ''] = /set-cookie: (__Host-gatehouse=[^;]+)/i.exec(answer.text) ?? []
  const me = await client.get('/api/v1/me', { cookie: session })
  const { username, displayName, groups } = me.json() as Record<string, unknown>
  assert.deepEqual(
    { username, displayName, groups },
    { username: 'ada', displayName: 'Ada Lovelace 計算機', groups: ['lab', 'beam;line'] },
  )
  const out = await client.post('/auth/logout', {}, { cookie: session })
  const there = new URL(String(out.headers.location))
  assert.equal(there.origin, new URL(gateway.url).origin.replace('127.0.0.1', 'localhost'))
  assert.equal(there.pathname, '/Shibboleth.sso/Logout')
  assert.match(there.searchParams.get('return') ?? '', /\/auth\/logged-out\?state=/)
  assert.equal((await client.get('/api/v1/me', { cookie: session })).status, 401)
})

/** Header lines of a callback that prove nobody. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'no headers': [],
  'no secret': asAda,
  'a wrong secret': [...asAda, `${bound}0`],
  'the secret twice': [...asAda, bound, bound],
  'the secret with underscores': [...asAda, bound.replaceAll('-', '_')],
  'no person': [bound],
  'nobody, as Apache says it': ['Umbrella-Id: (null)', bound],
  'the person twice': ['Umbrella-Id: ada', 'Umbrella-Id: mallory', bound],
  'the person in another case too': ['Umbrella-Id: ada', 'UMBRELLA-ID: mallory', bound],
  'the person with an underscore': ['Umbrella_Id: mallory', bound],
  'the person with an underscore too': ['Umbrella_Id: mallory', 'Umbrella-Id: ada', bound],
  'the person with a dot too': ['Umbrella-Id: ada', 'Umbrella.Id: mallory', bound],
  'the groups in another spelling': [...asAda, 'isMemberOf: lab', 'is-Member-Of: x', 'ismemberof: admins', bound],
  'a name with a hyphen too': [...asAda, 'Remote-Name: Mallory', bound],
  'bytes that are no UTF-8': ['Umbrella-Id: \xe4da', bound],
}
for (const [name, lines] of Object.entries(LINES)) {
  test(`nobody is logged in by ${name}`, async () => {
    const client = createClient(gateway.url)
    const { status, text } = await comeBack(client, await begin(client), lines)
    assert.equal(status, 401)
    assert.doesNotMatch(text, /__Host-gatehouse=/)
  })
}

test('from any other address the headers prove nobody, secret or not', async () => {
  for (const lines of [asAda, [...asAda, bound]]) {
    const client = createClient(elsewhere.url)
    assert.equal((await comeBack(client, await begin(client), lines)).status, 401)
  }
})

test('a callback belongs to the browser that began the login, and counts once', async () => {
  const [victim, mallory] = [createClient(gateway.url), createClient(gateway.url)]
  const target = await begin(mallory)
  assert.equal((await comeBack(victim, target, [...asAda, bound])).status, 401)
  assert.equal((await comeBack(mallory, target, [...asAda, bound])).status, 303)
  // Used up, it begins anew at the front server; it logs nobody in.
  const again = await comeBack(mallory, target, [...asAda, bound])
  assert.match(again.text, /\r\nlocation: [^\r]*Shibboleth\.sso\/Login/i)
  assert.doesNotMatch(again.text, /__Host-gatehouse=/)
})

const spellings: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  (name) => name.toUpperCase(),
  (name) => name.replaceAll(/[-_]/g, '_'),
  (name) => name.replaceAll(/[-_]/g, '.'),
  (name) => name.replaceAll(/[-_]/g, '-'),
  (name) => name.replaceAll(/[-_]/g, '~'),
]
const configured = ['X-Gatehouse-Front', 'Umbrella-Id', 'REMOTE_NAME', 'isMemberOf']

test('outside the callback they prove nobody, and none of them reaches a service in any spelling', async () => {
  for (const spell of spellings) {
    const headers = Object.fromEntries(configured.map((name) => [spell(name), MARK]))
    const client = createClient(gateway.url)
    assert.equal((await client.get('/api/v1/me', { ...headers, 'X-Gatehouse-Front': SECRET })).status, 401)
    assert.notEqual((await client.get('/api/plain/x', headers)).status, 200)
    upstream.requests.length = 0
    assert.equal((await client.get('/open/x', { ...headers, 'X-Kept': MARK })).status, 200)
    const [request] = upstream.requests
    const arrived = request?.headers.filter(([, value]) => value === MARK).map(([name]) => name.toLowerCase())
    assert.deepEqual(arrived, ['x-kept'])
  }
})

test('the secret and what was said are in no log', () => {
  assert.doesNotMatch(JSON.stringify([gateway.logs, elsewhere.logs]), /CANARY/)
})
