// Requests that say themselves who they are from, in their Authorization header: the kind that features above register,
// one for each sort of token, and the list of them that the step `bearerToken` asks.

import type { RequestContext } from '#http'
import type { Secret } from '#kernel'
import type { WatchEnd } from '#sessions'
import type { Principal } from './access.ts'

/** What the Authorization header of a request holds, taken apart once (RFC 9110 §11.6.2). */
export type PresentedCredentials =
  | { readonly scheme: 'bearer'; readonly token: Secret }
  | { readonly scheme: 'basic'; readonly username: string; readonly password: Secret }

export interface TokenPrincipal {
  readonly principal: Principal
  /** What the token may be used for: `self:read`, `self:write`, `services`, `service:ID`, `admin`. */
  readonly scopes: readonly string[]
  /** Names the token to its owner and in the audit log; no use as a credential. */
  readonly tokenId: string
  readonly kind: 'api-token' | 'service-account' | 'account-token'
  /**
   * For what the request opens and leaves open: calls back once, within a second, when the token is good no more, on
   * whichever node that was done. @returns a function that ends the watch
   */
  readonly watch: (ended: (reason: WatchEnd) => void) => () => void
}

/** The token that a request came with. */
export interface ActiveToken extends TokenPrincipal {
  readonly scheme: PresentedCredentials['scheme']
}

export interface Authenticator {
  /** Unique among authenticators. */
  readonly id: string
  /**
   * Undefined: not one of mine. Then the next is asked; what nobody owns stays what it was, the client's own header.
   *
   * @throws a 401 with WWW-Authenticate if it is mine and not valid
   */
  authenticate(ctx: RequestContext, presented: PresentedCredentials): Promise<TokenPrincipal | undefined>
  /** Whether one of mine, good or not, stands anywhere in a text. Asked of every header of every request. */
  isIn(text: string): boolean
}

export interface Authenticators {
  /** Called in the `create` of a module above. The first one that owns what is presented decides. */
  add(authenticator: Authenticator): void
  readonly all: readonly Authenticator[]
}

export function createAuthenticators(): Authenticators {
  const all: Authenticator[] = []
  return Object.freeze({
    all,
    add(authenticator: Authenticator) {
      if (all.some(({ id }) => id === authenticator.id)) throw new Error(`two authenticators are ${authenticator.id}`)
      all.push(authenticator)
    },
  })
}
