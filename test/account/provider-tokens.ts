// What an OpenID provider hands out to a client in a real login: an ID token, an access token, a refresh token, and the logout
// token with which it announces the end of the login.

import { createHash, randomBytes } from 'node:crypto'
import {
  createAccounts,
  createProviderVisitor,
  type OidcProvider,
  startOidcProvider,
} from '../support/oidc-provider.ts'

export interface TokenProvider extends AsyncDisposable {
  readonly issuer: string
  /** Logs ada in and out again. @returns the tokens by name */
  tokensOfAda(): Promise<Readonly<Record<string, string>>>
}

/** @param gatewayUrl of the client, under whose name the tokens are asked for */
export async function startTokenProvider(gatewayUrl: string): Promise<TokenProvider> {
  const accounts = createAccounts()
  const announced: string[] = []
  const redirectUri = `${gatewayUrl}/auth/callback/sso`
  const provider: OidcProvider = await startOidcProvider({
    accounts,
    clients: [
      {
        clientId: 'gatehouse',
        redirectUris: [redirectUri],
        postLogoutRedirectUris: [`${gatewayUrl}/auth/logged-out`],
        backchannelLogoutUri: `${gatewayUrl}/auth/backchannel/sso`,
      },
    ],
    announce: async (_url, logoutToken) => {
      announced.push(logoutToken)
      return new Response()
    },
  })

  return Object.freeze({
    issuer: provider.issuer,
    async tokensOfAda() {
      const visitor = createProviderVisitor(provider.issuer)
      const verifier = randomBytes(32).toString('base64url')
      const query = new URLSearchParams({
        client_id: 'gatehouse',
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid profile email groups',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      })
      const [ada] = accounts
      if (ada === undefined) throw new Error('ada has an account')
      const callback = await visitor.login(`${provider.issuer}/auth?${query.toString()}`, ada)
      const exchanged = await fetch(`${provider.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: 'gatehouse',
          grant_type: 'authorization_code',
          code: callback.searchParams.get('code') ?? '',
          redirect_uri: redirectUri,
          code_verifier: verifier,
        }),
      })
      const granted = (await exchanged.json()) as Readonly<Record<string, string>>
      await visitor.logout()
      return {
        'ID token': granted.id_token ?? '',
        'access token': granted.access_token ?? '',
        'refresh token': granted.refresh_token ?? '',
        'logout token': announced[0] ?? '',
      }
    },
    [Symbol.asyncDispose]: provider.close,
  })
}
