// What a token endpoint answered, as a credential; and its end at the provider.

import * as oidc from 'openid-client'
import { type Clock, Secret } from '#kernel'
import type { Credential } from '#sessions'

export type OAuthCredential = Extract<Credential, { kind: 'oauth' }>
export type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>

const RENEW_AHEAD_MS = 60_000
/** A longer life than this makes no difference to a session, and keeps the sum a safe integer. */
const MAX_EXPIRES_IN_SECONDS = 10 * 365 * 86_400

export interface TokenKeeper {
  /** @param previous what a refresh is a refresh of: what the answer leaves out stays */
  toCredential(tokens: Tokens, previous?: OAuthCredential): OAuthCredential
  /** A token of half a minute is not renewed with each request. */
  renewAheadMs(): number
}

export function createTokenKeeper(clock: Clock): TokenKeeper {
  /** The shortest life that this provider has given a token, as far as this node has seen. */
  let lifetimeMs = Number.POSITIVE_INFINITY
  return Object.freeze({
    toCredential(tokens: Tokens, previous?: OAuthCredential): OAuthCredential {
      const refreshToken =
        tokens.refresh_token === undefined ? previous?.refreshToken : new Secret(tokens.refresh_token)
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
    },
    renewAheadMs: () => Math.min(RENEW_AHEAD_MS, lifetimeMs / 2),
  })
}

/** RFC 7009. */
export async function revokeTokens(configuration: oidc.Configuration, credential: OAuthCredential): Promise<void> {
  const { refreshToken, accessToken } = credential
  await Promise.all([
    refreshToken && oidc.tokenRevocation(configuration, refreshToken.reveal(), { token_type_hint: 'refresh_token' }),
    oidc.tokenRevocation(configuration, accessToken.reveal(), { token_type_hint: 'access_token' }),
  ])
}
