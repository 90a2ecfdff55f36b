// A real OpenID provider (oidc-provider) for the demo and the tests: accounts with groups, refresh tokens that rotate,
// logout, and login pages that work without script. It keeps everything in memory and serves whoever reaches it, so it
// belongs on a loopback address only.

import { generateKeyPair, randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { Provider } from 'oidc-provider'
import type { Secret } from '#kernel'
import { createInteractions } from './oidc/interactions.ts'
import { createMemoryAdapter } from './oidc/memory-adapter.ts'
import { renderPage } from './oidc/page.ts'

export interface ProviderAccount {
  /** Also the subject. */
  readonly username: string
  readonly displayName: string
  readonly email: string
  readonly groups: readonly string[]
  readonly password: Secret
}

export interface ProviderClient {
  readonly clientId: string
  /** Absent: a public client, held to PKCE alone. */
  readonly clientSecret?: Secret
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris?: readonly string[]
  /** Where to announce that a login has ended here, with the `sid` of its ID token. */
  readonly backchannelLogoutUri?: string
}

export interface DemoProviderOptions {
  /** As clients will be told, without a trailing slash: `http://localhost:9000`. */
  readonly issuer: string
  /** Read at each use: who leaves the list can neither log in nor refresh. */
  readonly accounts: readonly ProviderAccount[]
  readonly clients: readonly ProviderClient[]
  readonly accessTokenSeconds?: number
  /** Carries announcements to clients: those of the demo are on this machine, where the provider itself would not call. */
  readonly announce?: (url: string, logoutToken: string) => Promise<Response>
}

export interface DemoProvider {
  readonly issuer: string
  /** Answers every request of the provider, its login form included. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

/**
 * @example
 * const provider = await createDemoProvider({ issuer, accounts, clients })
 * createServer(provider.handle).listen(9000, '127.0.0.1')
 */
export async function createDemoProvider(options: DemoProviderOptions): Promise<DemoProvider> {
  const findAccount = (username: string) => options.accounts.find((account) => account.username === username)
  const provider = new Provider(options.issuer, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [await createSigningKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clients: options.clients.map(toClientMetadata),
    scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
    claims: { profile: ['name', 'preferred_username'], email: ['email', 'email_verified'], groups: ['groups'] },
    // Like Keycloak: what a scope asks for is in the ID token too.
    conformIdTokenClaims: false,
    findAccount: (_ctx, sub) => {
      const account = findAccount(sub)
      return account && { accountId: sub, claims: () => toClaims(account) }
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    // Nobody is asked for consent: the clients are ours.
    loadExistingGrant: async (ctx) => {
      const { client, session, requestParamScopes } = ctx.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope([...requestParamScopes].join(' '))
      await grant.save()
      return grant
    },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    clientBasedCORS: () => false,
    pkce: { required: () => true },
    fetch: (url, request) => announceTo(options, url, request),
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = renderPage('logout', 'Log out', { form })
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = renderPage('message', 'Logged out', { message: 'You are logged out of the provider.' })
        },
      },
    },
    renderError: (ctx, out) => {
      ctx.type = 'html'
      ctx.body = renderPage('message', 'Something went wrong', {
        message: [out.error, out.error_description].filter(Boolean).join(': '),
      })
    },
    ttl: {
      AccessToken: options.accessTokenSeconds ?? 300,
      AuthorizationCode: 60,
      IdToken: 3600,
      RefreshToken: 86_400,
      Interaction: 600,
      Session: 86_400,
      Grant: 86_400,
    },
  })
  const interactions = createInteractions(provider, findAccount)
  const rest = provider.callback()
  return Object.freeze({
    issuer: options.issuer,
    async handle(request: IncomingMessage, response: ServerResponse) {
      if (request.url?.startsWith('/interaction/')) await interactions(request, response)
      else await rest(request, response)
    },
  })
}

async function createSigningKey() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' }
}

const toClientMetadata = (client: ProviderClient) => ({
  client_id: client.clientId,
  ...(client.clientSecret && { client_secret: client.clientSecret.reveal() }),
  token_endpoint_auth_method: client.clientSecret ? ('client_secret_basic' as const) : ('none' as const),
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code' as const],
  // Like Keycloak: each ID token says when the person logged in, not only where it was asked.
  require_auth_time: true,
  redirect_uris: [...client.redirectUris],
  post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
  ...(client.backchannelLogoutUri !== undefined && {
    backchannel_logout_uri: client.backchannelLogoutUri,
    backchannel_logout_session_required: true,
  }),
})

/** Logouts are all that this provider ever has to say to a client, or to anybody. */
async function announceTo({ clients, announce = sendForm }: DemoProviderOptions, url: unknown, request: unknown) {
  const to = String(url)
  const { body } = request as { readonly body?: unknown }
  const isKnown = clients.some(({ backchannelLogoutUri }) => backchannelLogoutUri === to)
  if (!isKnown || !(body instanceof URLSearchParams)) throw new Error('this provider calls nobody else')
  return announce(to, body.get('logout_token') ?? '')
}

const sendForm = (url: string, logoutToken: string): Promise<Response> =>
  fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ logout_token: logoutToken }) })

const toClaims = (account: ProviderAccount) => ({
  sub: account.username,
  name: account.displayName,
  preferred_username: account.username,
  email: account.email,
  email_verified: true,
  groups: [...account.groups],
})
