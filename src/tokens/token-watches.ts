// What was opened with tokens and is still open: it ends when the token is good no more, when its owner is kept out, and
// when they have lost a group, or the account a scope, that they had when it was opened.

import type { Access } from '#access'
import type { Clock } from '#kernel'
import type { WatchEnd } from '#sessions'
import type { Logger } from '#telemetry'
import { hasExpired, type LiveToken, type TokenReader } from './token-reader.ts'

export interface TokenWatches {
  /** Calls back once. @returns a function that ends the watch */
  watch(live: LiveToken, ended: (reason: WatchEnd) => void): Watched
  /** Reads the tokens of all of these again, or of all there are. */
  readAgain(those?: readonly Watched[]): Promise<void>
  /** Looks at what needs no reading. */
  look(): void
  /** From now on these are followed here. */
  adopt(others: Iterable<Watched>): void
  /** Follows none of them any more. @returns what was followed */
  release(): readonly Watched[]
}

export interface Watched {
  live: LiveToken
  /** Those that its owner had then. */
  readonly groups: readonly string[]
  /** Those that it could be used for then; those of a service account change. */
  readonly scopes: readonly string[]
  readonly ended: (reason: WatchEnd) => void
  isOver: boolean
}

export interface TokenWatchesDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly reader: Pick<TokenReader, 'byIds'>
  readonly isDisabled: Access['users']['isDisabled']
  readonly principalOf: Access['principalOf']
}

export function createTokenWatches({ clock, log, reader, isDisabled, principalOf }: TokenWatchesDeps): TokenWatches {
  const watched = new Set<Watched>()

  const tell = (one: Watched, reason: WatchEnd): void => {
    watched.delete(one)
    if (one.isOver) return
    one.isOver = true
    try {
      one.ended(reason)
    } catch (error) {
      log.error({ event: 'token_listener_failed', err: error }, 'what was opened with a token could not be ended')
    }
  }

  const endOf = ({ live: { token, user, scopes: presentScopes }, groups, scopes }: Watched): WatchEnd | undefined => {
    if (hasExpired(token, clock.now())) return 'expired'
    if (isDisabled(user.id)) return 'disabled'
    const present = principalOf(user)
    const isAsThen =
      groups.every((group) => present.groups.includes(group)) && scopes.every((scope) => presentScopes.includes(scope))
    return isAsThen ? undefined : 'groups-lost'
  }

  return Object.freeze({
    watch(live: LiveToken, ended: (reason: WatchEnd) => void) {
      const { user, scopes } = live
      const one: Watched = { live, groups: principalOf(user).groups, scopes, ended, isOver: false }
      watched.add(one)
      return one
    },

    async readAgain(those: readonly Watched[] = [...watched]) {
      const ids = new Set(those.map(({ live }) => live.token.id))
      const good = new Map((await reader.byIds([...ids])).map((live) => [live.token.id, live]))
      for (const one of those) {
        const live = good.get(one.live.token.id)
        if (live === undefined) tell(one, hasExpired(one.live.token, clock.now()) ? 'expired' : 'revoked')
        else one.live = live
      }
    },

    look() {
      for (const one of watched) {
        const reason = one.isOver ? undefined : endOf(one)
        if (one.isOver) watched.delete(one)
        else if (reason !== undefined) tell(one, reason)
      }
    },

    adopt(others: Iterable<Watched>) {
      for (const other of others) watched.add(other)
    },

    release() {
      const released = [...watched]
      watched.clear()
      return released
    },
  })
}
