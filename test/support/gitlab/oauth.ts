// The OAuth and OpenID side of the stand-in: oidc-provider at GitLab's addresses, with GitLab's discovery document, claims
// and habits, as its documentation and its source describe them (GitLab as OpenID Connect identity provider; OAuth 2.0
// identity provider API; config/initializers/doorkeeper_openid_connect.rb).

import { generateKeyPair, hash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { type KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Secret } from '#kernel'
import { createInteractions } from '../../../src/cli/demo/oidc/interactions.ts'
import { createMemoryAdapter } from '../../../src/cli/demo/oidc/memory-adapter.ts'
import type { GitLabUser } from './users.ts'

/** An application, as a GitLab administrator registers one: confidential, with its redirect URIs to the letter. */
export interface GitLabApplication {
  readonly clientId: string
  readonly clientSecret: Secret
  readonly redirectUris: readonly string[]
}

export interface OAuthOptions {
  readonly issuer: string
  /** Read at each use. */
  readonly users: readonly GitLabUser[]
  readonly applications: readonly GitLabApplication[]
  readonly accessTokenSeconds?: number
  /** GitLab's live two minutes. Longer for a gateway whose clock goes ahead of this one. */
  readonly idTokenSeconds?: number
}

/** What an access token is good for. */
export interface TokenGrant {
  readonly user: GitLabUser
  readonly scopes: ReadonlySet<string>
}

export interface OAuth {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Why a token is not taken, in GitLab's words; or whose it is. */
  find(token: string): Promise<TokenGrant | { readonly refused: 'expired' | 'revoked' | 'unknown' }>
  /** Every access and refresh token ever given out, for tests that search for them where they must not be. */
  readonly issued: ReadonlySet<string>
  /** What clients revoked, in order. */
  readonly revoked: readonly string[]
  /** The queries of all authorization requests, in order. */
  readonly authorizations: readonly URLSearchParams[]
  /** Ends every access token that is valid now; refresh tokens stay. */
  expireAccessTokens(): void
}

const SCOPES = ['openid', 'profile', 'email', 'api', 'read_api', 'read_user', 'read_repository', 'write_repository']
/** GitLab's own: two hours. */
const ACCESS_TOKEN_SECONDS = 7200

export async function createOAuth(options: OAuthOptions): Promise<OAuth> {
  const { issuer, users, applications } = options
  const userOf = (id: string): GitLabUser | undefined => users.find((user) => String(user.id) === id)
  const issued = new Set<string>()
  const ended = new Set<string>()
  const revoked: string[] = []
  const authorizations: URLSearchParams[] = []
  /** The one access token of a grant that is good: a refresh ends the one before. */
  const presentOf = new Map<string, string>()

  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [await createSigningKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clients: applications.map(({ clientId, clientSecret, redirectUris }) => ({
      client_id: clientId,
      client_secret: clientSecret.reveal(),
      token_endpoint_auth_method: 'client_secret_basic' as const,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code' as const],
      redirect_uris: [...redirectUris],
    })),
    routes: {
      authorization: '/oauth/authorize',
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      introspection: '/oauth/introspect',
      userinfo: '/oauth/userinfo',
      jwks: '/oauth/discovery/keys',
    },
    scopes: SCOPES,
    claims: { openid: [...ID_TOKEN_CLAIMS, ...USERINFO_CLAIMS] },
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => {
      const user = userOf(id)
      return user && { accountId: id, claims: (use, scope) => toClaims(user, { issuer, use, scope }) }
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    // Trusted applications: nobody is asked for consent.
    loadExistingGrant: async (ctx) => {
      const { client, session, requestParamScopes } = ctx.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope([...requestParamScopes].join(' '))
      await grant.save()
      return grant
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    clientBasedCORS: () => false,
    // GitLab knows PKCE, and asks nobody for it.
    pkce: { required: () => false },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: false },
    },
    ttl: {
      AccessToken: options.accessTokenSeconds ?? ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 600,
      IdToken: options.idTokenSeconds ?? 120,
      RefreshToken: 30 * 86_400,
      Interaction: 600,
      Session: 86_400,
      Grant: 30 * 86_400,
    },
  })

  provider.use(async (ctx, next) => {
    if (ctx.path === '/oauth/authorize') authorizations.push(new URLSearchParams(ctx.querystring))
    await next()
    if (ctx.path === '/.well-known/openid-configuration') ctx.body = discoveryOf(issuer)
    if (ctx.path === '/oauth/token' && ctx.status === 200) noteTokens(ctx)
    if (ctx.path === '/oauth/revoke' && ctx.status === 200) {
      const { token } = (ctx as KoaContextWithOIDC).oidc.body ?? {}
      if (typeof token === 'string') revoked.push(token)
      ctx.body = {}
    }
    forgetIssuer(ctx)
  })

  const noteTokens = (ctx: { body: unknown }): void => {
    const answer = ctx.body as { readonly access_token: string; readonly refresh_token?: string }
    issued.add(answer.access_token)
    if (answer.refresh_token !== undefined) issued.add(answer.refresh_token)
    ctx.body = { ...answer, created_at: Math.floor(Date.now() / 1000) }
  }

  provider.on('access_token.saved', (token) => {
    const { grantId = '', jti } = token
    const before = presentOf.get(grantId)
    if (before !== undefined) ended.add(before)
    presentOf.set(grantId, jti)
  })

  const interactions = createInteractions(provider, (name) => {
    const user = users.find(({ username }) => username === name)
    return user && { username: String(user.id), password: user.password }
  })
  const rest = provider.callback()

  return Object.freeze({
    issued,
    revoked,
    authorizations,

    async handle(request: IncomingMessage, response: ServerResponse) {
      if (request.url?.startsWith('/interaction/')) await interactions(request, response)
      else await rest(request, response)
    },

    async find(token: string) {
      if (!issued.has(token)) return { refused: 'unknown' as const }
      if (ended.has(token)) return { refused: 'expired' as const }
      const found = await provider.AccessToken.find(token)
      const user = found === undefined ? undefined : userOf(found.accountId)
      if (found === undefined || user === undefined) return { refused: 'revoked' as const }
      return { user, scopes: found.scopes }
    },

    expireAccessTokens() {
      for (const token of presentOf.values()) ended.add(token)
    },
  })
}

/** Which of the claims are where: GitLab as OpenID Connect identity provider, "Shared information". */
const ID_TOKEN_CLAIMS = [
  'sub_legacy',
  'name',
  'nickname',
  'preferred_username',
  'email',
  'email_verified',
  'groups_direct',
]
const USERINFO_CLAIMS = ['website', 'profile', 'picture', 'groups']

function toClaims(
  user: GitLabUser,
  { issuer, use, scope }: { readonly issuer: string; readonly use: string; readonly scope: string },
) {
  const both = {
    sub: String(user.id),
    sub_legacy: hash('sha256', `${user.id}-${issuer}`),
    name: user.displayName,
    nickname: user.username,
    preferred_username: user.username,
    // Without the scope it is the public address, which these people have none of.
    ...(scope.split(' ').includes('email') && { email: user.email, email_verified: true }),
  }
  if (use === 'id_token') return { ...both, groups_direct: [...user.directGroups] }
  return {
    ...both,
    profile: `${issuer}/${user.username}`,
    picture: `${issuer}/uploads/-/system/user/avatar/${user.id}/avatar.png`,
    groups: [...user.groups],
  }
}

/** As GitLab publishes it: no logout by the browser, and no `iss` in authorization responses. */
const discoveryOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/oauth/authorize`,
  token_endpoint: `${issuer}/oauth/token`,
  revocation_endpoint: `${issuer}/oauth/revoke`,
  introspection_endpoint: `${issuer}/oauth/introspect`,
  userinfo_endpoint: `${issuer}/oauth/userinfo`,
  jwks_uri: `${issuer}/oauth/discovery/keys`,
  scopes_supported: SCOPES,
  response_types_supported: ['code'],
  response_modes_supported: ['query', 'fragment', 'form_post'],
  grant_types_supported: ['authorization_code', 'password', 'client_credentials', 'refresh_token'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  claim_types_supported: ['normal'],
  claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', ...ID_TOKEN_CLAIMS, ...USERINFO_CLAIMS],
  code_challenge_methods_supported: ['plain', 'S256'],
})

/** RFC 9207 came after GitLab's OAuth; oidc-provider always speaks it. */
function forgetIssuer(ctx: { readonly response: { get(name: string): string }; redirect(url: string): void }): void {
  const location = ctx.response.get('location')
  if (!/[?&]iss=/.test(location)) return
  const url = new URL(location)
  url.searchParams.delete('iss')
  ctx.redirect(url.href)
}

async function createSigningKey() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(16).toString('hex'), alg: 'RS256', use: 'sig' }
}
