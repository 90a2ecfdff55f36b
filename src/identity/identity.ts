// What `identity` offers to the features above it.

import type { RequestContext } from '#http'
import type { Credential } from '#sessions'

export interface Identities {
  /**
   * The session's credential of that provider, fit for use: an OAuth token about to end is refreshed first, once for
   * all requests and nodes. Synchronous when nothing needs refreshing.
   * @throws credential.missing if the session holds none; session.expired if the provider refuses to refresh.
   */
  credential(ctx: RequestContext, provider: string): Credential | Promise<Credential>
}
