// Account tokens in the Authorization header of any request: as Bearer, or as the name or the password of Basic, which is
// all that some older programs can send.

import type { Authenticator, PresentedCredentials, TokenPrincipal } from '#access'
import { defineFact, type Fact, type RequestContext } from '#http'
import { Secret } from '#kernel'
import type { WatchEnd } from '#sessions'
import type { Claims } from './claims.ts'
import { accountTokenErrors } from './errors.ts'
import type { AccountTokens } from './service.ts'
import { claimsToBeAccountToken, holdsAccountToken, UNKNOWN } from './token-format.ts'
import type { AccountWatches } from './watches.ts'

/** What such a token may be used for beside what a person's own scopes say: everything under /api/v1/account/. */
export const ACCOUNT_SCOPE = 'account'

/** What the original's tokens could do, and nothing that changes an account or administers. */
const SCOPES = Object.freeze([ACCOUNT_SCOPE, 'self:read', 'services'])

export interface AccountAuthenticator extends Authenticator {
  /** What the token of the request says, once it has been accepted. */
  readonly accepted: Fact<Claims>
}

export interface AuthenticatorDeps {
  readonly tokens: Pick<AccountTokens, 'identify'>
  readonly watches: Pick<AccountWatches, 'watch'>
  readonly realm: string
}

export function createAccountAuthenticator({ tokens, watches, realm }: AuthenticatorDeps): AccountAuthenticator {
  const accepted = defineFact<Claims>('account-token')
  return Object.freeze({
    id: 'account',
    isIn: holdsAccountToken,
    accepted,
    async authenticate(ctx: RequestContext, presented: PresentedCredentials): Promise<TokenPrincipal | undefined> {
      const found = tokensIn(presented)
      const [token] = found
      if (token === undefined) return undefined
      if (found.length > 1) throw accountTokenErrors.invalid({ realm, because: UNKNOWN })
      const identified = await tokens.identify(new Secret(token))
      const { claims, principal } = identified
      accepted.set(ctx, claims)
      return {
        kind: 'account-token',
        principal,
        scopes: SCOPES,
        tokenId: claims.jti,
        watch: (ended: (reason: WatchEnd) => void) => watches.watch(identified, ended),
      }
    },
  })
}

/** Those of its parts that say of themselves that they are such tokens; one that stands twice counts once. */
function tokensIn(presented: PresentedCredentials): readonly string[] {
  const parts =
    presented.scheme === 'bearer' ? [presented.token.reveal()] : [presented.username, presented.password.reveal()]
  return [...new Set(parts.filter(claimsToBeAccountToken))]
}
