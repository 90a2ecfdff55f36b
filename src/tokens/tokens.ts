// What `tokens` offers: the tokens of people and the keys of service accounts.

import type { ChangedBy, Principal, User } from '#access'
import type { Secret, UserId } from '#kernel'
import type { ServiceAccounts } from './service-accounts.ts'

/** `api-token`: a person's own, `gh_…`. `service-account`: a key of one, `ghs_…`. */
export type TokenKind = 'api-token' | 'service-account'

/** One as people see it; the secret is nowhere kept. Times in ms since the epoch. */
export interface Token {
  /** No use as a credential. */
  readonly id: string
  readonly userId: UserId
  readonly kind: TokenKind
  readonly name: string
  /** Of a key: none of its own, its account's count. */
  readonly scopes: readonly string[]
  /** How the secret begins. */
  readonly prefix: string
  readonly createdAt: number
  /** Absent for a key that no newer one has replaced. */
  readonly expiresAt?: number
  /** To the minute. */
  readonly lastUsedAt?: number
  readonly lastUsedFrom?: string
}

/** One that is good no more, as long as it is kept. */
export interface EndedToken extends Token {
  /** When it was revoked, or else when its time was over. */
  readonly endedAt: number
  readonly isRevoked: boolean
}

export interface NewToken {
  readonly name: string
  readonly scopes: readonly string[]
  /** As configured if absent. */
  readonly lifetimeMs?: number
}

export interface MintedToken {
  readonly token: Token
  /** Shown once. */
  readonly secret: Secret
}

export interface Tokens {
  /** @throws token.scopeUnknown, token.scopeNotYours, token.lifetimeTooLong, token.tooMany */
  mint(person: Principal, wanted: NewToken, by: ChangedBy): Promise<MintedToken>
  /** Those of a person that are good now, the newest first. */
  list(userId: UserId): Promise<readonly Token[]>
  /** Those of the last 30 days that are good no more, whichever was made last first; 100 at most. */
  listEnded(userId: UserId): Promise<readonly EndedToken[]>
  /** Whether it is time to tell its owner of its end; not if it was never meant to last for longer than that. */
  endsSoon(token: Token): boolean
  /**
   * From when this resolves, no node believes it for longer than a second, and this one not at all.
   *
   * @param owner only a token of theirs
   * @returns false if there is no such token that is good now
   */
  revoke(id: string, by: ChangedBy, owner?: UserId): Promise<boolean>
  /** @returns those that were good until now */
  revokeAllOf(user: Pick<User, 'id'>, by: ChangedBy): Promise<readonly Token[]>
  readonly serviceAccounts: ServiceAccounts
}
