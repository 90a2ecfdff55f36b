// The demo's OpenID provider on a port of its own, under the name `localhost`: the gateway is on `127.0.0.1`, and
// browsers keep the cookies of the two apart.

import type { Secret } from '#kernel'
import type { DemoAccount } from './accounts.ts'
import { type LoopbackServer, refuseUpgrade, startLoopbackServer } from './loopback-server.ts'
import type { DemoProvider } from './oidc.ts'

export interface ProviderServerOptions {
  readonly accounts: readonly DemoAccount[]
  readonly clientSecret: Secret
  /** Of the gateway, without a trailing slash. */
  readonly gatewayUrl: string
  /** The id of the provider in the gateway's configuration. */
  readonly providerId: string
}

/** @returns the server; its `url` is the issuer. */
export async function startProvider(options: ProviderServerOptions): Promise<LoopbackServer> {
  const { accounts, clientSecret, gatewayUrl, providerId } = options
  // The issuer holds the port, which is known only once the server listens.
  const ready = Promise.withResolvers<DemoProvider>()
  const server = await startLoopbackServer({
    request: async (request, response) => (await ready.promise).handle(request, response),
    upgrade: (_request, socket) => refuseUpgrade(socket, 404, { title: 'Not found' }),
  })
  const issuer = server.url.replace('127.0.0.1', 'localhost')
  const client = {
    clientId: 'gatehouse',
    clientSecret,
    redirectUris: [`${gatewayUrl}/auth/callback/${providerId}`],
    postLogoutRedirectUris: [`${gatewayUrl}/`, `${gatewayUrl}/auth/logged-out`],
    backchannelLogoutUri: `${gatewayUrl}/auth/backchannel/${providerId}`,
  }
  try {
    const { createDemoProvider } = await importProvider()
    ready.resolve(await createDemoProvider({ issuer, accounts, clients: [client] }))
  } catch (error) {
    await server.close()
    throw error
  }
  return Object.freeze({ url: issuer, close: server.close })
}

/** oidc-provider warns of any runtime whose binary does not call itself LTS; ours is pinned, and newer than it asks for. */
async function importProvider(): Promise<typeof import('./oidc.ts')> {
  const { warn } = console
  console.warn = (message: string) => {
    if (!message.includes('Unsupported runtime')) warn(message)
  }
  try {
    return await import('./oidc.ts')
  } finally {
    console.warn = warn
  }
}
