// A login that is refused for now, because somebody who is needed is away or busy, says when to come again, whatever it was
// that was away and wherever the login stood. Nobody is logged in then.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Secret } from '#kernel'
import { startGitLab } from '../support/gitlab/gitlab.ts'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import { createAccounts, createProviderVisitor, startOidcProvider } from '../support/oidc-provider.ts'
import { findFreePort, isMissing, makeDirectory, removeDirectory, startOwnRedis } from '../support/programs.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores, withOwnRedis } from '../support/test-stores.ts'

const directory = makeDirectory('login-later')
const frontSecret = randomBytes(32).toString('hex')
const client = { clientId: 'gatehouse', clientSecret: { file: join(directory, 'client') } }
let nowhere: string
let port: number

before(async () => {
  nowhere = `127.0.0.1:${await findFreePort()}`
  port = await findFreePort()
  writeFileSync(join(directory, 'front'), frontSecret, { mode: 0o600 })
  writeFileSync(join(directory, 'client'), 'CANARY-client', { mode: 0o600 })
})
after(() => removeDirectory(directory))

/** With one way to log in, `it`. */
const startWith = (provider: object): Promise<TestGateway> =>
  startGateway({
    config: {
      server: { url: `http://127.0.0.1:${port}`, listen: `127.0.0.1:${port}` },
      identity: [{ id: 'it', ...provider }],
    },
  })

const typed = { username: 'ada', password: 'CANARY-password-ada' }
const submit = (browser: TestClient) => browser.post('/auth/login/it', typed, { accept: 'text/html' })
const isLoggedIn = async (browser: TestClient) => (await browser.get('/api/v1/me')).status === 200

async function comesLater(browser: TestClient, answer: TestAnswer): Promise<void> {
  assert.equal(answer.status, 503, answer.text)
  const seconds = Number(answer.headers['retry-after'])
  assert.ok(Number.isInteger(seconds) && seconds > 0, String(answer.headers['retry-after']))
  assert.equal(await isLoggedIn(browser), false)
}

describe('what the login begins with is away', () => {
  const away: Readonly<Record<string, () => object>> = {
    facility: () => ({ login: `http://${nowhere}/login/` }),
    ldap: () => ({ servers: [`ldap://${nowhere}`], people: { base: 'dc=lab,dc=test' } }),
    oidc: () => ({ issuer: `http://${nowhere}`, ...client }),
    'backend-ai': () => ({ endpoint: `http://${nowhere}` }),
  }
  for (const [type, settings] of Object.entries(away)) {
    test(type, async () => {
      await using gateway = await startWith({ type, ...settings() })
      const browser = createClient(gateway.url)
      await comesLater(browser, await submit(browser))
    })
  }
})

describe('what is asked when the browser comes back is away', () => {
  test('the provider of an oidc login', async () => {
    const [ada = assert.fail()] = createAccounts()
    const redirectUris = [`http://127.0.0.1:${port}/auth/callback/it`]
    const registered = { clientId: 'gatehouse', clientSecret: new Secret('CANARY-client'), redirectUris }
    const provider = await startOidcProvider({ accounts: [ada], clients: [registered] })
    await using gateway = await startWith({ type: 'oidc', issuer: provider.issuer, ...client })
    const browser = createClient(gateway.url)
    const begun = await submit(browser)
    const callback = await createProviderVisitor(provider.issuer).login(String(begun.headers.location), ada)
    await provider.close()
    await comesLater(browser, await browser.get(callback.href, { accept: 'text/html' }))
  })

  test('the provider of a plain oauth2 login, which says how long itself', async () => {
    const application = {
      clientId: 'gatehouse',
      clientSecret: new Secret('CANARY-client'),
      redirectUris: [`http://127.0.0.1:${port}/auth/callback/it`],
    }
    await using gitlab = await startGitLab({ applications: [application] })
    const [ada = assert.fail()] = gitlab.users
    await using gateway = await startWith({
      type: 'oauth2',
      authorizationUrl: `${gitlab.url}/oauth/authorize`,
      tokenUrl: `${gitlab.url}/oauth/token`,
      userinfoUrl: `${gitlab.url}/api/v4/user`,
      scopes: ['read_user'],
      claims: { subject: 'id' },
      ...client,
    })
    const browser = createClient(gateway.url)
    const begun = await submit(browser)
    const callback = await createProviderVisitor(gitlab.url).login(String(begun.headers.location), ada)
    gitlab.insteadOfTokens = () => ({ status: 503, headers: { 'retry-after': '60' }, body: 'maintenance' })
    const answer = await browser.get(callback.href, { accept: 'text/html' })
    await comesLater(browser, answer)
    assert.equal(answer.headers['retry-after'], '60')
  })

  test('whoever exchanges a front server’s hashes', async () => {
    await using gateway = await startWith({
      type: 'trusted-header',
      from: ['127.0.0.1'],
      secret: { file: join(directory, 'front') },
      exchange: { header: 'EAAHash', url: `http://${nowhere}/hash/` },
    })
    const browser = createClient(gateway.url)
    const { location } = (await submit(browser)).headers
    const said = { accept: 'text/html', EAAHash: 'a-hash', 'X-Gatehouse-Front': frontSecret }
    await comesLater(browser, await browser.get(String(location), said))
  })
})

test('more passwords are to be checked than can be in good time', { timeout: 60_000 }, async () => {
  await using gateway = await startGateway({ config: { server: { trustedProxies: ['127.0.0.1'] } } })
  const browser = createClient(gateway.url)
  // Two at once, and a hundred wait: many people from many addresses, because each is held to a few failures.
  const answers = await Promise.all(
    Array.from({ length: 130 }, (_, n) =>
      browser.post(
        '/auth/login/local',
        { username: `person-${n}`, password: 'not the right one' },
        { accept: 'text/html', 'x-forwarded-for': `198.51.100.${n}` },
      ),
    ),
  )
  const busy = answers.filter(({ status }) => status === 503)
  assert.ok(busy.length > 0, JSON.stringify([...new Set(answers.map(({ status }) => status))]))
  for (const answer of busy) assert.equal(answer.headers['retry-after'], '5')
})

test('the session store is away', async () => {
  const redis = await startOwnRedis()
  assert.ok(!isMissing(redis))
  await using stores = await openTestStores()
  await using gateway = await startGateway({ stores: withOwnRedis(stores, { url: redis.url }) })
  await gateway.apis.identity.accounts.add({ name: typed.username, password: typed.password, groups: [] })
  const browser = createClient(gateway.url)
  await redis.stop()
  for (const accept of ['text/html', 'application/json']) {
    const answer = await browser.post('/auth/login/local', typed, { accept })
    assert.equal(answer.status, 503, answer.text)
    assert.ok(Number(answer.headers['retry-after']) > 0, accept)
  }
})
