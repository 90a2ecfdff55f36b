// The files of this folder, with a real OpenID provider in Keycloak's place: log in, get a token in the browser, and go on
// with the script, as its user would; with curl's plain header, and as Basic.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { Secret } from '#kernel'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { adapt } from '../../test/support/front-lab.ts'
import { createClient } from '../../test/support/http-client.ts'
import { createProviderVisitor, startOidcProvider } from '../../test/support/oidc-provider.ts'
import { findFreePort, findProgram, isMissing, type Program } from '../../test/support/programs.ts'
import { type ConfigLayer, startGateway, type TestGateway } from '../../test/support/start-gateway.ts'

const folder = new URL('.', import.meta.url)
const script = fileURLToPath(new URL('spt_token.py', folder))
const started = new AsyncDisposableStack()
const secret = randomBytes(24).toString('base64url')

const person = (username: string, ...groups: readonly string[]) => ({
  username,
  displayName: username,
  email: `${username}@example.org`,
  groups,
  password: new Secret(`CANARY-password-${username}`),
})
/** As the mapper writes them with "Full group path", and without. */
const accounts = [person('ada', '/spt3g-users'), person('grace', 'spt3g-users', 'spt3g-admins'), person('mallory')]

let gateway: TestGateway
let issuer: string

before(async () => {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const client = {
    clientId: 'spt3g',
    clientSecret: new Secret(secret),
    redirectUris: [`${url}/auth/callback/keycloak`],
    postLogoutRedirectUris: [`${url}/auth/logged-out`],
  }
  const provider = await startOidcProvider({ accounts, clients: [client] })
  started.defer(provider.close)
  issuer = provider.issuer
  const files = await startEchoUpstream()
  started.defer(files.close)
  const text = adapt(new URL('gatehouse.yaml', folder), {
    'https://spt3g.example.org': url,
    '0.0.0.0:8080': `127.0.0.1:${port}`,
    'https://keycloak.example.org/realms/spt3g': issuer,
    'http://127.0.0.1:8081/files': `${files.url}/files`,
  })
  const env = { OIDC_SECRET: secret, ACCOUNT_KEY: randomBytes(32).toString('base64') }
  gateway = started.use(await startGateway({ config: parse(text) as ConfigLayer, env }))
})
after(() => started.disposeAsync())

/** A browser that opens the address of the token, logs in on the way, and comes back to it. */
async function getTokenAs(username: string) {
  const account = accounts.find((each) => each.username === username) ?? assert.fail()
  const browser = createClient(gateway.url)
  const asked = await browser.get('/account/token/create')
  assert.equal(asked.status, 302)
  const login = new URL(String((await browser.get(String(asked.headers.location))).headers.location), gateway.url)
  const returnTo = login.searchParams.get('returnTo') ?? ''
  const away = await browser.post('/auth/login/keycloak', { returnTo })
  const back = await createProviderVisitor(issuer).login(String(away.headers.location), account)
  const answer = await browser.follow(await browser.get(back.href))
  return { answer, browser }
}

const tokenOf = async (username: string): Promise<string> =>
  ((await (await getTokenAs(username)).browser.get('/account/token/create')).json() as { token: string }).token

async function runScript(python: Program, token: string, args: readonly string[], env = {}) {
  const run = promisify(execFile)(python.path, [script, gateway.url, ...args], {
    env: { SPT_API_TOKEN: token, ...env },
  })
  return await run.then(
    ({ stdout }) => ({ code: 0, said: stdout.trim() }),
    (error: { readonly code: number; readonly stderr: string }) => ({ code: error.code, said: error.stderr.trim() }),
  )
}

test('log in, create, whoami, refresh, a file, revoke: with the script', { timeout: 120_000 }, async (t) => {
  const python = await findProgram({ names: ['python3'], package: 'python3' })
  if (isMissing(python)) return t.skip(python.missing)
  const token = await tokenOf('ada')
  assert.ok(token.startsWith('eyJ0eXAiO'))
  for (const env of [{}, { SPT_API_BASIC: '1' }]) {
    const whoami = await runScript(python, token, ['whoami'], env)
    const { username, groups, status } = JSON.parse(whoami.said) as Record<string, unknown>
    assert.deepEqual({ username, groups, status }, { username: 'ada', groups: ['spt3g-users'], status: 'ok' })
  }
  const { said: next } = await runScript(python, token, ['refresh'])
  assert.notEqual(next, token)
  const file = await runScript(python, next, ['get', '/files/jobs/0f3a/out/manifest.json'])
  assert.match(file.said, /\/files\/jobs\/0f3a\/out\/manifest\.json/)
  assert.doesNotMatch(file.said, /eyJ0eXAiO/, 'the service behind sees no token')
  assert.equal((await runScript(python, next, ['revoke'])).code, 0)
  for (const each of [token, next]) {
    const refused = await runScript(python, each, ['whoami'])
    assert.deepEqual([refused.code, refused.said.startsWith('401: The token was revoked.')], [1, true], refused.said)
  }
})

test('who is in no group of the service is told so, and a stranger gets nothing', async () => {
  const { answer, browser } = await getTokenAs('mallory')
  assert.equal(answer.status, 403)
  const { status, message } = (await browser.get('/account/token/create')).json() as Record<string, unknown>
  assert.equal(status, 'error')
  assert.match(String(message), /Whom to ask: the SPT-3G data service/)
  assert.equal((await createClient(gateway.url).get('/files/jobs/0f3a/')).status, 401)
})

test('administrators are those of the other group', async () => {
  const { browser } = await getTokenAs('grace')
  assert.equal((await browser.get('/api/v1/admin/users')).status, 200)
  const { is_admin } = (await browser.get('/api/v1/account/whoami')).json() as Record<string, unknown>
  assert.equal(is_admin, true)
})
