// The guide "Connect a provider that speaks OAuth only", done as it is written, at GitLab's OAuth and API, whose answer
// about the person is bent to what the page's provider says.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { parse } from 'yaml'
import { Secret } from '#kernel'
import { type AlteringFront, startAlteringFront } from '../support/altering-front.ts'
import { type GitLab, startGitLab } from '../support/gitlab/gitlab.ts'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { createProviderVisitor } from '../support/oidc-provider.ts'
import { findFreePort, makeDirectory, removeDirectory } from '../support/programs.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { runCommand } from '../support/run-command.ts'
import { startGateway } from '../support/start-gateway.ts'
import { RawAnswer } from '../support/tampering-provider.ts'
import { fillIn, readGuide } from './guide-text.ts'

const guide = readGuide('docs/guide/connect-oauth2.md')
const GATE = 'https://gate.example.org'
const SECRET = 'CANARY-client-secret'
const TOKEN_SECONDS = 300
const [TOKEN, USER] = ['/oauth/token', '/api/v4/user']
const folder = makeDirectory('guide-oauth2')
const file = join(folder, 'gatehouse.yaml')

let port: number
let url: string
let gitlab: GitLab
let front: AlteringFront
let service: RecordingUpstream
let teams: readonly string[]

before(async () => {
  port = await findFreePort()
  url = `http://127.0.0.1:${port}`
  writeFileSync(join(folder, 'secret'), SECRET, { mode: 0o600 })
  service = await startRecordingUpstream()
  gitlab = await startGitLab({
    accessTokenSeconds: TOKEN_SECONDS,
    applications: [
      { clientId: 'gatehouse', clientSecret: new Secret(SECRET), redirectUris: [`${url}/auth/callback/login`] },
    ],
  })
  front = await startAlteringFront(gitlab.url)
})
after(async () => {
  await front.close()
  await gitlab.close()
  await service.close()
  removeDirectory(folder)
})
beforeEach(() => {
  teams = ['lab']
  answer({})
})

/** As the page's provider says who somebody is; `more` bends that. */
function answer(
  more: Readonly<Record<string, unknown>>,
  token: (body: Record<string, unknown>) => unknown = same,
): void {
  front.alter({
    [USER]: ({ id, username, name }) => ({ id, login: username, name, teams: { names: teams }, ...more }),
    [TOKEN]: token,
  })
}

const same = (body: Record<string, unknown>): unknown => body

function follow(): string {
  const text = fillIn(guide, {
    [GATE]: url,
    'https://login.example.org/oauth/authorize': `${gitlab.url}/oauth/authorize`,
    'https://login.example.org/oauth/token': `${front.url}${TOKEN}`,
    'https://login.example.org/api/user': `${front.url}${USER}`,
    'https://login.example.org/oauth/revoke': `${front.url}/oauth/revoke`,
    '/run/secrets/login': join(folder, 'secret'),
    'http://service:8081': service.url,
    'group:lab': 'group:lab',
  })
  writeFileSync(file, text)
  return text
}

const serve = (clock?: ManualClock) =>
  startGateway({
    config: [parse(follow()) as Record<string, unknown>, { server: { listen: `127.0.0.1:${port}` } }],
    ...(clock && { clock }),
  })

const begin = async (client: TestClient): Promise<string> =>
  String((await client.post('/auth/login/login', { returnTo: '/' })).headers.location)

async function logIn(client: TestClient, change: (callback: URL) => void = () => {}): Promise<TestAnswer> {
  const [ada = assert.fail()] = gitlab.users
  const callback = await createProviderVisitor(gitlab.url).login(await begin(client), ada)
  change(callback)
  return client.get(callback.href, { accept: 'text/html' })
}

test('the commands say that all is well', async () => {
  follow()
  await using _gateway = await serve()
  const [check = [], doctor = []] = (guide.blocks('sh')[0] ?? '')
    .trim()
    .split('\n')
    .map((command) => command.split(' ').slice(2))
  const checked = await runCommand(check, { cwd: folder })
  assert.equal(checked.exitCode, 0, checked.output + checked.errors)
  assert.match((await runCommand(doctor, { cwd: folder })).output, /^ok +redirect URI login /m)
})

test('the members of the team get through to the service, with names from where the page says, and nobody else', async () => {
  await using _gateway = await serve()
  const client = createClient(url)
  assert.equal((await logIn(client)).status, 303)
  const me = (await client.get('/api/v1/me')).json() as Record<string, unknown>
  assert.deepEqual([me.username, me.displayName, me.groups], ['ada', gitlab.users[0]?.displayName, ['lab']])
  assert.equal((await client.get('/api/service/')).status, 200)
  teams = ['other']
  const stranger = createClient(url)
  assert.equal((await logIn(stranger)).status, 303)
  assert.equal((await stranger.get('/api/service/')).status, 403)
})

test('each line of what the provider must do is so', async () => {
  await using gateway = await serve()
  const userAnswers = (body: unknown) => () => front.alter({ [USER]: () => body })
  const broken: Readonly<Record<string, readonly (() => void)[]>> = {
    'do the authorization code flow; PKCE with S256 is always used, and ignored by those who do not know it': [],
    'answer at `userinfoUrl` with status 200, `Content-Type: application/json` and an object': [
      userAnswers(new RawAnswer(302, { location: '/x' }, '')),
      userAnswers(new RawAnswer(200, { 'content-type': 'text/html' }, '<!doctype html>')),
      userAnswers([{ id: 1 }]),
      userAnswers(new RawAnswer(204, {}, '')),
    ],
    'have in `claims.subject` a text or an integer that it gives to nobody else, ever': [
      () => answer({ id: undefined }),
      () => answer({ id: 1.5 }),
      () => answer({ id: 'ada@example.org' }),
    ],
    'name itself in its answers (`iss`) if, and only if, `issuer` is written': [],
    'give no ID tokens': [() => answer({}, (body) => ({ ...body, id_token: 'eyJ.a.b' }))],
  }
  assert.deepEqual(
    guide.table('it must').map(([must]) => must),
    Object.keys(broken),
  )
  for (const [must, ways] of Object.entries(broken)) {
    for (const [index, breakIt] of ways.entries()) {
      breakIt()
      const client = createClient(url)
      assert.ok((await logIn(client)).status >= 400, `${must} ${index}`)
      assert.equal((await client.get('/api/v1/me')).status, 401)
      answer({})
    }
  }
  const client = createClient(url)
  assert.equal(new URL(await begin(client)).searchParams.get('code_challenge_method'), 'S256')
  const named = await logIn(client, ({ searchParams }) => searchParams.set('iss', 'https://login.example.org'))
  assert.equal(named.status, 401)
  assert.doesNotMatch(JSON.stringify(gateway.logs), /CANARY/)
})

test('who leaves a team is treated so from the next refresh on; a refresh about somebody else ends the session', async () => {
  const clock = createManualClock(Date.now())
  await using _gateway = await serve(clock)
  const client = createClient(url)
  assert.equal((await logIn(client)).status, 303)
  teams = ['other']
  assert.equal((await client.get('/api/service/')).status, 200)
  clock.advance((TOKEN_SECONDS - 59) * 1000)
  assert.equal((await client.get('/api/service/')).status, 403)
  answer({ id: 4711 })
  clock.advance((TOKEN_SECONDS - 59) * 1000)
  assert.equal((await client.get('/api/service/')).status, 401)
})

test('at a logout the tokens are revoked; the browser stays logged in at the provider', async () => {
  await using _gateway = await serve()
  const client = createClient(url)
  assert.equal((await logIn(client)).status, 303)
  const before = gitlab.oauth.revoked.length
  assert.equal((await client.post('/auth/logout')).headers.location, '/auth/logged-out')
  const revoked = gitlab.oauth.revoked.slice(before)
  assert.ok(revoked.length > 0)
  for (const token of revoked) assert.ok(gitlab.oauth.issued.has(token))
})

test('such a login is never one of just now', async () => {
  await using _gateway = await serve()
  const client = createClient(url)
  assert.equal((await logIn(client)).status, 303)
  const headers = { origin: url, 'content-type': 'application/json' }
  const body = JSON.stringify({ name: 'nightly', scopes: ['services'] })
  const answered = await client.send('/api/v1/tokens', { method: 'POST', headers, body })
  assert.deepEqual([answered.status, (answered.json() as { code: string }).code], [403, 'access.loginNotRecent'])
})
