// Logging in over HTTP, through the whole front door: local accounts made on the command line while the gateway runs.

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { Command } from 'commander'
import { addUserCommand } from '../../src/cli/user-command.ts'
import { createClient, type TestAnswer } from '../support/http-client.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'

const PASSWORD = 'CANARY correct horse'
let gateway: TestGateway

before(async () => {
  gateway = await startGateway({
    config: {
      identity: [{ id: 'lab', type: 'local', label: 'Lab <b>account</b>' }],
      access: { admins: ['group:admins'] },
    },
  })
  await runUser(['add', 'ada', '--group', 'lab'], PASSWORD)
})
after(() => gateway.close())

/** `gatehouse user …` beside the running gateway. */
async function runUser(args: readonly string[], input = ''): Promise<void> {
  const program = new Command().exitOverride()
  addUserCommand(program, {
    env: {},
    cwd: '/',
    stdin: Readable.from([Buffer.from(input)]) as unknown as NodeJS.ReadStream,
    print: () => {},
    printError: (text) => assert.fail(text),
    setExitCode: () => {},
    nodeVersion: process.versions.node,
    onSignal: () => () => {},
  })
  const config = gateway.configFiles.flatMap((file) => ['--config', file])
  await program.parseAsync(['user', ...args, ...config], { from: 'user' })
}

const logIn = (form: Readonly<Record<string, string>> = {}, client = createClient(gateway.url)): Promise<TestAnswer> =>
  client.post('/auth/login/lab', { username: 'ada', password: PASSWORD, ...form })

/** A page without what differs from answer to answer. */
const comparable = ({ text }: TestAnswer): string => text.replace(/nonce="[^"]*"/g, '')

test('the login page is a form that works without script', async () => {
  const answer = await createClient(gateway.url).get('/auth/login?returnTo=/jobs', { accept: 'text/html' })
  assert.equal(answer.status, 200)
  assert.match(answer.text, /<form[^>]*method="post"[^>]*action="\/auth\/login\/lab"/)
  for (const name of ['username', 'password', 'returnTo']) assert.match(answer.text, new RegExp(`name="${name}"`))
  assert.match(answer.text, /name="returnTo" value="\/jobs"/)
  assert.match(answer.text, /Lab &lt;b&gt;account/)
  assert.doesNotMatch(answer.text, /<script(?! type="module" nonce="[\w-]+" src="\/auth\/assets\/)/)
  assert.equal(answer.headers['cache-control'], 'no-store')
})

test('an account made on the command line logs in, is seen, and is out at once when disabled', async () => {
  const client = createClient(gateway.url)
  const answer = await logIn({ returnTo: '/account' }, client)
  assert.deepEqual([answer.status, answer.headers.location], [303, '/account'])
  for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
    assert.match(line, /^__Host-[^=]+=[^;]*; Path=\/; HttpOnly; SameSite=Lax; Secure/)
  }
  assert.equal((await client.get('/api/v1/sessions')).status, 200)

  await runUser(['disable', 'ada'])
  const deadline = performance.now() + 5000
  while ((await client.get('/api/v1/sessions')).status !== 401)
    assert.ok(performance.now() < deadline, 'still logged in')
  assert.equal((await logIn()).status, 401)

  await runUser(['enable', 'ada'])
  assert.equal((await logIn()).status, 303)
})

test('which names exist cannot be told from the answers', async () => {
  const known = await logIn({ password: 'wrong' })
  const unknown = await logIn({ username: 'nobody', password: 'wrong' })
  assert.equal(known.status, 401)
  assert.equal(unknown.status, 401)
  assert.equal(comparable(known), comparable(unknown))
  assert.deepEqual(Object.keys(known.headers).toSorted(), Object.keys(unknown.headers).toSorted())
})

test('a login form of another site is refused', async () => {
  for (const headers of [
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site', origin: gateway.url },
  ]) {
    const client = createClient(gateway.url)
    const form = { username: 'ada', password: PASSWORD }
    assert.equal((await client.post('/auth/login/lab', form, headers)).status, 403)
    assert.equal(client.cookies.size, 0)
  }
})

test('no value of returnTo leads elsewhere, or writes a header', async () => {
  for (const returnTo of [
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    '/%0d%0aX-Evil:1',
    '/a\r\nX-Evil: 1',
    '/%2f/evil.test',
    '\t//evil.test',
  ]) {
    const answer = await logIn({ returnTo })
    assert.deepEqual([answer.status, answer.headers.location], [303, '/'], JSON.stringify(returnTo))
    assert.equal(answer.headers['x-evil'], undefined)
  }
})

test('nothing about logging in happens by GET', async () => {
  const client = createClient(gateway.url)
  await logIn({}, client)
  for (const path of ['/auth/logout', '/auth/login/lab', '/auth/disconnect/lab']) {
    assert.ok([404, 405].includes((await client.get(path)).status), path)
  }
  assert.equal((await client.get('/api/v1/sessions')).status, 200)
})

test('after a logout the old cookie is worth nothing', async () => {
  const client = createClient(gateway.url)
  await logIn({}, client)
  const cookie = client.cookieHeader()
  const answer = await client.post('/auth/logout')
  assert.deepEqual([answer.status, answer.headers.location], [303, '/auth/logged-out'])
  assert.equal((await client.get('/auth/logged-out', { accept: 'text/html' })).status, 200)
  assert.equal((await createClient(gateway.url).get('/api/v1/sessions', { cookie })).status, 401)
})

test('a name as long as a book is refused, and no log line is long', async () => {
  const answer = await logIn({ username: `x\n\u001b[31m${'y'.repeat(900_000)}` })
  assert.equal(answer.status, 400)
  for (const entry of gateway.logs) assert.ok(JSON.stringify(entry).length <= 2048)
})

test('a password reaches no log, whatever was wrong', async () => {
  await logIn({ username: 'nobody' })
  await logIn({ returnTo: '//evil.test' })
  await createClient(gateway.url).post('/auth/login/nope', { username: 'ada', password: PASSWORD })
  assert.doesNotMatch(JSON.stringify(gateway.logs), /CANARY/)
})

test('of a failed login the name is kept only if it is somebody’s: people type passwords into the wrong field', async () => {
  assert.equal((await logIn()).status, 303)
  await logIn({ username: PASSWORD, password: 'x'.repeat(12) })
  await logIn({ username: 'ada', password: 'x'.repeat(12) })
  const failures = gateway.logs.filter(({ event }) => event === 'login_failed').map(({ username }) => username)
  assert.deepEqual(failures.slice(-2), [undefined, 'ada'])
  const audited = await gateway.apis.storage.audit.list({ limit: 100 })
  assert.ok(audited.some(({ action, detail }) => action === 'login.failed' && detail?.username === 'ada'))
  assert.doesNotMatch(JSON.stringify([gateway.logs, audited]), new RegExp(PASSWORD))
})
