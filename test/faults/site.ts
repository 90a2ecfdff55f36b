// A site as it is run: a gateway in a process of its own, sessions in a real Redis of the test's own, beside the database of
// this run, and a real OpenID provider to log in at.

import assert from 'node:assert/strict'
import { type GatewayProcess, startGatewayProcess } from '../gateway/gateway-process.ts'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import { createAccounts, createProviderVisitor, startOidcProvider } from '../support/oidc-provider.ts'
import { findFreePort, type OwnRedis } from '../support/programs.ts'
import type { ConfigLayer } from '../support/start-gateway.ts'
import { openTestStores, withOwnRedis } from '../support/test-stores.ts'

export interface Site extends AsyncDisposable {
  readonly gateway: GatewayProcess
  /** Ada, in a browser of her own. */
  logIn(): Promise<{ readonly client: TestClient; readonly answer: TestAnswer }>
}

export interface SiteOptions {
  readonly redis: OwnRedis
  /** Beside what the above makes necessary. */
  readonly config: ConfigLayer
  readonly env?: Readonly<Record<string, string>>
}

export async function startSite({ redis, config, env = {} }: SiteOptions): Promise<Site> {
  await using started = new AsyncDisposableStack()
  const url = `http://127.0.0.1:${await findFreePort()}`
  const [ada = assert.fail()] = createAccounts()
  const provider = started.adopt(
    await startOidcProvider({
      accounts: [ada],
      clients: [{ clientId: 'gatehouse', redirectUris: [`${url}/auth/callback/sso`] }],
    }),
    (each) => each.close(),
  )
  const stores = withOwnRedis(started.use(await openTestStores()), { url: redis.url })
  const scopes = ['openid', 'profile', 'email', 'groups']
  const gateway = started.use(
    await startGatewayProcess({
      env,
      stores,
      config: {
        identity: [{ id: 'sso', type: 'oidc', issuer: provider.issuer, clientId: 'gatehouse', scopes }],
        ...config,
        server: { url, listen: new URL(url).host, shutdown: { drain: '1s' } },
      },
    }),
  )
  const running = started.move()
  return {
    gateway,
    async logIn() {
      const client = createClient(url)
      const begun = await client.post('/auth/login/sso', { returnTo: '/' })
      assert.equal(begun.status, 303, begun.text)
      const back = await createProviderVisitor(provider.issuer).login(String(begun.headers.location), ada)
      return { client, answer: await client.get(back.href, { accept: 'text/html' }) }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
