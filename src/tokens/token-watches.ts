// What was opened with tokens of ours: when one is good no more, and what it is worth.

import { type Access, createTokenWatches, type TokenWatches, type WatchedToken } from '#access'
import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import { hasExpired, type LiveToken, type TokenReader } from './token-reader.ts'

export type LiveTokenWatches = TokenWatches<LiveToken>
export type WatchedLiveToken = WatchedToken<LiveToken>

export interface LiveTokenWatchesDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly reader: Pick<TokenReader, 'byIds'>
  readonly isDisabled: Access['users']['isDisabled']
  readonly principalOf: Access['principalOf']
}

export const createLiveTokenWatches = (deps: LiveTokenWatchesDeps): LiveTokenWatches =>
  createTokenWatches<LiveToken>({
    log: deps.log,
    idOf: ({ token }) => token.id,
    read: (tokens) => deps.reader.byIds(tokens.map(({ token }) => token.id)),
    endOf: ({ token, user }) => {
      if (hasExpired(token, deps.clock.now())) return 'expired'
      return deps.isDisabled(user.id) ? 'disabled' : undefined
    },
    // The scopes of a service account change.
    rightsOf: ({ user, scopes }) => [
      ...deps.principalOf(user).groups.map((group) => `group ${group}`),
      ...scopes.map((scope) => `scope ${scope}`),
    ],
  })
