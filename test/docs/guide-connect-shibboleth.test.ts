// The guide "Connect Shibboleth", done as it is written: its secret, its Shibboleth, its Apache and its gateway, with what
// is ours in place of hosts and paths; a real mod_shib in front, and a real identity provider behind it.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { createClient, type TestClient } from '../support/http-client.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { runCommand } from '../support/run-command.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { block, goPast, shibbolethGuide as guide, openShibbolethLab, type ShibbolethLab } from './shibboleth-lab.ts'

let lab: ShibbolethLab
let service: RecordingUpstream
let gateway: TestGateway
let url: string

before(async () => {
  lab = await openShibbolethLab()
  url = lab.places.url
  service = await startRecordingUpstream()
  const yaml = block('yaml', 0, {
    'https://gate.example.org': url,
    '127.0.0.1:8080': lab.places.inner,
    '/etc/gatehouse/front-secret': lab.places.secretFile,
    'http://data:8000': service.url,
    'group:lab': 'group:lab',
  })
  assert.deepEqual(
    guide.table('replace').map(([what]) => what),
    ['https://gate.example.org', '127.0.0.1:8080', '/etc/gatehouse/front-secret', 'http://data:8000', 'group:lab'],
  )
  writeFileSync(join(lab.places.folder, 'gatehouse.yaml'), yaml)
  gateway = await startGateway({ config: parse(yaml) })
})
after(async () => {
  await gateway?.close()
  await service?.close()
  await lab?.close()
})

const run = (command: string) => runCommand(command.trim().split(' ').slice(2), { cwd: lab.places.folder })

const begin = async (client: TestClient): Promise<string> =>
  String((await client.post('/auth/login/shibboleth', { returnTo: '/api/data/x' })).headers.location)

test('the configuration is right', async () => {
  const { exitCode, output, errors } = await run(guide.blocks('sh')[1] ?? '')
  assert.equal(exitCode, 0, output + errors)
})

test('people log in at their identity provider, and the service gets the requests of the group', async () => {
  const client = createClient(url)
  const page = await client.get('/auth/login', { accept: 'text/html' })
  assert.match(page.text, /University login/)
  const landed = await lab.logInThere(client, await begin(client))
  assert.deepEqual([landed.status, landed.headers.location], [303, '/api/data/x'], landed.text)
  const me = (await client.get('/api/v1/me')).json() as Record<string, unknown>
  assert.equal(me.username, 'ada@uni.example')
  assert.equal(me.displayName, 'Ada Lovelace, 計算機')
  assert.deepEqual(me.groups, ['lab', 'beam;line'])
  service.requests.length = 0
  assert.equal((await client.get('/api/data/x')).status, 200)
  const [request] = service.requests
  for (const name of ['x-gatehouse-front', 'persistent-id', 'eppn', 'ismemberof'])
    assert.deepEqual(request?.all(name), [], name)
  await logsOutOfBoth(client)
})

test('who has been logged in there for long is asked once more for what needs a login of just now', async () => {
  const client = createClient(url)
  const makeToken = async () => {
    const headers = { origin: new URL(url).origin, 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'nightly', scopes: ['services'] })
    return (await client.send('/api/v1/tokens', { method: 'POST', headers, body })).status
  }
  lab.idp.loggedInAt = new Date(Date.now() - 7_200_000)
  assert.equal((await lab.logInThere(client, await begin(client))).status, 303)
  assert.equal(await makeToken(), 403)

  const freshly = String((await client.post('/auth/login/shibboleth', { again: '1', returnTo: '/' })).headers.location)
  assert.equal(new URL(freshly).searchParams.get('forceAuthn'), 'true')
  // Who does not let it ask has shown nothing: Shibboleth comes back with the login that it knows.
  const silently = await client.get(new URL(freshly).searchParams.get('target') ?? '', { accept: 'text/html' })
  assert.equal(silently.status, 401)
  assert.match(silently.text, /show once more who you are/)
  assert.equal(await makeToken(), 403)

  const again = String((await client.post('/auth/login/shibboleth', { again: '1', returnTo: '/' })).headers.location)
  assert.equal((await lab.logInThere(client, again)).status, 303)
  assert.ok((lab.idp.loggedInAt?.getTime() ?? 0) > Date.now() - 60_000, 'the identity provider asked')
  assert.equal(await makeToken(), 201)
})

/** What the guide promises of a logout. */
async function logsOutOfBoth(client: TestClient): Promise<void> {
  assert.equal((await client.get('/auth/callback/shibboleth?state=x')).status, 303, 'Shibboleth knows the browser')
  const out = await client.post('/auth/logout')
  const back = await client.get(String(out.headers.location))
  assert.ok(String(back.headers.location).startsWith(`${url}/auth/logged-out?state=`), back.text)
  assert.equal((await client.get(String(back.headers.location))).status, 200)
  assert.equal((await client.get('/api/v1/me')).status, 401)
  const again = await client.get('/auth/callback/shibboleth?state=x')
  assert.ok(String(again.headers.location).startsWith(lab.idp.loginUrl), 'Shibboleth wants a login again')
}

test('who sends the headers through Apache, or past it, is nobody', async () => {
  const secret = readFileSync(lab.places.secretFile, 'utf8').trim()
  const forged = { 'persistent-id': 'mallory', eppn: 'mallory@uni.example', 'X-Gatehouse-Front': secret }
  const client = createClient(url)
  const target = new URL(await begin(client)).searchParams.get('target') ?? ''
  assert.notEqual((await client.get(target, forged)).status, 303, 'a login is answered so')
  assert.equal((await client.get('/api/v1/me', forged)).status, 401)
  // Past Apache, without the secret; with it they would be believed.
  const past = async (headers: Readonly<Record<string, string>>) => {
    const back = new URL(new URL(await begin(client)).searchParams.get('target') ?? '')
    return (await goPast(gateway, client, back, headers)).status
  }
  const { 'X-Gatehouse-Front': _, ...bare } = forged
  assert.equal(await past(bare), 401)
  assert.equal(await past({ ...bare, X_Gatehouse_Front: secret }), 401)
  assert.equal(await past(forged), 303)
})

test('the doctor sees that a login begins', async () => {
  const { output } = await run('npx gatehouse doctor --json --config gatehouse.yaml')
  const { findings } = JSON.parse(output) as { readonly findings: readonly { check: string; status: string }[] }
  assert.equal(findings.find(({ check }) => check === 'front server shibboleth')?.status, 'ok', output)
})
