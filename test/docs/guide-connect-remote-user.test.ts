// What the guide "Connect Shibboleth" says of REMOTE_USER and of mod_auth_openidc, done as it is written: Apache asks for a
// password itself, and Apache sends people to a real OpenID provider.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { Secret } from '#kernel'
import { createClient, type TestClient } from '../support/http-client.ts'
import {
  createAccounts,
  createProviderVisitor,
  type OidcProvider,
  startOidcProvider,
} from '../support/oidc-provider.ts'
import { type Apache, isMissing, removeDirectory, startApache } from '../support/programs.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { apachePlaces, block, type FrontPlaces, goPast, makeFrontPlaces } from './shibboleth-lab.ts'

const PASSWORD = 'CANARY-password-ada'

async function startBehind(places: FrontPlaces, piece: string): Promise<TestGateway> {
  const server = { url: places.url, listen: places.inner, trustedProxies: ['127.0.0.1'] }
  return startGateway({ config: [{ server }, parse(piece)] })
}

const begin = async (client: TestClient, more = {}): Promise<string> =>
  String((await client.post('/auth/login/campus', { returnTo: '/', ...more })).headers.location)

/** What a callback past Apache is answered with. */
const past = async (gateway: TestGateway, client: TestClient, headers: Readonly<Record<string, string>>) =>
  (await goPast(gateway, client, new URL(await begin(client)), headers)).status

describe('whatever sets REMOTE_USER', () => {
  let places: FrontPlaces
  let apache: Apache
  let gateway: TestGateway

  before(async () => {
    places = await makeFrontPlaces()
    const passwords = join(places.folder, 'passwords')
    execFileSync('sh', [
      '-c',
      `printf 'ada:%s\\n' "$(openssl passwd -apr1 ${PASSWORD})" > ${passwords}; chmod 644 ${passwords}`,
    ])
    // As the reader does where they are: here by Basic.
    const protect = `AuthType Basic\nAuthName campus\nAuthUserFile ${passwords}\nRequire valid-user\n</Location>`
    const shared = block('apache', 0, apachePlaces(places)).replaceAll(/^<Location.*?^<\/Location>/gms, '')
    const piece = block('apache', 1, {}).replace('</Location>', protect)
    const modules = ['proxy', 'proxy_http', 'authn_core', 'auth_basic', 'authn_file', 'authz_user']
    const started = await startApache({ modules, port: places.port }, () => `${shared}\n${piece}`)
    assert.ok(!isMissing(started))
    apache = started
    gateway = await startBehind(places, block('yaml', 2, { '/etc/gatehouse/front-secret': places.secretFile }))
  })
  after(async () => {
    await gateway?.close()
    await apache?.stop()
    removeDirectory(places.folder)
  })

  const basic = (password: string) => ({
    authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`,
  })
  const usernameOf = async (client: TestClient) => {
    const answer = await client.get('/api/v1/me')
    return answer.status === 200 ? (answer.json() as { username: string }).username : answer.status
  }

  test('who shows Apache their password is logged in by the name that it found', async () => {
    const client = createClient(places.url)
    const target = await begin(client)
    assert.equal(new URL(target).pathname, '/auth/callback/campus')
    assert.equal((await client.get(target)).status, 401)
    assert.equal((await client.get(target, basic('wrong'))).status, 401)
    assert.equal((await client.get(target, basic(PASSWORD))).status, 303)
    assert.equal(await usernameOf(client), 'ada')
    assert.equal((await client.post('/auth/logout')).headers.location, '/auth/logged-out')
    assert.equal(await usernameOf(client), 401)
  })

  test('what the browser says of itself is written over, or refused where it is spelled otherwise', async () => {
    const client = createClient(places.url)
    const own = { 'X-Remote-User': 'mallory', 'X-Gatehouse-Front': 'x', REMOTE_USER: 'mallory' }
    assert.equal((await client.get(await begin(client), { ...own, ...basic(PASSWORD) })).status, 303)
    assert.equal(await usernameOf(client), 'ada')
    for (const name of ['X_Remote_User', 'X.Remote.User', 'x-remote_user', 'X_Gatehouse_Front']) {
      const other = createClient(places.url)
      const { status } = await other.get(await begin(other), { [name]: 'mallory', ...basic(PASSWORD) })
      assert.notEqual(status, 303, name)
      assert.equal(await usernameOf(other), 401, name)
    }
    assert.equal((await createClient(places.url).get('/api/v1/me', own)).status, 401)
  })

  test('past Apache the name counts with the secret alone', async () => {
    const client = createClient(places.url)
    const secret = readFileSync(places.secretFile, 'utf8').trim()
    const name = { 'X-Remote-User': 'mallory' }
    assert.equal(await past(gateway, client, name), 401)
    assert.equal(await past(gateway, client, { ...name, 'X-Gatehouse-Front': `${secret}0` }), 401)
    assert.equal(await past(gateway, client, { ...name, 'X-Gatehouse-Front': secret }), 303)
  })
})

describe('mod_auth_openidc', () => {
  const CLIENT_SECRET = 'CANARY-client-secret'
  const [ada = assert.fail()] = createAccounts()
  let places: FrontPlaces
  let provider: OidcProvider
  let apache: Apache
  let gateway: TestGateway

  before(async () => {
    places = await makeFrontPlaces()
    provider = await startOidcProvider({
      accounts: [ada],
      clients: [
        {
          clientId: 'apache',
          clientSecret: new Secret(CLIENT_SECRET),
          redirectUris: [`${places.url}/oidc/callback`],
        },
      ],
    })
    const secrets = `Define OIDC_SECRET ${CLIENT_SECRET}\nDefine OIDC_PASSPHRASE ${'0123456789abcdef'.repeat(4)}\n`
    appendFileSync(join(places.folder, 'apache2/front-secret.conf'), secrets)
    const configuration = block('apache', 2, {
      ...apachePlaces(places),
      'https://sso.example.org': provider.issuer,
      'https://gate.example.org': places.url,
    })
    const modules = ['proxy', 'proxy_http', 'authn_core', 'authz_user', 'auth_openidc']
    const wanted = { modules, package: 'libapache2-mod-auth-openidc', port: places.port } as const
    const started = await startApache(wanted, () => configuration)
    assert.ok(!isMissing(started))
    apache = started
    const piece = block('yaml', 3, {
      '/etc/gatehouse/front-secret': places.secretFile,
      'https%3A%2F%2Fsso.example.org': encodeURIComponent(provider.issuer),
    })
    gateway = await startBehind(places, piece)
  })
  after(async () => {
    await gateway?.close()
    await apache?.stop()
    await provider?.close()
    removeDirectory(places.folder)
  })

  /** Goes from Apache to the provider and back, to what the gateway answers. */
  async function logInThere(client: TestClient, there: ReturnType<typeof createProviderVisitor>, target: string) {
    const sent = await client.get(target, { accept: 'text/html' })
    assert.equal(sent.status, 302, sent.text)
    const back = await there.login(String(sent.headers.location), ada)
    const known = await client.get(back.href, { accept: 'text/html' })
    return client.get(String(known.headers.location), { accept: 'text/html' })
  }

  test('people log in at the provider, are asked once more for what needs that, and log out of both', async () => {
    const client = createClient(places.url)
    const there = createProviderVisitor(provider.issuer)
    assert.equal((await logInThere(client, there, await begin(client))).status, 303)
    const me = (await client.get('/api/v1/me')).json() as Record<string, unknown>
    assert.deepEqual([me.username, me.displayName, me.groups], ['ada', 'Ada', ['lab']])

    const asked = provider.authorizations.length
    assert.equal((await logInThere(client, there, await begin(client, { again: '1' }))).status, 303)
    assert.equal(provider.authorizations[asked]?.get('prompt'), 'login')

    const out = await client.post('/auth/logout')
    const atApache = await client.get(String(out.headers.location), { accept: 'text/html' })
    // A stand-in with wildcards is not to be had: Apache's way to the provider is as far as this goes.
    const atProvider = new URL(String(atApache.headers.location))
    assert.equal(atProvider.origin + atProvider.pathname, `${provider.issuer}/session/end`)
    const back = atProvider.searchParams.get('post_logout_redirect_uri') ?? ''
    assert.ok(back.startsWith(`${places.url}/auth/logged-out?state=`), back)
    assert.equal((await client.get(back)).status, 200)
    assert.equal((await client.get('/api/v1/me')).status, 401)
    const again = await client.get('/auth/callback/campus?state=x', { accept: 'text/html' })
    assert.ok(String(again.headers.location).startsWith(provider.issuer), 'Apache wants a login again')
  })

  test('who brings what it would say is refused or written over', async () => {
    const client = createClient(places.url)
    const there = createProviderVisitor(provider.issuer)
    assert.equal((await logInThere(client, there, await begin(client))).status, 303)
    const own = { OIDC_CLAIM_groups: 'admins', 'OIDC-CLAIM-groups': 'admins', 'X-Remote-User': 'mallory' }
    await client.get(await begin(client), own)
    const me = (await client.get('/api/v1/me')).json() as Record<string, unknown>
    assert.deepEqual([me.username, me.groups], ['ada', ['lab']])
    assert.equal(await past(gateway, client, { ...own, OIDC_CLAIM_sub: 'mallory' }), 401)
  })
})
