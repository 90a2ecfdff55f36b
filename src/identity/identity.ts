// What `identity` offers to the features above it.

import type { RequestContext } from '#http'
import type { Credential } from '#sessions'
import type { Enter } from './carried-login.ts'
import type { LocalAccounts } from './drivers/local/local-accounts.ts'
import type { RedirectLogins } from './redirect-logins.ts'

export interface Identities {
  /**
   * A login that a feature carries over routes of its own: counted, written down and begun like every other. `check` asks
   * whoever knows the person; it runs only while a failure may still be afforded.
   * @returns what `check` found; after `proven` the request holds the session
   * @throws login.tooManyFailures, login.busy, access.userDisabled, session.nameTaken; whatever `check` throws
   */
  readonly enter: Enter
  /** Logins at a provider that redirects, begun and answered at addresses of a feature's own. */
  readonly redirectLogins: RedirectLogins
  /**
   * Ends the session of the request; its credentials are revoked as far as the providers answer.
   * @returns where a browser goes for the provider's own logout, or a page of ours
   */
  logout(ctx: RequestContext): Promise<string>
  /**
   * The session's credential of that provider, fit for use: an OAuth token about to end is refreshed first, once for
   * all requests and nodes. Synchronous when nothing needs refreshing.
   * @throws credential.missing if the session holds none, credential.expired if it cannot be renewed,
   * credential.unavailable if the provider does not answer, login.refreshRefused if it said no and the session has ended
   */
  credential(ctx: RequestContext, provider: string): Credential | Promise<Credential>
  /**
   * Asks the provider of the login whether it still vouches for the person, and for which groups, as often as its
   * tokens end; for the step of that name. Synchronous when nothing is due. A provider that is away changes nothing.
   * @throws login.refreshRefused if it said no and the session has ended
   */
  renewLogin(ctx: RequestContext): Promise<void> | undefined
  /**
   * The same for what stays open and asks for nothing, such as a WebSocket: until the function that it returns is
   * called, the login is renewed each time that its tokens are about to end. A refusal ends the session.
   */
  keepLogin(ctx: RequestContext): () => void
  /** The ways to log in, in the order of the configuration. */
  readonly providers: readonly ProviderSummary[]
  /**
   * Headers in which a front server says who a person is, as configured. Services behind may believe them too, so no
   * request takes them there, whoever sent it.
   */
  readonly frontHeaders: readonly string[]
  /** Accounts of Gatehouse's own, for `gatehouse user`. */
  readonly accounts: LocalAccounts
}

export interface ProviderSummary {
  readonly id: string
  readonly type: string
  readonly label: string
  /** Put before each of its groups. */
  readonly groupsPrefix: string
  /** Whether it can be connected to a session that began elsewhere: `POST /auth/connect/ID`. */
  readonly canConnect: boolean
}
