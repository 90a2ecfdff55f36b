// What `identity` offers to the features above it.

import type { RequestContext } from '#http'
import type { Credential } from '#sessions'
import type { LocalAccounts } from './drivers/local/local-accounts.ts'

export interface Identities {
  /**
   * The session's credential of that provider, fit for use: an OAuth token about to end is refreshed first, once for
   * all requests and nodes. Synchronous when nothing needs refreshing.
   * @throws credential.missing if the session holds none, credential.expired if it cannot be renewed,
   * credential.unavailable if the provider does not answer, login.refreshRefused if it said no and the session has ended
   */
  credential(ctx: RequestContext, provider: string): Credential | Promise<Credential>
  /** The ways to log in, in the order of the configuration. */
  readonly providers: readonly ProviderSummary[]
  /** Accounts of Gatehouse's own, for `gatehouse user`. */
  readonly accounts: LocalAccounts
}

export interface ProviderSummary {
  readonly id: string
  readonly type: string
  readonly label: string
  /** Whether it can be connected to a session that began elsewhere: `POST /auth/connect/ID`. */
  readonly canConnect: boolean
}
