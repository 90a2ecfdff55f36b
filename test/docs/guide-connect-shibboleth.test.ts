// The guide "Connect Shibboleth", done as it is written: its secret, its Shibboleth, its Apache and its gateway, with what
// is ours in place of hosts and paths; a real mod_shib in front, and a real identity provider behind it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import {
  type Apache,
  findFreePort,
  isMissing,
  makeDirectory,
  removeDirectory,
  type Shibd,
  startApache,
  startShibd,
} from '../support/programs.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { runCommand } from '../support/run-command.ts'
import { makeKeyPair, type SamlIdp, startSamlIdp } from '../support/saml-idp.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { readGuide } from './guide-text.ts'

const guide = readGuide('docs/guide/connect-shibboleth.md')
const folder = makeDirectory('guide-shibboleth')
// Shibboleth and Apache read it as users of their own.
chmodSync(folder, 0o755)
let idp: SamlIdp
let service: RecordingUpstream
let shibd: Shibd
let apache: Apache
let gateway: TestGateway
let url: string

/** The n-th block of a language, with what is ours for what is the reader's. */
function block(language: string, at: number, ours: Readonly<Record<string, string>>): string {
  const text = guide.blocks(language)[at] ?? assert.fail(`the guide has no ${language} ${at}`)
  return Object.entries(ours).reduce((changed, [what, mine]) => {
    assert.ok(changed.includes(what), `${language} ${at} holds ${what}`)
    return changed.replaceAll(what, mine)
  }, text)
}

before(async () => {
  idp = await startSamlIdp()
  service = await startRecordingUpstream()
  const [port, inner] = [await findFreePort(), await findFreePort()]
  url = `http://localhost:${port}`
  makeSecret()
  shibd = await startShibboleth()
  apache = await startFront(port, inner)
  const yaml = block('yaml', 0, {
    'https://gate.example.org': url,
    '127.0.0.1:8080': `127.0.0.1:${inner}`,
    '/etc/gatehouse/front-secret': join(folder, 'gatehouse/front-secret'),
    'http://data:8000': service.url,
    'group:lab': 'group:lab',
  })
  assert.deepEqual(
    guide.table('replace').map(([what]) => what),
    ['https://gate.example.org', '127.0.0.1:8080', '/etc/gatehouse/front-secret', 'http://data:8000', 'group:lab'],
  )
  writeFileSync(join(folder, 'gatehouse.yaml'), yaml)
  gateway = await startGateway({ config: parse(yaml) })
})
after(async () => {
  await gateway?.close()
  await apache?.stop()
  await shibd?.stop()
  await service.close()
  await idp.close()
  removeDirectory(folder)
})

function makeSecret(): void {
  const commands = block('sh', 0, { '/etc/gatehouse/': `${folder}/gatehouse/`, '/etc/apache2/': `${folder}/apache2/` })
  const make = `mkdir -p gatehouse apache2\n${commands}`
  execFileSync('sh', ['-ec', make], { cwd: folder })
}

async function startShibboleth(): Promise<Shibd> {
  const keys = makeKeyPair(folder, 'sp')
  chmodSync(keys.keyFile, 0o644)
  writeFileSync(join(folder, 'idp-metadata.xml'), idp.metadata)
  writeFileSync(join(folder, 'attribute-map.xml'), block('xml', 0, {}))
  const configuration = block('xml', 1, {
    'https://gate.example.org': url,
    'https://idp.example.org/idp': idp.entityId,
    '/etc/shibboleth/idp-metadata.xml': join(folder, 'idp-metadata.xml'),
    '/etc/shibboleth/attribute-map.xml': join(folder, 'attribute-map.xml'),
    '/etc/shibboleth/sp-key.pem': keys.keyFile,
    '/etc/shibboleth/sp-cert.pem': keys.certificateFile,
    // Without TLS.
    'handlerSSL="true" cookieProps="https"': 'handlerSSL="false" cookieProps="http"',
  })
  const started = await startShibd(configuration)
  assert.ok(!isMissing(started))
  const certificate = readFileSync(keys.certificateFile, 'utf8').replace(/-----[A-Z ]+-----|\s/g, '')
  idp.register(`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${url}/shibboleth">
    <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAssertionsSigned="true">
    <md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${url}/Shibboleth.sso/SAML2/POST" index="1"/>
    </md:SPSSODescriptor></md:EntityDescriptor>`)
  return started
}

async function startFront(port: number, inner: number): Promise<Apache> {
  const configuration = block('apache', 0, {
    '/etc/apache2/': `${folder}/apache2/`,
    '127.0.0.1:8080': `127.0.0.1:${inner}`,
    'RequestHeader set X-Forwarded-Proto https': 'RequestHeader set X-Forwarded-Proto http',
  })
  const options = { modules: ['proxy', 'proxy_http', 'authn_core'], port }
  const started = await startApache(options, () => `${shibd.apache}\n${configuration}`)
  assert.ok(!isMissing(started))
  return started
}

const run = (command: string) => runCommand(command.trim().split(' ').slice(2), { cwd: folder })

/** Goes from Shibboleth to the identity provider and back, as a browser does. @returns what the gateway answered */
async function logInThere(client: TestClient, loginUrl: string): Promise<TestAnswer> {
  const toIdp = await client.get(loginUrl)
  const { action, fields } = await idp.answer(String(toIdp.headers.location))
  assert.equal(action, `${url}/Shibboleth.sso/SAML2/POST`)
  const back = await client.post(action, fields, { origin: idp.url })
  return client.get(String(back.headers.location))
}

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
  const landed = await logInThere(client, await begin(client))
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
  idp.loggedInAt = new Date(Date.now() - 7_200_000)
  assert.equal((await logInThere(client, await begin(client))).status, 303)
  assert.equal(await makeToken(), 403)

  const freshly = String((await client.post('/auth/login/shibboleth', { again: '1', returnTo: '/' })).headers.location)
  assert.equal(new URL(freshly).searchParams.get('forceAuthn'), 'true')
  // Who does not let it ask has shown nothing: Shibboleth comes back with the login that it knows.
  const silently = await client.get(new URL(freshly).searchParams.get('target') ?? '', { accept: 'text/html' })
  assert.equal(silently.status, 401)
  assert.match(silently.text, /show once more who you are/)
  assert.equal(await makeToken(), 403)

  const again = String((await client.post('/auth/login/shibboleth', { again: '1', returnTo: '/' })).headers.location)
  assert.equal((await logInThere(client, again)).status, 303)
  assert.ok((idp.loggedInAt?.getTime() ?? 0) > Date.now() - 60_000, 'the identity provider asked')
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
  assert.ok(String(again.headers.location).startsWith(idp.loginUrl), 'Shibboleth wants a login again')
}

test('who sends the headers through Apache, or past it, is nobody', async () => {
  const secret = readFileSync(join(folder, 'gatehouse/front-secret'), 'utf8').trim()
  const forged = { 'persistent-id': 'mallory', eppn: 'mallory@uni.example', 'X-Gatehouse-Front': secret }
  const client = createClient(url)
  const target = new URL(await begin(client)).searchParams.get('target') ?? ''
  const through = await client.get(target, forged)
  assert.notEqual(through.status, 200)
  assert.equal((await client.get('/api/v1/me', forged)).status, 401)
  // Past Apache, without the secret.
  const { 'X-Gatehouse-Front': _, ...bare } = forged
  const { pathname, search, host } = new URL(target)
  const past = await client.get(`${gateway.listening[0]}${pathname}${search}`, { ...bare, host })
  assert.equal(past.status, 401)
})

test('the doctor sees that a login begins', async () => {
  const { output } = await run('npx gatehouse doctor --json --config gatehouse.yaml')
  const { findings } = JSON.parse(output) as { readonly findings: readonly { check: string; status: string }[] }
  assert.equal(findings.find(({ check }) => check === 'front server shibboleth')?.status, 'ok', output)
})

test('its pieces for Umbrella and for REMOTE_USER are right too', async () => {
  const [, umbrella = ''] = guide.blocks('yaml')
  const secretFile = join(folder, 'gatehouse/front-secret')
  writeFileSync(join(folder, 'umbrella.yaml'), umbrella.replace('/etc/gatehouse/front-secret', secretFile))
  const { exitCode, output, errors } = await run('npx gatehouse config check --config umbrella.yaml')
  assert.equal(exitCode, 0, output + errors)
  assert.match(guide.blocks('apache')[1] ?? '', /expr=%\{REMOTE_USER\}/)
})
