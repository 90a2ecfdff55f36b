// What was opened with tokens of one sort and is still open. Each is told once that it must end: when its token is good no
// more, or when its owner has lost a group, or the token a scope, that there was when it was opened.

import type { WatchEnd } from '#sessions'
import type { Logger } from '#telemetry'

export interface TokenWatches<Token> {
  /** Calls back once. @returns what is followed; who sets `isOver` hears no more of it */
  watch(token: Token, ended: (reason: WatchEnd) => void): WatchedToken<Token>
  /** Reads the tokens of all of these again, or of all there are. @throws where they cannot be read: nothing is known then */
  readAgain(those?: readonly WatchedToken<Token>[]): Promise<void>
  /** Looks at what needs no reading. */
  look(): void
  /** From now on these are followed here. */
  adopt(others: Iterable<WatchedToken<Token>>): void
  /** Tells all of them. */
  endAll(reason: WatchEnd): void
  /** Follows none of them any more. @returns what was followed */
  release(): readonly WatchedToken<Token>[]
}

export interface WatchedToken<Token> {
  /** As it was read last. */
  token: Token
  /** What it could be used for then. */
  readonly rights: readonly string[]
  readonly ended: (reason: WatchEnd) => void
  isOver: boolean
}

export interface TokenWatchesDeps<Token> {
  readonly log: Logger
  readonly idOf: (token: Token) => string
  /** Those of them that are good, as of now. Each is asked for once. */
  readonly read: (tokens: readonly Token[]) => Promise<readonly Token[]>
  /** Why it is good no more, as far as that can be told without reading. */
  readonly endOf: (token: Token) => WatchEnd | undefined
  /** The groups of its owner, and its scopes where they change. */
  readonly rightsOf: (token: Token) => readonly string[]
}

export function createTokenWatches<Token>(deps: TokenWatchesDeps<Token>): TokenWatches<Token> {
  const { log, idOf, read, endOf, rightsOf } = deps
  const watched = new Set<WatchedToken<Token>>()

  const tell = (one: WatchedToken<Token>, reason: WatchEnd): void => {
    watched.delete(one)
    if (one.isOver) return
    one.isOver = true
    try {
      one.ended(reason)
    } catch (error) {
      log.error({ event: 'token_listener_failed', err: error }, 'what was opened with a token could not be ended')
    }
  }

  const presentEndOf = ({ token, rights }: WatchedToken<Token>): WatchEnd | undefined => {
    const reason = endOf(token)
    if (reason !== undefined) return reason
    const present = rightsOf(token)
    return rights.every((right) => present.includes(right)) ? undefined : 'groups-lost'
  }

  return Object.freeze({
    watch(token: Token, ended: (reason: WatchEnd) => void) {
      const one: WatchedToken<Token> = { token, rights: rightsOf(token), ended, isOver: false }
      watched.add(one)
      return one
    },

    async readAgain(those: readonly WatchedToken<Token>[] = [...watched]) {
      const tokens = new Map(those.map(({ token }) => [idOf(token), token]))
      const good = new Map((await read([...tokens.values()])).map((token) => [idOf(token), token]))
      for (const one of those) {
        const token = good.get(idOf(one.token))
        if (token === undefined) tell(one, endOf(one.token) ?? 'revoked')
        else one.token = token
      }
    },

    look() {
      for (const one of watched) {
        const reason = one.isOver ? undefined : presentEndOf(one)
        if (one.isOver) watched.delete(one)
        else if (reason !== undefined) tell(one, reason)
      }
    },

    adopt(others: Iterable<WatchedToken<Token>>) {
      for (const other of others) watched.add(other)
    },

    endAll(reason: WatchEnd) {
      for (const one of watched) tell(one, reason)
    },

    release() {
      const released = [...watched]
      watched.clear()
      return released
    },
  })
}
