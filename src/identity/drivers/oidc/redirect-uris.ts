// Redirect URIs that have a query. The token endpoint must be told the same as the authorization endpoint (RFC 6749
// §4.1.3), and openid-client tells it where the answer came to, without any query.

import type { FetchRequest } from '../../limited-fetch.ts'

export interface RedirectUris {
  /** Called before the code is exchanged, with what the authorization request said. */
  remember(redirectUri: string): void
  /** The request as it has to be. */
  restore(request: FetchRequest): FetchRequest
}

/** For one provider, each of whose addresses here has one query at most. */
export function createRedirectUris(): RedirectUris {
  const whole = new Map<string, string>()
  return Object.freeze({
    remember(redirectUri: string) {
      const url = new URL(redirectUri)
      url.search = ''
      if (url.href !== redirectUri) whole.set(url.href, redirectUri)
    },
    restore(request: FetchRequest) {
      const { body } = request
      if (whole.size === 0 || !(body instanceof URLSearchParams)) return request
      const redirectUri = whole.get(body.get('redirect_uri') ?? '')
      if (redirectUri === undefined) return request
      const told = new URLSearchParams(body)
      told.set('redirect_uri', redirectUri)
      return { ...request, body: told }
    },
  })
}
