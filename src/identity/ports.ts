// What identity needs from features above it; `gateway.ts` passes the real thing.

import type { Rate } from '#config'
import type { UserId } from '#kernel'

/** What a provider said about the person who logged in. Groups are normalised by the provider's profile. */
export interface LoginIdentity {
  readonly provider: string
  readonly issuer: string
  /**
   * Where a subject names somebody only together with its issuer (OpenID Connect Core §5.7; a NameID of SAML 2.0): what
   * the issuer was called before it moved. Absent where the provider's entry is all that vouches for a name.
   */
  readonly formerIssuers?: readonly string[]
  /** The provider's stable name for the person; with `provider` the key of the user's row. Never an e-mail address. */
  readonly subject: string
  readonly sid?: string
  readonly username: string
  readonly displayName: string
  readonly email?: string
  readonly groups: readonly string[]
  /** When the provider vouched for them, on its own clock, ms since the epoch; absent if it did not say. */
  readonly provenAt?: number
  /** An administrator has made the account here, so nobody has to approve it. */
  readonly isInvited?: true
}

/** Turns a proven identity into a user of Gatehouse. */
export interface Accounts {
  /** Creates or refreshes the row keyed by (provider, subject). @throws access.userDisabled, access.signUpRefused, access.otherIssuer */
  admit(identity: LoginIdentity): Promise<AdmittedUser>
  /** What the provider says of the person's groups since the login; the latest question counts, not the latest answer. */
  setGroups(id: UserId, heard: { readonly groups: readonly string[]; readonly askedAt: number }): Promise<void>
  /** @param name `provider/subject` of somebody who has logged in before. */
  find(name: string): Promise<object | undefined>
}

export interface AdmittedUser {
  readonly id: UserId
  readonly groups: readonly string[]
  readonly approval: 'approved' | 'pending' | 'refused'
}

/** What is counted about logins: `server.limits.logins`. Undefined is not limited. */
export interface LoginLimits {
  /** Wrong passwords for one account from one address, or from one browser that has logged in to it before. */
  readonly failures: Rate | undefined
  /** Wrong passwords for whatever account from one address. */
  readonly failuresPerAddress: Rate | undefined
  /** Wrong passwords for one account from addresses and browsers that have not logged in to it before. */
  readonly failuresPerAccount: Rate | undefined
  /** Logins begun from one address that have not come back. */
  readonly pendingPerAddress: Rate | undefined
  /** The same from all addresses. */
  readonly pending: Rate | undefined
}

/** Where people reach us: from the configuration, never from a request. */
export interface PublicAddress {
  /** The full URL of a path of ours, with the base path. */
  urlTo(path: string): string
}
