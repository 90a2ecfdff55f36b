// The OpenID Connect driver: authorization code flow with PKCE (always S256), state, nonce and a fully checked ID token,
// refresh, revocation, and logout at the provider and by it. openid-client does the protocol.

import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import { GatewayError, Secret } from '#kernel'
import type { Credential } from '#sessions'
import { loginErrors, logoutErrors } from '../errors.ts'
import { type DriverDeps, defineDriver, type Proof, type RedirectProvider, type Renewal } from '../provider.ts'
import { type OidcConfig, oidcConfig } from './oidc/config.ts'
import { createDiscovery } from './oidc/discovery.ts'
import { toLoginError } from './oidc/failure.ts'
import { findRefreshFault, findTokenFault } from './oidc/id-token.ts'
import { LogoutTokenFault, readLogoutToken } from './oidc/logout-token.ts'
import { groupsOf, type Profile, toIdentity } from './oidc/profile.ts'

type OAuthCredential = Extract<Credential, { kind: 'oauth' }>
type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>

const RENEW_AHEAD_MS = 60_000
/** A longer life than this makes no difference to a session, and keeps the sum a safe integer. */
const MAX_EXPIRES_IN_SECONDS = 10 * 365 * 86_400

export const oidcDriver = defineDriver({ type: 'oidc', config: oidcConfig, create: createOidcProvider })

function createOidcProvider(config: OidcConfig, { clock, log }: DriverDeps): RedirectProvider {
  const label = config.label ?? config.id
  const profile: Profile = { provider: config.id, groupsPrefix: config.groupsPrefix, claims: config.claims }
  const discovery = createDiscovery(config, { clock, log })

  const notProven = (reason: string): GatewayError => loginErrors.notProven({ label }, { internal: { reason } })

  /** Runs one exchange with the provider; what goes wrong becomes an error of ours. */
  const speak = async <T>(
    exchange: (provider: Awaited<ReturnType<typeof discovery.open>>) => Promise<T>,
  ): Promise<T> => {
    try {
      return await exchange(await discovery.open())
    } catch (error) {
      throw toLoginError(error, label)
    }
  }

  const checkedClaims = (tokens: Tokens): oidc.IDToken | undefined => {
    // We never ask for anything else, and could not use it.
    if (tokens.token_type !== 'bearer') throw notProven('the token type is not bearer')
    const claims = tokens.claims()
    if (claims === undefined || tokens.id_token === undefined) return undefined
    const fault = findTokenFault(tokens.id_token, claims, config.clientId, clock.now())
    if (fault !== undefined) throw notProven(fault)
    return claims
  }

  /** The shortest life that this provider has given a token, as far as this node has seen. */
  let lifetimeMs = Number.POSITIVE_INFINITY

  const toCredential = (tokens: Tokens, previous?: OAuthCredential): OAuthCredential => {
    const refreshToken = tokens.refresh_token === undefined ? previous?.refreshToken : new Secret(tokens.refresh_token)
    const idToken = tokens.id_token === undefined ? previous?.idToken : new Secret(tokens.id_token)
    const scope = tokens.scope ?? previous?.scope
    const { expires_in: expiresIn } = tokens
    if (expiresIn !== undefined) lifetimeMs = Math.min(lifetimeMs, expiresIn * 1000)
    return {
      kind: 'oauth',
      accessToken: new Secret(tokens.access_token),
      ...(refreshToken && { refreshToken }),
      ...(idToken && { idToken }),
      ...(expiresIn !== undefined && { expiresAt: clock.now() + Math.min(expiresIn, MAX_EXPIRES_IN_SECONDS) * 1000 }),
      ...(scope !== undefined && { scope }),
    }
  }

  /** undefined where the provider said nothing that could hold groups. */
  const currentGroups = async (
    { metadata, configuration }: Awaited<ReturnType<typeof discovery.open>>,
    tokens: Tokens,
    claims: oidc.IDToken | undefined,
    subject: string | undefined,
  ): Promise<readonly string[] | undefined> => {
    const signed = claims && groupsOf(profile, claims)
    const asks = config.userinfo && metadata.userinfo_endpoint !== undefined && subject !== undefined
    if (signed !== undefined || !asks) return signed ?? (claims && [])
    try {
      return groupsOf(profile, await oidc.fetchUserInfo(configuration, tokens.access_token, subject)) ?? []
    } catch (error) {
      const failure = toLoginError(error, label)
      // The new refresh token must not be lost for it: the next refresh asks again.
      if (failure.code === 'login.providerUnavailable') return undefined
      throw failure
    }
  }

  return Object.freeze({
    kind: 'redirect',
    id: config.id,
    type: 'oidc',
    label,
    yieldsCredential: true,

    start() {
      // Its failure is logged where it happens; whoever logs in meanwhile gets a 503.
      discovery.open().catch(() => undefined)
    },

    begin: ({ redirectUri }) =>
      speak(async ({ configuration }) => {
        const verifier = oidc.randomPKCECodeVerifier()
        const nonce = oidc.randomNonce()
        const parameters = {
          redirect_uri: redirectUri,
          scope: config.scopes.join(' '),
          code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          nonce,
        }
        return {
          urlFor: (state: string) => oidc.buildAuthorizationUrl(configuration, { ...parameters, state }).href,
          data: { verifier, nonce, redirectUri },
        }
      }),

    complete: ({ url }, data, state) =>
      speak(async ({ metadata, configuration }): Promise<Proof> => {
        const { verifier, nonce, redirectUri } = data
        if (verifier === undefined || nonce === undefined || redirectUri === undefined)
          throw notProven('the login was not begun by this provider')
        discovery.redirectUris.remember(redirectUri)
        const tokens = await oidc.authorizationCodeGrant(configuration, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = checkedClaims(tokens)
        if (claims === undefined) throw notProven('there is no ID token')
        const asks = config.userinfo && metadata.userinfo_endpoint !== undefined
        const userinfo = asks ? await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {}
        // What is signed wins.
        return { identity: toIdentity(profile, { ...userinfo, ...claims }), credential: toCredential(tokens) }
      }),

    // A token of half a minute is not renewed with each request.
    renewAheadMs: () => Math.min(RENEW_AHEAD_MS, lifetimeMs / 2),

    async refresh(credential): Promise<Renewal> {
      if (credential.kind !== 'oauth' || credential.refreshToken === undefined)
        throw loginErrors.refreshRefused({ label })
      const refreshToken = credential.refreshToken.reveal()
      try {
        return await speak(async (provider) => {
          const tokens = await oidc.refreshTokenGrant(provider.configuration, refreshToken)
          const after = checkedClaims(tokens)
          const before = credential.idToken && (decodeJwt(credential.idToken.reveal()) as oidc.IDToken)
          const fault = before && after && findRefreshFault(before, after)
          if (fault !== undefined) throw notProven(fault)
          const groups = await currentGroups(provider, tokens, after, before?.sub)
          return { credential: toCredential(tokens, credential), ...(groups && { groups }) }
        })
      } catch (error) {
        // "Not proven" is the provider's invalid_grant, or an answer that is not about this person: no for good.
        if (error instanceof GatewayError && error.code === 'login.notProven') {
          throw loginErrors.refreshRefused({ label }, { internal: error.internal })
        }
        throw error
      }
    },

    logoutUrl: (credential, { returnTo, state }) =>
      speak(async ({ metadata, configuration }) => {
        if (metadata.end_session_endpoint === undefined) return undefined
        const idToken = credential?.kind === 'oauth' ? credential.idToken : undefined
        return oidc.buildEndSessionUrl(configuration, {
          post_logout_redirect_uri: returnTo,
          state,
          ...(idToken && { id_token_hint: idToken.reveal() }),
        }).href
      }),

    async readLogout(logoutToken) {
      try {
        const { logoutKeys: keys } = await discovery.open()
        return await readLogoutToken(logoutToken, { config, keys, nowMs: clock.now() })
      } catch (error) {
        if (error instanceof GatewayError) throw error
        if (!(error instanceof LogoutTokenFault)) throw loginErrors.providerUnavailable({ label })
        throw logoutErrors.tokenRefused({ reason: error.message }, { internal: { reason: error.message } })
      }
    },

    revoke: (credential) =>
      speak(async ({ metadata, configuration }) => {
        if (metadata.revocation_endpoint === undefined || credential.kind !== 'oauth') return
        const { refreshToken, accessToken } = credential
        await Promise.all([
          refreshToken &&
            oidc.tokenRevocation(configuration, refreshToken.reveal(), { token_type_hint: 'refresh_token' }),
          oidc.tokenRevocation(configuration, accessToken.reveal(), { token_type_hint: 'access_token' }),
        ])
      }),
  } satisfies RedirectProvider)
}
