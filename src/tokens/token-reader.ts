// Reads tokens that are good, with whom they stand for.

import type { Access, User } from '#access'
import type { Clock } from '#kernel'
import type { TokenStore } from './token-store.ts'
import type { Token } from './tokens.ts'

/** One that was good when it was read. */
export interface LiveToken {
  readonly token: Token
  readonly user: User
  /** The account's, for a key of a service account. */
  readonly scopes: readonly string[]
}

export interface TokenReader {
  byHash(hash: string): Promise<LiveToken | undefined>
  byIds(ids: readonly string[]): Promise<readonly LiveToken[]>
}

export interface TokenReaderDeps {
  readonly clock: Clock
  readonly store: Pick<TokenStore, 'findByHash' | 'amongIds'>
  readonly users: Pick<Access['users'], 'findById'>
  /** The scopes of a service account, by the id of its user. */
  readonly accountScopes: (userId: string) => Promise<readonly string[]>
}

export function createTokenReader({ clock, store, users, accountScopes }: TokenReaderDeps): TokenReader {
  /** Undefined if nobody is there any more whom it could stand for. */
  const withOwner = async (token: Token): Promise<LiveToken | undefined> => {
    const user = await users.findById(token.userId)
    if (user === undefined) return undefined
    const scopes = token.kind === 'service-account' ? await accountScopes(user.id) : token.scopes
    return Object.freeze({ token, user, scopes })
  }

  return Object.freeze({
    async byHash(hash: string) {
      const token = await store.findByHash(hash, clock.now())
      return token && withOwner(token)
    },
    async byIds(ids: readonly string[]) {
      const found = await Promise.all((await store.amongIds(ids, clock.now())).map(withOwner))
      return found.filter((live) => live !== undefined)
    },
  })
}

export const hasExpired = ({ expiresAt }: Token, now: number): boolean => expiresAt !== undefined && expiresAt <= now
