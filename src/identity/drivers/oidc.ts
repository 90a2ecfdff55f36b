// The OpenID Connect driver: authorization code flow with PKCE (always S256), state, nonce and a fully checked ID token,
// refresh, revocation, and logout at the provider and by it. openid-client does the protocol.

import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import { GatewayError } from '#kernel'
import { loginErrors, logoutErrors } from '../errors.ts'
import { type DriverDeps, defineDriver, type Proof, type RedirectProvider, type Renewal } from '../provider.ts'
import { providerAway } from '../provider-away.ts'
import { loginTime } from './believed-login.ts'
import { describeFailure, toLoginError } from './oauth/failure.ts'
import { toRefreshError } from './oauth/refresh-error.ts'
import { createTokenKeeper, revokeTokens, type Tokens } from './oauth/tokens.ts'
import { type OidcConfig, oidcConfig } from './oidc/config.ts'
import { createDiscovery } from './oidc/discovery.ts'
import { createGroupReader } from './oidc/group-reader.ts'
import { findRefreshFault, findTokenFault } from './oidc/id-token.ts'
import { readLogoutToken } from './oidc/logout-token.ts'
import { createReading, toIdentity } from './oidc/profile.ts'
import { TokenFault } from './oidc/signed-token.ts'

export const oidcDriver = defineDriver({ type: 'oidc', config: oidcConfig, create: createOidcProvider })

function createOidcProvider(config: OidcConfig, { clock, log }: DriverDeps): RedirectProvider {
  const label = config.label ?? config.id
  const reading = createReading(config)
  const discovery = createDiscovery(config, { clock, log })
  const keeper = createTokenKeeper(clock)

  const notProven = (reason: string): GatewayError => loginErrors.notProven({ label }, { internal: { reason } })

  /** Runs one exchange with the provider; what goes wrong becomes an error of ours. */
  const speak = async <T>(
    exchange: (provider: Awaited<ReturnType<typeof discovery.open>>) => Promise<T>,
  ): Promise<T> => {
    try {
      return await exchange(await discovery.open())
    } catch (error) {
      throw toLoginError(error, { label, clock })
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

  const groups = createGroupReader(config, { reading, clock, notProven })

  return Object.freeze({
    kind: 'redirect',
    id: config.id,
    type: 'oidc',
    label,
    yieldsCredential: true,
    canBeFresh: true,

    start() {
      // Its failure is logged where it happens; whoever logs in meanwhile gets a 503.
      discovery.open().catch(() => undefined)
    },

    begin: ({ redirectUri, mustBeFresh = false }) =>
      speak(async ({ configuration }) => {
        const verifier = oidc.randomPKCECodeVerifier()
        const nonce = oidc.randomNonce()
        const parameters = {
          redirect_uri: redirectUri,
          scope: [...new Set([...config.scopes, ...reading.profile.scopes])].join(' '),
          code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          nonce,
          // OIDC Core §3.1.2.1: `prompt` asks for it, and with `max_age` the ID token must say when it was.
          ...(mustBeFresh && { prompt: 'login', max_age: '0' }),
        }
        return {
          urlFor: (state: string) => oidc.buildAuthorizationUrl(configuration, { ...parameters, state }).href,
          data: { verifier, nonce, redirectUri },
        }
      }),

    complete: ({ url }, data, state) =>
      speak(async (provider): Promise<Proof> => {
        const { configuration } = provider
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
        const asks = config.userinfo && provider.metadata.userinfo_endpoint !== undefined
        const userinfo = asks ? await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {}
        // What is signed wins.
        const all = { ...userinfo, ...(await groups.signed(provider, tokens, claims.sub)), ...claims }
        const identity = toIdentity(reading, all)
        const listed = await groups.listed(provider, tokens)
        const authenticatedAt = claims.auth_time === undefined ? undefined : claims.auth_time * 1000
        return {
          identity: { ...identity, ...(listed && { groups: listed }) },
          credential: keeper.toCredential(tokens),
          ...loginTime(authenticatedAt, config, clock),
        }
      }),

    renewAheadMs: keeper.renewAheadMs,
    clockAheadMs: discovery.clockAheadMs,

    async refresh(credential, subject): Promise<Renewal> {
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
          const said = await groups.afterRefresh(provider, tokens, { claims: after, subject })
          return { credential: keeper.toCredential(tokens, credential), ...said }
        })
      } catch (error) {
        throw toRefreshError(error, { label, clock })
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
        const { keys } = await discovery.open()
        const logoutKeys = (lacksKey: boolean) => keys({ purpose: 'logout', lacksKey })
        const logout = await readLogoutToken(logoutToken, { config, keys: logoutKeys, nowMs: clock.now() })
        return { ...logout, formerIssuers: config.formerIssuers }
      } catch (error) {
        if (error instanceof GatewayError) throw error
        if (!(error instanceof TokenFault)) throw providerAway({ label, reason: describeFailure(error) })
        throw logoutErrors.tokenRefused({ reason: error.message }, { internal: { reason: error.message } })
      }
    },

    revoke: (credential) =>
      speak(async ({ metadata, configuration }) => {
        if (metadata.revocation_endpoint === undefined || credential.kind !== 'oauth') return
        await revokeTokens(configuration, credential)
      }),
  } satisfies RedirectProvider)
}
