// The driver for providers that speak OAuth 2.0 but not OpenID Connect: authorization code flow with PKCE (always S256) and
// state, and an address that tells whose access token it is. openid-client does the protocol.

import * as oidc from 'openid-client'
import type { GatewayError } from '#kernel'
import { loginErrors } from '../errors.ts'
import { createLimitedFetch } from '../limited-fetch.ts'
import { type DriverDeps, defineDriver, type Proof, type RedirectProvider, type Renewal } from '../provider.ts'
import { loginTime } from './believed-login.ts'
import { toLoginError } from './oauth/failure.ts'
import { fetchJson } from './oauth/fetch-json.ts'
import { toRefreshError, unlessAway } from './oauth/refresh-error.ts'
import { createTokenKeeper, revokeTokens, type Tokens } from './oauth/tokens.ts'
import { type OAuth2Config, oauth2Config } from './oauth2/config.ts'
import { readPerson } from './oauth2/person.ts'

const CALL_TIMEOUT_MS = 8000
const MAX_ANSWER_BYTES = 524_288

export const oauth2Driver = defineDriver({ type: 'oauth2', config: oauth2Config, create: createOAuth2Provider })

function createOAuth2Provider(config: OAuth2Config, { clock }: DriverDeps): RedirectProvider {
  const label = config.label ?? config.id
  const asked = { label, clock }
  const keeper = createTokenKeeper(clock)
  const configuration = createConfiguration(config)

  const notProven = (reason: string): GatewayError => loginErrors.notProven({ label }, { internal: { reason } })

  /** Runs one exchange with the provider; what goes wrong becomes an error of ours. */
  const speak = async <T>(exchange: () => Promise<T>): Promise<T> => {
    try {
      return await exchange()
    } catch (error) {
      throw toLoginError(error, asked)
    }
  }

  const checkTokens = (tokens: Tokens): void => {
    // We never ask for anything else, and could not use it.
    if (tokens.token_type !== 'bearer') throw notProven('the token type is not bearer')
    // It would say who the person is, in a way that nobody here checks.
    if (tokens.id_token !== undefined) throw notProven('it gives ID tokens: it is a provider of type oidc')
  }

  const askWho = async (accessToken: string) =>
    readPerson(await fetchJson(configuration, { url: new URL(config.userinfoUrl), accessToken }), config)

  return Object.freeze({
    kind: 'redirect',
    id: config.id,
    type: 'oauth2',
    label,
    yieldsCredential: true,
    canBeFresh: config.dangerouslyBelieveFreshLogins,

    begin: ({ redirectUri, mustBeFresh = false }) =>
      speak(async () => {
        const verifier = oidc.randomPKCECodeVerifier()
        const parameters = {
          redirect_uri: redirectUri,
          ...(config.scopes.length > 0 && { scope: config.scopes.join(' ') }),
          code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...(mustBeFresh && config.freshLoginParameters),
        }
        return {
          urlFor: (state: string) => oidc.buildAuthorizationUrl(configuration, { ...parameters, state }).href,
          data: { verifier },
        }
      }),

    complete: ({ url }, data, state) =>
      speak(async (): Promise<Proof> => {
        const { verifier } = data
        if (verifier === undefined) throw notProven('the login was not begun by this provider')
        const tokens = await oidc.authorizationCodeGrant(configuration, url, {
          expectedState: state,
          pkceCodeVerifier: verifier,
        })
        checkTokens(tokens)
        const person = await askWho(tokens.access_token)
        const issuer = configuration.serverMetadata().issuer
        // What it is called without `issuer`: the same server, which now says its name.
        const formerIssuers = [nameOfServer(config), ...config.formerIssuers]
        return {
          identity: { provider: config.id, issuer, formerIssuers, ...person },
          credential: keeper.toCredential(tokens),
          ...loginTime(undefined, config, clock),
        }
      }),

    renewAheadMs: keeper.renewAheadMs,

    async refresh(credential, subject): Promise<Renewal> {
      if (credential.kind !== 'oauth' || credential.refreshToken === undefined)
        throw loginErrors.refreshRefused({ label })
      const refreshToken = credential.refreshToken.reveal()
      try {
        const tokens = await oidc.refreshTokenGrant(configuration, refreshToken)
        checkTokens(tokens)
        return {
          credential: keeper.toCredential(tokens, credential),
          askGroups: () => askGroups(tokens.access_token, subject),
        }
      } catch (error) {
        throw toRefreshError(error, asked)
      }
    },

    ...(config.revocationUrl !== undefined && {
      revoke: (credential) =>
        speak(async () => {
          if (credential.kind === 'oauth') await revokeTokens(configuration, credential)
        }),
    }),
  } satisfies RedirectProvider)

  function askGroups(accessToken: string, subject: string): Promise<readonly string[] | undefined> {
    return unlessAway(async () => {
      const person = await askWho(accessToken)
      if (person.subject !== subject) throw notProven('the new token is somebody else’s')
      return config.claims.groups === undefined ? undefined : person.groups
    }, asked)
  }
}

/** All that is known of the provider, from the configuration: nothing of it is read from the provider. */
function createConfiguration(config: OAuth2Config): oidc.Configuration {
  const { issuer, clientSecret } = config
  const server: oidc.ServerMetadata = {
    // A provider whose issuer is not known must not name one (RFC 9207): it would not be this one.
    issuer: issuer ?? nameOfServer(config),
    authorization_response_iss_parameter_supported: issuer !== undefined,
    authorization_endpoint: config.authorizationUrl,
    token_endpoint: config.tokenUrl,
    ...(config.revocationUrl !== undefined && { revocation_endpoint: config.revocationUrl }),
  }
  const configuration = new oidc.Configuration(server, config.clientId, undefined, authenticationOf())
  configuration.timeout = CALL_TIMEOUT_MS / 1000
  configuration[oidc.customFetch] = createLimitedFetch({ timeoutMs: CALL_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES })
  // Which addresses may do without TLS was settled when the configuration was read.
  oidc.allowInsecureRequests(configuration)
  return configuration

  function authenticationOf(): oidc.ClientAuth {
    if (clientSecret === undefined) return oidc.None()
    const method = config.clientAuthentication === 'post' ? oidc.ClientSecretPost : oidc.ClientSecretBasic
    return method(clientSecret.reveal())
  }
}

const nameOfServer = ({ tokenUrl }: OAuth2Config): string => new URL(tokenUrl).origin
