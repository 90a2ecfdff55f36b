// An entry that is pointed at another login server: the same names are other people, until the operator says that the
// server has moved. Two real providers, both of which have an `ada`.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import {
  createAccounts,
  createProviderVisitor,
  type OidcProvider,
  startOidcProvider,
} from '../support/oidc-provider.ts'
import { findFreePort } from '../support/programs.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'

let port: number
let providers: readonly OidcProvider[] = []
const accounts = createAccounts()

before(async () => {
  port = await findFreePort()
  const client = { clientId: 'gatehouse', redirectUris: [`http://127.0.0.1:${port}/auth/callback/sso`] }
  const start = () => startOidcProvider({ accounts, clients: [client] })
  providers = [await start(), await start()]
})
after(() => Promise.all(providers.map((provider) => provider.close())))

const layer = (issuer: string, formerIssuers: readonly string[] = []) => ({
  server: { url: `http://127.0.0.1:${port}`, listen: `127.0.0.1:${port}` },
  identity: [
    { id: 'sso', type: 'oidc', issuer, clientId: 'gatehouse', ...(formerIssuers.length > 0 && { formerIssuers }) },
  ],
})

async function logIn({ url }: TestGateway, issuer: string): Promise<[TestClient, TestAnswer]> {
  const [ada] = accounts
  if (ada === undefined) throw new Error('the provider has no accounts')
  const browser = createClient(url)
  const begun = await browser.post('/auth/login/sso', { returnTo: '/' })
  const callback = await createProviderVisitor(issuer).login(String(begun.headers.location), ada)
  return [browser, await browser.get(callback.href, { accept: 'text/html' })]
}

const idOf = async (browser: TestClient): Promise<string> => {
  const answer = await browser.get('/api/v1/me')
  assert.equal(answer.status, 200, answer.text)
  return (answer.json() as { id: string }).id
}

test('people of another server do not come into accounts that are there, unless it is the same server that has moved', async () => {
  const [first, second] = providers.map(({ issuer }) => issuer)
  if (first === undefined || second === undefined) throw new Error('two providers were started')
  await using gateway = await startGateway({ config: layer(first) })
  const [before, welcome] = await logIn(gateway, first)
  assert.equal(welcome.status, 303)

  await gateway.reload(layer(second))
  const [stranger, refusal] = await logIn(gateway, second)
  assert.equal(refusal.status, 403)
  assert.match(refusal.text, /This name belongs to somebody else here/)
  assert.equal((await stranger.get('/api/v1/me')).status, 401)
  const warning = gateway.logs.find(({ event }) => event === 'login_other_issuer')
  assert.equal(warning?.issuer, second)
  assert.match(warning?.msg ?? '', /formerIssuers/)

  await gateway.reload(layer(second, [first]))
  const [moved, again] = await logIn(gateway, second)
  assert.equal(again.status, 303)
  assert.deepEqual(await idOf(moved), await idOf(before))

  await gateway.reload(layer(second))
  assert.equal((await logIn(gateway, second))[1].status, 303, 'the new issuer is known by now')
})
